"""Networks in files: everything goes in, everything comes out, or a clear error.

Two formats hold the same tables. ``name.gpkg`` is one GeoPackage, which QGIS and most other
programs open; ``name.parquet`` is a folder of GeoParquet tables, quicker and smaller. Both carry
a manifest: the version of the format, how each column travels, the rules, corridors and
commodities, and the day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel, ValidationError

from corridors import __version__, schema
from corridors.encoding import Recipe, decode, encode
from corridors.errors import ArgumentError, CorridorsError, DataError
from corridors.files import OutputError, replacing_file, replacing_folder
from corridors.network import Network, Tables
from corridors.tables import data_folder

if TYPE_CHECKING:
    from types import ModuleType

FORMAT = "corridors-network"
VERSION = 1
"""Raised when a file of the new kind could be misread by an old program."""
MANIFEST = "manifest.json"
_LAYER = "corridors_manifest"
_MODELS = {m.__name__: m for m in (schema.RuleRow, schema.CorridorRow, schema.CommodityRow)}
_HERE_ONLY = frozenset({"folder"})
"""Fields that mean something on one machine only."""


class MissingExtraError(CorridorsError, ImportError):
    """A package that only some uses need is not installed; the message says which."""


def save(net: Network, path: str | Path) -> Path:
    """Write a network to a file or folder, whole or not at all.

    Parameters
    ----------
    net : Network
    path : path
        ``something.gpkg`` (one GeoPackage) or ``something.parquet`` (a folder; needs the extra
        ``corridors[parquet]``). What stood there before is replaced if it is a saved network.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    ArgumentError
        If the name ends in neither, or something else stands there.
    OutputError
        If it cannot be written; what was there before is untouched.

    Notes
    -----
    The same network gives the same bytes with the same versions of GDAL and pyarrow. The index of
    tables is not kept, nor is what-if history; the states it led to are.

    Examples
    --------
    >>> import corridors as co
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     co.load(as_of="2026-06-01").save(f"{folder}/caucasus.gpkg").name
    'caucasus.gpkg'
    """
    target = Path(path)
    kind = _kind(target)
    if target.exists() and not _is_ours(target, kind):
        msg = f"path={str(path)!r} exists and is no saved network; give another name"
        raise ArgumentError(msg)
    tables, manifest = pack(net)
    try:
        if kind == "gpkg":
            with replacing_file(target) as temporary:
                _write_gpkg(temporary, tables, manifest)
        else:
            with replacing_folder(target) as temporary:
                _write_parquet(temporary, tables, manifest)
    except OSError as error:
        if isinstance(error, CorridorsError):
            raise
        raise OutputError(f"cannot write {target}: {error}") from None
    return target


def open(path: str | Path, *, as_of: str | dt.date | None = None) -> Network:  # noqa: A001  (co.open)
    """Open a network that :meth:`corridors.Network.save` wrote.

    Parameters
    ----------
    path : path
        A ``.gpkg`` file or a ``.parquet`` folder.
    as_of : str or date, optional
        The day whose world is wanted; the day it was saved with if not given.

    Returns
    -------
    Network

    Raises
    ------
    DataError
        If there is no such file, it is damaged, is something else, or was written by a newer
        version of corridors than this one.

    Examples
    --------
    >>> import corridors as co
    >>> from tempfile import TemporaryDirectory
    >>> net = co.load(as_of="2026-06-01").with_open("tripp")
    >>> with TemporaryDirectory() as folder:
    ...     again = co.open(net.save(f"{folder}/tripp.gpkg"))
    >>> again.links.equals(net.links)
    True
    """
    source = Path(path)
    kind = _kind(source)
    if not source.exists():
        raise DataError(f"{source}: there is no such {'file' if kind == 'gpkg' else 'folder'}")
    if source.is_dir() != (kind == "parquet"):
        raise DataError(f"{source}: a .gpkg is a file, a .parquet is a folder of tables")
    with _reading(source):
        manifest = _read_gpkg_manifest(source) if kind == "gpkg" else _read_manifest(source)
        _check_version(manifest, source)
        read = _read_gpkg_table if kind == "gpkg" else _read_parquet_table
        frames = {
            name: decode(read(source, name, recipe), recipe, f"{source.name}, table {name!r}")
            for name, recipe in manifest["tables"].items()
        }
        tables = unpack(frames, manifest, source)
        net = Network(tables, as_of=dt.date.fromisoformat(manifest["as_of"]))
    return net if as_of is None else net.at(as_of)


# -- a network as tables and a manifest -------------------------------------------------------


def pack(net: Network) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Everything a network holds: tables of plain columns, and a JSON-ready manifest."""
    tables, recipes, documents = {}, {}, {}
    for name, value in _fields_of(net):
        if isinstance(value, pd.DataFrame):
            tables[name], recipes[name] = encode(value, name)
        else:
            documents[name] = value
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "written_by": f"corridors {__version__}",
        "as_of": net.as_of.isoformat(),
        "tables": recipes,
        "documents": documents,
    }
    return tables, manifest


