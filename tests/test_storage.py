"""Networks come back from files as they were; what is not whole says so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from pandas.testing import assert_frame_equal

import corridors as co
from corridors.encoding import decode, encode
from corridors.files import OutputError
from corridors.network import Network
from tests.strategies import networks
from tests.worlds import link, network, place

KINDS = ["gpkg", "parquet"]
ALIKE = {"check_exact": True, "check_index_type": False}


def same(one: Network, two: Network) -> None:
    assert one.as_of == two.as_of
    assert one.lifted == two.lifted
    for field in dataclasses.fields(one._tables):
        a, b = (getattr(net._tables, field.name) for net in (one, two))
        if field.name == "sources":
            a, b = one.sources, two.sources
        if isinstance(a, pd.DataFrame):
            alike(a, b)
        elif field.name == "reports":
            assert a.keys() == b.keys()
            for key in a:
                alike(a[key], b[key])
        elif field.name != "folder":
            assert a == b, field.name
            assert type(a) is type(b)


def alike(a: pd.DataFrame, b: pd.DataFrame) -> None:
    assert type(a) is type(b)
    assert_frame_equal(a, b, **ALIKE)
    for name in a:
        # assert_frame_equal takes None for NaN; a saved network may not.
        if a[name].dtype == object:
            assert [type(v) for v in a[name]] == [type(v) for v in b[name]], name
    if hasattr(a, "crs"):
        assert a.crs == b.crs
        assert (a.geometry.to_wkb() == b.geometry.to_wkb()).all()


def folder_bytes(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else sorted(path.iterdir())
    return {file.name: file.read_bytes() for file in files}


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_network_comes_back(net, tmp_path, kind):
    opened = net.with_open("tripp").with_closed("gyumri")
    path = tmp_path / "new folder" / f"net.{kind}"
    assert opened.save(path) == path
    again = co.open(path)
    same(opened, again)
    ask = {"modes": ["rail"], "cargo_origin": "RU", "cargo_destination": "AM"}
    assert (
        again.route("Baku", "Nakhchivan", modes=["rail"]).to_dict()
        == opened.route("Baku", "Nakhchivan", modes=["rail"]).to_dict()
    )
    assert (
        again.at("1990-06-01").route("Yalama", "Yerevan", **ask).to_dict()
        == opened.at("1990-06-01").route("Yalama", "Yerevan", **ask).to_dict()
    )
    assert co.open(path, as_of="1990-06-01").as_of == dt.date(1990, 6, 1)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(net=networks(oneway=True))
def test_any_network_comes_back(tmp_path, kind, net):
    report = pd.DataFrame({"what": ["gap"], "count": [2], "share": [np.nan]})
    tables = dataclasses.replace(net._tables, reports={"build": report})
    net = Network(tables, as_of=net.as_of).with_open("p0")
    net.save(tmp_path / f"net.{kind}")
    same(net, co.open(tmp_path / f"net.{kind}"))
    assert len(co.open(tmp_path / f"net.{kind}").build_report) == 1


CELLS = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(allow_nan=False), some.text(),
    some.dates(), some.just(float("nan")), some.tuples(some.text(), some.integers()),
    some.lists(some.text(max_size=3), max_size=2), some.dictionaries(some.text(), some.text()),
)  # fmt: skip


@given(some.lists(some.one_of(CELLS, some.characters(categories=["Cs", "Cc"])), max_size=5))
def test_any_cell_comes_back(cells):
    column = np.empty(len(cells), object)
    column[:] = cells
    table = pd.DataFrame({"cell": pd.Series(column, dtype=object)})
    plain, recipe = encode(table, "t")
    again = decode(plain, json.loads(json.dumps(recipe)), "t")["cell"].tolist()
    assert repr(again) == repr(cells)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_of_column_comes_back(tmp_path, net, kind):
    days = np.array(["2020-01-01", "NaT"], "datetime64[s]")
    report = pd.DataFrame(
        {
            "text": pd.array(["ə\n<b>", None], dtype="str"),
            "nul": pd.Series(["a\0b", ""], dtype=object),
            "mixed": pd.Series([None, float("nan")], dtype=object),
            "names": pd.Series([("a", "b"), ()], dtype=object),
            "day": days,
            "exact": days.astype("datetime64[ns]"),
            "flag": [True, False],
            "small": np.array([1, 2], np.int8),
            "big": np.array([2**62 + 1, -1], np.int64),
            "float": [0.1 + 0.2, np.inf],
            "single": np.array([0.1, np.nan], np.float32),
            "class": pd.Categorical(["b", None], categories=["b", "a"], ordered=True),
            "integer": pd.array([1, None], dtype="Int64"),
            "empty": pd.Series([None, None], dtype=object),
        }
    )
    tables = dataclasses.replace(net._tables, reports={"build": report, "none": report[:0]})
    odd = Network(tables, as_of=net.as_of)
    odd.save(tmp_path / f"net.{kind}")
    same(odd, co.open(tmp_path / f"net.{kind}"))


def test_what_cannot_be_saved_is_named(tmp_path, net):
    report = pd.DataFrame({"thing": [object()]})
    odd = Network(dataclasses.replace(net._tables, reports={"build": report}), as_of=net.as_of)
    with pytest.raises(co.DataError, match=r"reports\.build, column 'thing'.*cannot be saved"):
        odd.save(tmp_path / "net.gpkg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_network_gives_the_same_bytes(net, tmp_path, kind):
    one, two = (net.save(tmp_path / name / f"net.{kind}") for name in "ab")
    assert folder_bytes(one) == folder_bytes(two)
    net.save(one)
    assert folder_bytes(one) == folder_bytes(two)
    assert not [path for path in one.parent.iterdir() if path != one]


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_leaves_the_old_one(net, tmp_path, kind, monkeypatch):
    path = net.save(tmp_path / f"net.{kind}")
    before = folder_bytes(path)

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    import pyogrio

    monkeypatch.setattr(pyogrio, "write_dataframe", full)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OutputError, match="No space left"):
        net.with_closed("gyumri").save(path)
    assert folder_bytes(path) == before
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_else_is_overwritten(net, tmp_path):
    notes = tmp_path / "mine.gpkg"
    notes.write_text("not a geopackage", encoding="utf-8")
    photos = tmp_path / "photos.parquet"
    photos.mkdir()
    (photos / "cat.jpg").write_text("cat", encoding="utf-8")
    for path in (notes, photos):
        with pytest.raises(co.ArgumentError, match="is no saved network"):
            net.save(path)
    with pytest.raises(co.ArgumentError, match=r"must end in \.gpkg or \.parquet"):
        net.save(tmp_path / "net.shp")
    assert notes.read_text(encoding="utf-8") == "not a geopackage"


def edit_manifest(path: Path, **changes: object) -> None:
    if path.is_dir():
        file = path / "manifest.json"
        manifest = json.loads(file.read_text(encoding="utf-8")) | changes
        file.write_text(json.dumps(manifest), encoding="utf-8")
        return
    with sqlite3.connect(path) as database:
        (text,) = database.execute("SELECT manifest FROM corridors_manifest").fetchone()
        new = json.dumps(json.loads(text) | changes)
        database.execute("UPDATE corridors_manifest SET manifest = ?", [new])
    database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_newer_file_says_so(net, tmp_path, kind):
    path = net.save(tmp_path / f"net.{kind}")
    edit_manifest(path, version=99, written_by="corridors 9.0")
    with pytest.raises(co.DataError, match=r"format version 99, written by corridors 9\.0"):
        co.open(path)
    edit_manifest(path, format="something-else")
    with pytest.raises(co.DataError, match="not a network saved by corridors"):
        co.open(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "change",
    [
        {"tables": {}},
        {"as_of": "tomorrow"},
        {"version": "x"},
        {"documents": None},
        {"documents": {"rules": {"rows": [{"model": "os.system", "row": {}}]}}},
    ],
)
def test_a_broken_manifest_says_so(net, tmp_path, kind, change):
    path = net.save(tmp_path / f"net.{kind}")
    edit_manifest(path, **change)
    with pytest.raises(co.DataError, match="damaged"):
        co.open(path)


@pytest.fixture(scope="module")
def saved(net_module, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    return {kind: net_module.save(folder / f"net.{kind}") for kind in KINDS}


@pytest.fixture(scope="module")
def net_module():
    return co.load("2026-06-01")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=some.floats(0, 0.999))
def test_a_truncated_geopackage_says_so(saved, tmp_path, share):
    content = saved["gpkg"].read_bytes()
    part = tmp_path / "part.gpkg"
    part.write_bytes(content[: int(share * len(content))])
    with pytest.raises(co.DataError):
        co.open(part)


def test_a_damaged_folder_says_so(saved, tmp_path):
    for name in sorted(file.name for file in saved["parquet"].iterdir()):
        part = tmp_path / name / "part.parquet"
        part.mkdir(parents=True)
        for file in saved["parquet"].iterdir():
            (part / file.name).write_bytes(file.read_bytes())
        content = bytearray((part / name).read_bytes())
        (part / name).write_bytes(bytes(content[: len(content) // 2]))
        with pytest.raises(co.DataError, match="damaged"):
            co.open(part)
        (part / name).unlink()
        with pytest.raises(co.DataError, match=r"missing|not a network"):
            co.open(part)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_wrong_bytes_never_give_another_network(tmp_path, data):
    small = network([place("a", 45, 40), place("b", 45.1, 40)], [link("a", "b", 9.0)])
    kind = data.draw(some.sampled_from(KINDS))
    path = small.save(tmp_path / f"small.{kind}")
    names = sorted(folder_bytes(path))
    file = path / data.draw(some.sampled_from(names)) if path.is_dir() else path
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(some.integers(1, 8))):
        content[data.draw(some.integers(0, len(content) - 1))] = data.draw(some.integers(0, 255))
    file.write_bytes(bytes(content))
    try:
        again = co.open(path)
    except co.DataError:
        # Not ours any more, so that saving there would refuse.
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    else:
        assert again.places["place_id"].tolist() == ["a", "b"]


def test_rows_lost_in_another_program_are_noticed(saved, tmp_path):
    path = tmp_path / "net.gpkg"
    path.write_bytes(saved["gpkg"].read_bytes())
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM operators WHERE rowid = 1")
    database.close()
    with pytest.raises(co.DataError, match=r"'operators': \d+ rows expected, \d+ found"):
        co.open(path)


def test_what_is_not_there_or_not_ours(tmp_path):
    import geopandas as gpd

    with pytest.raises(co.DataError, match="no such file"):
        co.open(tmp_path / "none.gpkg")
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(co.DataError, match="is a file"):
        co.open(tmp_path / "folder.gpkg")
    points = gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([45], [40]), crs=4326)
    points.to_file(tmp_path / "other.gpkg", driver="GPKG")
    with pytest.raises(co.DataError, match="not a network saved by corridors"):
        co.open(tmp_path / "other.gpkg")


def test_without_pyarrow(net, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"corridors\[parquet\]"):
        net.save(tmp_path / "net.parquet")
    assert not list(tmp_path.iterdir())


def test_other_programs_read_the_tables(saved):
    import geopandas as gpd
    import pyogrio

    links = gpd.read_file(saved["gpkg"], layer="links")
    assert len(links) == len(gpd.read_parquet(saved["parquet"] / "links.parquet")) > 100
    assert links.crs == "EPSG:4326"
    assert dict(pyogrio.list_layers(saved["gpkg"]))["places"] == "Point"
