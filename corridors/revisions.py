"""Cells of the link table that hold another value between two dates.

The link table has no dates: a link's length or operator is what it is. A what-if may say that it
becomes another from some day on. Such a revision is a row ``link_id``, ``column``, ``value``,
``valid_from``, ``valid_to`` (the first day after; empty: for good); later rows win. A network
sees, on its day, the links with the revisions that hold.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from corridors.states import states_on

if TYPE_CHECKING:
    import geopandas as gpd

COLUMNS = ("link_id", "column", "value", "valid_from", "valid_to")


def in_force(revisions: pd.DataFrame | None, day: dt.date) -> pd.DataFrame:
    """The revisions that hold on a day, in order; none where there is no table."""
    return pd.DataFrame(columns=list(COLUMNS)) if revisions is None else states_on(revisions, day)


def revised(links: gpd.GeoDataFrame, revisions: pd.DataFrame) -> gpd.GeoDataFrame:
    """Links with some cells replaced; the same object where there is nothing to replace.

    Parameters
    ----------
    links : GeoDataFrame
    revisions : DataFrame
        Columns :data:`COLUMNS`, one day's rows.
    """
    if revisions.empty:
        return links
    table = links.copy()
    rows = pd.Index(links["link_id"])
    for column, cells in revisions.groupby("column", sort=True):
        last = cells.drop_duplicates("link_id", keep="last")
        values = table[column].to_numpy(object).copy()
        values[rows.get_indexer(pd.Index(last["link_id"]))] = last["value"].to_numpy(object)
        table[column] = pd.Series(values, index=table.index).astype(table[column].dtype)
    return table