def _fields_of(net: Network) -> Iterator[tuple[str, Any]]:
    """Every field of the tables as frames (``reports.build`` for one in a mapping) or JSON."""
    tables = net._tables  # noqa: SLF001  (all of it, as it is, without copies)
    for field in fields(Tables):
        value = getattr(tables, field.name)
        if field.name == "sources":
            value = net.sources
        if field.name in _HERE_ONLY or value is None:
            continue
        if isinstance(value, pd.DataFrame):
            yield field.name, value
        elif isinstance(value, tuple):
            yield field.name, {"rows": [_document(row, field.name) for row in value]}
        elif isinstance(value, Mapping):
            inside = {key: v for key, v in value.items() if isinstance(v, pd.DataFrame)}
            rows = {k: _document(v, field.name) for k, v in value.items() if k not in inside}
            yield field.name, {"by_key": rows, "tables": list(inside)}
            for key, frame in inside.items():
                yield f"{field.name}.{key}", frame
        else:
            _document(value, field.name)


def _document(row: Any, where: str) -> dict[str, Any]:
    if type(row).__name__ not in _MODELS or not isinstance(row, BaseModel):
        raise DataError(f"{where}: {type(row).__name__} cannot be saved")
    return {"model": type(row).__name__, "row": row.model_dump(mode="json")}


def unpack(frames: dict[str, pd.DataFrame], manifest: Mapping[str, Any], source: Path) -> Tables:
    """Tables of a network from decoded frames and the manifest of :func:`pack`.

    Raises
    ------
    DataError
        If a table is missing or a link ends at no place; the message begins with ``source``.
    """
    values: dict[str, Any] = {}
    for field in fields(Tables):
        name = field.name
        document = manifest["documents"].get(name)
        if name in _HERE_ONLY:
            values[name] = data_folder()
        elif name in frames:
            values[name] = frames[name]
        elif document is None:
            if field.default is MISSING and field.default_factory is MISSING:
                raise DataError(f"{source}: table {name!r} is missing; the file is damaged")
        elif "rows" in document:
            values[name] = tuple(_row(each) for each in document["rows"])
        else:
            rows = {key: _row(each) for key, each in document["by_key"].items()}
            values[name] = rows | {key: frames[f"{name}.{key}"] for key in document["tables"]}
    tables = Tables(**values)
    known = tables.places["place_id"]
    ends = pd.concat([tables.links["from_place"], tables.links["to_place"]])
    if not known.is_unique or not ends.isin(known).all():
        raise DataError(f"{source}: links end at places that are not in it; the file is damaged")
    return tables


def _row(document: Mapping[str, Any]) -> BaseModel:
    return _MODELS[document["model"]].model_validate(document["row"])


def _check_version(manifest: Mapping[str, Any], source: Path) -> None:
    if manifest.get("format") != FORMAT:
        raise DataError(f"{source}: not a network saved by corridors")
    if manifest["version"] > VERSION:
        msg = (
            f"{source}: format version {manifest['version']}, written by "
            f"{manifest.get('written_by', 'a newer corridors')}; this is corridors {__version__}, "
            f"which reads versions up to {VERSION}: install a newer one"
        )
        raise DataError(msg)


@contextmanager
def _reading(source: Path) -> Iterator[None]:
    """What goes wrong while reading is the file's fault, and said so."""
    try:
        yield
    except CorridorsError:
        raise
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        text = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise DataError(f"{source}: {text}; the file is damaged") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        text = f"{type(error).__name__}: {error}"
        raise DataError(f"{source}: cannot be read, the file is damaged ({text})") from None


