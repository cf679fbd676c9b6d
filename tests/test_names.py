from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from corridors.errors import AmbiguousPlaceError, ArgumentError, CorridorsError, UnknownPlaceError
from corridors.names import fold
from corridors.schema import StationCodeRow
from tests.worlds import FACT, line, link, network, place, state


@pytest.fixture(scope="module")
def net():
    places = [
        place("aghband", 46.5, 39.2, name_en="Aghband", name_az="Ağbənd", names_other="Agbend"),
        place("mincivan", 46.7, 39.0, name_ru="Минджевань"),
        place("astara-az", 48.87, 38.45, name_en="Astara", locality="astara-az"),
        place("astara-ir", 48.88, 38.42, name_en="Astara", country="IR", locality="astara-ir"),
        place("ganja", 46.36, 40.71, name_en="Ganja", name_az="Gəncə", locality="ganja"),
        place("ganja-road", 46.37, 40.69, name_en="Ganja", locality="ganja", mode="road"),
    ]
    ends = [p.place_id for p in places]
    links = [link(a, b, 999, "main") for a, b in pairwise(ends[:5])]
    links.append(link("ganja", "ganja-road", 9, "carting"))
    links = [row.model_copy(update={"country": "AZ"}) for row in links]
    code = StationCodeRow.model_validate(
        {"station_code": "551168", "place_id": "aghband", "railway": "AZ",
         "name_official": "Агбент", **FACT}
    )  # fmt: skip
    lines = [line("main"), line("carting", mode="transfer")]
    states = [state("line", row.line_id) for row in lines]
    return network(places, links, lines, states, codes=[code])


@pytest.mark.parametrize(
    "text", ["aghband", "AGHBAND", "Ağbənd", "agbend", "551168", "55116", "Агбент", " Aghband "]
)
def test_every_spelling_finds_the_place(net, text):
    assert net.gazetteer.find(text) == ("aghband",)


def test_a_town_is_its_station_and_its_road_junction(net):
    assert net.gazetteer.find("Gəncə") == ("ganja",)
    assert net.gazetteer.find("Gence") == net.gazetteer.find("Ganca") == ("ganja",)
    assert net.gazetteer.find("Ganja") == ("ganja", "ganja-road")
    assert net.gazetteer.find("ganja") == ("ganja",)
    assert net.gazetteer.town("ganja") == ("ganja", "ganja-road")
    assert net.gazetteer.find("ganja-road") == ("ganja-road",)


def test_ambiguous_name_lists_candidates(net):
    with pytest.raises(AmbiguousPlaceError, match=r"'Astara' is ambiguous") as caught:
        net.gazetteer.find("Astara")
    assert caught.value.candidates == ("astara-az", "astara-ir")


def test_an_id_is_never_ambiguous(net):
    assert net.gazetteer.find("astara-az") == ("astara-az",)


def test_unknown_name_suggests(net):
    with pytest.raises(UnknownPlaceError, match="did you mean Aghband"):
        net.gazetteer.find("Aghbnd")


@pytest.mark.parametrize("text", ["", "   ", "?!", "999999", "\u202e", "a" * 5000])
def test_nonsense_is_unknown(net, text):
    with pytest.raises(UnknownPlaceError):
        net.gazetteer.find(text)


@pytest.mark.parametrize("ref", [None, 1.5, (1,), ("x", "y"), True, object(), (1, 2, 3)])
def test_what_is_no_place_is_an_argument_error(net, ref):
    with pytest.raises((ArgumentError, UnknownPlaceError)) as caught:
        net.route(ref, "mincivan")
    assert isinstance(caught.value, CorridorsError)


@given(some.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(some.text(alphabet="abcçdeəfgğhxıijkqlmnoöprsştuüvyzİƏŞ", min_size=1))
def test_case_does_not_matter(text):
    assert fold(text.casefold()) == fold(text)


def test_cyrillic_armenian_and_georgian_survive():
    assert fold("Айрум") == fold("АЙРУМ")
    assert fold("Երևան") == "երեւան"
    assert fold("თბილისი") == "თბილისი"
