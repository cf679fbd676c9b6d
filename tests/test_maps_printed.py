"""Maps for paper: what stands on them, that names do not overlap, that files are alike."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some
from matplotlib.backends.backend_agg import FigureCanvasAgg

from corridors.errors import ArgumentError
from corridors.maps import static_map
from corridors.maps.lanes import GAP, Lanes, fitted, paths
from corridors.maps.printed import checked_bounds
from corridors.network import Network
from tests.test_maps import HOSTILE, flow_on, hostile_world


@pytest.fixture
def net(tmp_path: Path) -> Network:
    return hostile_world(tmp_path)


def texts(chart: Any) -> list[str]:
    return [text.get_text() for text in chart.figure.findobj(match=_is_text) if text.get_text()]


def _is_text(artist: object) -> bool:
    return type(artist).__name__ == "Text"


def test_wicked_names_are_text_and_no_mathematics(net: Network) -> None:
    flow = flow_on(net, title="$\\frac{1}{0}$ & <b>", note="")
    chart = static_map(
        net, flows=[flow], title="$x^2$ {{7*7}}", bounds=(42, 39, 51, 42), width_in=12
    )
    found = texts(chart)
    assert "$x^2$ {{7*7}}" in found
    assert any(text.startswith("$\\frac{1}{0}$ & <b> · 1,000 t") for text in found)
    assert HOSTILE[0] in found
    svg = chart.svg()
    assert "<img" not in svg
    assert "$x^2$" in chart.alt


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_map_gives_the_same_file(net: Network, tmp_path: Path, kind: str) -> None:
    files = [
        static_map(net, flows=[flow_on(net)]).save(tmp_path / f"{name}.{kind}").read_bytes()
        for name in ("one", "two")
    ]
    assert files[0] == files[1]
    assert len(files[0]) > 5_000


def test_names_do_not_overlap_and_stay_on_the_map() -> None:
    import corridors as co

    net = co.load("2026-06-01")
    chart = static_map(net, bounds=(43, 39.5, 48, 42), width_in=9)
    axes = chart.figure.axes[0]
    renderer = FigureCanvasAgg(chart.figure).get_renderer()
    chart.figure.draw(renderer)
    frame = axes.get_window_extent(renderer)
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    assert len(boxes) > 40
    for i, a in enumerate(boxes):
        assert frame.x0 - 2 <= a.x0 <= a.x1 <= frame.x1 + 2
        for b in boxes[:i]:
            wide = min(a.x1, b.x1) - max(a.x0, b.x0)
            high = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert wide < 2.5 or high < 2.5, (wide, high)  # pixels: a halo may touch
    assert {"Tbilisi", "Yerevan", "Ganja"} <= set(texts(chart))


def test_names_are_in_the_language_asked_for() -> None:
    import corridors as co

    found = texts(co.load("2026-06-01").static_map(language="hy", theme="dark"))
    assert {"Երևան", "Հայաստան"} <= set(found)
    assert "Makhachkala" in found  # no Armenian name is stored


def test_results_are_drawn_by_their_size(net: Network) -> None:
    points = pd.DataFrame({"place_id": ["p1", "p3", "p4"], "t": [400.0, 100.0, np.nan]})
    lines = pd.DataFrame({"link_id": ["p1--p2"], "t": [3.0]})
    chart = static_map(net, points=points, lines=lines, value="t", size="Lost, t")
    axes = chart.figure.axes[0]
    areas = [c.get_sizes() for c in axes.collections if len(c.get_offsets()) == 3]
    assert any(np.isclose(area.max() / np.median(area), 4) for area in areas if len(area) == 3)
    assert "Lost, t: points (largest: 400)" in texts(chart)
    assert "sized by Lost, t" in chart.alt


def test_the_scale_bar_is_true() -> None:
    import corridors as co
    from corridors.geodesy import distance_km

    chart = static_map(co.load("2026-06-01"), bounds=(40, 38, 50, 44))
    axes = chart.figure.axes[0]
    bar = next(line for line in axes.lines if len(line.get_xdata()) == 4)
    km = float(re.findall(r"([\d.]+) km", " ".join(texts(chart)))[0])
    length = float(np.ptp(bar.get_xdata()))
    assert length == pytest.approx(km)
    left, right = axes.get_xlim()
    true = float(distance_km(40, 41, 50, 41))
    assert (right - left) / true == pytest.approx(1, rel=0.005)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"language": "de"}, "language='de': give one of en, az"),
        ({"theme": "grey"}, "theme='grey'"),
        ({"width_in": 0.1}, "width_in=0.1"),
        ({"bounds": (50, 38, 40, 44)}, "west < east"),
        ({"bounds": "all"}, "give west, south, east, north"),
        ({"bounds": (1, 2, 3)}, "give west, south, east, north"),
        ({"bounds": (40, float("nan"), 50, 44)}, "west < east"),
        ({"as_of": "yesterday"}, "not a date"),
        ({"flows": [3]}, "is no FlowRoute or Route"),
    ],
)
def test_what_cannot_be_drawn_is_refused(net: Network, given_: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(words)):
        static_map(net, **given_)


@given(
    some.lists(
        some.lists(some.integers(1, 6), min_size=1, max_size=6, unique=True), min_size=1, max_size=5
    ),
    some.randoms(use_true_random=False),
)
def test_lanes_of_one_link_never_overlap(ways: list[list[int]], random: Any) -> None:
    steps = [[link * random.choice([1, -1]) for link in way] for way in ways]
    lanes = fitted(steps, [random.uniform(0.5, 8) for _ in steps])
    for link, (ahead, flows) in lanes.shared.items():
        spans = []
        for flow in flows:
            at = next(i for i, step in enumerate(steps[flow]) if abs(step) == link)
            step, offset = steps[flow][at], lanes.offsets(flow)[at]
            side = offset if (step > 0) == ahead else -offset
            spans.append((side - lanes.widths[flow] / 2, side + lanes.widths[flow] / 2))
        spans.sort()
        assert all(b[0] - a[1] > GAP * 0.999 for a, b in pairwise(spans))
        assert abs(spans[0][0] + spans[-1][1]) < 1e-9  # the bundle lies on the middle of the line


def test_opposite_flows_have_lanes_of_their_own() -> None:
    line = np.array([[0.0, 0.0], [10.0, 0.0]])
    lanes = Lanes([[1], [-1]], [2.0, 2.0])
    there, back = (paths([line], lanes, flow, 1.0)[0] for flow in (0, 1))
    assert lanes.offsets(0) == [-1 - GAP / 2]
    assert np.allclose(there[:, 1], 1 + GAP / 2)
    assert np.allclose(back[:, 1], -1 - GAP / 2)
    assert back[0, 0] == 10
    assert shapely.LineString(there).distance(shapely.LineString(back)) == pytest.approx(2 + GAP)


def test_bounds_are_numbers() -> None:
    assert checked_bounds(("40", 38, 50, np.float64(44))) == (40, 38, 50, 44)
