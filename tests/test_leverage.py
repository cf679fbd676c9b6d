"""Leverage: what parties hold, world by world, and the article's question."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import corridors as co
from corridors.analysis.leverage import LEVERAGE_COLUMNS
from corridors.errors import ArgumentError, UnknownSubjectError
from tests.test_cli import good, run

TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def worlds():
    return co.article_worlds(TODAY)


def share(table: pd.DataFrame, column: str = "stranded_share") -> dict[str, float]:
    return dict(zip(table["world"], table[column], strict=True))


def test_what_sadakhlo_strands_before_and_after(worlds):
    table = co.leverage_table(worlds=worlds)
    assert table["world"].tolist() == list(worlds)
    stranded, of = share(table, "stranded_flows"), share(table, "of_flows")
    assert (stranded["2025-10-01"], of["2025-10-01"]) == (1, 1)  # only what comes over Poti
    assert stranded["2025-11-05"] == of["2025-11-05"] == 6
    assert stranded[f"today, {TODAY}"] == of[f"today, {TODAY}"] == 7
    assert share(table)[f"today, {TODAY}"] == share(table)["with TRIPP"] == 1
    assert share(table)["with Akhurik–Kars"] == 0
    assert share(table, "diverted_flows")["with Akhurik–Kars"] == 7
    assert share(table)["with TRIPP, Yeraskh"] == share(table)["with Ijevan–Gazakh"] == 0


def test_moscow_holds_armenia_by_its_concession(worlds):
    ground = share(co.leverage_table("RU", by="country", worlds=worlds), "stranded_flows")
    owned = share(co.leverage_table("RU", by="owner", worlds=worlds), "stranded_flows")
    assert (ground["2025-10-01"], owned["2025-10-01"]) == (0, 1)
    assert (ground[f"today, {TODAY}"], owned[f"today, {TODAY}"]) == (5, 7)
    # No opening takes the line to Yerevan away from the South Caucasus Railway.
    assert owned["with all four"] == 7
    assert owned["with TRIPP"] == 7
    assert owned["with TRIPP run by SCR"] == 8
    tripp = co.leverage_table("US", by="owner", worlds=worlds)
    assert share(tripp, "stranded_flows")["with TRIPP"] == 1
    assert share(tripp, "flows")["with TRIPP run by SCR"] == 0


def test_flow_by_flow_equals_avoiding_the_country(net):
    flows = co.article_flows()
    found = net.leverage(flows, weight="usd_per_t", progress=False)
    assert list(found.table.columns) == list(LEVERAGE_COLUMNS)
    assert all(unit and words for unit, words in LEVERAGE_COLUMNS.values())
    for row in found.by_flow.to_dict("records"):
        flow = flows[row["flow_id"]]
        ask = {
            "modes": flow.modes, "commodity": flow.commodity, "weights": ["usd_per_t"],
            "cargo_origin": flow.origin_country, "cargo_destination": flow.destination_country,
        }  # fmt: skip
        before = net.skim(flow.origin, flow.destination, **ask)["usd_per_t"].iloc[0, 0]
        after = net.skim(flow.origin, flow.destination, avoid=[row["party"]], **ask)
        after = after["usd_per_t"].iloc[0, 0]
        assert (row["outcome"] == "stranded") == np.isnan(after)
        assert row["extra_usd_per_t"] == pytest.approx(after - before, nan_ok=True, abs=1e-9)
    routed = found.flows[found.flows["routed"]]
    assert found.table["of_flows"].unique().tolist() == [len(routed)]
    assert (found.table["stranded_flows"] + found.table["diverted_flows"]).equals(
        found.table["flows"]
    )


def test_it_shows_itself(net):
    flows = [co.flows()["kazakh-grain"], co.flows()["lpg-bitumen"]]
    opened = net.with_open("tripp", "yeraskh-nakhchivan")
    found = net.leverage(flows, by="party", compare={"opened $x$": opened}, progress=False)
    assert found.worlds == ["2026-06-01", "opened $x$"]
    wide = found.side_by_side("stranded_flows")
    assert wide.loc[("GE", "Georgia")].tolist() == [2, 0]
    text = found.explain()
    assert "Russia could strand 2 of 2 flows (kazakh-grain, lpg-bitumen; 1,000 t" in text
    assert "flows-rferl-kazakh" in text
    west = found.table.set_index(["world", "party"]).loc[("opened $x$", "US")]
    assert (west["diverted_flows"], west["stranded_flows"], west["diverted_t"]) == (2, 0, 1000)
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.chart("stranded_share").svg().startswith("<svg")
    assert "<table" in found._repr_html_()
    assert "2 worlds" in repr(found)
    assert found.map("opened $x$").html().startswith("<!DOCTYPE html>")
    with pytest.raises(ArgumentError, match="world='x' is unknown; known: 2026-06-01"):
        found.map("x")
    with pytest.raises(ArgumentError, match="column='name' is unknown; available: flows"):
        found.side_by_side("name")
    with pytest.raises(ArgumentError, match="top=0"):
        found.chart(top=0)


def test_no_flow_has_a_route(net):
    flows = [co.flows()["kazakh-grain"]]
    found = net.leverage(flows, as_of="2025-10-01", progress=False)
    assert len(found.table) == 0
    assert list(found.table.columns) == list(LEVERAGE_COLUMNS)
    assert "0 of 1 flows have a route" in found.explain()
    found.chart()


def test_wrong_input_is_named(net, worlds):
    flows = co.article_flows()
    with pytest.raises(ArgumentError, match="compare: 'x' is 3; give a Network"):
        net.leverage(flows, compare={"x": 3})
    with pytest.raises(ArgumentError, match="flows is empty"):
        net.leverage([])
    with pytest.raises(UnknownSubjectError, match="subject='narnia': no flow needs such a country"):
        co.leverage_table("narnia", by="country", worlds=worlds)


def test_the_commands(tmp_path):
    drawn, chart = tmp_path / "a.html", tmp_path / "a.svg"
    files = ["--map", str(drawn), "--chart", str(chart)]
    told = good("chokepoints", "--flow", "russian-grain", "--as-of", TODAY, "--top", "2", *files)
    assert "2 of 3 rows" in told
    assert drawn.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "<svg" in chart.read_text(encoding="utf-8")
    answer = json.loads(good("chokepoints", "--flow", "kazakh-grain", "--by", "country", "--json"))
    assert answer["by"] == "country"
    scr = ["--by", "owner", "--open", "tripp", "--run-by", "meghri-railway=scr", "--csv"]
    told = good("leverage", "--flow", "tripp-transit", *scr)
    assert "RU,Russia,1,1,1,tripp-transit" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["leverage", "--run-by", "x"], "give LINE=OPERATOR"),
        (["chokepoints", "--flow", "x", "--flows", "y.csv"], "not both"),
    ],
)
def test_a_wrong_option_is_an_error(arguments, told):
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
