"""What is to be carried: flows or rows of a table, checked, resolved and ready to be assigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import ArgumentError, NoRoute
from corridors.routing.terms import Terms, WeighedAsk, terms

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.flow import Flow
    from corridors.network import Network
    from corridors.routing.ends import End
    from corridors.routing.weighted import Weighted
    from corridors.states import Shipment

_ENDS = ("origin", "destination")
_OPTIONAL = ("flow_id", "commodity", "modes", "cargo_origin", "cargo_destination")


@dataclass(frozen=True)
class Load:
    """Tonnes of one flow with its ends, terms and the graph its cargo may use.

    Parameters
    ----------
    flow_id : str
    terms : Terms
    start, end : End
    shipment : Shipment
    world : Weighted
    tonnes : float
    basis : {"year", "period"}
        Whether the tonnes are those of a year or of the flow's own period.
    obstacle : str or None
        Why nothing can be carried, if so.
    sources : tuple of str
        Ids of the sources of the tonnes, where the flow names them.
    """

    flow_id: str
    terms: Terms
    start: End
    end: End
    shipment: Shipment
    world: Weighted
    tonnes: float
    basis: str
    obstacle: str | None
    sources: tuple[str, ...] = ()


def loads(
    net: Network,
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame,
    *,
    unknown_tonnes: bool = False,
    **options: Unpack[WeighedAsk],
) -> tuple[list[Load], dict[str, str]]:
    """Flows ready to be assigned, and those left out with the reason.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        See :func:`corridors.analysis.assignment.assign`.
    unknown_tonnes : bool
        Keep flows whose tonnes are not known, with NaN, instead of leaving them out.
    **options
        Terms for all of them; what a flow says itself comes first.

    Raises
    ------
    ArgumentError
        If a column is missing or unknown, or tonnes are below zero or not a number.
    """
    ready: list[Load] = []
    skipped: dict[str, str] = {}
    for row in flow_records(flows):
        name = str(row["flow_id"])
        tonnes = row["tonnes"]
        if tonnes is None and not unknown_tonnes:
            skipped[name] = "tonnes not known"
            continue
        own = {key: row[key] for key in _OPTIONAL[1:] if row.get(key) is not None}
        load = _load(
            net, name, row, np.nan if tonnes is None else float(tonnes), {**options, **own}
        )
        if isinstance(load, Load):
            ready.append(load)
        else:
            skipped[name] = load
    return ready, skipped


def _load(
    net: Network, name: str, row: Mapping[str, Any], tonnes: float, options: dict[str, Any]
) -> Load | str:
    asked = terms(net, **options)
    try:
        start, end = (
            asked.end(row["origin"], "origin"),
            asked.end(row["destination"], "destination"),
        )
    except NoRoute as error:
        return str(error).splitlines()[0]
    shipment = asked.shipment(start, end)
    world = asked.weighted(shipment)
    obstacle = None
    far = world.nearest(start.nodes)[end.nodes].min()
    if not np.isfinite(far):
        why = asked.no_route(start, end)
        obstacle = why.reasons[0].text if why.reasons else str(why).splitlines()[0]
    return Load(
        name, asked, start, end, shipment, world, tonnes, row["basis"], obstacle,
        tuple(row.get("sources", ())),
    )  # fmt: skip


def flow_records(flows: Any, *, tonnes_needed: bool = True) -> list[dict[str, Any]]:
    """Flows, or the rows of a table of them, as plain records, one a flow.

    Parameters
    ----------
    flows : Flows, mapping of Flows or DataFrame
        See :func:`corridors.analysis.assignment.assign`.
    tonnes_needed : bool
        Whether a table must have the column ``tonnes``.

    Returns
    -------
    list of dict
        ``flow_id``, ``title``, ``origin``, ``destination``, ``tonnes`` (None: not known),
        ``basis`` ("year" or "period") and what is given of ``commodity``, ``modes``,
        ``cargo_origin``, ``cargo_destination``.

    Raises
    ------
    ArgumentError
        If these are no flows, a column is missing or unknown, or tonnes are below zero.
    """
    needed = (*_ENDS, "tonnes") if tonnes_needed else _ENDS
    if isinstance(flows, pd.DataFrame):
        return _table_records(flows, needed)
    give = f"give Flows, or a table with columns {', '.join(needed)}"
    if isinstance(flows, str) or not isinstance(flows, Iterable):
        raise ArgumentError(f"flows={flows!r}: {give}")
    listed = list(flows.values()) if isinstance(flows, Mapping) else list(flows)
    for flow in listed:
        if not hasattr(flow, "origin_country"):
            raise ArgumentError(f"flows holds {flow!r}; {give}")
    return [
        {
            "flow_id": flow.flow_id, "title": flow.title, "origin": flow.origin,
            "destination": flow.destination, "commodity": flow.commodity, "modes": flow.modes,
            "cargo_origin": flow.origin_country, "cargo_destination": flow.destination_country,
            "tonnes": flow.tonnes if flow.tonnes_per_year is None else flow.tonnes_per_year,
            "basis": "period" if flow.tonnes_per_year is None else "year",
            "sources": flow.sources,
        }
        for flow in listed
    ]  # fmt: skip


def _table_records(table: pd.DataFrame, needed: tuple[str, ...]) -> list[dict[str, Any]]:
    optional = tuple(name for name in (*_OPTIONAL, "title", "tonnes") if name not in needed)
    missing = [name for name in needed if name not in table.columns]
    unknown = [name for name in table.columns if name not in {*needed, *optional}]
    if missing or unknown:
        raise ArgumentError(
            f"flows: columns {', '.join(map(repr, missing or unknown))} "
            f"{'are missing' if missing else 'are unknown'}; give {', '.join(needed)} and, "
            f"if wanted, {', '.join(optional)}"
        )
    records = []
    for number, row in enumerate(table.to_dict("records")):
        clean: dict[str, Any] = {
            str(key): None if isinstance(value, float) and np.isnan(value) else value
            for key, value in row.items()
        }
        clean["tonnes"] = _tonnes(clean.get("tonnes"), number)
        if isinstance(clean.get("modes"), str):
            clean["modes"] = tuple(clean["modes"].split())
        given = {"flow_id": str(number), "basis": "year"} | clean
        given["title"] = given.get("title") or f"{given['origin']} – {given['destination']}"
        records.append(given)
    return records


def _tonnes(value: Any, number: int) -> float | None:
    if value is None:
        return None
    try:
        tonnes = float(value)
    except (TypeError, ValueError):
        tonnes = np.nan
    if isinstance(value, bool) or not 0 <= tonnes < np.inf:
        raise ArgumentError(f"flows, row {number}: tonnes={value!r} must be 0 or more")
    return tonnes
