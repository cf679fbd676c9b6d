"""A route: what it passes, how long it is in each country, and where every figure comes from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.costs.model import vehicle_of
from corridors.errors import UnknownPlaceError
from corridors.routing import passages
from corridors.routing.passages import Border, GaugeBreak, Reversal, Transhipment
from corridors.states import Shipment

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely import LineString, MultiLineString

    from corridors.costs.parameters import Values
    from corridors.costs.route_costs import RouteCosts
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.ends import End
    from corridors.routing.graph import Path


class Route:
    """The answer to one routing question.

    Parameters
    ----------
    net : Network
        The network that was asked; its day is the route's day.
    paths : sequence of Path
        One path for each pair of stops.
    ends : sequence of End
        Start, stops between, end.
    modes : sequence of str
        Modes that were allowed.
    commodity : str or None
    shipment : Shipment
        What the access rules looked at.
    weight : {"length", "hours", "usd_per_t", "generalised"}
        What was made least.
    value_of_time : float, optional
        USD a tonne and hour that was given; None: that of the commodity.
    """

    def __init__(
        self,
        net: Network,
        paths: Sequence[Path],
        ends: Sequence[End],
        modes: Sequence[str],
        commodity: str | None,
        shipment: Shipment,
        *,
        weight: str = "length",
        value_of_time: float | None = None,
    ) -> None:
        self._net = net
        self._ends = tuple(ends)
        self.modes = tuple(modes)
        self.commodity = commodity
        self.shipment = shipment
        self.weight = weight
        self._value_of_time = value_of_time
        self.as_of = net.as_of
        path = paths[0]
        self._rows, self._forward, self._arcs = path.links, path.forward, path.arcs
        self._nodes, self._turns = path.nodes, path.reversals.tolist()
        if len(paths) > 1:
            self._join(paths)

    def _join(self, paths: Sequence[Path]) -> None:
        """Put the paths between stops together; at a stop a train may have to reverse."""
        self._rows = np.concatenate([path.links for path in paths])
        self._forward = np.concatenate([path.forward for path in paths])
        self._arcs = np.concatenate([path.arcs for path in paths])
        self._nodes = np.concatenate([paths[0].nodes, *(path.nodes[1:] for path in paths[1:])])
        done = len(paths[0].links)
        for before, path in pairwise(paths):
            if self._net.graph.reverses_between(before, path):
                self._turns.append(done)
            self._turns += (path.reversals + done).tolist()
            done += len(path.links)

    # -- figures ---------------------------------------------------------------------------

    @cached_property
    def length_km(self) -> float:
        """Published length, km: the sum over its links."""
        return float(self._net.graph_lengths[self._rows].sum())

    @cached_property
    def _costs(self) -> RouteCosts:
        from corridors.costs.route_costs import RouteCosts

        vehicle = vehicle_of(self.modes)
        return RouteCosts(
            self._net, self._arcs, self.shipment, self.commodity, vehicle, self._turns
        )

    @property
    def hours(self) -> float:
        """Hours from start to end, central: running, borders, gauges, ports, transfers, turns."""
        return self._costs.total("hours")[1]

    @property
    def hours_range(self) -> tuple[float, float]:
        """Hours with every parameter at its quick end, and with every one at its slow end."""
        low, _, high = self._costs.total("hours")
        return low, high

    @property
    def usd_per_t(self) -> float:
        """Dollars a tonne, central; NaN for passengers, whose fares are not in the data."""
        return self._costs.total("usd")[1]

    @property
    def usd_range(self) -> tuple[float, float]:
        """Dollars a tonne with every parameter at its cheap end, and at its dear end."""
        low, _, high = self._costs.total("usd")
        return low, high

    @property
    def value_of_time(self) -> float:
        """USD a tonne and hour in the generalised cost; NaN for passengers if not given."""
        return self._costs.value_of_time(self._value_of_time)

    @property
    def generalised(self) -> float:
        """Dollars a tonne with the hours at :attr:`value_of_time`, central."""
        return self.usd_per_t + self.value_of_time * self.hours

    @property
    def costs(self) -> pd.DataFrame:
        """Hours and dollars by cause.

        One row a cause (moving, reversal, tariff, border, gauge, port, ferry, transfer):
        ``hours_low``, ``hours_central``, ``hours_high``, ``usd_low``, ``usd_central``,
        ``usd_high`` (USD/t), ``assumption`` (whether any of it rests on one), ``assumed`` and
        ``parameters`` (ids), ``sources``. The rows add up to the totals of the route.
        """
        return self._costs.table()

    @property
    def costs_by_country(self) -> pd.DataFrame:
        """Hours and dollars by the country they fall on.

        One row a country, mode and cause: ``country`` (``XZ``: at sea), ``mode``, ``cause``,
        ``hours``, ``usd`` (USD/t), central. The rows add up to :attr:`hours` and :attr:`usd_per_t`.
        """
        return self._costs.by_country()

    def costs_with(self, changes: Mapping[str, Values]) -> tuple[float, float]:
        """Hours and USD/t of this way with some numbers of the cost model changed, central.

        Parameters
        ----------
        changes : mapping of str to float or (low, central, high)
            As for :meth:`.Network.with_parameters`.
        """
        from corridors.costs.route_costs import RouteCosts

        changed = RouteCosts(
            self._net.with_parameters(changes), self._arcs, self.shipment, self.commodity,
            vehicle_of(self.modes), self._turns,
        )  # fmt: skip
        return changed.total("hours")[1], changed.total("usd")[1]

    @cached_property
    def _table(self) -> pd.DataFrame:
        """Link rows of the route, in order, without geometry."""
        columns = [c for c in self._net.link_table.columns if c != "geometry"]
        return pd.DataFrame(self._net.link_table[columns].iloc[self._rows]).reset_index(drop=True)

    @property
    def place_ids(self) -> list[str]:
        """Ids of all places passed, ends included, in order."""
        return [str(name) for name in self._net.graph.index[self._nodes]]

    @property
    def link_ids(self) -> list[str]:
        """Ids of all links used, in order."""
        return [str(name) for name in self._table["link_id"]]

    @property
    def by_country(self) -> dict[str, float]:
        """Kilometres by country code (``XZ``: at sea), in the order entered."""
        return self._km_by(self._table["country"])

    @property
    def by_mode(self) -> dict[str, float]:
        """Kilometres by mode, in the order used."""
        return self._km_by(self._table["mode"])

    @property
    def by_operator(self) -> dict[str, float]:
        """Kilometres by operator id, in the order met."""
        return self._km_by(self._table["operator_id"])

    @property
    def by_gauge(self) -> dict[str, float]:
        """Kilometres of railway by gauge in mm (``"unknown"`` where it is), in the order met."""
        rail = self._table[self._table["mode"] == "rail"]
        return self._km_by(rail["gauge_mm"].fillna("unknown"), rail)

    def _km_by(self, key: pd.Series[Any], table: pd.DataFrame | None = None) -> dict[str, float]:
        lengths = (self._table if table is None else table)["length_km"]
        sums = lengths.groupby(key.to_numpy(), sort=False).sum()
        return {str(name): float(km) for name, km in sums.items()}

    @cached_property
    def borders(self) -> tuple[Border, ...]:
        """Borders passed, in order; a border at sea counts once, at the port of arrival."""
        return passages.borders(self._net, self._table, self._nodes)

    @cached_property
    def gauge_breaks(self) -> tuple[GaugeBreak, ...]:
        """Changes of gauge that wagons and what they carry go through, in order."""
        return passages.gauge_breaks(self._net, self._table, self._nodes)

    @cached_property
    def transhipments(self) -> tuple[Transhipment, ...]:
        """Where the cargo changes between rail, road and a ferry that takes no wagons, in order."""
        return passages.transhipments(self._net, self._table, self._nodes)

    @cached_property
    def reversals(self) -> tuple[Reversal, ...]:
        """Places where the train must change direction, in order, with the hours each takes.

        Known only on networks whose links say how track lies at their ends, such as those from
        OpenStreetMap; empty elsewhere.
        """
        if not self._turns:
            return ()
        hours = float(self._costs.costing.reversal_hours[1]) if self._net.costs else math.nan
        ids = [str(self._net.graph.index[self._nodes[turn]]) for turn in self._turns]
        return tuple(Reversal(name, self._net.label(name), hours) for name in ids)

    @property
    def reversal_hours(self) -> float:
        """Hours that the reversals take together."""
        return sum(one.hours for one in self.reversals)

    @property
    def snap_km(self) -> tuple[float, float]:
        """Distance from the points given to the places used, at either end; 0 for named places."""
        return self._ends[0].snap_km, self._ends[-1].snap_km

    @property
    def origin(self) -> str:
        """Name of the place where it starts."""
        return self._net.label(self.place_ids[0])

    @property
    def destination(self) -> str:
        """Name of the place where it ends."""
        return self._net.label(self.place_ids[-1])

    def between(self, a: str, b: str) -> float:
        """Kilometres along the route from place ``a`` to place ``b``.

        Parameters
        ----------
        a, b : str
            Ids or names of places that the route passes.

        Raises
        ------
        UnknownPlaceError
            If the route does not pass one of them.
        """
        ids = self.place_ids
        at: list[int] = []
        for name in (a, b):
            hits = [ids.index(place) for place in self._net.gazetteer.find(name) if place in ids]
            if not hits:
                raise UnknownPlaceError(f"the route does not pass {name!r}; it passes {ids}")
            at.append(hits[0])
        first, last = sorted(at)
        return float(self._net.graph_lengths[self._rows[first:last]].sum())

    # -- tables ----------------------------------------------------------------------------

    @cached_property
    def _legs(self) -> gpd.GeoDataFrame:
        import geopandas as gpd

        lines = self._net.link_table.geometry.to_numpy()[self._rows]
        table = self._table
        places = self._net.place_table["name_en"].to_numpy(object)
        states = self._net.link_state_table.iloc[self._rows]
        data = {
            "seq": np.arange(1, len(table) + 1),
            "link_id": table["link_id"],
            "line_id": table["line_id"],
            "line": table["line_name"],
            "mode": table["mode"],
            "from": places[self._nodes[:-1]],
            "to": places[self._nodes[1:]],
            "country": table["country"],
            "operator_id": table["operator_id"],
            "gauge_mm": table["gauge_mm"],
            "length_km": table["length_km"],
            "geometry_km": table["geometry_km"],
            "length_kind": table["length_kind"],
            "length_source": table["length_source"],
            "confidence": table["confidence"],
            "state": states["state"].to_numpy(object),
            "state_source": states["state_source"].to_numpy(object),
            "note": table["note"],
        }
        if self._net.costs:
            data["hours"], data["usd_per_t"] = self._costs.hours[1], self._costs.usd[1]
        turned = [
            line if ahead else line.reverse()
            for line, ahead in zip(lines, self._forward, strict=True)
        ]
        return gpd.GeoDataFrame(pd.DataFrame(data), geometry=turned, crs="EPSG:4326")

    @property
    def legs(self) -> gpd.GeoDataFrame:
        """One row a link, in the direction of travel, with both lengths and their sources.

        ``hours`` and ``usd_per_t`` are central and add up to those of the route.
        """
        return self._legs.copy()

    def by_line(self) -> pd.DataFrame:
        """The route in brief: one row a stretch along one line.

        Returns
        -------
        DataFrame
            ``from``, ``to``, ``line``, ``mode``, ``country``, ``length_km``, ``length_kinds``.
        """
        legs = self._legs
        stretch = (legs["line_id"] != legs["line_id"].shift()).cumsum()
        groups = legs.groupby(stretch, sort=False)
        return pd.DataFrame(
            {
                "from": groups["from"].first(),
                "to": groups["to"].last(),
                "line": groups["line"].first(),
                "mode": groups["mode"].first(),
                "country": groups["country"].first(),
                "length_km": groups["length_km"].sum(),
                "length_kinds": groups["length_kind"].unique().map("+".join),
            }
        ).reset_index(drop=True)

    @property
    def sources(self) -> pd.DataFrame:
        """Sources of the lengths and states used: id, title, publisher, date, url, kilometres."""
        table, states = self._table, self._legs["state_source"]
        km = table.groupby("length_source", sort=True)["length_km"].sum()
        names = sorted(set(km.index) | {name for name in states if isinstance(name, str)})
        known = self._net.sources
        listed = known[known["source_id"].isin(names)][
            ["source_id", "title", "publisher", "date", "url", "reference", "licence"]
        ]
        cited = pd.DataFrame({"source_id": pd.Series(names, dtype=listed["source_id"].dtype)})
        result = cited.merge(listed, on="source_id", how="left")
        result["length_km"] = result["source_id"].map(km).fillna(0.0)
        return result.sort_values(
            ["length_km", "source_id"], ascending=[False, True], ignore_index=True
        )

    @property
    def geometry(self) -> LineString | MultiLineString:
        """The way drawn, from start to end (an empty line where start and end are one place)."""
        import shapely

        lines = list(self._legs.geometry)
        if not lines:
            return shapely.LineString()
        coords = [lines[0].coords[0]]
        for line in lines:
            coords += line.coords[1:]
        return shapely.LineString(coords)

    def to_dict(self) -> dict[str, Any]:
        """The route as plain values that can be written as JSON."""
        legs = self._legs.drop(columns="geometry")
        return {
            "origin": self.origin,
            "destination": self.destination,
            "as_of": self.as_of.isoformat(),
            "modes": list(self.modes),
            "commodity": self.commodity,
            "cargo_origin": self.shipment.origin or None,
            "cargo_destination": self.shipment.destination or None,
            "length_km": round(self.length_km, 3),
            "weight": self.weight,
            **self._cost_figures(),
            "by_country": _rounded(self.by_country),
            "by_mode": _rounded(self.by_mode),
            "by_operator": _rounded(self.by_operator),
            "by_gauge": _rounded(self.by_gauge),
            "borders": [asdict(border) for border in self.borders],
            "gauge_breaks": [asdict(change) for change in self.gauge_breaks],
            "transhipments": [asdict(change) for change in self.transhipments],
            "reversals": [asdict(one) for one in self.reversals],
            "snap_km": [round(km, 3) for km in self.snap_km],
            "places": self.place_ids,
            "legs": legs.astype(object).where(legs.notna(), None).to_dict("records"),
            "sources": self.sources["source_id"].tolist(),
        }

    def _cost_figures(self) -> dict[str, Any]:
        if not self._net.costs:
            return {}
        costs = self.costs.round(3).astype(object)
        figures: dict[str, float | tuple[float, float]] = {
            "hours": self.hours, "hours_range": self.hours_range, "usd_per_t": self.usd_per_t,
            "usd_range": self.usd_range, "value_of_time": self.value_of_time,
            "generalised": self.generalised,
        }  # fmt: skip
        return {
            **{name: _plain(value) for name, value in figures.items()},
            "costs": costs.where(costs.notna(), None).to_dict("records"),
        }

    # -- words -----------------------------------------------------------------------------

    def explain(self) -> str:
        """The route in sentences: length, countries, borders, gauges, and how sure it is."""
        from corridors.routing.explain import explain

        return explain(self, self._table, self._costs.sentences() if self._net.costs else ())

    def map(self, **options: Any) -> CorridorMap:
        """Draw the route; see :meth:`.Network.map`."""
        from corridors.maps import route_map

        return route_map(self, **options)

    @property
    def network(self) -> Network:
        """The network that was asked."""
        return self._net

    def __repr__(self) -> str:
        countries = "–".join(self.by_country)
        return (
            f"<Route {self.origin} → {self.destination} on {self.as_of}: {self.length_km:,.1f} km, "
            f"{countries}, {len(self.borders)} borders, {len(self.gauge_breaks)} gauge breaks>"
        )

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.origin)} → {escape(self.destination)}</b> · {self.as_of}"
        text = "<br>".join(escape(line) for line in self.explain().splitlines())
        return f"<div>{head}<br>{text}</div>"


def _plain(value: float | tuple[float, ...]) -> Any:
    """Rounded, with None for what is not known: JSON has no NaN."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return None if math.isnan(value) else round(value, 3)


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(km, 3) for name, km in figures.items()}


class Routes(Sequence["Route"]):
    """A sequence of routes; what gives several answers is one of these."""

    routes: tuple[Route, ...]

    def __getitem__(self, index: Any) -> Any:
        return self.routes[index]

    def __len__(self) -> int:
        return len(self.routes)

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes)
