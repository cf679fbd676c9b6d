"""What a change expects to find, compared with what is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corridors.cards.finder import Found, listed
from corridors.costs.parameters import meets
from corridors.errors import ScenarioError
from corridors.states import Period, link_states, states_on

if TYPE_CHECKING:
    from corridors.cards.changes import Change, Existing
    from corridors.cards.world import World
    from corridors.costs.parameter_schema import ParameterRow

_WITHIN = 0.01
"""How far a figure that a card expects may be off, as a share."""


def expect_links(change: Change, world: World, found: Found) -> None:
    """Raise where what was selected is not as the change expects."""
    asked = change.existing
    if asked is None:
        return
    links = world.finder.links.iloc[found.rows]
    counts = {
        "count": len(found.rows) + len(found.places), "links": len(found.rows),
        "places": len(found.places),
    }  # fmt: skip
    for name, count in counts.items():
        wanted = getattr(asked, name)
        if wanted is not None and wanted != count:
            raise ScenarioError(f"{wanted} expected, {count} found", ("existing", name))
    km = float(links["length_km"].sum())
    if asked.length_km is not None and not _near(km, asked.length_km):
        raise ScenarioError(
            f"{asked.length_km:g} expected, {km:,.1f} found", ("existing", "length_km")
        )
    for name, column in (("operator", "operator_id"), ("gauge", "gauge_mm")):
        wanted = getattr(asked, name)
        stray = sorted({str(v) for v in links[column].dropna()} - set(wanted)) if wanted else []
        if stray:
            text = f"{', '.join(wanted)} expected, {stray[0]} found"
            raise ScenarioError(text, ("existing", name))
    if asked.state:
        _expect_state(asked.state, change.on or world.day, world, found)
    if asked.value is not None:
        text = "links have no one value; it is for numbers"
        raise ScenarioError(text, ("existing", "value"))


def _expect_state(wanted: Sequence[str], day: dt.date, world: World, found: Found) -> None:
    tables = world.draft.tables
    links = world.finder.links.iloc[found.rows]
    states = dict(
        zip(links["link_id"], link_states(links, tables.states, day)["state"], strict=True)
    )
    now = states_on(tables.states, day)
    now = now[(now["subject_kind"] == "place").to_numpy(bool)]
    of_place = dict(zip(now["subject_id"], now["state"], strict=True))
    states |= {place: of_place.get(place, "open") for place in found.places}
    wrong = [f"{name} is {state}" for name, state in states.items() if state not in wanted]
    if wrong:
        raise ScenarioError(
            f"{' or '.join(wanted)} expected on {day}, but {listed(wrong, 3)}",
            ("existing", "state"),
        )


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) <= _WITHIN * max(abs(wanted), 1e-9)


def expect_value(change: Change, rows: Sequence[ParameterRow], world: World) -> None:
    """Raise where numbers of the cost model are not as a change expects."""
    asked = change.existing
    if asked is None:
        return
    _no_others(asked, ("count", "value"), "a number")
    day = change.on or world.day
    now = [row for row in rows if meets(row, Period(day, day + dt.timedelta(1)))]
    if asked.count is not None and asked.count != len(rows):
        raise ScenarioError(f"{asked.count} expected, {len(rows)} found", ("existing", "count"))
    wrong = [row for row in now if asked.value is not None and not _near(row.central, asked.value)]
    if wrong or (asked.value is not None and not now):
        found = f"{wrong[0].central:g} {wrong[0].unit}" if wrong else "none"
        raise ScenarioError(
            f"{asked.value:g} expected on {day}, {found} found", ("existing", "value")
        )


def _no_others(asked: Existing, known: Sequence[str], what: str) -> None:
    others = [name for name, value in asked if value not in (None, ()) and name not in known]
    if others:
        text = f"{what} has none; give {' or '.join(known)}"
        raise ScenarioError(text, ("existing", others[0]))


def expect_count(change: Change, count: int) -> None:
    """Raise where there are not as many rules or flows as a change expects."""
    asked = change.existing
    if asked is not None:
        _no_others(asked, ("count",), "this")
        if asked.count is not None and asked.count != count:
            raise ScenarioError(f"{asked.count} expected, {count} found", ("existing", "count"))
