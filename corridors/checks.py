"""Check a data folder: schema, references, states, lengths, positions, sources, routability."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from corridors import schema
from corridors.cards.library import scenarios
from corridors.catalog import corridors as read_corridors
from corridors.catalog import flows as read_flows
from corridors.costs.parameter_checks import calibration_problems, parameter_problems
from corridors.costs.parameter_schema import CalibrationRow, ParameterRow
from corridors.countries import EXTENT_LAT, EXTENT_LON, km_outside, polygons
from corridors.errors import CorridorsError, NoRoute
from corridors.geodesy import distance_km
from corridors.network import Network
from corridors.schema import FIRST_DAY, INTERNATIONAL_WATERS
from corridors.sources.reference import load
from corridors.tables import data_folder, read_frame, read_table
from corridors.words import COUNTRY_NAMES

MAX_DETOUR = 1.8
"""A link longer than this times its chord needs a note that says why."""
SUSPICIOUS_DETOUR = 6.0
"""A link longer than this times its chord is reported even with a note."""
OUTSIDE_KM = 3.0
OUTSIDE_AT_EDGE_KM = 5.0  # border points and ports: the polygons are simplified
CROSSING_OFF_KM = 6.0
_CHORD_SLACK_KM = 0.001
_WATER_KINDS = {"border", "port"}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth a look.

    Parameters
    ----------
    level : {"error", "warning"}
    table : str
        Where the row is.
    subject : str
        Id of the row.
    problem : str
        What is wrong and what to do.
    """

    level: Literal["error", "warning"]
    table: str
    subject: str
    problem: str


def check(folder: str | Path | None = None) -> list[Finding]:
    """Check every table of a data folder.

    Parameters
    ----------
    folder : path, optional
        Data folder; the embedded one if not given.

    Returns
    -------
    list of Finding
        Errors first. An error means that the data must not be used as it is.
    """
    where = data_folder() if folder is None else Path(folder)
    try:
        net = load(data=where)
        sources = read_frame(where, "sources", schema.SourceRow)
    except CorridorsError as error:
        return [Finding("error", "data", where.name, str(error))]
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _ids(net),
        lambda: _sources(where, sources),
        lambda: _places(net),
        lambda: _crossings(net),
        lambda: _links(net),
        lambda: _junctions(net),
        lambda: _states(net),
        lambda: _rules(net),
        lambda: _shipments(where, net),
        lambda: _flows(where, net),
        lambda: _corridors(where, net),
        lambda: _groups(net),
        lambda: _published(where, net),
        lambda: _cards(where, net),
        lambda: (_error(*problem) for problem in parameter_problems(net)),
        lambda: (_error(*problem) for problem in calibration_problems(where, net)),
    ]
    found: list[Finding] = []
    for one in checks:
        try:
            found += one()
        except CorridorsError as error:
            found.append(Finding("error", "data", where.name, str(error)))
    return sorted(found, key=lambda f: (f.level, f.table, f.subject, f.problem))


def _error(table: str, subject: object, problem: str) -> Finding:
    return Finding("error", table, str(subject), problem)


def _warning(table: str, subject: object, problem: str) -> Finding:
    return Finding("warning", table, str(subject), problem)


# -- ids and sources ---------------------------------------------------------------------------


def _ids(net: Network) -> Iterator[Finding]:
    """An id must mean one thing: ``with_open`` and ``avoid`` take ids of several tables."""
    spaces = {
        "places": set(net.place_table["place_id"]),
        "lines": set(net.link_table["line_id"]),
        "links": set(net.link_table["link_id"]),
        "corridors": set(net.corridors),
        "rules": {rule.rule_id for rule in net.rules},
        "groups": set(net.groups),
    }
    for (one, ids), (other, more) in itertools.combinations(spaces.items(), 2):
        for shared in sorted(ids & more):
            yield _error(one, shared, f"the same id is used in {other}; rename one of them")


