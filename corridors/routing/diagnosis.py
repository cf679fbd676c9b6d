"""Why there is no route, and the least that would have to change."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from corridors.errors import NoRoute
from corridors.schema import RuleRow
from corridors.states import Shipment, crossings_of_rule, links_of_rule

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.graph import IntArray, Path

BoolArray = npt.NDArray[np.bool_]
ReasonKind = Literal[
    "state", "rule", "gauge", "mode", "avoid", "unconnected", "too_far_to_snap", "turn"
]
Blockers = dict[int, frozenset[str]]
_MAX_LABELS = 50_000  # bound on the search for the smallest set of changes


@dataclass(frozen=True)
class Reason:
    """One thing that stands in the way.

    Parameters
    ----------
    kind : str
        "state", "rule", "gauge", "mode", "avoid", "unconnected", "too_far_to_snap" or "turn".
    subject : str
        Id of the line, link, place or rule; name of the argument for a point too far away.
    text : str
        What it is, in words, with kilometres and source where it has them.
    """

    kind: ReasonKind
    subject: str
    text: str


@dataclass(frozen=True)
class Change:
    """One thing to change; ``net.with_open(change.subject)`` makes the change.

    Parameters
    ----------
    kind : {"open", "lift"}
        Open a line, link or crossing; lift an access rule.
    subject : str
        Its id.
    text : str
        The change in words.
    """

    kind: Literal["open", "lift"]
    subject: str
    text: str


@dataclass(frozen=True)
class Question:
    """What was asked, in terms of links.

    Parameters
    ----------
    net : Network
    modes : tuple of str
    rules : tuple of RuleRow
        Forbidding rules that hold for the shipment on the day.
    shipment : Shipment
    in_modes, avoided, usable : ndarray of bool, one a link
        What the modes may use; what ``avoid`` leaves out; what may be used in the end.
    """

    net: Network
    modes: tuple[str, ...]
    rules: tuple[RuleRow, ...]
    shipment: Shipment
    in_modes: BoolArray
    avoided: BoolArray
    usable: BoolArray

    @property
    def offered(self) -> BoolArray:
        """What modes and ``avoid`` leave, open or not."""
        return self.in_modes & ~self.avoided


def no_route(
    question: Question, origin: str, target: str, sources: IntArray, targets: IntArray
) -> NoRoute:
    """Build the error that explains why ``sources`` do not reach ``targets``."""
    net = question.net
    blockers = _blockers(question)
    lengths = np.where(question.offered, net.graph_lengths, np.inf)
    path = net.graph.shortest_path(sources, targets, lengths)
    if path is None:
        reasons = _unconnected(question, (origin, target), sources, targets)
        heading = ""
    else:
        reasons = _reasons_on(path, question, blockers)
        heading = f" on the shortest way there would be ({path.cost:,.0f} km) stand"
    reasons += _other_modes(question, sources, targets)
    changes, opened_km = _smallest_changes(question, blockers, sources, targets)
    head = f"no route from {origin} to {target} by {' or '.join(question.modes)} on {net.as_of}"
    if question.shipment.origin or question.shipment.destination:
        ends = f"{question.shipment.origin or '?'} to {question.shipment.destination or '?'}"
        what = "passengers" if question.shipment.traffic == "passenger" else "cargo"
        head += f" for {what} from {ends}"
    lines = [f"{head};{heading}:" if heading else f"{head}:"]
    lines += [f"  - {reason.text}" for reason in reasons]
    if changes:
        lines.append(f"smallest set of changes that opens a route ({opened_km:,.0f} km):")
        lines += [f"  - {change.text}" for change in changes]
    return NoRoute("\n".join(lines), reasons, changes)


def joined(errors: Sequence[NoRoute]) -> NoRoute:
    """One error for a way through several places: what stands in each part, named once."""
    if len(errors) == 1:
        return errors[0]
    reasons = {reason.subject: reason for error in errors for reason in error.reasons}
    changes = {change.subject: change for error in errors for change in error.changes}
    message = "\n".join(str(error) for error in errors)
    return NoRoute(message, list(reasons.values()), list(changes.values()))


# -- what blocks each link ---------------------------------------------------------------------


def _blockers(question: Question) -> Blockers:
    """For each offered link that may not be used: the changes ("kind:id") it needs, all of them."""
    net, table = question.net, question.net.link_table
    rows = np.flatnonzero(question.offered & ~question.usable)
    closed = net.closed_places
    found: dict[int, set[str]] = {int(row): set() for row in rows}
    state = net.link_state_table
    passes = state["usable"].to_numpy(bool)
    subject = state["state_subject"].to_numpy(object)
    ends = table[["from_place", "to_place"]].to_numpy(object)
    for row, needed in found.items():
        if not passes[row]:
            needed.add(f"open:{subject[row]}")
        needed.update(f"open:{place}" for place in ends[row] if place in closed)
    for rule in question.rules:
        at_border = crossings_of_rule(rule, net.borders, net.lifted) - set(rule.places)
        hit = links_of_rule(rule, table, net.borders, net.lifted)
        for row in np.flatnonzero(hit & question.offered & ~question.usable).tolist():
            here = {f"open:{place}" for place in ends[row] if place in at_border}
            named = rule.transit_countries or rule.places or rule.lines
            found[row] |= here if here and not named else {f"lift:{rule.rule_id}"}
    return {row: frozenset(changes) for row, changes in found.items()}


def _reasons_on(path: Path, question: Question, blockers: Blockers) -> list[Reason]:
    """What blocks the shortest way the infrastructure offers, in the order met."""
    table = question.net.link_table
    km: dict[str, float] = {}
    for row in path.links.tolist():
        for change in blockers.get(row, ()):
            km[change] = km.get(change, 0.0) + float(table["length_km"].iloc[row])
    return [_reason(question, change, length) for change, length in km.items()]


def _reason(question: Question, change: str, length_km: float) -> Reason:
    net = question.net
    kind, subject = change.split(":", 1)
    if kind == "lift":
        rule = next(rule for rule in question.rules if rule.rule_id == subject)
        until = f" to {rule.valid_to}" if rule.valid_to else ""
        text = f"{rule.title} (rule {subject}, from {rule.valid_from}{until})"
        return Reason("rule", subject, text)
    links, states = net.link_table, net.link_state_table
    here = np.flatnonzero((states["state_subject"] == subject).to_numpy(bool))
    if len(here) == 0:
        return _place_reason(question, subject)
    first = int(here[0])
    what = str(states["state"].iloc[first]).replace("_", " ")
    mode = str(links["mode"].iloc[first])
    since = _since(net, subject)
    text = f"{links['line_name'].iloc[first]} ({subject}): {what}{since}, {length_km:.0f} km"
    return Reason("gauge" if mode == "gauge_change" else "state", subject, text)


def _place_reason(question: Question, place: str) -> Reason:
    net = question.net
    label = net.label(place)
    if place in net.closed_places:
        what = net.closed_places[place].replace("_", " ")
        return Reason("state", place, f"{label} ({place}): {what}{_since(net, place)}")
    for rule in question.rules:
        if place in crossings_of_rule(rule, net.borders, net.lifted):
            text = f"{label} ({place}): {rule.title} (rule {rule.rule_id}, from {rule.valid_from})"
            return Reason("rule", place, text)
    return Reason("state", place, f"{label} ({place}): closed")


def _since(net: Network, subject: str) -> str:
    rows = net.state_rows(subject)
    if rows.empty or rows["source"].iloc[0] == "what-if":
        return ""
    return f" since {rows['valid_from'].iloc[0]:%Y-%m-%d} [{rows['source'].iloc[0]}]"


def _unconnected(
    question: Question, names: tuple[str, str], sources: IntArray, targets: IntArray
) -> list[Reason]:
    """Nothing joins the ends, or only what ``avoid`` leaves out, or turns that no train makes."""
    net, table = question.net, question.net.link_table
    component = net.graph.components(question.offered)
    if set(component[sources].tolist()) & set(component[targets].tolist()):
        joined_by = " and ".join(names)
        text = f"the links that join {joined_by} demand turns that no train can make"
        return [Reason("turn", names[1], text)]
    lengths = np.where(question.in_modes, net.graph_lengths, np.inf)
    path = net.graph.shortest_path(sources, targets, lengths)
    if path is None:
        modes = " or ".join(question.modes)
        text = (
            f"no line, open, closed or planned, joins {' and '.join(names)} by {modes} in the data"
        )
        return [Reason("unconnected", names[1], text)]
    left_out = table[["line_id", "line_name"]].iloc[path.links[question.avoided[path.links]]]
    return [
        Reason("avoid", line, f"{name} ({line}): left out by avoid")
        for line, name in left_out.drop_duplicates().itertuples(index=False)
    ]


def _other_modes(question: Question, sources: IntArray, targets: IntArray) -> list[Reason]:
    """Say so where another mode would get through."""
    net = question.net
    if len(question.modes) > 2:  # noqa: PLR2004  (all three are allowed already)
        return []
    usable = net.state_allows & ~question.avoided
    for rule in question.rules:
        usable &= ~links_of_rule(rule, net.link_table, net.borders, net.lifted)
    path = net.graph.shortest_path(sources, targets, np.where(usable, net.graph_lengths, np.inf))
    if path is None:
        return []
    used = sorted(set(net.link_modes[path.links]) & {"rail", "road", "ferry"})
    text = f"by {' and '.join(used)} there is a route of {path.cost:,.0f} km"
    return [Reason("mode", "+".join(used), text)]


# -- the smallest set of changes ---------------------------------------------------------------


def _smallest_changes(
    question: Question, blockers: Blockers, sources: IntArray, targets: IntArray
) -> tuple[list[Change], float]:
    """Fewest changes that open a route, and its length in km.

    Among equals the shortest route wins, then the first by id.

    Links that may be used join places into components; each blocked link between two components
    needs a set of changes. Labels (component, set) are settled in order of the size of the set,
    dropping those whose set contains that of a label already there, so the first to arrive is
    smallest.
    """
    net = question.net
    component = net.graph.components(question.usable)
    steps: dict[int, set[tuple[int, frozenset[str]]]] = {}
    arcs = np.isin(net.graph.link, np.fromiter(blockers, np.int64, len(blockers)))
    ends = component[net.graph.tail[arcs]], component[net.graph.head[arcs]]
    for tail, head, link in zip(*(e.tolist() for e in ends), net.graph.link[arcs], strict=True):
        if tail != head and blockers[int(link)]:
            steps.setdefault(tail, set()).add((head, blockers[int(link)]))
    goal = set(component[targets].tolist())
    best = _fewest(steps, set(component[sources].tolist()), goal)
    if not best:
        return [], np.inf
    km = [_opened_km(question, blockers, needed, sources, targets) for needed in best]
    least, chosen = min(zip(km, (sorted(needed) for needed in best), strict=True))
    return [_change(question, change) for change in chosen], least


def _fewest(
    steps: dict[int, set[tuple[int, frozenset[str]]]], start: Iterable[int], goal: set[int]
) -> list[frozenset[str]]:
    """All smallest sets of changes that lead from a start component to a goal component."""
    tie = itertools.count()
    queue = [(0, next(tie), node, frozenset[str]()) for node in sorted(start)]
    settled: dict[int, list[frozenset[str]]] = {}
    best: list[frozenset[str]] = []
    while queue and next(tie) < _MAX_LABELS:
        size, _, node, needed = heapq.heappop(queue)
        if best and size > len(best[0]):
            break
        if any(other <= needed for other in settled.get(node, ())):
            continue
        settled.setdefault(node, []).append(needed)
        if node in goal:
            best.append(needed)
            continue
        for head, more in sorted(steps.get(node, ()), key=lambda step: (step[0], sorted(step[1]))):
            union = needed | more
            if not any(other <= union for other in settled.get(head, ())):
                heapq.heappush(queue, (len(union), next(tie), head, union))
    return best


def _opened_km(
    question: Question,
    blockers: Blockers,
    needed: frozenset[str],
    sources: IntArray,
    targets: IntArray,
) -> float:
    usable = question.usable.copy()
    for row, changes in blockers.items():
        usable[row] |= bool(changes) and changes <= needed
    weights = np.where(usable, question.net.graph_lengths, np.inf)
    path = question.net.graph.shortest_path(sources, targets, weights)
    return np.inf if path is None else path.cost


def _change(question: Question, change: str) -> Change:
    kind, subject = change.split(":", 1)
    if kind == "lift":
        rule = next(rule for rule in question.rules if rule.rule_id == subject)
        return Change("lift", subject, f"lift the rule “{rule.title}” ({subject})")
    return Change("open", subject, f"open {question.net.label(subject)} ({subject})")
