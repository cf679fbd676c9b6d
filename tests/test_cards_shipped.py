"""The cards that are shipped: each sound, sourced, and true to the effects that it states."""

from __future__ import annotations

import pytest

import corridors as co

NAMES = sorted(co.scenarios())
WANTED = {
    "tripp-open", "tripp-road", "akhurik-kars", "yeraskh-nakhchivan", "ijevan-gazakh",
    "crossroads-of-peace", "georgia-closed", "georgia-92-usd", "georgia-symbolic-rate",
    "azerbaijan-transit-ban", "samur-closed", "verkhny-lars-winter", "btk-closed", "btk-17-mt",
    "kars-dilucu", "rasht-astara", "aras-corridor", "iran-closed", "caspian-low", "aktau-queue",
    "scr-transferred",
}  # fmt: skip


@pytest.fixture(scope="module")
def net():
    return co.load("2026-06-01")


def test_the_cards_that_people_ask_for_are_there():
    assert set(NAMES) >= WANTED
    table = co.scenarios().table
    assert list(table["name"]) == NAMES
    assert table["title"].is_unique
    assert table["question"].str.endswith("?").all()


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_sourced_and_does_what_it_states(net, name):
    card = co.scenario(name)
    known = {*net.sources["source_id"], *card.source_table["source_id"]}
    assert card.sources
    assert set(card.sources) <= known
    for part in card.cards:
        assert part.assumptions, "nobody knows all of it"
        assert part.claims
    stated = card.shown(net)
    assert stated["agrees"].all(), stated[~stated["agrees"].astype(bool)].to_string()
    assert len(stated) or name in {"caspian-low", "scr-transferred"}
    changed = card.apply(net)
    assert not co.diff(net, changed).empty
    assert changed.scenarios[-1] == name


def test_half_the_ferries(net):
    after = co.scenario("caspian-low").apply(net)
    column = "capacity_t_per_year"
    old, new = (n.links.set_index("line_id")[column] for n in (net, after))
    for name in ("aktau-alat-ferry", "kuryk-alat-ferry"):
        assert new[name] == old[name] / 2


def test_the_line_to_kars_carries_17_mt(net):
    after = co.scenario("btk-17-mt").apply(net)
    route = after.route("Akhalkalaki", "Kars", modes=["rail"])
    table = after.links.set_index("link_id").loc[route.link_ids, "capacity_t_per_year"]
    assert table.dropna().eq(17e6).all()
    assert len(table.dropna()) == 5


def test_another_hand_on_the_armenian_railway(net):
    after = co.scenario("scr-transferred").apply(net)
    by_operator = after.route("Ayrum", "Yerevan", modes=["rail"]).by_operator
    assert "scr" not in by_operator
    assert by_operator["scr-sold"] > 290
    owners = after.operators.set_index("operator_id")["owner_country"]
    assert (owners["scr"], owners["scr-sold"]) == ("RU", "KZ")


def test_two_georgian_tariffs_exclude_each_other(net):
    both = co.scenario("georgia-92-usd+georgia-symbolic-rate")
    with pytest.raises(co.ScenarioError, match=r"georgia-92-usd\.yaml, line \d+, conflicts"):
        both.apply(net)


def test_names_that_are_no_cards():
    with pytest.raises(co.ScenarioError, match="did you mean tripp-open"):
        co.scenario("tripp-opn")
    for name in ("", "../flows", "tripp-open+"):
        with pytest.raises((co.ScenarioError, co.ArgumentError)):
            co.scenario(name)
    with pytest.raises(co.ArgumentError):
        co.scenario(5)
    assert co.scenario(co.scenario("tripp-open")) == co.scenario("tripp-open")