def _kind(path: Path) -> str:
    kind = path.suffix.casefold().lstrip(".")
    if kind not in {"gpkg", "parquet"}:
        raise ArgumentError(f"path={str(path)!r}: the name must end in .gpkg or .parquet")
    return kind


def _is_ours(path: Path, kind: str) -> bool:
    try:
        if kind == "parquet":
            empty = path.is_dir() and not any(path.iterdir())
            return empty or _read_manifest(path).get("format") == FORMAT
        return path.is_file() and _read_gpkg_manifest(path).get("format") == FORMAT
    except (OSError, ValueError, RuntimeError, AttributeError, LookupError):
        return False


# -- GeoPackage --------------------------------------------------------------------------------


def _write_gpkg(
    target: Path, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> None:
    import pyogrio

    text = json.dumps(manifest, ensure_ascii=True)
    layers = {**tables, _LAYER: pd.DataFrame({"manifest": [text]})}
    with _fixed_clock(pyogrio):
        for name, table in layers.items():
            # One type of line or point where all are alike; never turned into multi-parts.
            pyogrio.write_dataframe(
                table,
                target,
                layer=name,
                driver="GPKG",
                append=target.exists() and target.stat().st_size > 0,
                promote_to_multi=False,
                dataset_options={"VERSION": "1.4"},
            )


@contextmanager
def _fixed_clock(pyogrio: ModuleType) -> Iterator[None]:
    """A GeoPackage notes when it was written; the same network should give the same bytes."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _read_gpkg_manifest(path: Path) -> dict[str, Any]:
    """The manifest, after SQLite's own check that no page is lost or broken."""
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (verdict,) = database.execute("PRAGMA quick_check").fetchone()
            if verdict != "ok":
                raise DataError(f"{path}: the file is damaged ({verdict})")
            row = database.execute(f"SELECT manifest FROM {_LAYER}").fetchone()  # noqa: S608
    except sqlite3.Error as error:
        if "no such table" in str(error):
            raise DataError(f"{path}: not a network saved by corridors") from None
        raise DataError(f"{path}: cannot be read, the file is damaged ({error})") from None
    return _manifest(row[0] if row else "", path)


def _read_gpkg_table(path: Path, name: str, recipe: Recipe) -> pd.DataFrame:
    import pyogrio

    with warnings.catch_warnings():
        # GDAL warns of a damaged file; what is wrong with it is found and said below.
        warnings.simplefilter("ignore", RuntimeWarning)
        table = pyogrio.read_dataframe(path, layer=name, read_geometry="geometry" in recipe)
    if "geometry" in recipe and table.geometry.name != recipe["geometry"]:
        table = table.rename_geometry(recipe["geometry"])
    return pd.DataFrame(table)


# -- Parquet -----------------------------------------------------------------------------------


def _need_pyarrow() -> None:
    try:
        import_module("pyarrow")
    except ImportError:
        msg = "a .parquet network needs pyarrow: pip install 'corridors[parquet]', or use .gpkg"
        raise MissingExtraError(msg) from None


def _write_parquet(
    folder: Path, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> None:
    _need_pyarrow()
    recipes = {}
    for name, table in tables.items():
        file = folder / f"{name}.parquet"
        table.to_parquet(file, index=False, compression="zstd")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        recipes[name] = {**manifest["tables"][name], "sha256": digest}
    text = json.dumps({**manifest, "tables": recipes}, ensure_ascii=True, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _read_manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    if not file.is_file():
        raise DataError(f"{folder}: not a network saved by corridors; it has no {MANIFEST}")
    return _manifest(file.read_text(encoding="utf-8"), folder)


def _manifest(text: str, source: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise DataError(f"{source}: the manifest is damaged ({error})") from None
    if not isinstance(manifest, dict):
        raise DataError(f"{source}: the manifest is damaged")
    return manifest


def _read_parquet_table(folder: Path, name: str, recipe: Recipe) -> pd.DataFrame:
    _need_pyarrow()
    file = folder / f"{name}.parquet"
    if file.parent != folder or not file.is_file():
        raise DataError(f"{folder}: {name}.parquet is missing; the folder is damaged")
    if hashlib.sha256(file.read_bytes()).hexdigest() != recipe["sha256"]:
        raise DataError(f"{file}: its content is not what was saved; the file is damaged")
    if "geometry" not in recipe:
        return pd.read_parquet(file)
    import geopandas as gpd

    return pd.DataFrame(gpd.read_parquet(file))
