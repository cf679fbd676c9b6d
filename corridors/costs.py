"""Kilometres, hours and dollars of every arc, for one shipment on one day.

``arc_weights(net, shipment, commodity, weight)`` is what routing, alternatives, tables and
assignment ask; all of them minimise sums of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from corridors.graph import FloatArray
    from corridors.network import Network
    from corridors.states import Shipment

WEIGHTS = ("length", "hours", "usd_per_t", "generalised")
"""What a route can make least: km, h, USD/t, or USD/t with hours at a value of time."""
CASES = ("low", "central", "high")
"""Low: every parameter at its cheap or quick end; high: at its dear or slow end."""


def arc_weights(
    net: Network,
    shipment: Shipment,  # noqa: ARG001
    commodity: str | None,  # noqa: ARG001
    weight: str,
    case: str = "central",
    value_of_time: float | None = None,  # noqa: ARG001
) -> FloatArray:
    """Weight of every arc of ``net.graph``, whether or not it may be used.

    Parameters
    ----------
    net : Network
        Its day decides which dated parameters hold.
    shipment : Shipment
        What moves, from and to which country.
    commodity : str or None
        Commodity id; None: unspecified freight.
    weight : {"length", "hours", "usd_per_t", "generalised"}
        km, h, USD/t, or USD/t + hours × value of time.
    case : {"low", "central", "high"}
    value_of_time : float, optional
        USD a tonne and hour; that of the commodity in the data if not given.

    Returns
    -------
    ndarray of float, one an arc
        Not negative; not to be written to.
    """
    if weight not in WEIGHTS:
        raise ArgumentError(f"weight={weight!r} is unknown; available: {', '.join(WEIGHTS)}")
    if case not in CASES:
        raise ArgumentError(f"case={case!r} is unknown; available: {', '.join(CASES)}")
    if weight != "length":
        raise ArgumentError(f"weight={weight!r} needs the cost model, which comes next")
    return net.graph.arc_weights(net.graph_lengths)
