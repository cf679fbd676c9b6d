"""Tables that people hand on: lengths against published figures, flows with their routes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors import schema
from corridors.costs.calibration import calibration_table
from corridors.errors import NoRoute
from corridors.flow import Flow, FlowRoute
from corridors.routing.offers import mode_mask
from corridors.routing.weighted import Weighted
from corridors.tables import data_folder, read_frame, read_table

if TYPE_CHECKING:
    from corridors.catalog import Corridor
    from corridors.network import Network
    from corridors.routing.route import Route

__all__ = [
    "agrees",
    "calibration_table",
    "corridors_table",
    "flows_table",
    "length_along",
    "lengths_table",
    "tariff_table",
]

TOLERANCE_KM = 2.0
TOLERANCE_SHARE = 0.01
"""A modelled length agrees with a published one within 1 % or 2 km, whichever is more."""


def agrees(model_km: pd.Series[float], published_km: pd.Series[float]) -> pd.Series[bool]:
    """Whether lengths agree within 1 % or 2 km.

    Parameters
    ----------
    model_km, published_km : Series of float
        In the same order.

    Returns
    -------
    Series of bool
        False where the model has no length.

    Examples
    --------
    >>> import pandas as pd
    >>> agrees(pd.Series([101.0, 104.0]), pd.Series([100.0, 100.0])).tolist()
    [True, False]
    """
    allowed = np.maximum(TOLERANCE_KM, TOLERANCE_SHARE * published_km)
    return (model_km - published_km).abs() <= allowed + 1e-9


def lengths_table(
    net: Network, *, as_of: str | dt.date | None = None, data: str | Path | None = None
) -> pd.DataFrame:
    """Modelled lengths beside the published ones, contradicting ones included.

    Parameters
    ----------
    net : Network
    as_of : str or date, optional
        Measure all on this day; if not given, each on the date its row names (lines that are
        lifted today are measured in the year they stood).
    data : path, optional
        Data folder; the embedded one if not given.

    Returns
    -------
    DataFrame
        One row a published length: ``length_id``, ``from_place``, ``to_place``, ``via``,
        ``modes``, ``as_of``, ``published_km``, ``model_km`` (NaN: no way on that day),
        ``difference_km``, ``agrees`` (within 1 % or 2 km), ``preferred``, ``length_kind``,
        ``source``, ``confidence``, ``note``. Access rules play no part: it is about kilometres.

    Examples
    --------
    >>> import corridors as co
    >>> table = lengths_table(co.load("2026-06-01"))
    >>> bool(table.loc[table["preferred"], "agrees"].mean() > 0.9)
    True
    """
    folder = data_folder() if data is None else Path(data)
    rows: list[dict[str, Any]] = []
    for row in read_table(folder, "published_lengths", schema.PublishedLengthRow):
        world = net.at(row.as_of if as_of is None else as_of)
        world = world.with_open(*row.opens) if row.opens else world
        stops = [row.from_place, *row.via, row.to_place]
        rows.append(
            {
                **row.model_dump(exclude={"opens", "km"}),
                "via": " ".join(row.via),
                "modes": " ".join(row.modes),
                "as_of": world.as_of.isoformat(),
                "published_km": row.km,
                "model_km": length_along(world, stops, row.modes),
            }
        )
    table = pd.DataFrame(rows).sort_values("length_id", ignore_index=True)
    table["model_km"] = table["model_km"].round(3)
    table["difference_km"] = (table["model_km"] - table["published_km"]).round(3)
    table["agrees"] = agrees(table["model_km"], table["published_km"])
    return table[
        [
            "length_id", "from_place", "to_place", "via", "modes", "as_of", "published_km",
            "model_km", "difference_km", "agrees", "preferred", "length_kind", "source",
            "confidence", "note",
        ]
    ]  # fmt: skip


def length_along(
    net: Network, stops: Iterable[str], modes: Iterable[str], *, any_state: bool = False
) -> float:
    """Shortest length over places in a row, km, whatever the access rules; NaN if there is no way.

    Parameters
    ----------
    net : Network
    stops : iterable of str
        Place ids.
    modes : iterable of str
    any_state : bool
        Use closed, lifted and planned links too.

    Returns
    -------
    float

    Examples
    --------
    >>> import corridors as co
    >>> length_along(co.load("2026-06-01"), ["alat", "ganja", "boyuk-kesik"], ["rail"])
    415.23
    """
    usable = mode_mask(net, list(modes)) & (any_state | net.state_allows)
    weights = np.where(usable, net.graph_lengths, np.inf)
    nodes = net.graph.nodes(list(stops))
    total = 0.0
    for start, end in pairwise(nodes.tolist()):
        path = net.graph.shortest_path(np.array([start]), np.array([end]), weights)
        if path is None:
            return float("nan")
        total += path.cost
    return total


def tariff_table(net: Network, *, data: str | Path | None = None) -> pd.DataFrame:
    """Modelled rail lengths beside the official tariff distances, row by row.

    A table measures along the lines of its own railway, so a shorter way through a neighbour does
    not count; closed and lifted lines do, since the tables keep the kilometres of lines where no
    train runs.

    Parameters
    ----------
    net : Network
    data : path, optional
        Data folder; the embedded one if not given.

    Returns
    -------
    DataFrame
        ``station_code``, ``station``, ``place_id``, ``reference``, ``reference_place``,
        ``official_km``, ``model_km``, ``difference_km``, ``agrees``, ``not_by`` (line the table
        does not count by), ``source``, ``note``; rows whose station or reference point is not a
        place of the network are left out.

    Examples
    --------
    >>> import corridors as co
    >>> bool(tariff_table(co.load("2026-06-01"))["agrees"].mean() > 0.99)
    True
    """
    table = tariff_rows(net, data=data)
    model = np.full(len(table), np.nan)
    keys = ["railway", "reference_place", "not_by"]
    for _, group in table.groupby(keys, dropna=False):
        railway, reference, not_by = group[keys].iloc[0]
        weights = tariff_weights(net, railway, reference, not_by)
        world = Weighted(net.graph, net.graph.arc_weights(weights))
        distance = world.nearest(net.graph.nodes([reference]))
        model[group.index] = distance[net.graph.nodes(group["place_id"].tolist())]
    table["model_km"] = np.round(np.where(np.isfinite(model), model, np.nan), 3)
    table["difference_km"] = (table["model_km"] - table["official_km"]).round(3)
    table["agrees"] = agrees(table["model_km"], table["official_km"])
    return table[
        [
            "station_code", "station", "place_id", "reference", "reference_place", "official_km",
            "model_km", "difference_km", "agrees", "not_by", "source", "note",
        ]
    ]  # fmt: skip


def tariff_rows(net: Network, *, data: str | Path | None = None) -> pd.DataFrame:
    """Official tariff distances between places of a network, with the railway of the station."""
    folder = data_folder() if data is None else Path(data)
    table = read_frame(folder, "tariff_distances", schema.TariffDistanceRow)
    codes = net.station_code_table[["station_code", "place_id", "railway"]]
    table = table.rename(columns={"km": "official_km"}).merge(codes, on="station_code")
    table["place_id"] = table["station_place"].fillna(table["place_id"])
    return table[table["reference_place"].notna()].reset_index(drop=True)


def tariff_weights(
    net: Network, railway: str, reference: str, not_by: object
) -> npt.NDArray[np.float64]:
    """Kilometres of the links that a railway's table counts by; infinite for all others."""
    not_counted = (net.link_table["line_id"] == not_by).to_numpy(bool)
    counted = _own_network(net, railway, reference) & ~not_counted
    return np.where(counted, net.graph_lengths, np.inf)


