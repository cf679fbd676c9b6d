"""What osmium writes down and what is read from it again: the same objects, whatever they hold."""

from __future__ import annotations

import bz2
import gzip
import re
from pathlib import Path

import osmium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from typer.testing import CliRunner

import corridors as co
from corridors.cli.app import app
from corridors.sources.opl import NOWHERE, Item, SieveError, sieved
from tests.osm_xml import Osm

RAIL = {"railway": "rail"}
BORDER = {"boundary": "administrative", "admin_level": "2", "ISO3166-1": "AA"}

# What OpenStreetMap holds: any character but zero and halves of surrogate pairs. In the last plane,
# which is for private use, osmium's text form drops a digit of the character's number.
texts = some.text(
    some.characters(max_codepoint=0xFFFFF, exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=12,
)
ids = some.integers(1, 2**40)
degrees = some.integers(-899_999_999, 899_999_999).map(lambda x: x / 1e7)


def written(path: Path, nodes, ways, relations=()) -> Path:
    kind = osmium.osm.mutable
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, (lon, lat), tags in nodes:
            writer.add_node(kind.Node(id=number, version=1, location=(lon, lat), tags=tags))
        for number, refs, tags in ways:
            writer.add_way(kind.Way(id=number, version=3, nodes=refs, tags=tags))
        for number, members, tags in relations:
            writer.add_relation(kind.Relation(id=number, version=1, members=members, tags=tags))
    return path


def items(path: Path, *pairs: tuple[str, str]) -> list[Item]:
    with sieved(path, pairs) as batches:
        return [item for batch in batches for item in batch.items]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nodes=some.dictionaries(ids, some.tuples(degrees, degrees), min_size=2, max_size=5),
    tags=some.dictionaries(texts, texts, max_size=4),
    role=texts,
)
def test_whatever_is_written_comes_back(tmp_path, nodes, tags, role):
    tags = {**tags, "railway": "rail"}
    refs = sorted(nodes)
    path = written(
        tmp_path / "any.osm.pbf",
        [(number, nodes[number], {}) for number in refs] + [(2**41, (1.5, -2.5), tags)],
        [(7, [*refs, 2**42], tags)],
        [(9, [("w", 7, role), ("n", refs[0], "")], tags)],
    )
    with sieved(path, [("railway", "rail")]) as batches:
        (batch,) = batches
    node, way, relation = batch.items
    assert [one.tags for one in batch.items] == [tags] * 3
    assert (node.lon, node.lat) == (1.5, -2.5)
    assert (way.number, way.version, way.refs.tolist()) == (7, 3, [*refs, 2**42])
    assert relation.members == (("w", 7, role), ("n", refs[0], ""))
    found = dict(zip(batch.node_id.tolist(), zip(batch.lon, batch.lat, strict=True), strict=True))
    assert found == {**nodes, 2**42: (NOWHERE, NOWHERE)}


def test_names_with_control_characters_and_line_ends(tmp_path):
    name = "Ba\x01k\tı\r\n#borders\nw1 v1 dV T N\u202e\x7f <b>&amp;</b>"
    places = [(1, (45.0, 41.6), {}), (2, (45.1, 41.6), {"railway": "station", "name": name})]
    net = co.from_pbf(
        written(tmp_path / "odd.osm.pbf", places, [(1, [1, 2], RAIL | {"name": name})]),
        progress=False,
    )
    assert len(net.links) == 1
    shown = net.label("n2-rail")
    assert shown == "Ba k ı #borders w1 v1 dV T N  <b>&amp;</b>"
    assert "<b>&" not in net.route("n1-rail", "n2-rail")._repr_html_()