_CITING: dict[str, tuple[type[schema.Row], tuple[str, ...]]] = {
    "places": (schema.PlaceRow, ("source", "position_source")),
    "station_codes": (schema.StationCodeRow, ("source",)),
    "crossings": (schema.CrossingRow, ("source",)),
    "operators": (schema.OperatorRow, ("source",)),
    "lines": (schema.LineRow, ("source",)),
    "links": (schema.LinkRow, ("source", "capacity_source")),
    "shapes": (schema.ShapeRow, ("source",)),
    "states": (schema.StateRow, ("source",)),
    "rules": (schema.RuleRow, ("sources",)),
    "commodities": (schema.CommodityRow, ("source",)),
    "corridors": (schema.CorridorRow, ("sources",)),
    "flows": (schema.FlowRow, ("sources",)),
    "shipments": (schema.ShipmentRow, ("source",)),
    "parameters": (ParameterRow, ("source",)),
    "calibration": (CalibrationRow, ("source",)),
    "published_lengths": (schema.PublishedLengthRow, ("source",)),
    "tariff_distances": (schema.TariffDistanceRow, ("source",)),
}


_OPTIONAL = {"shapes", "calibration", "parameters"}


def _sources(folder: Path, sources: pd.DataFrame) -> Iterator[Finding]:
    known = set(sources["source_id"])
    twice = sources["source_id"][sources["source_id"].duplicated()]
    for name in twice:
        yield _error("sources", name, "source_id is given twice")
    for name, source in _cited_by_cards(folder):
        if source not in known:
            yield _error("scenarios", name, f"source {source!r} is not in sources")
    cited = {source for _, source in _cited_by_cards(folder)}
    cited.add("natural-earth")  # the country polygons are from there
    for table, (model, columns) in _CITING.items():
        for row in read_table(folder, table, model, optional=table in _OPTIONAL):
            for column in columns:
                value = getattr(row, column)
                names = value if isinstance(value, tuple) else (value,) if value else ()
                cited.update(names)
                subject = next(iter(vars(row).values()))
                for name in names:
                    if name not in known:
                        yield _error(table, subject, f"{column} {name!r} is not in sources")
    for name in sorted(known - cited):
        yield _warning("sources", name, "no row cites it")


def _cited_by_cards(folder: Path) -> list[tuple[str, str]]:
    """Cards and the sources of the data folder that they cite, their own left out."""
    return [
        (card.name, source)
        for card in scenarios(data=folder).values()
        for source in card.sources
        if source not in set(card.source_table["source_id"])
    ]


# -- places and crossings ----------------------------------------------------------------------


def _places(net: Network) -> Iterator[Finding]:
    places = net.place_table
    linked = {*net.link_table["from_place"], *net.link_table["to_place"]}
    for orphan in sorted(set(places["place_id"]) - linked):
        yield _error("places", orphan, "no link reaches it")
    borders = set(places["place_id"][places["kind"] == "border"])
    for name in sorted(borders ^ set(net.borders)):
        yield _error("crossings", name, "each place of kind border needs one row in crossings")
    for country, group in places[places["kind"] != "border"].groupby("country"):
        if country not in polygons():
            continue
        # The polygons end with the map: what lies beyond it cannot be judged.
        here = group[group["lon"].between(*EXTENT_LON) & group["lat"].between(*EXTENT_LAT)]
        km = km_outside(str(country), here["lon"], here["lat"])
        allowed = np.where(here["kind"].isin(_WATER_KINDS), OUTSIDE_AT_EDGE_KM, OUTSIDE_KM)
        for name, away in zip(here["place_id"][km > allowed], km[km > allowed], strict=True):
            yield _error("places", name, f"lies {away:.1f} km outside {country!s}")


def _crossings(net: Network) -> Iterator[Finding]:
    known = set(net.place_table["place_id"])
    for row in net.crossings.to_dict("records"):
        name = row["place_id"]
        if row["country_a"] == row["country_b"]:
            yield _error("crossings", name, "country_a and country_b are the same")
        for side in ("a", "b"):
            country, post = row[f"country_{side}"], row[f"border_place_{side}"]
            if post not in known:
                yield _error("crossings", name, f"border_place_{side} {post!r} is unknown")
            km = float(km_outside(country, [row["geometry"].x], [row["geometry"].y])[0])
            if km > CROSSING_OFF_KM:
                yield _error("crossings", name, f"lies {km:.1f} km from {country}")