def _own_network(net: Network, railway: str, reference: str) -> npt.NDArray[np.bool_]:
    """Rail links in a railway's country, and lines abroad that its table reaches into."""
    links, codes = net.link_table, net.station_code_table
    own = [*codes["place_id"][codes["railway"] == railway], reference]
    reached = links["from_place"].isin(own) | links["to_place"].isin(own)
    abroad = links["line_id"].isin(links["line_id"][reached])
    in_country = links["country"] == railway
    return np.asarray(mode_mask(net, ["rail"]) & (in_country | abroad).to_numpy(bool))


def flows_table(
    net: Network, flows: Iterable[Flow], *, as_of: str | dt.date | None = None
) -> tuple[pd.DataFrame, dict[str, FlowRoute]]:
    """Each flow with its modelled route.

    Parameters
    ----------
    net : Network
    flows : iterable of Flow
    as_of : str or date, optional
        Route all on this day; if not given, each on its own date.

    Returns
    -------
    table : DataFrame
        One row a flow: ``flow_id``, ``title``, ``commodity``, ``evidence``, ``tonnes``,
        ``wagons``, ``as_of``, ``length_km``, ``countries`` (km each), ``borders``,
        ``gauge_breaks``, ``follows_report``, ``reported_km`` (shortest way through the places
        reported; the map draws this one), ``missed``, ``opened`` (corridors opened for a planned
        flow), ``obstacle`` (why there is no route).
    routes : dict of str to FlowRoute
        The routes, by flow id; flows without one are absent.

    Examples
    --------
    >>> import corridors as co
    >>> table, routes = flows_table(co.load(), [co.flows()["kazakh-grain"]])
    >>> table[["flow_id", "length_km", "follows_report"]].values.tolist()
    [['kazakh-grain', 3330.0, True]]
    """
    rows: list[dict[str, Any]] = []
    routes: dict[str, FlowRoute] = {}
    for flow in flows:
        world = net.at(flow.as_of if as_of is None else as_of)
        row: dict[str, Any] = {
            "flow_id": flow.flow_id, "title": flow.title, "commodity": flow.commodity,
            "evidence": flow.evidence, "tonnes": flow.tonnes, "wagons": flow.wagons,
            "as_of": world.as_of.isoformat(),
        }  # fmt: skip
        try:
            found = flow.route(world)
        except NoRoute as error:
            row["obstacle"] = error.obstacle
            found_opened = _opened_route(flow, world)
            if found_opened is None:
                rows.append(row)
                continue
            found = found_opened
            row["opened"] = " ".join(flow.opens)
        routes[flow.flow_id] = found
        rows.append(row | _route_cells(found.route) | {
            "follows_report": found.follows_report if flow.waypoints else None,
            "reported_km": None if found.reported is None else round(found.reported.length_km, 1),
            "missed": " ".join(found.missed),
        })  # fmt: skip
    columns = [
        "flow_id", "title", "commodity", "evidence", "tonnes", "wagons", "as_of", "length_km",
        "countries", "borders", "gauge_breaks", "follows_report", "reported_km", "missed",
        "opened", "obstacle",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns), routes


