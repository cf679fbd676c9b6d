"""The questions a network answers, each handed to the module that answers it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.analysis.assignment import Assignment
    from corridors.analysis.closures import Closed
    from corridors.flow import Flow
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.alternatives import Alternatives
    from corridors.routing.ends import PlaceLike
    from corridors.routing.pareto import ParetoSet
    from corridors.routing.route import Route
    from corridors.routing.skims import Skim


class Questions:
    """What :class:`~corridors.network.Network` can be asked; ``as_of`` asks it on another day."""

    def _at(self, day: str | dt.date | None) -> Network:
        """The network on a day, by default its own."""
        net = cast("Network", self)
        return net if day is None else net.at(day)

    def _on(self, options: dict[str, Any]) -> Network:
        """The network on the day that the options name, which is taken out of them."""
        return self._at(options.pop("as_of", None))

    def route(
        self,
        a: PlaceLike,
        b: PlaceLike,
        *,
        modes: Iterable[str] | None = None,
        commodity: str | None = None,
        as_of: str | dt.date | None = None,
        via: Iterable[PlaceLike] = (),
        avoid: Iterable[str] = (),
        weight: str = "length",
        value_of_time: float | None = None,
        max_snap_km: float = 25.0,
        cargo_origin: str | None = None,
        cargo_destination: str | None = None,
    ) -> Route:
        """Best route that states and rules allow; see :func:`corridors.routing.router.route`."""
        from corridors.routing.router import route

        return route(
            self._at(as_of),
            a,
            b,
            modes=modes,
            commodity=commodity,
            via=via,
            avoid=avoid,
            weight=weight,
            value_of_time=value_of_time,
            max_snap_km=max_snap_km,
            cargo_origin=cargo_origin,
            cargo_destination=cargo_destination,
        )

    def alternatives(self, a: PlaceLike, b: PlaceLike, **options: Any) -> Alternatives:
        """Really different routes; see :func:`.alternatives`."""
        from corridors.routing.alternatives import alternatives

        return alternatives(self._on(options), a, b, **options)

    def pareto(self, a: PlaceLike, b: PlaceLike, **options: Any) -> ParetoSet:
        """Routes that no other beats in every criterion; see :func:`.pareto`."""
        from corridors.routing.pareto import pareto

        return pareto(self._on(options), a, b, **options)

    def skim(
        self,
        origins: Iterable[PlaceLike] | PlaceLike,
        destinations: Iterable[PlaceLike] | PlaceLike | None = None,
        **options: Any,
    ) -> Skim:
        """Origin–destination tables; see :func:`corridors.routing.skims.skim`."""
        from corridors.routing.skims import skim

        return skim(self._on(options), origins, destinations, **options)

    def reach(self, place: PlaceLike, **options: Any) -> gpd.GeoDataFrame:
        """What a budget of km, hours or USD/t reaches; see :func:`.reach`."""
        from corridors.routing.skims import reach

        return reach(self._on(options), place, **options)

    def closures(
        self, pairs: Iterable[tuple[PlaceLike, PlaceLike]], closed: Closed, **options: Any
    ) -> pd.DataFrame:
        """What each of many closures costs; see :func:`corridors.analysis.closures.closures`."""
        from corridors.analysis.closures import closures

        return closures(self._on(options), pairs, closed, **options)

    def assign(
        self, flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame, **options: Any
    ) -> Assignment:
        """Tonnes on every link; see :func:`corridors.analysis.assignment.assign`."""
        from corridors.analysis.assignment import assign

        return assign(self._on(options), flows, **options)

    def map(self, **options: Any) -> CorridorMap:
        """Draw the network; see :func:`corridors.maps.network_map`."""
        from corridors.maps import network_map

        return network_map(self._on(options), **options)
