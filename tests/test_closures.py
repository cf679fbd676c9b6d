"""Many closures at once equal each closure by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.errors import ArgumentError
from corridors.routing.weighted import Weighted
from tests.strategies import networks, place_ids


@given(some.data())
def test_equals_brute_force(data):
    net = data.draw(networks(oneway=True))
    pairs = data.draw(
        some.lists(some.tuples(place_ids(net), place_ids(net)), min_size=1, max_size=4)
    )
    ids = some.sampled_from(sorted({*net.links["link_id"], *net.links["from_place"]}))
    sets = data.draw(some.lists(some.lists(ids, max_size=4), min_size=1, max_size=6))
    table = net.closures(pairs, sets)
    assert len(table) == len(sets) * len(pairs)
    for number, shut in enumerate(sets):
        rows = table[table["closure"] == number]
        for row, (a, b) in zip(rows.to_dict("records"), pairs, strict=True):
            expected = net.skim(a, b, avoid=shut)["length"].iloc[0, 0]
            assert row["after"] == pytest.approx(expected, nan_ok=True)
            assert row["before"] == pytest.approx(net.skim(a, b)["length"].iloc[0, 0], nan_ok=True)
            assert not row["extra"] < -1e-9
            assert row["stranded"] == (np.isnan(expected) and not np.isnan(row["before"]))


def test_every_single_link_of_the_reference_network(net):
    ask = {"modes": ["rail", "ferry"], "commodity": "wheat"}
    pairs = [("Kostanay", "Yerevan"), ("Samara", "Poti"), ("Baku", "Batumi")]
    ids = sorted({i for a, b in pairs for i in net.route(a, b, **ask).link_ids})
    table = net.closures(pairs, {name: name for name in ids}, **ask)
    assert set(table["closure"]) == set(ids)
    brute = [
        net.skim(a, b, avoid=[name], **ask)["length"].iloc[0, 0]
        for name in ids[::7]
        for a, b in pairs
    ]
    some_rows = table[table["closure"].isin(ids[::7])]
    np.testing.assert_allclose(some_rows["after"], brute)
    assert table["affected"].sum() >= len(ids)


def test_wrong_input_is_named(net):
    with pytest.raises(co.UnknownSubjectError, match="closed='narnia'"):
        net.closures([("Baku", "Poti")], [["narnia"]])
    with pytest.raises(ArgumentError, match="pairs is empty"):
        net.closures([], [["GE"]])
    with pytest.raises(ArgumentError, match="pairs holds 'Baku'"):
        net.closures(["Baku"], [["GE"]])
    with pytest.raises(ArgumentError, match="list of closures"):
        net.closures([("Baku", "Poti")], "GE")


def test_weights_must_be_usable(net):
    lengths = net.graph.arc_weights(net.graph_lengths)
    with pytest.raises(ArgumentError, match="one for each arc"):
        Weighted(net.graph, lengths[:-1])
    for wrong in (-1.0, float("nan")):
        bad = lengths.copy()
        bad[3] = wrong
        with pytest.raises(ArgumentError, match="negative or not a number"):
            Weighted(net.graph, bad)
