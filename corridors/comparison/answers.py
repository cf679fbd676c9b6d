"""How each flow goes in one world; the work that can be sent to another process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corridors.errors import CorridorsError, NoRoute
from corridors.routing.terms import terms

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.graph import Path
    from corridors.routing.route import Route
    from corridors.routing.terms import Terms

_OF_FLOW = ("modes", "commodity", "cargo_origin", "cargo_destination")


@dataclass(frozen=True)
class Task:
    """The flows of one world, to be routed.

    Parameters
    ----------
    net : Network
    flows : sequence of dict
        See :func:`.flow_records`.
    options : dict
        Of :meth:`.Network.route`, for all flows; what a flow says itself comes first.
    """

    net: Network
    flows: Sequence[dict[str, Any]]
    options: dict[str, Any]


def asked(net: Network, flow: dict[str, Any], options: dict[str, Any]) -> Terms:
    """The terms of one flow; passengers, who have no fares in the data, go by hours."""
    own = {key: flow[key] for key in _OF_FLOW if flow.get(key) is not None}
    found = terms(net, **{**options, **own})
    if "passengers" in found.classes and options["weight"] in {"usd_per_t", "generalised"}:
        found = terms(net, **{**options, **own, "weight": "hours"})
    return found


def answers(task: Task) -> list[Path | str]:
    """The best path of each flow, or why it has none.

    Raises
    ------
    CorridorsError
        If a flow cannot be asked at all; the message names it.
    """
    return [_answer(task, flow) for flow in task.flows]


def _answer(task: Task, flow: dict[str, Any]) -> Path | str:
    try:
        wanted = asked(task.net, flow, task.options)
        start, end = wanted.end(flow["origin"], "origin"), wanted.end(flow["destination"], "dest")
        path = wanted.path(wanted.shipment(start, end), start.nodes, end.nodes)
        if path is None:
            return wanted.no_route(start, end).obstacle
    except NoRoute as error:
        return error.obstacle
    except CorridorsError as error:
        error.args = (f"flow {flow['flow_id']!r}: {error.args[0]}", *error.args[1:])
        raise
    return path


def route(task: Task, flow: dict[str, Any], path: Path) -> Route:
    """The route that goes by a path found for a flow."""
    wanted = asked(task.net, flow, task.options)
    ends = (wanted.end(flow["origin"], "origin"), wanted.end(flow["destination"], "dest"))
    return wanted.route([path], ends, wanted.shipment(*ends))


def routes(task: Task, paths: Sequence[Path | str]) -> dict[str, Route | str]:
    """The routes of all flows, or what stands in their way, by flow id."""
    return {
        flow["flow_id"]: path if isinstance(path, str) else route(task, flow, path)
        for flow, path in zip(task.flows, paths, strict=True)
    }