# -- links -------------------------------------------------------------------------------------


def _links(net: Network) -> Iterator[Finding]:
    links = _with_ends(net)
    chord = distance_km(links["lon_a"], links["lat_a"], links["lon_b"], links["lat_b"])
    length = links["length_km"].to_numpy(float)
    for row in np.flatnonzero(length < chord - _CHORD_SLACK_KM):
        yield _error(
            "links", links["link_id"].iloc[row],
            f"length_km {length[row]:g} is below the geodesic distance {chord[row]:.2f} km",
        )  # fmt: skip
    unexplained = (length > MAX_DETOUR * chord) & links["note"].isna().to_numpy()
    for row in np.flatnonzero(unexplained & (length > 0)):
        yield _error(
            "links", links["link_id"].iloc[row],
            f"length_km {length[row]:g} is {length[row] / max(chord[row], 0.01):.1f} times the "
            f"distance {chord[row]:.2f} km; correct it or say why in the note",
        )  # fmt: skip
    for row in np.flatnonzero((length > SUSPICIOUS_DETOUR * chord) & (chord > 1)):
        yield _warning(
            "links", links["link_id"].iloc[row],
            f"length_km {length[row]:g} is {length[row] / chord[row]:.1f} times the distance; "
            "look again, whatever the note says",
        )  # fmt: skip
    drawn = links["geometry_km"].to_numpy(float)
    for row in np.flatnonzero(drawn > 1.03 * length + 0.5):
        yield _warning(
            "links", links["link_id"].iloc[row],
            f"drawn line {drawn[row]:.1f} km is longer than length_km {length[row]:g}",
        )  # fmt: skip
    yield from _countries_of_links(net, links)
    yield from _modes_of_links(links)


def _with_ends(net: Network) -> pd.DataFrame:
    places = net.place_table.set_index("place_id")[["lon", "lat", "country", "mode", "kind"]]
    links = pd.DataFrame(net.link_table.drop(columns="geometry"))
    for side, column in (("a", "from_place"), ("b", "to_place")):
        ends = places.loc[links[column]].reset_index(drop=True)
        links = links.join(ends.add_suffix(f"_{side}"))
    return links


def _countries_of_links(net: Network, links: pd.DataFrame) -> Iterator[Finding]:
    for row in links.to_dict("records"):
        name, country = row["link_id"], row["country"]
        if country == INTERNATIONAL_WATERS:
            if row["mode"] != "ferry":
                yield _error("links", name, f"only a ferry can be at sea, not {row['mode']}")
            continue
        for side, place in (("a", row["from_place"]), ("b", row["to_place"])):
            if country not in net.borders.get(place, {row[f"country_{side}"]}):
                yield _error("links", name, f"is in {country}, but {place} is not")


_LAYERS = {
    "rail": ({"rail"}, {"rail"}),
    "road": ({"road"}, {"road"}),
    "gauge_change": ({"rail"}, {"rail"}),
    "transfer": ({"rail", "sea"}, {"road"}),
    "ferry": ({"rail", "road", "sea"}, {"rail", "road", "sea"}),
    "border": ({"rail", "road"}, {"rail", "road"}),
}


def _modes_of_links(links: pd.DataFrame) -> Iterator[Finding]:
    for row in links.to_dict("records"):
        one, other = _LAYERS[row["mode"]]
        a, b = row["mode_a"], row["mode_b"]
        if not ((a in one and b in other) or (b in one and a in other)):
            yield _error(
                "links", row["link_id"], f"a {row['mode']} link cannot join a {a} and a {b} place"
            )


