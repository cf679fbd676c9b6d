"""What laying a network on OpenStreetMap showed: by link, line, country and corridor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.catalog import Corridor
from corridors.errors import ArgumentError, NoRoute
from corridors.sources.conflate import SUSPECT_SHARE
from corridors.sources.match_places import WAYS

if TYPE_CHECKING:
    from corridors.network import Network

GROUPS = ("link", "line", "country", "corridor")
_HOW = {how: f"by {how}" for how in WAYS} | {
    "track": "only by the track that passes them",
    "none": "not on the map",
}
_SUMS = ("length_km", "compared_km", "osm_length_km", "matched_km", "planned_km", "missing_km")


def match_table(net: Network, by: str = "line") -> pd.DataFrame:
    """Published and OpenStreetMap lengths of a conflated network side by side.

    Parameters
    ----------
    net : Network
        From :func:`corridors.conflate`.
    by : {"line", "link", "country", "corridor"}
        What makes a row; a corridor has one for each branch, with all it needs open, and only
        its rail links count.

    Returns
    -------
    DataFrame
        By link: :attr:`Network.match_report`. Else ``links``, ``length_km`` (published),
        ``compared_km`` (published, of links that have a path), ``osm_length_km`` (of these),
        ``matched_km``, ``planned_km``, ``missing_km``, ``ratio`` (of the two compared lengths),
        ``suspect`` (the ratio is off by more than 3 %), ``suspect_links``.

    Raises
    ------
    ArgumentError
        If the network was not made by ``conflate``, or ``by`` is unknown.
    """
    report = net.match_report
    if report.empty:
        raise ArgumentError("this network was not matched to OpenStreetMap; see co.conflate")
    if by not in GROUPS:
        raise ArgumentError(f"by={by!r}: give one of {', '.join(GROUPS)}")
    if by == "link":
        return report
    found = report["osm_length_km"].notna()
    report["compared_km"] = report["length_km"].where(found, 0.0)
    if by == "corridor":
        return _corridors(net, report)
    column = "line_id" if by == "line" else by
    return _summed(report, report[column], column)


def _summed(report: pd.DataFrame, key: pd.Series[str], name: str) -> pd.DataFrame:
    groups = report.groupby(key.rename(name), sort=True)
    table = groups[list(_SUMS)].sum()
    table.insert(0, "links", groups.size())
    compared = table["compared_km"].replace(0.0, np.nan)
    table["ratio"] = (table["osm_length_km"] / compared).round(4)
    table["suspect"] = ((table["ratio"] - 1).abs() > SUSPECT_SHARE).to_numpy(bool)
    table["suspect_links"] = groups["suspect"].sum().astype(int)
    return table.round(dict.fromkeys(_SUMS, 3)).reset_index()


def _corridors(net: Network, report: pd.DataFrame) -> pd.DataFrame:
    row_of = {link: row for row, link in enumerate(report["link_id"])}
    rows: list[int] = []
    names: list[str] = []
    for corridor_id, row in sorted(net.corridors.items()):
        corridor = Corridor.model_validate(dict(row))
        world = net.with_open(corridor_id)
        for branch in corridor.branches:
            try:
                route = corridor.route(world, branch)
            except NoRoute:
                continue
            mine = [row_of[link] for link in route.legs["link_id"] if link in row_of]
            rows += mine
            names += [f"{corridor_id}: {branch.name}"] * len(mine)
    table = report.iloc[rows].reset_index(drop=True)
    return _summed(table, pd.Series(names, dtype=object), "corridor")


def match_places_table(net: Network) -> pd.DataFrame:
    """Every rail place of a conflated network with what it was matched to.

    Parameters
    ----------
    net : Network
        From :func:`corridors.conflate`.

    Returns
    -------
    DataFrame
        ``place_id``, ``osm_place_id``, ``osm_name``, ``how``, ``apart_km`` (between the two
        positions), ``track_km`` (from the place as mapped to the nearest track; NaN: none near),
        ``lon``, ``lat`` (where it now stands).

    Raises
    ------
    ArgumentError
        If the network was not made by ``conflate``.
    """
    table = net.report("match_places")
    if table.empty:
        raise ArgumentError("this network was not matched to OpenStreetMap; see co.conflate")
    return table


def match_summary(net: Network) -> str:
    """What was matched, what is missing and what to look at, in a few lines for a person."""
    report, places = net.match_report, match_places_table(net)
    by_country = match_table(net, "country").set_index("country")
    km = report["length_km"].sum()
    lines = [
        f"{len(report)} rail links, {km:,.0f} km: "
        + ", ".join(
            f"{status} {int((report['status'] == status).sum())}"
            for status in ("matched", "planned", "partly", "missing")
        ),
        f"{len(places)} rail places: "
        + ", ".join(f"{n} {_HOW[str(how)]}" for how, n in places["how"].value_counts().items()),
    ]
    if (report["status"] == "missing").all():
        lines.append("nothing of the reference network lies on this map: is it of the same region?")
    compared = by_country["compared_km"].sum()
    if compared:
        ratio = by_country["osm_length_km"].sum() / compared
        off = report[report["suspect"]]
        lines.append(
            f"{compared:,.0f} published km compared: OpenStreetMap has {ratio:.3f} of them; "
            f"{len(off)} links differ by more than {SUSPECT_SHARE:.0%}, "
            f"{int((~off['within_rounding']).sum())} of these by more than a kilometre"
        )
    for code, row in by_country[by_country["compared_km"] > 0].iterrows():
        lines.append(
            f"  {code}: {row['compared_km']:,.0f} of {row['length_km']:,.0f} km compared, ratio "
            f"{row['ratio']:.3f}; {row['planned_km']:,.0f} km under construction or planned, "
            f"{row['missing_km']:,.0f} km missing"
        )
    return "\n".join(lines)
