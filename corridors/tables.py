"""Read the tables of a data folder into validated rows; every error names file, row and column.

A table is ``<name>.csv`` or ``<name>.yaml``, or a folder ``<name>/`` of such parts, read in the
order of their file names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import ValidationError

from corridors.errors import DataError
from corridors.files import data_folder
from corridors.schema import Row

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["data_folder", "frame", "read_frame", "read_table"]

RowT = TypeVar("RowT", bound=Row)


def read_table(folder: Path, name: str, model: type[RowT], *, optional: bool = False) -> list[RowT]:
    """Read and validate all parts of one table.

    Parameters
    ----------
    folder : Path
        Data folder.
    name : str
        Table name, such as ``"places"``.
    model : type of Row
        Schema of a row.
    optional : bool
        Give an empty list, not an error, where the folder has no such table.

    Returns
    -------
    list of model
        Rows in file order.

    Raises
    ------
    DataError
        If the table is missing, cannot be parsed or breaks the schema.
    """
    parts = _parts(folder, name)
    if not parts and not optional:
        msg = f"{folder}: table {name!r} is missing; expected {name}.csv, {name}.yaml or {name}/"
        raise DataError(msg)
    rows: list[RowT] = []
    for part in parts:
        name_of_part = part.relative_to(folder).as_posix()
        for place, record in _records(part, name_of_part):
            where = f"{name_of_part}, {place}"
            try:
                rows.append(model.model_validate(record).read_from(where))
            except ValidationError as error:
                raise DataError(f"{where}: {_explain(error)}") from None
    return rows


def frame(rows: Sequence[Row], model: type[Row]) -> pd.DataFrame:
    """Rows of one model as a DataFrame with all columns of the schema."""
    import pandas as pd

    return pd.DataFrame(
        [list(vars(row).values()) for row in rows], columns=list(model.model_fields)
    )


def read_frame(folder: Path, name: str, model: type[Row]) -> pd.DataFrame:
    """Read one table as a DataFrame; see :func:`read_table`."""
    return frame(read_table(folder, name, model), model)


def _parts(folder: Path, name: str) -> list[Path]:
    single = [path for path in (folder / f"{name}.csv", folder / f"{name}.yaml") if path.is_file()]
    inside = folder / name
    if not inside.is_dir():
        return single
    return single + sorted(p for p in inside.iterdir() if p.suffix in {".csv", ".yaml"})


def _records(path: Path, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return _csv_records(path, name) if path.suffix == ".csv" else _yaml_records(path, name)


def _csv_records(path: Path, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{name}: cannot be read as UTF-8 text: {error}") from None
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        header = reader.fieldnames
        if not header:
            raise DataError(f"{name}: empty; the first row must name the columns")
        if len(set(header)) != len(header):
            raise DataError(f"{name}: a column name appears twice in the header")
        for record in reader:
            where = f"row {reader.line_num}"
            if None in record or None in record.values():
                raise DataError(
                    f"{name}, {where}: {len(header)} columns expected; "
                    "put quotes round a cell that holds a comma"
                )
            # An empty cell of a CSV file is an absent value, whatever the column's type.
            yield where, {key: value for key, value in record.items() if value != ""}
    except csv.Error as error:
        raise DataError(f"{name}, row {reader.line_num}: broken CSV: {error}") from None


class _UniqueKeyLoader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML that refuses a key given twice, which plain YAML would drop in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} appears twice", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def _yaml_records(path: Path, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{name}: cannot be read as UTF-8 text: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise DataError(f"{name}{where}: broken YAML: {problem}") from None
    if not isinstance(content, list):
        raise DataError(f"{name}: expected a list of entries, each starting with '- '")
    for number, record in enumerate(content, start=1):
        if not isinstance(record, dict):
            raise DataError(f"{name}, entry {number}: expected 'key: value' lines")
        key = next((str(v) for k, v in record.items() if str(k).endswith("_id")), "")
        yield f"entry {number} ({key})" if key else f"entry {number}", record


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    column = ".".join(str(part) for part in first["loc"]) or "row"
    value = first.get("input")
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"column {column!r} is not in the schema; check its spelling"
    if first["type"] == "missing":
        return f"column {column!r} is required"
    shown = "" if isinstance(value, dict) else f" (found {value!r})"
    more = f"; and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return f"column {column!r}: {message}{shown}{more}"
