"""The question of the article: who could hold Armenia's rail trade, before, today, and after.

Moscow's leverage before Azerbaijan let transit through (21 October 2025), since, and with TRIPP
and the three other railways open that are talked about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.analysis.leverage import LEVERAGE_COLUMNS, leverage
from corridors.errors import UnknownSubjectError

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.analysis.leverage import World
    from corridors.flow import Flow
    from corridors.routing.terms import WeighedAsk

BEFORE, FIRST_TRAIN = dt.date(2025, 10, 1), dt.date(2025, 11, 5)
"""Days of the article: three weeks before the ban was lifted, and the first train after."""
OPENINGS: dict[str, tuple[str, ...]] = {
    "TRIPP": ("tripp",),
    "Akhurik–Kars": ("kars-gyumri-yerevan",),
    "Yeraskh": ("yeraskh-nakhchivan",),
    "Ijevan–Gazakh": ("ijevan-gazakh",),
    "TRIPP, Yeraskh": ("tripp", "yeraskh-nakhchivan"),
    "all four": ("tripp", "kars-gyumri-yerevan", "yeraskh-nakhchivan", "ijevan-gazakh"),
}
"""Corridors that are opened together, by what they are called in the table."""
BASE_LINE = "armenian-rail-imports"
"""Flow that is left out: the total of 2013, which holds what the others are parts of today."""
_COLUMNS = [name for name in LEVERAGE_COLUMNS if name not in {"party", "name"}]


def article_worlds(today: str | dt.date | None = None) -> dict[str, World]:
    """Networks of the reference data on the article's days, and today with railways opened.

    Parameters
    ----------
    today : str or date, optional
        The day on which the railways are opened; that of the clock if not given.

    Returns
    -------
    dict of str to Network or (Network, run_by)
        As :meth:`.Network.leverage` takes it as ``compare``. In the last world the South Caucasus
        Railway, a concession of Russian Railways, runs TRIPP in place of its own company.

    Examples
    --------
    >>> import corridors as co
    >>> list(co.article_worlds("2026-06-01"))[:4]
    ['2025-10-01', '2025-11-05', 'today, 2026-06-01', 'with TRIPP']
    """
    from corridors.sources.reference import load

    net = load(today)
    opened: dict[str, World] = {
        f"with {name}": net.with_open(*ids) for name, ids in OPENINGS.items()
    }
    days: dict[str, World] = {day.isoformat(): net.at(day) for day in (BEFORE, FIRST_TRAIN)}
    tripp = net.with_open("tripp")
    russian: dict[str, World] = {"with TRIPP run by SCR": (tripp, {"meghri-railway": "scr"})}
    return days | {f"today, {net.as_of}": net} | opened | russian


def article_flows() -> dict[str, Flow]:
    """Flows of our data that go to Armenia by rail, and the transit over TRIPP.

    The total of 2013 (:data:`BASE_LINE`) is left out, since it would count others twice.

    Returns
    -------
    dict of str to Flow
        By flow id.

    Examples
    --------
    >>> import corridors as co
    >>> "kazakh-grain" in co.article_flows()
    True
    """
    from corridors.catalog import flows

    return {
        name: flow
        for name, flow in flows().items()
        if name == "tripp-transit"
        or (flow.destination_country == "AM" and flow.modes == ("rail",) and name != BASE_LINE)
    }


def leverage_table(
    subject: str = "sadakhlo-ayrum-rail-border",
    *,
    by: str = "crossing",
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame | None = None,
    worlds: Mapping[str, World] | None = None,
    **options: Unpack[WeighedAsk],
) -> pd.DataFrame:
    """What one subject could strand or make dearer, world by world.

    Parameters
    ----------
    subject : str
        Id of the crossing, country, operator, ... that ``by`` names.
    by : str
        As in :meth:`.Network.leverage`: ``by="party"`` and ``"RU"`` is Moscow, by its ground and
        by what its companies run elsewhere.
    flows : Flows or DataFrame, optional
        :func:`article_flows` if not given.
    worlds : mapping of str to Network or (Network, run_by), optional
        :func:`article_worlds` if not given.
    **options
        As in :meth:`.Network.leverage`.

    Returns
    -------
    DataFrame
        One row a world, in order, with the columns of :data:`.LEVERAGE_COLUMNS`; zeros where no
        flow needs the subject.

    Raises
    ------
    UnknownSubjectError
        If no flow needs such a subject in any world.

    Examples
    --------
    >>> import corridors as co
    >>> table = co.leverage_table("RU", by="party", worlds=co.article_worlds("2026-11-22"))
    >>> table.loc[table["world"] == "2025-11-05", "stranded_flows"].item()
    6
    """
    named = dict(article_worlds() if worlds is None else worlds)
    wanted: Any = article_flows() if flows is None else flows
    first, *_ = (one[0] if isinstance(one, tuple) else one for one in named.values())
    found = leverage(first, wanted, by=by, compare=named, progress=False, **options)
    rows = found.table[(found.table["party"] == subject) & found.table["world"].isin(named)]
    if rows.empty:
        known = ", ".join(sorted(set(found.table["party"]))[:20])
        raise UnknownSubjectError(
            f"subject={subject!r}: no flow needs such a {by} in any world; some do need {known}"
        )
    table = rows.set_index("world")[_COLUMNS[1:]].reindex(list(named))
    unknown = {"world", "stranded", "extra_usd_per_t", "extra_km_per_t"}
    absent = table["flows"].isna()
    table.loc[absent, [name for name in _COLUMNS if name not in unknown]] = 0
    table["stranded"] = table["stranded"].astype(object).fillna("")
    routed = found.flows[found.flows["routed"]].groupby("world").size()
    table["of_flows"] = routed.reindex(list(named)).fillna(0)
    counts = ["flows", "of_flows", "stranded_flows", "diverted_flows"]
    return table.astype(dict.fromkeys(counts, int)).reset_index()
