"""A route: what it passes, how long it is in each country, and where every figure comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import UnknownPlaceError
from corridors.schema import INTERNATIONAL_WATERS, UNKNOWN_COUNTRY
from corridors.states import Shipment

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely import LineString, MultiLineString

    from corridors.graph import Path
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing import End

COUNTRY_NAMES = {
    "AM": "Armenia", "AZ": "Azerbaijan", "BG": "Bulgaria", "CN": "China", "GE": "Georgia",
    "IR": "Iran", "KZ": "Kazakhstan", "RO": "Romania", "RU": "Russia", "TM": "Turkmenistan",
    "TR": "Türkiye", "UA": "Ukraine", "UZ": "Uzbekistan", INTERNATIONAL_WATERS: "at sea",
    UNKNOWN_COUNTRY: "country unknown",
}  # fmt: skip
LENGTH_KINDS = {
    "tariff": "official tariff kilometres",
    "official": "stated by an authority or railway",
    "line_table": "line chainage",
    "press": "press",
    "osm": "measured along OpenStreetMap track",
    "derived": "derived from published figures",
    "estimate": "estimate of ours",
}


@dataclass(frozen=True)
class Border:
    """A border passed: where, and from which country into which."""

    place_id: str
    name: str
    from_country: str
    to_country: str


@dataclass(frozen=True)
class GaugeBreak:
    """A change of track gauge: where, and from which gauge to which (mm)."""

    place_id: str
    name: str
    from_gauge_mm: str
    to_gauge_mm: str


@dataclass(frozen=True)
class Reversal:
    """A place at which the train must change direction, and the hours that takes."""

    place_id: str
    name: str
    hours: float


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
    """

    def __init__(
        self,
        net: Network,
        paths: Sequence[Path],
        ends: Sequence[End],
        modes: Sequence[str],
        commodity: str | None,
        shipment: Shipment,
    ) -> None:
        self._net = net
        self._ends = tuple(ends)
        self.modes = tuple(modes)
        self.commodity = commodity
        self.shipment = shipment
        self.as_of = net.as_of
        rows = [path.links for path in paths]
        self._rows = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        self._forward = np.concatenate([path.forward for path in paths])
        nodes = [paths[0].nodes, *(path.nodes[1:] for path in paths[1:])]
        self._nodes = np.concatenate(nodes)
        self._turns: list[int] = []
        done = 0
        for number, path in enumerate(paths):
            if number and net.graph.reverses_between(paths[number - 1], path):
                self._turns.append(done)
            self._turns += (path.reversals + done).tolist()
            done += len(path.links)

    # -- figures ---------------------------------------------------------------------------

    @cached_property
    def length_km(self) -> float:
        """Published length, km: the sum over its links."""
        return float(self._net.graph_lengths[self._rows].sum())

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
        ports = self._net.place_table["country"].to_numpy(object)
        on_border = self._net.place_table["place_id"].isin(self._net.borders).to_numpy(bool)
        first, last = self._nodes[[0, -1]]
        # A ferry from the first place or to the last leaves or enters that place's country.
        steps = [(ports[first], first)] if not on_border[first] else []
        steps += list(zip(self._table["country"], self._nodes, strict=False))
        steps += [(ports[last], last)] if not on_border[last] else []
        passed: list[Border] = []
        here = ""
        for country, node in steps:
            if country in {INTERNATIONAL_WATERS, UNKNOWN_COUNTRY}:
                continue
            if here and country != here:
                place = str(self._net.graph.index[node])
                passed.append(Border(place, self._net.label(place), here, str(country)))
            here = str(country)
        return tuple(passed)

    @cached_property
    def gauge_breaks(self) -> tuple[GaugeBreak, ...]:
        """Changes of gauge, in order."""
        found: list[GaugeBreak] = []
        wheels: set[str] = set()  # gauges that a wagon which came this way can have
        rail = self._table["mode"].isin(["rail"]) | self._table["wagons"]
        for is_rail, gauge, node in zip(rail, self._table["gauge_mm"], self._nodes, strict=False):
            if not (is_rail and isinstance(gauge, str)):
                continue
            new = set(gauge.split("+"))
            if wheels and not wheels & new:
                place = str(self._net.graph.index[node])
                old = "+".join(sorted(wheels))
                found.append(GaugeBreak(place, self._net.label(place), old, gauge))
            wheels = wheels & new or new
        return tuple(found)

    @cached_property
    def reversals(self) -> tuple[Reversal, ...]:
        """Places where the train must change direction, in order, with the hours each takes.

        Known only on networks whose links say how track lies at their ends, such as those from
        OpenStreetMap; empty elsewhere.
        """
        from corridors.turns import REVERSAL_HOURS

        ids = [str(self._net.graph.index[self._nodes[turn]]) for turn in self._turns]
        return tuple(Reversal(name, self._net.label(name), REVERSAL_HOURS) for name in ids)

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
        turned = [
            line if ahead else line.reverse()
            for line, ahead in zip(lines, self._forward, strict=True)
        ]
        return gpd.GeoDataFrame(pd.DataFrame(data), geometry=turned, crs="EPSG:4326")

    @property
    def legs(self) -> gpd.GeoDataFrame:
        """One row a link, in the direction of travel, with both lengths and their sources."""
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
            "by_country": _rounded(self.by_country),
            "by_mode": _rounded(self.by_mode),
            "by_operator": _rounded(self.by_operator),
            "by_gauge": _rounded(self.by_gauge),
            "borders": [asdict(border) for border in self.borders],
            "gauge_breaks": [asdict(change) for change in self.gauge_breaks],
            "reversals": [asdict(one) for one in self.reversals],
            "snap_km": [round(km, 3) for km in self.snap_km],
            "places": self.place_ids,
            "legs": legs.astype(object).where(legs.notna(), None).to_dict("records"),
            "sources": self.sources["source_id"].tolist(),
        }

    # -- words -----------------------------------------------------------------------------

    def explain(self) -> str:
        """The route in sentences: length, countries, borders, gauges, and how sure it is."""
        if not len(self._rows):
            return f"{self.origin}: start and end are the same place."
        used = " and ".join(m for m in self.by_mode if m in {"rail", "road", "ferry"})
        km = f"{self.length_km:,.0f} km"
        parts = [
            f"{self.origin} to {self.destination} by {used} on {self.as_of}: {km}.",
            "By country: " + _listed(self.by_country, COUNTRY_NAMES) + ".",
            self._borders_text(),
            self._gauge_text(),
            *self._reversal_text(),
            "Lengths: " + _listed(self._km_by(self._table["length_kind"]), LENGTH_KINDS) + ".",
        ]
        assumed = float(
            self._table.loc[self._table["confidence"] == "assumption", "length_km"].sum()
        )
        if assumed:
            parts.append(f"{assumed:,.0f} km of it rest on an assumption.")
        sources = self.sources
        cited = sources.loc[sources["length_km"] > 0, "title"].dropna().tolist()
        parts.append("Sources of lengths: " + "; ".join(cited) + ".")
        return "\n".join(parts)

    def _borders_text(self) -> str:
        if not self.borders:
            return "It crosses no border."
        named = ", ".join(f"{b.name} ({b.from_country}→{b.to_country})" for b in self.borders)
        return f"Borders ({len(self.borders)}): {named}."

    def _gauge_text(self) -> str:
        if not self.by_gauge:
            return "No railway is used."
        if not self.gauge_breaks:
            return f"No change of gauge ({', '.join(self.by_gauge)} mm)."
        named = ", ".join(
            f"{g.name} ({g.from_gauge_mm}→{g.to_gauge_mm} mm)" for g in self.gauge_breaks
        )
        return f"Changes of gauge ({len(self.gauge_breaks)}): {named}."

    def _reversal_text(self) -> list[str]:
        if not self.reversals:
            return []
        named = ", ".join(one.name for one in self.reversals)
        hours = self.reversal_hours
        return [f"The train reverses {len(self.reversals)} times, {hours:g} h: {named}."]

    def map(self, **options: Any) -> CorridorMap:
        """Draw the route; see :func:`corridors.maps.route_map`."""
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


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(km, 3) for name, km in figures.items()}


def _listed(figures: dict[str, float], names: dict[str, str]) -> str:
    return ", ".join(f"{names.get(key, key)} {km:,.0f} km" for key, km in figures.items())