def _junctions(net: Network) -> Iterator[Finding]:
    """Where links meet: one gauge, and one country unless it is a border."""
    links = net.link_table
    columns = ["link_id", "mode", "gauge_mm", "country"]
    ends = pd.concat(
        [
            links[[*columns, side]].rename(columns={side: "place"})
            for side in ("from_place", "to_place")
        ]
    )
    rail = ends[(ends["mode"] == "rail") & ends["gauge_mm"].notna()]
    for place, gauges in rail.groupby("place")["gauge_mm"]:
        sets = [set(str(gauge).split("+")) for gauge in gauges.unique()]
        if any(a.isdisjoint(b) for a, b in itertools.combinations(sets, 2)):
            yield _error("links", place, f"rail links of gauges {sorted(gauges.unique())} meet "
                         "without a gauge_change link")  # fmt: skip
    land = ends[ends["country"] != INTERNATIONAL_WATERS]
    for place, countries in land.groupby("place")["country"]:
        if len(set(countries)) > 1 and place not in net.borders:
            yield _error("links", place, f"links of {sorted(countries.unique())} meet at a place "
                         "that is not a crossing")  # fmt: skip


# -- states and rules --------------------------------------------------------------------------


def _states(net: Network) -> Iterator[Finding]:
    states = net.states
    covered: dict[tuple[str, str], bool] = {}
    for (kind, subject), rows in states.groupby(["subject_kind", "subject_id"], sort=False):
        start = rows["valid_from"].to_numpy()
        end = rows["valid_to"].to_numpy()
        key = (str(kind), str(subject))
        if np.isnat(end[:-1]).any() or (end[:-1] > start[1:]).any():
            yield _error("states", subject, "rows overlap; each valid_to must come before the next")
        gap = bool((end[:-1] < start[1:]).any())
        full = start[0] <= np.datetime64(FIRST_DAY) and bool(np.isnat(end[-1])) and not gap
        covered[key] = full
        if gap:
            yield _error("states", subject, "there is a gap between two rows")
        if kind == "place" and not full and not gap:
            # Without a row a place would count as open.
            yield _error("states", subject, f"rows must cover {FIRST_DAY} to today")
    for line, links in net.link_table.groupby("line_id")["link_id"]:
        if covered.get(("line", str(line)), False):
            continue
        if not all(covered.get(("link", str(link)), False) for link in links):
            yield _error("states", line, f"rows must cover {FIRST_DAY} to today without a gap")


def _rules(net: Network) -> Iterator[Finding]:
    known = {
        "places": set(net.place_table["place_id"]),
        "lines": set(net.link_table["line_id"]),
        "commodities": set(net.commodities),
        "transit_countries": set(net.link_table["country"]),
        "origins": set(COUNTRY_NAMES),
        "destinations": set(COUNTRY_NAMES),
        "not_origins": set(COUNTRY_NAMES),
        "not_destinations": set(COUNTRY_NAMES),
    }
    for rule in net.rules:
        for column, ids in known.items():
            for name in getattr(rule, column):
                if name not in ids:
                    yield _error("rules", rule.rule_id, f"{column}: {name!r} is unknown")
        for pair in rule.borders:
            if frozenset(pair) not in net.borders.values():
                yield _error("rules", rule.rule_id, f"borders: no crossing joins {pair}")
    for commodity in net.commodities.values():
        if commodity.parent is not None and commodity.parent not in net.commodities:
            yield _error(
                "commodities", commodity.commodity_id, f"parent {commodity.parent!r} unknown"
            )


# -- flows, corridors, published lengths -------------------------------------------------------


def _shipments(folder: Path, net: Network) -> Iterator[Finding]:
    seen: set[str] = set()
    for row in read_table(folder, "shipments", schema.ShipmentRow):
        if row.shipment_id in seen:
            yield _error("shipments", row.shipment_id, "shipment_id is given twice")
        seen.add(row.shipment_id)
        commodity = net.commodities.get(row.commodity)
        if commodity is None:
            yield _error("shipments", row.shipment_id, f"commodity {row.commodity!r} is unknown")
        elif row.in_sum and row.wagons and row.tonnes and commodity.wagon_load_max_t:
            load_t = row.tonnes / row.wagons
            if load_t > commodity.wagon_load_max_t:
                yield _error(
                    "shipments", row.shipment_id,
                    f"{load_t:.0f} t a wagon is more than {commodity.wagon_load_max_t:g}; flag it",
                )  # fmt: skip


