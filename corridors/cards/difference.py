"""What differs between two networks, row by row."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.costs.parameter_schema import ParameterRow
from corridors.schema import RuleRow
from corridors.tables import frame

if TYPE_CHECKING:
    from corridors.network import Network

COLUMNS = ("table", "id", "name", "column", "before", "after", "source")


def diff(before: Network, after: Network) -> pd.DataFrame:
    """What changed from one network to another, row by row.

    Parameters
    ----------
    before, after : Network

    Returns
    -------
    DataFrame
        One row a cell that differs: ``table`` ("places", "links", "states", "crossings", "rules",
        "operators", "parameters"), ``id``, ``name``, ``column``, ``before``, ``after`` (None where
        the row is not there), ``source`` (of the new value). Sorted; empty if nothing differs.
        Dated rows (states, rules and parameters) have the day from which they hold in ``id``. The
        links are those of each network's day.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load("2026-06-01")
    >>> changed = co.diff(net, net.with_closed("samur-border"))
    >>> changed[["table", "id", "column", "before", "after"]].iloc[0].tolist()
    ['links', 'samur--yalama-samur-rail-border', 'state', 'open', 'closed']
    """
    parts = [
        _changed(name, one, two, label)
        for (name, one, label), (_, two, _) in zip(_tables(before), _tables(after), strict=True)
    ]
    if not before.same_costs(after):
        one, two = (_parameters(net) for net in (before, after))
        parts.append(_changed("parameters", one, two, ""))
    rows = sorted(chain.from_iterable(parts), key=lambda row: tuple(row[:4]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _tables(net: Network) -> list[tuple[str, pd.DataFrame, str]]:
    tables = net.tables
    links = pd.DataFrame(net.links.drop(columns=["geometry"])).set_index("link_id")
    states = _dated(tables.states, ["subject_kind", "subject_id"])
    rules = _dated(frame(tables.rules, RuleRow), ["rule_id"])
    return [
        ("crossings", net.crossings.drop(columns="geometry").set_index("place_id"), "name_en"),
        ("links", links.drop(columns=["state_subject"]), "line_name"),
        ("operators", tables.operators.set_index("operator_id"), "name"),
        ("places", tables.places.drop(columns="geometry").set_index("place_id"), "name_en"),
        ("rules", rules, "title"),
        ("states", states, ""),
    ]


def _parameters(net: Network) -> pd.DataFrame:
    return frame(net.costs.parameters.rows, ParameterRow).set_index("parameter_id")


def _dated(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    days = pd.to_datetime(table["valid_from"]).dt.strftime("%Y-%m-%d")
    index = table[keys[0]].astype(str)
    for key in keys[1:]:
        index = index + " " + table[key].astype(str)
    table = table.drop(columns=[*keys, "valid_from"])
    return table.set_index(pd.Index(index + " from " + days, name="id"))


def _changed(name: str, one: pd.DataFrame, two: pd.DataFrame, label: str) -> list[tuple[Any, ...]]:
    columns = sorted({*one.columns, *two.columns} - {"state_source", "source", "length_source"})
    ids = sorted({*one.index, *two.index})
    a = one.reindex(index=ids, columns=columns).astype(object)
    b = two.reindex(index=ids, columns=columns).astype(object)
    same = (a == b).to_numpy() | (a.isna() & b.isna()).to_numpy()
    old, new = a.to_numpy(object), b.to_numpy(object)
    rows = []
    for row, column in zip(*(~same).nonzero(), strict=True):
        subject = ids[row]
        now = two.loc[subject] if subject in two.index else one.loc[subject]
        source = "state_source" if columns[column] in {"state", "usable"} else "source"
        source = source if source in now else "length_source"
        rows.append(
            (
                name, subject, str(now[label]) if label else "", columns[column],
                _plain(old[row, column]), _plain(new[row, column]), _plain(now.get(source)),
            )
        )  # fmt: skip
    return rows


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list, dict)):
        return value
    return None if pd.isna(value) else value
