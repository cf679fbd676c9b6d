"""Checks of the cost model's data.

What parameters name exists, no two hold for the same, every mode has its defaults, and what is
reported can be routed.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.costs import model, sections
from corridors.costs.parameter_schema import CalibrationRow, ParameterRow
from corridors.errors import CorridorsError
from corridors.states import Shipment
from corridors.tables import read_table

if TYPE_CHECKING:
    from corridors.network import Network

Problem = tuple[str, str, str]
"""Table, id of the row, what is wrong."""
_FREE = {*sections.KINDS, "reference", "duration", "capacity", "train_length"}
"""Kinds of which several may hold at once."""


def parameter_problems(net: Network) -> Iterator[Problem]:
    """What is wrong with the parameters of a network."""
    rows = net.costs.parameters.rows
    known = _known(net)
    for row in rows:
        for key, value in row.applies_to.items():
            if key in known and value not in known[key]:
                yield "parameters", row.parameter_id, f"applies_to {key}: {value!r} is unknown"
        if row.kind in sections.KINDS and not {"from", "to", "country"} <= set(row.applies_to):
            yield "parameters", row.parameter_id, "a section needs from, to and country"
    for one, other in itertools.combinations(rows, 2):
        same = one.kind == other.kind and one.applies_to == other.applies_to
        if same and one.kind not in _FREE and _overlap(one, other):
            yield (
                "parameters", one.parameter_id,
                f"applies to the same as {other.parameter_id!r} at the same time",
            )  # fmt: skip
    for row in sections.unplaced(net, net.costs.parameters):
        yield (
            "parameters",
            row.parameter_id,
            "no way by rail joins the ends of its section in its country",
        )
    yield from _gaps(net)


def _known(net: Network) -> dict[str, set[str]]:
    countries = set(net.link_table["country"]) | set(net.place_table["country"])
    places = set(net.place_table["place_id"])
    return {
        "mode": {"rail", "road", "ferry", "transfer", "gauge_change", "border"},
        "country": countries, "to_country": countries, "origin": countries,
        "destination": countries, "place": places, "from": places, "to": places,
        "border": {"-".join(sorted(pair)) for pair in net.borders.values()},
        "commodity": set(net.commodities), "line": set(net.link_table["line_id"]),
        "gauge": set(net.link_table["gauge_mm"].dropna()),
        "road_class": set(net.link_table["road_class"].dropna()),
        "traffic": {"freight", "passenger", "any"}, "vehicle": {"wagon", "lorry"},
        "wagons": {"yes", "no"},
    }  # fmt: skip


def _overlap(one: ParameterRow, other: ParameterRow) -> bool:
    first, last = dt.date.min, dt.date.max
    return (one.valid_from or first) < (other.valid_to or last) and (other.valid_from or first) < (
        one.valid_to or last
    )


def _gaps(net: Network) -> Iterator[Problem]:
    """Every commodity can be costed on every link, as freight in wagons and on lorries."""
    names: list[str | None] = [None, *sorted(net.commodities)]
    for name in names:
        traffic = "freight" if name is None else net.commodities[name].traffic
        for vehicle in ("wagon", "lorry"):
            try:
                model.costing(net, Shipment(traffic=traffic), name, vehicle=vehicle)
            except CorridorsError as error:
                # Once is enough: the same gap shows for every commodity.
                yield "parameters", str(name), str(error)
                return


def calibration_problems(folder: Path, net: Network) -> Iterator[Problem]:
    """What is wrong with the reported figures."""
    for row in read_table(folder, "calibration", CalibrationRow, optional=True):
        try:
            net.route(
                row.from_place, row.to_place, via=row.via, modes=row.modes,
                commodity=row.commodity, as_of=row.as_of, cargo_origin=row.cargo_origin,
                cargo_destination=row.cargo_destination,
            )  # fmt: skip
        except CorridorsError as error:
            yield "calibration", row.calibration_id, str(error)
