"""Layers of results: what may be drawn, how large, and what is refused."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.maps import result_map
from corridors.network import Network
from tests.test_maps import HOSTILE, data_of, decode, hostile_world


@pytest.fixture
def net(tmp_path: Path) -> Network:
    return hostile_world(tmp_path)


def test_links_and_places_take_their_shape_from_the_network(net: Network) -> None:
    lines = pd.DataFrame({"link_id": ["p1--p2", "p0--p1"], "t": [5.0, np.nan], "why": HOSTILE[:2]})
    points = pd.DataFrame({"place_id": ["p2"], "t": [7], "why": [None]})
    drawn = result_map(
        net, lines=lines, points=points, value="t", facts={"why": HOSTILE[0]}, size="Lost, t"
    )
    of_lines, of_points = data_of(drawn.html())["results"]  # type: ignore[misc]
    assert of_lines["size"] == [5, None]
    assert of_lines["title"] == "Lost, t"
    assert of_lines["facts"] == [[HOSTILE[0], {"a": list(HOSTILE[:2])}]]
    shape = net.links.set_index("link_id").geometry["p1--p2"]
    first = decode(of_lines["geometry"])[: of_lines["geometry"]["counts"][0]]
    assert np.allclose(first, shapely.get_coordinates(shape), atol=1e-5)
    assert of_points["size"] == [7]
    assert "<td>p1--p2</td>" in drawn.html()
    assert HOSTILE[0] not in drawn.html()


def test_own_shapes_come_in_any_system_and_in_parts(net: Network) -> None:
    shape = shapely.MultiLineString([[(44, 40), (45, 41)], [(46, 41), (46.5, 41)]])
    own = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shape], crs=4326).to_crs(3857)
    layer = data_of(result_map(net, lines=own, title="Own").html())["results"][0]  # type: ignore[index]
    assert layer["owner"] == [0, 0]
    assert layer["label"] == {"v": ["x"]}
    assert np.allclose(decode(layer["geometry"])[0], [44, 40], atol=1e-5)


def test_a_table_of_ones_own_stands_below(net: Network) -> None:
    points = pd.DataFrame({"place_id": ["p2"]})
    below = pd.DataFrame({"usd_per_t": [1234.5, 0.123], "of": HOSTILE[:2]})
    page = result_map(net, points=points, table=below).html()
    assert '<td class="number">1,234</td>' in page
    assert '<td class="number">0.123</td>' in page
    assert "usd per t" in page
    assert HOSTILE[0] not in page


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, ArgumentError, "nothing to draw"),
        ({"lines": pd.DataFrame({"link_id": ["no"]})}, UnknownSubjectError, "'no' is not in"),
        ({"points": pd.DataFrame({"x": [1]})}, ArgumentError, "a column place_id"),
        (
            {"points": pd.DataFrame({"place_id": ["p1"], "v": [-1]}), "value": "v"},
            ArgumentError, "v=-1 cannot be drawn",
        ),
        (
            {"points": pd.DataFrame({"place_id": ["p1"], "v": ["many"]}), "value": "v"},
            ArgumentError, "does not hold numbers",
        ),
        (
            {"points": pd.DataFrame({"place_id": ["p1"]}), "value": "v"},
            ArgumentError, "no column 'v'",
        ),
        (
            {"lines": gpd.GeoDataFrame(geometry=[shapely.Point(44, 40)], crs=4326)},
            ArgumentError, "geometry is Point",
        ),
        ({"points": pd.DataFrame({"place_id": ["p1"]}), "facts": "x"}, ArgumentError, "facts='x'"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(
    net: Network, given: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        result_map(net, **given)  # type: ignore[arg-type]
