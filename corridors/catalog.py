"""Read-only mappings from id to object: flows and corridors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from corridors import schema
from corridors.errors import DataError, UnknownSubjectError
from corridors.flow import Flow
from corridors.schema import Branch, CorridorRow
from corridors.tables import data_folder, frame, read_table

if TYPE_CHECKING:
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.route import Route

T = TypeVar("T")


class Catalog(Mapping[str, T]):
    """A read-only mapping from id to object, sorted by id; shows as a table in a notebook.

    Parameters
    ----------
    kind : str
        What it holds, for messages.
    items : mapping
    columns : tuple of str
        Attributes that the table shows.
    """

    def __init__(self, kind: str, items: Mapping[str, T], columns: tuple[str, ...]) -> None:
        self._kind = kind
        self._items = dict(sorted(items.items()))
        self._columns = columns

    def __getitem__(self, key: str) -> T:
        try:
            return self._items[key]
        except KeyError:
            known = ", ".join(self._items)
            raise _UnknownKeyError(f"no {self._kind} has the id {key!r}; known: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def table(self) -> pd.DataFrame:
        """One row an object, id first."""
        rows = [[getattr(item, name) for name in self._columns] for item in self._items.values()]
        return pd.DataFrame(rows, columns=list(self._columns))

    def __repr__(self) -> str:
        return f"<{len(self)} {self._kind}s: {', '.join(self._items)}>"

    def _repr_html_(self) -> str:
        html: str = self.table.to_html(index=False)
        return html


class _UnknownKeyError(UnknownSubjectError, KeyError):
    """A KeyError too, so that ``in`` and ``get`` of a mapping work; prints its message plainly."""

    def __str__(self) -> str:
        return str(self.args[0])


class Corridor(CorridorRow):
    """A named sequence of places that people talk about."""

    def routes(self, net: Network, *, opened: bool = False) -> dict[str, Route]:
        """Route each branch through its places.

        Parameters
        ----------
        net : Network
        opened : bool
            Open first what the corridor needs and does not have.

        Returns
        -------
        dict of str to Route
            By name of the branch.

        Raises
        ------
        NoRoute
            If a branch is not passable.
        """
        world = net.with_open(self.corridor_id) if opened else net
        return {branch.name: self.route(world, branch) for branch in self.branches}

    @staticmethod
    def route(net: Network, branch: Branch) -> Route:
        """Route one branch through its places, on a network as it is.

        Parameters
        ----------
        net : Network
        branch : Branch
            One of ``branches``.

        Returns
        -------
        Route
        """
        return net.route(
            branch.places[0],
            branch.places[-1],
            modes=[mode for mode in branch.modes if mode in {"rail", "road", "ferry"}],
            via=branch.places[1:-1],
        )


class Flows(Catalog[Flow]):
    """Flows by id, sorted; see :func:`flows`.

    Parameters
    ----------
    items : mapping of str to Flow
    """

    def __init__(self, items: Mapping[str, Flow]) -> None:
        columns = (
            "flow_id", "title", "commodity", "origin", "destination", "tonnes", "evidence", "as_of",
        )  # fmt: skip
        super().__init__("flow", items, columns)

    def map(self, net: Network | None = None, **options: Any) -> CorridorMap:
        """Draw all of them, each routed on its own date; a planned one with what it needs opened.

        Parameters
        ----------
        net : Network, optional
            The network below and to route on; the embedded one as of today if not given.
        **options
            ``title`` and ``online_tiles`` of :func:`corridors.maps.flows_map`.

        Returns
        -------
        CorridorMap
            Flows that states and rules let nowhere are named in its caption.

        Examples
        --------
        >>> import corridors as co
        >>> co.flows().map(co.load("2026-06-01"), title="All flows")
        <CorridorMap 'All flows'>
        """
        from corridors.maps import flows_map
        from corridors.report import flows_table
        from corridors.sources.reference import load

        world = load() if net is None else net
        _, routes = flows_table(world, self.values())
        missing = [flow.title for name, flow in self.items() if name not in routes]
        return flows_map(routes, world, missing=missing, **options)


def flows(*, data: str | Path | None = None) -> Flows:
    """The flows that the region is arguing about, by id.

    Parameters
    ----------
    data : path, optional
        A data folder of your own; the embedded one if not given.

    Returns
    -------
    Flows
        A read-only mapping, sorted by id, with a map.

    Raises
    ------
    DataError
        If a table is broken or a shipment names no flow.

    Examples
    --------
    >>> import corridors as co
    >>> co.flows()["russian-grain"].commodity
    'wheat'
    """
    folder = data_folder() if data is None else Path(data)
    rows = read_table(folder, "flows", schema.FlowRow)
    shipments = frame(read_table(folder, "shipments", schema.ShipmentRow), schema.ShipmentRow)
    ids = {row.flow_id for row in rows}
    stray = sorted(set(shipments["flow_id"]) - ids)
    if stray:
        raise DataError(f"shipments: flow_id {stray[0]!r} is not in table flows")
    found = {
        row.flow_id: Flow.from_rows(
            row, shipments[shipments["flow_id"] == row.flow_id].reset_index(drop=True), folder
        )
        for row in rows
    }
    if len(found) != len(rows):
        raise DataError("flows: a flow_id is given twice; ids must be unique")
    return flow_catalog(found.values())


def flow_catalog(flows: Iterable[Flow]) -> Flows:
    """Flows as a mapping by id."""
    return Flows({flow.flow_id: flow for flow in flows})


def new_flow(fields: Mapping[str, Any]) -> Flow:
    """A flow that no table knows, and that has no shipments yet.

    Parameters
    ----------
    fields : mapping
        Columns of the table ``flows``.
    """
    return Flow.from_rows(
        schema.FlowRow.model_validate(fields), frame([], schema.ShipmentRow), data_folder()
    )


def corridors(*, data: str | Path | None = None) -> Catalog[Corridor]:
    """The corridors that people talk about, by id.

    Parameters
    ----------
    data : path, optional
        A data folder of your own; the embedded one if not given.

    Returns
    -------
    Catalog of Corridor
        A read-only mapping, sorted by id.

    Raises
    ------
    DataError
        If the table is broken.

    Examples
    --------
    >>> import corridors as co
    >>> "tripp" in co.corridors()
    True
    """
    folder = data_folder() if data is None else Path(data)
    rows = read_table(folder, "corridors", schema.CorridorRow)
    found = {row.corridor_id: Corridor.model_validate(dict(row)) for row in rows}
    return Catalog("corridor", found, ("corridor_id", "name", "summary", "confidence"))