def test_ways_of_a_border_need_no_tags_of_their_own(tmp_path):
    """As where a border follows a river or a road; such a way is a link and a border at once."""
    around = {1: (44.9, 41.5), 2: (45.1, 41.5), 3: (45.1, 41.7), 4: (44.9, 41.7)}
    nodes = [(number, at, {}) for number, at in around.items()] + [(5, (45.0, 41.6), {})]
    ways = [
        (1, [1, 2], {"waterway": "river"}), (2, [2, 3], {}), (3, [3, 4], BORDER),
        (4, [4, 1], {"highway": "primary"}), (5, [5, 3], {"highway": "primary"}),
    ]  # fmt: skip
    members = [("w", number, "outer") for number in (1, 2, 3, 4)]
    path = written(tmp_path / "border.osm.pbf", nodes, ways, [(1, members, BORDER)])
    assert [one.number for one in items(path, ("admin_level", "2")) if one.border] == [1, 2, 4]
    net = co.from_pbf(path, modes=["road"], progress=False)
    assert set(net.links["way_ids"]) == {"4", "5"}
    assert net.build_report.set_index("what").loc["borders taken from the file", "count"] == 1
    inside = net.links.set_index("way_ids").loc["5"]
    assert inside["country"] == "AA"


def test_a_border_that_crosses_itself_is_no_obstacle(tmp_path):
    eight = {1: (44.9, 41.5), 2: (45.1, 41.7), 3: (45.1, 41.5), 4: (44.9, 41.7)}
    nodes = [(number, at, {}) for number, at in eight.items()]
    nodes += [(5, (44.92, 41.58), {}), (6, (44.92, 41.62), {})]
    ways = [(1, [1, 2, 3, 4, 1], BORDER), (2, [5, 6], RAIL)]
    path = written(tmp_path / "e.osm.pbf", nodes, ways, [(1, [("w", 1, "outer")], BORDER)])
    net = co.from_pbf(path, progress=False)
    assert set(net.links["country"]) == {"AA"}


@pytest.mark.parametrize(
    "wrong",
    [
        '<node id="x" lat="41" lon="45"/>',
        '<node id="1" lat="here" lon="45"/>',
        "<node id='9' lat='1e400'/>",
        "<way id='1'><nd/>",
        '<way id="1"><nd ref="a"/></way>',
        '<way id="1"><tag k="railway"/></way>',
        "<relation><member/></relation",
        "\ufffe",
    ],
)
def test_xml_that_is_not_what_it_should_be(tmp_path, wrong):
    path = tmp_path / "wrong.osm"
    good = Osm().node(1, 0, 0).node(2, 1000, 0).way([1, 2]).text()
    path.write_text(good.replace("</osm>", f"{wrong}</osm>"), encoding="utf-8")
    try:
        net = co.from_pbf(path, progress=False)
    except co.DataError as error:
        assert "wrong.osm" in str(error)  # noqa: PT017
    else:
        assert len(net.links) == 1


@pytest.mark.parametrize(("suffix", "pack"), [("osm.bz2", bz2.compress), ("osm.gz", gzip.compress)])
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=some.floats(0, 0.95))
def test_packed_files_cut_off(tmp_path, suffix, pack, share):
    osm = Osm()
    for number in range(1, 400):
        osm.node(number, 37 * number % 5000, 91 * number % 7000)
    whole = pack(osm.way(range(1, 400)).text().encode())
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(co.DataError, match=re.escape(path.name)):
        co.from_pbf(path, progress=False)


def test_a_damaged_file_leaves_nothing_on_disk(tmp_path):
    path = Osm().node(1, 0, 0).node(2, 1000, 0).way([1, 2]).write(tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    for name in ("net.gpkg", "net.parquet"):
        target = str(tmp_path / name)
        done = CliRunner().invoke(app, ["osm", "build", str(path), "-q", "-o", target])
        assert isinstance(done.exception, co.DataError)
    assert [file.name for file in tmp_path.iterdir()] == ["small.osm"]


def test_a_reader_that_dies_is_an_error(tmp_path, monkeypatch):
    path = Osm().node(1, 0, 0).node(2, 1000, 0).way([1, 2]).write(tmp_path)
    program = tmp_path / "dies.py"
    program.write_text("import os\nos.abort()\n")
    monkeypatch.setattr("corridors.sources.sieve.__file__", str(program))
    with pytest.raises(co.DataError, match=r"small\.osm: .*status -?\d+"):
        co.from_pbf(path, progress=False)
    with pytest.raises(SieveError):
        items(path, ("railway", "rail"))
