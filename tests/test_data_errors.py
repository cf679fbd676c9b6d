"""Broken data gets an error that names file and row; ``check`` finds what the schema cannot."""

from __future__ import annotations

import csv
import shutil

import pytest

import corridors as co
from corridors.checks import check
from corridors.errors import CorridorsError, DataError
from corridors.tables import data_folder


@pytest.fixture
def folder(tmp_path):
    """A copy of the embedded data that a test may spoil."""
    copy = tmp_path / "data"
    shutil.copytree(data_folder(), copy)
    return copy


def edit(path, column, value, row=0):
    """Set one cell of a CSV part; gives the number of its row in the file and its first cell."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        header = reader.fieldnames
    rows[row][column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return row + 2, rows[row][header[0]]


@pytest.mark.parametrize(
    ("table", "column", "value", "told"),
    [
        ("links", "length_km", "-5", "length_km"),
        ("links", "length_km", "nan", "length_km"),
        ("links", "length_km", "12 km", "length_km"),
        ("links", "from_place", "Not a slug", "from_place"),
        ("links", "link_id", "", "link_id"),
        ("places", "lat", "95", "lat"),
        ("places", "kind", "castle", "kind"),
        ("states", "valid_from", "2025-02-30", "valid_from"),
        ("states", "valid_to", "1900-01-01", "valid_to"),
        ("states", "state", "ajar", "state"),
        ("station_codes", "station_code", "5450", "station_code"),
        ("lines", "gauge_mm", "wide", "gauge_mm"),
    ],
)
def test_a_broken_cell_names_file_row_and_column(folder, table, column, value, told):
    row, _ = edit(folder / table / "az-rail.csv", column, value)
    with pytest.raises(DataError, match=rf"az-rail\.csv, row {row}: .*{told}"):
        co.load(data=folder)


@pytest.mark.parametrize(
    ("table", "column", "told"),
    [
        ("links", "to_place", "is not in table places"),
        ("links", "line_id", "is not in table lines"),
        ("lines", "operator_id", "is not in table operators"),
        ("states", "subject_id", "is not in table"),
        ("station_codes", "place_id", "is not in table places"),
        ("crossings", "place_id", "is not in table places"),
    ],
)
def test_a_reference_to_nothing_names_the_row(folder, table, column, told):
    edit(folder / table / "az-rail.csv", column, "nowhere-at-all")
    with pytest.raises(DataError, match=f"'nowhere-at-all' {told}"):
        co.load(data=folder)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- corridor_id: [unclosed", r"corridors\.yaml, line \d+: broken YAML"),
        ("corridor_id: x\n", "expected a list of entries"),
        ("- just text\n", "expected 'key: value' lines"),
        ("- corridor_id: x\n  corridor_id: y\n", "'corridor_id' appears twice"),
        ("- !!python/object/apply:os.system ['true']\n", "broken YAML"),
        ("- corridor_id: x\n  colour: red\n", r"entry 1 \(x\): "),
        ("\x00", "broken YAML"),
    ],
)
def test_broken_yaml_names_file_and_line(folder, text, told):
    (folder / "corridors.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        co.load(data=folder)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "cannot be read as UTF-8"),
        (b"link_id,link_id\nx,y\n", "appears twice"),
        (b"link_id,colour\nx,red\n", "is required"),
        (b"link_id\nx,y\n", "columns expected"),
        (b'link_id\n"x\n', "broken CSV"),
    ],
)
def test_broken_csv(folder, content, told):
    (folder / "links" / "az-rail.csv").write_bytes(content)
    with pytest.raises(DataError, match=rf"az-rail\.csv.*{told}"):
        co.load(data=folder)


def test_a_missing_table_and_a_missing_folder(folder):
    shutil.rmtree(folder / "links")
    with pytest.raises(DataError, match="table 'links' is missing"):
        co.load(data=folder)
    with pytest.raises(CorridorsError, match="is not a folder"):
        co.load(data=folder / "none")


def test_the_same_id_twice(folder):
    path = folder / "links" / "az-rail.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    with pytest.raises(DataError, match="is given twice"):
        co.load(data=folder)


def found(folder):
    return [f"{f.table} {f.subject}: {f.problem}" for f in check(folder) if f.level == "error"]


def test_the_embedded_data_has_no_error():
    assert found(None) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "told"),
    [
        ("links", "length_km", "0.5", "below the geodesic distance"),
        ("places", "lat", "43.5", "km from"),
        ("places", "source", "hearsay", "'hearsay' is not in sources"),
        ("links", "country", "KZ", "is in KZ, but"),
        ("states", "valid_from", "2001-01-01", "must cover 1988-01-01"),
        ("crossings", "country_a", "KZ", "km from KZ"),
        ("crossings", "border_place_a", "nowhere-at-all", "is unknown"),
        ("published_lengths", "to_place", "nowhere-at-all", "unknown: nowhere-at-all"),
    ],
)
def test_check_finds_what_a_schema_cannot(folder, table, column, value, told):
    edit(folder / table / "az-rail.csv", column, value)
    assert any(told in problem for problem in found(folder)), found(folder)


def test_check_finds_a_detour_without_a_note(folder):
    path = folder / "links" / "az-rail.csv"
    edit(path, "length_km", "400")
    edit(path, "note", "")
    assert any("say why in the note" in problem for problem in found(folder))


def test_check_finds_overlapping_states(folder):
    path = folder / "states" / "az-rail.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    assert any("rows overlap" in problem for problem in found(folder))


def test_check_finds_an_orphan_and_an_unroutable_flow(folder):
    with (folder / "places" / "az-rail.csv").open("a", encoding="utf-8") as file:
        header = (folder / "places" / "az-rail.csv").read_text(encoding="utf-8").splitlines()[0]
        cells = {
            "place_id": "lonely", "kind": "station", "mode": "rail", "country": "AZ",
            "name_en": "Lonely", "lon": "48.0", "lat": "40.3", "position_source": "own-estimate",
            "position_accuracy": "approximate", "source": "own-estimate",
            "confidence": "assumption",
        }  # fmt: skip
        file.write(",".join(cells.get(name, "") for name in header.split(",")) + "\n")
    flows = folder / "flows.yaml"
    text = flows.read_text(encoding="utf-8")
    flows.write_text(text.replace("destination: dalarik", "destination: lonely"), encoding="utf-8")
    problems = found(folder)
    assert any("lonely: no link reaches it" in problem for problem in problems)
    assert any(problem.startswith("flows ") and "Lonely" in problem for problem in problems)


def test_check_finds_an_impossible_wagon_load(folder):
    path = folder / "shipments.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    number = next(i for i, row in enumerate(rows) if row["in_sum"].lower() == "true")
    edit(path, "tonnes", "99999", number)
    assert any("t a wagon is more than" in problem for problem in found(folder))


def test_a_flow_of_your_own_folder_is_routed_there(folder):
    path = folder / "links" / "ge-am-rail.csv"
    with path.open(encoding="utf-8", newline="") as file:
        ids = [row["link_id"] for row in csv.DictReader(file)]
    number = ids.index("sadakhlo-ayrum-rail-border--ayrum")
    edit(path, "length_km", "104", number)
    mine, theirs = (
        flows["azerbaijani-oil-products"].route().route.length_km
        for flows in (co.flows(data=folder), co.flows())
    )
    assert mine == pytest.approx(theirs + 100)


def test_check_finds_a_country_that_no_rule_can_mean_and_an_absurd_detour(folder):
    rules = folder / "rules.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("destinations: [AM]", "destinations: [QQ]", 1), encoding="utf-8")
    assert any("destinations: 'QQ' is unknown" in problem for problem in found(folder))
    edit(folder / "links" / "az-rail.csv", "length_km", "900")
    warned = [f.problem for f in check(folder) if f.level == "warning"]
    assert any("whatever the note says" in problem for problem in warned)


def test_check_finds_a_gap_in_the_states_of_a_crossing(folder):
    path = folder / "states" / "roads.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    number = next(i for i, r in enumerate(rows) if r["subject_kind"] == "place" and r["valid_to"])
    edit(path, "valid_to", "1988-02-01", number)
    assert any("there is a gap" in problem for problem in found(folder))


def test_an_error_names_the_file_of_both_rows(folder):
    path = folder / "links" / "az-rail.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    with pytest.raises(DataError, match=r"links/az-rail\.csv, row 2 and links/az-rail\.csv, row"):
        co.load(data=folder)


def test_a_corrected_flow_is_seen_at_once(folder):
    assert co.flows(data=folder)["kazakh-grain"].commodity == "wheat"
    flows = folder / "flows.yaml"
    text = flows.read_text(encoding="utf-8")
    flows.write_text(text.replace("commodity: wheat", "commodity: barley"), encoding="utf-8")
    assert co.flows(data=folder)["kazakh-grain"].commodity == "barley"


def spoil(folder, old, new):
    """Replace a piece of parameters.yaml, which must be there."""
    path = folder / "parameters.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("unit: km/h\n  low: 20.0", "unit: km/h\n  low: 0.0", "must be above 0 km/h"),
        ("unit: km/h\n  low: 20.0", "unit: km/h\n  low: .nan", "low"),
        ("kind: speed", "kind: pace", "kind"),
        ("unit: km/h", "unit: h", "is in km/h"),
        ("applies_to:\n    mode: rail", "applies_to:\n    mod: rail", "mod"),
    ],
)
def test_a_broken_parameter_names_its_id(folder, old, new, told):
    spoil(folder, old, new)
    net = co.load(data=folder)
    with pytest.raises(DataError, match=rf"(?s)parameters\.yaml, entry 1 \(speed-rail.*{told}"):
        net.route("Yalama", "Alat", weight="hours")
    assert net.route("Yalama", "Alat", modes=["rail"]).length_km > 200  # kilometres need none


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("country: AM", "country: ZZ", "'ZZ' is unknown"),
        ("border: AZ-GE", "border: GE-AZ", "'GE-AZ' is unknown"),
        ("country: AM", "country: AZ", "applies to the same as"),
        ("from: yalama\n", "from: aktau-port\n", "no way by rail joins"),
        ("kind: waiting_hours", "kind: reference", "no waiting_hours applies"),
    ],
)
def test_check_finds_parameters_that_cannot_hold(folder, old, new, told):
    spoil(folder, old, new)
    found = [finding.problem for finding in check(folder) if finding.table == "parameters"]
    assert any(told in problem for problem in found), found
