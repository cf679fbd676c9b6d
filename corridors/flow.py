"""A flow: what is carried from where to where, routed and set beside the route reported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import PrivateAttr

from corridors.errors import ArgumentError, NoRoute
from corridors.schema import FlowRow

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.route import Route


class Flow(FlowRow):
    """A commodity moved from an origin to a destination in a period, with its evidence.

    Attributes are those of the table ``flows``: ``tonnes``, ``wagons``, ``evidence``,
    ``waypoints`` (places the route is reported to pass), ``sources`` and so on.
    """

    _shipments: pd.DataFrame = PrivateAttr()
    _folder: Path = PrivateAttr()

    @classmethod
    def from_rows(cls, row: FlowRow, shipments: pd.DataFrame, folder: Path) -> Flow:
        """A flow from the tables that hold it.

        Parameters
        ----------
        row : FlowRow
        shipments : DataFrame
            Its rows of the table ``shipments``.
        folder : Path
            The data folder of both.
        """
        flow = cls.model_validate(dict(row))
        flow._shipments, flow._folder = shipments, folder  # noqa: SLF001  (its own)
        return flow

    @property
    def shipments(self) -> pd.DataFrame:
        """Single trains and published figures; only rows with ``in_sum`` count in sums."""
        return self._shipments.copy()

    @property
    def shipped_tonnes(self) -> float:
        """Tonnes of the single shipments that are known and plausible."""
        counted = self._shipments[self._shipments["in_sum"].astype(bool)]
        return float(counted["tonnes"].sum())

    @property
    def stated_tonnes(self) -> float | None:
        """Tonnes in the flow's period, else a year; None if neither was published."""
        return self.tonnes_per_year if self.tonnes is None else self.tonnes

    def route(self, net: Network | None = None, *, opened: bool = False) -> FlowRoute:
        """Route the flow by its modes and compare with the route reported.

        Parameters
        ----------
        net : Network, optional
            The network and day to route on; the network of the flow's data folder on the flow's
            own date (``as_of``) if not given.
        opened : bool
            Open first the corridors that a planned flow needs (``opens``).

        Returns
        -------
        FlowRoute

        Raises
        ------
        NoRoute
            If states and rules let no such shipment through.
        ArgumentError
            If ``net`` is no network.

        Examples
        --------
        >>> import corridors as co
        >>> co.flows()["kazakh-grain"].route().follows_report
        True
        """
        if not (net is None or hasattr(net, "route")):
            raise ArgumentError(f"net={net!r} is no network; give one, or nothing")
        if net is None:
            from corridors.sources.reference import load

            net = load(self.as_of, data=self._folder)
        if opened and self.opens:
            net = net.with_open(*self.opens)
        free = self._routed(net, ())
        between = tuple(p for p in self.waypoints if p not in (self.origin, self.destination))
        missed = _not_in_order(between, free.place_ids)
        if not missed:
            return FlowRoute(self, free, free, ())
        try:
            reported: Route | None = self._routed(net, between)
            obstacle = None
        except NoRoute as error:
            reported, obstacle = None, error
        return FlowRoute(self, free, reported, missed, obstacle)

    def _routed(self, net: Network, via: tuple[str, ...]) -> Route:
        return net.route(
            self.origin,
            self.destination,
            modes=self.modes,
            commodity=self.commodity,
            via=via,
            cargo_origin=self.origin_country,
            cargo_destination=self.destination_country,
        )


@dataclass(frozen=True)
class FlowRoute:
    """A flow's modelled route beside the one reported.

    Parameters
    ----------
    flow : Flow
    route : Route
        The shortest route the model finds.
    reported : Route or None
        The shortest route through all reported places; the same object as ``route`` where the
        model takes them by itself, None where states or rules forbid it.
    missed : tuple of str
        Reported places that the model's route does not pass in that order.
    obstacle : NoRoute or None
        Why the reported way cannot be taken in the model.
    """

    flow: Flow
    route: Route
    reported: Route | None
    missed: tuple[str, ...] = ()
    obstacle: NoRoute | None = None

    @property
    def follows_report(self) -> bool:
        """Whether the model takes all reported places, in order, by length alone."""
        return not self.missed

    def explain(self) -> str:
        """Whether the model takes the places that were reported, and if not, why."""
        flow, net = self.flow, self.route.network
        head = f"{flow.title}: {self.route.explain()}"
        if not flow.waypoints:
            return f"{head}\nNo route was reported."
        if self.follows_report:
            return f"{head}\nThe model passes all {len(flow.waypoints)} places reported, in order."
        names = ", ".join(net.label(place) for place in self.missed)
        if self.reported is None:
            return f"{head}\nThe model does not pass {names}: {self.obstacle}"
        extra = self.reported.length_km - self.route.length_km
        return (
            f"{head}\nThe model does not pass {names}: the way reported is open but "
            f"{extra:,.0f} km longer ({self.reported.length_km:,.0f} km). Length alone does not "
            "explain the choice."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON."""
        return {
            "flow_id": self.flow.flow_id,
            "title": self.flow.title,
            "follows_report": self.follows_report,
            "missed": list(self.missed),
            "route": self.route.to_dict(),
            "reported_km": None if self.reported is None else round(self.reported.length_km, 3),
        }


def _not_in_order(wanted: tuple[str, ...], passed: list[str]) -> tuple[str, ...]:
    """Places of ``wanted`` that ``passed`` does not hold, or not in this order."""
    missed: list[str] = []
    position = 0
    for place in wanted:
        try:
            position = passed.index(place, position)
        except ValueError:
            missed.append(place)
    return tuple(missed)
