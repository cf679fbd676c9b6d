"""Charts save whole, the same each time, and leave matplotlib's settings alone."""

import matplotlib as mpl
import pytest

from corridors.charts import Chart, axes
from corridors.errors import ArgumentError


def drawn() -> Chart:
    figure, axis = axes("Tonnes by link")
    axis.barh(["a $x$ <b>", "b"], [1, 2])
    return Chart(figure, "Two bars")


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_saves_each_format_the_same_each_time(tmp_path, suffix, start):
    one = drawn().save(tmp_path / f"one.{suffix}").read_bytes()
    two = drawn().save(tmp_path / f"two.{suffix}").read_bytes()
    assert one.startswith(start)
    assert one == two


def test_svg_stands_in_a_page_and_settings_stay():
    before = dict(mpl.rcParams)
    assert drawn().svg().startswith("<svg")
    assert dict(mpl.rcParams) == before


def test_unknown_format(tmp_path):
    with pytest.raises(ArgumentError, match=r"\.png, \.svg or \.pdf"):
        drawn().save(tmp_path / "chart.gif")
    assert not list(tmp_path.iterdir())
