"""Answers of an analysis on the map: lines and points as big as a value, with facts of their own.

What blocks most, what strands what, what a link carries: a table goes in, one layer comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.maps import tables_html
from corridors.maps.encode import clean, column, encode_points

if TYPE_CHECKING:
    from corridors.network import Network

Points = npt.NDArray[np.float64]
_NONE: Points = np.empty((0, 2))
Facts = Sequence[str] | Mapping[str, str]
_KINDS = {"lines": "link_id", "points": "place_id"}
_SHAPES = {
    "lines": frozenset({"LineString", "MultiLineString"}),
    "points": frozenset({"Point", "MultiPoint"}),
}


@dataclass(frozen=True)
class Results:
    """What is drawn of a table of results, and what is said of it.

    Parameters
    ----------
    value : str or None
        Column of numbers, zero or more: width of lines, area of points.
    label : str or None
        Column that names a row.
    facts : mapping of str to str
        Column to heading, for the popups.
    title : str
        What the size means, with its unit; heading of the layer in the legend.
    """

    value: str | None
    label: str | None
    facts: Mapping[str, str]
    title: str

    def layer(self, net: Network, kind: str, table: pd.DataFrame) -> dict[str, Any]:
        """A table of lines or points as the page's script wants it.

        Raises
        ------
        ArgumentError
            If a column is missing, a value is no finite number of zero or more, or a shape is
            not of the kind.
        UnknownSubjectError
            If a link or place is not in the network.
        """
        for name in filter(None, (self.value, self.label, *self.facts)):
            if name not in table.columns:
                known = ", ".join(map(str, table.columns))
                raise ArgumentError(f"{kind}: there is no column {name!r}; columns are {known}")
        parts, owner = parts_of(net, kind, table)
        return {
            "id": f"results-{kind}",
            "kind": kind,
            "title": clean(self.title),
            "size": self._sizes(kind, table),
            "label": column(self._labels(kind, table)),
            "facts": [
                [clean(heading), column(tables_html.figure(cell) for cell in table[name])]
                for name, heading in self.facts.items()
            ],
            "owner": owner,
            "geometry": encode_points(np.vstack([_NONE, *parts]), [len(part) for part in parts]),
        }

    def bounds(self, net: Network, tables: Mapping[str, pd.DataFrame]) -> list[list[float]] | None:
        """South-west and north-east corner of all rows; None if there are none."""
        import shapely

        shapes = np.concatenate([_shapes(net, kind, rows) for kind, rows in tables.items()])
        if not len(shapes):
            return None
        west, south, east, north = shapely.total_bounds(shapes).round(5).tolist()
        return [[south, west], [north, east]]

    def _sizes(self, kind: str, table: pd.DataFrame) -> list[float | None]:
        if self.value is None:
            return [1.0] * len(table)
        try:
            values = table[self.value].to_numpy(float, na_value=np.nan)
        except (TypeError, ValueError):
            raise ArgumentError(f"{kind}: column {self.value!r} does not hold numbers") from None
        wrong = (values < 0) | np.isinf(values)
        if wrong.any():
            msg = f"{kind}: {self.value}={values[wrong][0]:g} cannot be drawn; sizes are 0 or more"
            raise ArgumentError(msg)
        return [None if np.isnan(value) else float(f"{value:.6g}") for value in values]

    def _labels(self, kind: str, table: pd.DataFrame) -> list[object]:
        for name in (self.label, "name", "name_en", _KINDS[kind]):
            if name in table.columns:
                return list(table[name])
        return [""] * len(table)

    def table(self, kind: str, table: pd.DataFrame) -> str:
        """The rows as a table below the map, largest first."""
        named = {"": pd.Series(self._labels(kind, table), index=table.index)}
        if self.value is not None:
            named[self.title] = table[self.value]
            order = table[self.value].sort_values(ascending=False, kind="stable").index
        else:
            order = table.index
        named |= {heading: table[name] for name, heading in self.facts.items()}
        shown = pd.DataFrame(named).loc[order]
        head = ["Line" if kind == "lines" else "Place", *list(named)[1:]]
        rows = shown.itertuples(index=False, name=None)
        return tables_html.table(f"{self.title}: {kind}", head, rows)


def facts_of(facts: Facts) -> dict[str, str]:
    """Columns with their headings; a column alone is its own heading, less the underscores."""
    if isinstance(facts, str):
        raise ArgumentError(f"facts={facts!r}: give a list of columns, or columns with headings")
    if isinstance(facts, Mapping):
        return dict(facts)
    return {name: name.replace("_", " ") for name in facts}


def parts_of(net: Network, kind: str, table: pd.DataFrame) -> tuple[list[Points], list[int]]:
    """Vertices of every part of every row's shape, and the row each part belongs to."""
    import shapely

    parts, owner = shapely.get_parts(_shapes(net, kind, table), return_index=True)
    return [shapely.get_coordinates(part) for part in parts], owner.tolist()


def _shapes(net: Network, kind: str, table: pd.DataFrame) -> Any:
    """Geometry of each row: its own, else that of the link or place it names."""
    import geopandas as gpd

    key = _KINDS[kind]
    if isinstance(table, gpd.GeoDataFrame):
        shapes = table.geometry if table.crs is None else table.geometry.to_crs(4326)
    elif key in table.columns:
        known = net.link_table if kind == "lines" else net.place_table
        index = pd.Index(known[key]).get_indexer(pd.Index(table[key]))
        if (index < 0).any():
            name = table[key].iloc[int(np.flatnonzero(index < 0)[0])]
            raise UnknownSubjectError(f"{kind}: {name!r} is not in the network")
        shapes = known.geometry.iloc[index]
    else:
        raise ArgumentError(f"{kind}: give a GeoDataFrame, or a table with a column {key}")
    wrong = ~shapes.geom_type.isin(_SHAPES[kind]).to_numpy(bool)
    if wrong.any():
        found = shapes.iloc[int(np.flatnonzero(wrong)[0])]
        name = "nothing" if found is None else found.geom_type
        raise ArgumentError(f"{kind}: a row's geometry is {name}; it cannot be drawn among {kind}")
    return shapes.to_numpy()
