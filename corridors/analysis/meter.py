"""What a way measures for the cargo of a flow: kilometres, hours and dollars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.costs.model import costing, vehicle_of

if TYPE_CHECKING:
    from corridors.analysis.demands import Load
    from corridors.costs.costing import Costing
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, Path

MEASURES = ("km", "hours", "usd_per_t")


class Meter:
    """Measures ways as :meth:`.Network.route` does, changes of direction included.

    Parameters
    ----------
    net : Network
    """

    def __init__(self, net: Network) -> None:
        self.net = net
        self._km = net.graph_lengths[net.graph.link]
        self._known: dict[int, tuple[Load, Costing | None]] = {}

    def figures(self, load: Load, path: Path) -> FloatArray:
        """Kilometres, hours and USD a tonne, central; NaN where the data hold no costs."""
        km = float(self._km[path.arcs].sum())
        costs = self._costing(load)
        if costs is None:
            return np.array([km, np.nan, np.nan])
        turning = float(costs.reversal_hours[1]) * len(path.reversals)
        hours = float(costs.hours[1, path.arcs].sum()) + turning
        return np.array([km, hours, float(costs.usd[1, path.arcs].sum())])

    def _costing(self, load: Load) -> Costing | None:
        if id(load) not in self._known:
            asked, costs = load.terms, None
            if self.net.costs:
                vehicle = vehicle_of(asked.modes)
                costs = costing(self.net, load.shipment, asked.commodity, vehicle=vehicle)
            # The load is kept beside them, so that no other can have its id.
            self._known[id(load)] = (load, costs)
        return self._known[id(load)][1]

    def more(self, load: Load, path: Path, base: Path) -> FloatArray:
        """What a way measures more than another."""
        return self.figures(load, path) - self.figures(load, base)