def _opened_route(flow: Flow, world: Network) -> FlowRoute | None:
    if not flow.opens:
        return None
    try:
        return flow.route(world, opened=True)
    except NoRoute:
        return None


def _route_cells(route: Route) -> dict[str, Any]:
    return {
        "length_km": round(route.length_km, 1),
        "countries": ", ".join(f"{code} {km:.0f}" for code, km in route.by_country.items()),
        "borders": " ".join(border.place_id for border in route.borders),
        "gauge_breaks": len(route.gauge_breaks),
    }


def corridors_table(net: Network, corridors: Iterable[Corridor]) -> pd.DataFrame:
    """Length of each branch of each corridor, as things are and with the corridor open.

    Parameters
    ----------
    net : Network
    corridors : iterable of Corridor

    Returns
    -------
    DataFrame
        One row a branch: ``corridor_id``, ``branch``, ``as_of``, ``length_km`` (NaN: no route on
        that day), ``opened_km`` (with all that the corridor needs today open; NaN: on that day
        something else is missing), ``countries``, ``gauge_breaks``, ``obstacle``.

    Examples
    --------
    >>> import corridors as co
    >>> table = corridors_table(co.load("2026-06-01"), [co.corridors()["tripp"]])
    >>> bool(table["length_km"].isna().all() and table["opened_km"].notna().all())
    True
    """
    rows: list[dict[str, Any]] = []
    for corridor in corridors:
        opened = net.with_open(corridor.corridor_id)
        for branch in corridor.branches:
            row: dict[str, Any] = {
                "corridor_id": corridor.corridor_id, "branch": branch.name,
                "as_of": net.as_of.isoformat(),
            }  # fmt: skip
            for world, column in ((opened, "opened_km"), (net, "length_km")):
                try:
                    route = corridor.route(world, branch)
                except NoRoute as error:
                    row["obstacle"] = error.obstacle
                    continue
                row[column] = round(route.length_km, 1)
                row["countries"] = _route_cells(route)["countries"]
                row["gauge_breaks"] = len(route.gauge_breaks)
            rows.append(row)
    columns = [
        "corridor_id", "branch", "as_of", "length_km", "opened_km", "countries", "gauge_breaks",
        "obstacle",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"length_km": float, "opened_km": float, "gauge_breaks": "Int64"})
