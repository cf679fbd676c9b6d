"""Lines laid in another gauge, and gauge changes put wherever it then meets the old one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.cards.effects import Draft, Effect
from corridors.errors import ScenarioError
from corridors.schema import FIRST_DAY, LineRow, LinkRow, StateRow
from corridors.sources.reference import link_frame, state_frame
from corridors.states import Period
from corridors.whatif import WHAT_IF

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.network import Tables

BoolArray = npt.NDArray[np.bool_]
SUPPOSED = {"source": WHAT_IF, "confidence": "assumption"}
_ON_WHEELS = ("rail", "ferry")


@dataclass(frozen=True)
class GaugeEffect(Effect):
    """Links are laid in another gauge.

    Parameters
    ----------
    ids : tuple of str
        The links.
    gauge : str
        mm.
    name : str
        Id for the line of gauge changes.
    """

    ids: tuple[str, ...] = ()
    gauge: str = ""
    name: str = ""

    def on(self, draft: Draft) -> Draft:
        """The draft with gauge changes where gauges then meet."""
        tables = regauged(draft.tables, self.ids, self.gauge, self.name, self.label)
        return replace(draft, tables=tables)


def regauged(tables: Tables, ids: Iterable[str], gauge: str, name: str, note: str) -> Tables:
    """Tables in which some links have a gauge, with a gauge change wherever it meets another.

    A link that ends at a border point where the other side has another gauge takes that one, so
    that the gauge changes at its inner station.

    Raises
    ------
    ScenarioError
        If a link is no railway, or there is no station for the gauge to change at.
    """
    links = tables.links.copy()
    mine = links["link_id"].isin(list(ids)).to_numpy(bool)
    if not (links["mode"][mine] == "rail").all():
        raise ScenarioError("gauge_mm: only railways have a gauge")
    ends = links[["from_place", "to_place"]].to_numpy(object)
    other = links["mode"].isin(_ON_WHEELS).to_numpy(bool) & ~_fits(links["gauge_mm"], gauge)
    foreign = other & ~mine
    kept = _at_foreign_border(tables, mine, foreign)
    changed = mine & ~kept
    if not changed.any():
        raise ScenarioError("gauge_mm: no station lies between the borders, for it to change at")
    meeting = sorted({*ends[changed].ravel()} & {*ends[foreign | kept].ravel()})
    links.loc[changed, "gauge_mm"] = gauge
    links.loc[kept, "gauge_mm"] = _gauges_met(links, ends, kept, foreign)
    tables = replace(tables, links=links)
    return _changed_at(tables, meeting, changed, gauge, name, note) if meeting else tables


def _fits(gauges: pd.Series[Any], gauge: str) -> BoolArray:
    """Where a gauge, or one of a dual one, is among some; links of unknown gauge fit."""
    own = set(gauge.split("+"))
    return np.array(
        [not isinstance(one, str) or not own.isdisjoint(one.split("+")) for one in gauges], bool
    )


def _at_foreign_border(tables: Tables, mine: BoolArray, foreign: BoolArray) -> BoolArray:
    """Which of some links end at a crossing that links of another gauge come to."""
    ends = tables.links[["from_place", "to_place"]].to_numpy(object)
    met = sorted(set(tables.crossings["place_id"]) & {*ends[foreign].ravel()})
    return np.asarray(mine & np.isin(ends.astype(str), met).any(axis=1))


def _gauges_met(links: pd.DataFrame, ends: Any, kept: BoolArray, foreign: BoolArray) -> list[str]:
    """Gauge on the other side of the crossing, for each link that ends at one."""
    there: dict[str, str] = {}
    for (start, end), gauge in zip(ends[foreign], links["gauge_mm"][foreign], strict=True):
        there[start] = there[end] = gauge
    return [there.get(start) or there[end] for start, end in ends[kept]]


def _changed_at(
    tables: Tables, meeting: Sequence[str], changed: BoolArray, gauge: str, name: str, note: str
) -> Tables:
    """Tables in which some links leave from a second yard of each station where gauges meet."""
    links: gpd.GeoDataFrame = tables.links.copy()
    twin = {place: f"{place}-{gauge.replace('+', '-')}" for place in meeting}
    for column in ("from_place", "to_place"):
        moved = links[column].map(lambda place: twin.get(place, place)).where(changed)
        links[column] = moved.fillna(links[column]).astype(links[column].dtype)
    # Where the data know such a yard already, they know its gauge change too.
    known = set(tables.places["place_id"])
    twin = {place: other for place, other in twin.items() if other not in known}
    if not twin:
        return replace(tables, links=links)
    places = joined(tables.places, _yards(tables.places, twin, gauge, note), "place_id")
    country = tables.places.set_index("place_id")["country"]
    line = LineRow.model_validate(
        {
            "line_id": f"{name}-gauge-change", "name": f"Gauge changes ({note})",
            "mode": "gauge_change", "operator_id": links["operator_id"][changed].iloc[0],
            **SUPPOSED,
        }
    )  # fmt: skip
    joints = [
        LinkRow.model_validate(
            {
                "link_id": f"{place}--{other}", "line_id": line.line_id, "from_place": place,
                "to_place": other, "country": country[place], "length_km": 0.0,
                "length_kind": "derived", "note": "same yard", **SUPPOSED,
            }
        )
        for place, other in twin.items()
    ]  # fmt: skip
    new = link_frame(drawn_between(places), [line], joints, ())
    states = state_frame(built_states(line.line_id, Period(), note))
    return replace(
        tables,
        places=places,
        links=joined(links, new, "link_id"),
        states=joined(tables.states, states, None),
    )


def _yards(places: pd.DataFrame, twin: dict[str, str], gauge: str, note: str) -> pd.DataFrame:
    """A place of the same town for each station where the gauge changes."""
    at = places.set_index("place_id", drop=False).loc[list(twin)]
    towns = at["locality"].where(at["locality"].notna(), at["place_id"])
    yards = at.assign(
        place_id=list(twin.values()), kind="gauge_change", locality=towns,
        name_en=at["name_en"] + f" ({gauge} mm)", source=WHAT_IF, note=note,
    )  # fmt: skip
    # The names in other languages stay with the station itself.
    yards[["name_az", "name_hy", "name_ka", "name_ru"]] = None
    yards["names_other"] = pd.Series([()] * len(yards), index=yards.index, dtype=object)
    return yards.reset_index(drop=True)


def drawn_between(places: pd.DataFrame) -> list[Any]:
    """Places with just what drawing a link needs."""
    return list(places[["place_id", "lon", "lat"]].itertuples(index=False))


def built_states(line: str, period: Period, note: str) -> list[StateRow]:
    """Planned before it is built, closed when it is no longer there."""
    steps = [("open", period.start, period.end)]
    if period.start > FIRST_DAY:
        steps.insert(0, ("planned", FIRST_DAY, period.start))
    if period.end is not None:
        steps.append(("closed", period.end, None))
    return [
        StateRow.model_validate(
            {
                "subject_kind": "line", "subject_id": line, "state": state, "valid_from": start,
                "valid_to": end, "note": note, **SUPPOSED,
            }
        )
        for state, start, end in steps
    ]  # fmt: skip


def joined(old: Any, new: pd.DataFrame, key: str | None) -> Any:
    """Two tables as one, with the columns and types of the first, sorted by a key."""
    if new.empty:
        return old
    fitted = new.reindex(columns=old.columns).astype({c: old[c].dtype for c in old.columns})
    both = pd.concat([old, fitted], ignore_index=True)
    return both if key is None else both.sort_values(key, kind="stable", ignore_index=True)