def _flows(folder: Path, net: Network) -> Iterator[Finding]:
    known = set(net.place_table["place_id"])
    for flow in read_flows(data=folder).values():
        unknown = [p for p in (flow.origin, flow.destination, *flow.waypoints) if p not in known]
        unknown += [c for c in flow.opens if c not in net.corridors]
        if flow.commodity not in net.commodities:
            unknown.append(flow.commodity)
        if unknown:
            yield _error("flows", flow.flow_id, f"unknown: {', '.join(unknown)}")
            continue
        try:
            result = flow.route(net.at(flow.as_of), opened=True)
        except NoRoute as error:
            yield _error("flows", flow.flow_id, str(error))
            continue
        if result.reported is None:
            yield _error("flows", flow.flow_id, f"the way reported is closed: {result.obstacle}")


def _corridors(folder: Path, net: Network) -> Iterator[Finding]:
    known = set(net.place_table["place_id"])
    lines = set(net.link_table["line_id"])
    for corridor in read_corridors(data=folder).values():
        used = itertools.chain.from_iterable(branch.places for branch in corridor.branches)
        unknown = [p for p in (*used, *corridor.crossings) if p not in known]
        unknown += [line for line in corridor.lines if line not in lines]
        if unknown:
            yield _error("corridors", corridor.corridor_id, f"unknown: {', '.join(unknown)}")
            continue
        try:
            corridor.routes(net, opened=True)
        except CorridorsError as error:
            yield _error("corridors", corridor.corridor_id, str(error))


def _groups(net: Network) -> Iterator[Finding]:
    known = set(net.place_table["place_id"])
    for name, group in net.groups.items():
        unknown = [place for place in group.places if place not in known]
        if unknown:
            yield _error("groups", name, f"unknown: {', '.join(unknown)}")
        elif not group.holds(net).any():
            yield _error("groups", name, "holds no place")


def _published(folder: Path, net: Network) -> Iterator[Finding]:
    known = set(net.place_table["place_id"])
    for row in read_table(folder, "published_lengths", schema.PublishedLengthRow):
        unknown = [p for p in (row.from_place, row.to_place, *row.via) if p not in known]
        unknown += [c for c in row.opens if c not in net.corridors]
        if unknown:
            yield _error("published_lengths", row.length_id, f"unknown: {', '.join(unknown)}")
    codes = set(net.station_code_table["station_code"])
    lines = set(net.link_table["line_id"])
    for tariff in read_table(folder, "tariff_distances", schema.TariffDistanceRow):
        named = {tariff.reference_place, tariff.station_place} - {None}
        for stray in sorted(str(name) for name in named - known):
            yield _error("tariff_distances", tariff.station_code, f"place {stray!r} is unknown")
        if tariff.not_by is not None and tariff.not_by not in lines:
            yield _error(
                "tariff_distances", tariff.station_code, f"not_by {tariff.not_by!r} unknown"
            )
        if tariff.station_code not in codes:
            yield _warning("tariff_distances", tariff.station_code,
                           f"{tariff.station}: no place has this station code")  # fmt: skip


def _cards(folder: Path, net: Network) -> Iterator[Finding]:
    for name, card in scenarios(data=folder).items():
        if not card.sources and not any(one.assumptions for one in card.cards):
            yield _error("scenarios", name, "cites no source and states no assumption")
        try:
            card.resolve(net if card.as_of is None else net.at(card.as_of))
            stated = card.shown(net)
        except CorridorsError as error:
            yield _error("scenarios", name, str(error))
            continue
        for row in stated[~stated["agrees"].astype(bool)].to_dict("records"):
            yield _error(
                "scenarios", name, f"{row['from']} to {row['to']}, {row['when']}: {row['measure']} "
                f"{row['expected']} is stated, the network gives {row['found']}",
            )  # fmt: skip


def report(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table: level, table, subject, problem."""
    rows: list[dict[str, Any]] = [vars(finding) for finding in findings]
    return pd.DataFrame(rows, columns=["level", "table", "subject", "problem"])


if __name__ == "__main__":
    for finding in check():
        print(f"{finding.level:8}{finding.table:18}{finding.subject}: {finding.problem}")  # noqa: T201
