"""What stands behind full links: the crossing, gauge change, ferry or line, and what it costs.

Links in a row that are full at the same capacity are one bottleneck: widening one of them alone
would change nothing. Prices are measured, not read from one basis of the programme: each
bottleneck is widened a little and the programme solved again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.analysis.capacity import Programme, Solution

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray

COLUMNS = (
    "name", "kind", "lines", "links", "crossings", "capacity_t_per_year", "tonnes", "carries_t",
    "saves", "shadow_price", "dual", "capacity_source",
)  # fmt: skip
STEP = 0.01
"""A bottleneck is widened by this share of its capacity."""
_FULL = 1e-6
_SMALL = 1e-6


def bottlenecks(net: Network, programme: Programme, solution: Solution) -> pd.DataFrame:
    """Full links, joined to bottlenecks, with what a tonne more of capacity is worth.

    Parameters
    ----------
    net : Network
    programme : Programme
        Solved; it is left as it was.
    solution : Solution

    Returns
    -------
    DataFrame
        One row a bottleneck, the dearest first:

        - ``name``; ``kind`` ("crossing", "gauge_change", "ferry" or the links' mode), ``lines``,
          ``links``, ``crossings`` (ids), ``capacity_t_per_year``, ``tonnes``
        - ``carries_t``: tonnes carried more for each tonne of capacity more
        - ``saves``: weight saved for each tonne of capacity more (negative where more is carried)
        - ``shadow_price``: ``saves`` and the tonnes carried more at ``unmet_cost``; NaN if more
          would be carried and ``unmet_cost`` was not given
        - ``dual``: sum of the programme's own prices of its links (one of several equally right
          ones where the solution is degenerate)
        - ``capacity_source``
    """
    tonnes = np.zeros(len(programme.capacity))
    for column in solution.columns:
        np.add.at(tonnes, column.path.links, column.tonnes)
    capacity = programme.capacity
    wanted = np.isfinite(capacity) & (tonnes >= capacity * (1 - _FULL)) & (tonnes > 0)
    # A link of no capacity carries nothing; it is a bottleneck where the programme prices it.
    wanted |= (capacity == 0) & (solution.price > 0)
    rows = [
        _row(net, programme, solution, links, tonnes)
        for links in _joined(net, np.flatnonzero(wanted), capacity)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = table.assign(price=table["shadow_price"].fillna(np.inf))
    order = order.sort_values(
        ["price", "carries_t", "name"], ascending=[False, False, True], kind="stable"
    )
    return table.loc[order.index].reset_index(drop=True)


def _joined(net: Network, full: IntArray, capacity: FloatArray) -> list[IntArray]:
    """Full links of equal capacity that meet, together; in order of their first link."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(full):
        return []
    table = net.link_table
    starts = net.graph.nodes(table["from_place"].iloc[full].tolist())
    ends = net.graph.nodes(table["to_place"].iloc[full].tolist())
    same = np.unique(capacity[full], return_inverse=True)[1]
    # A node for each place and capacity, so that only links of one capacity meet.
    one, two = starts + same * net.graph.size, ends + same * net.graph.size
    size = net.graph.size * (int(same.max()) + 1)
    matrix = coo_array((np.ones(len(full)), (one, two)), (size, size))
    label = connected_components(matrix, directed=False)[1][one]
    return [full[label == name] for name in dict.fromkeys(label.tolist())]


def _row(
    net: Network, programme: Programme, solution: Solution, links: IntArray, tonnes: FloatArray
) -> dict[str, object]:
    carries, saves = _widened(programme, solution, links)
    cost = programme.unmet_cost
    worth = np.nan if cost is None else cost
    price = saves + worth * carries if carries else saves
    table = net.link_table.iloc[links]
    crossings = sorted({*table["from_place"], *table["to_place"]} & set(net.borders))
    modes = list(dict.fromkeys(table["mode"]))
    special = [mode for mode in ("gauge_change", "ferry") if mode in modes]
    lines = list(dict.fromkeys(table["line_id"]))
    apart = list(dict.fromkeys(table["line_id"][table["mode"].isin(special)]))
    named = [*crossings, *apart] if crossings else lines
    kind = "crossing" if crossings and not special else (special or modes)[0]
    sources = table["capacity_source"].dropna() if "capacity_source" in table else pd.Series([])
    return {
        "name": ", ".join(net.label(name) for name in named),
        "kind": kind,
        "lines": " ".join(lines),
        "links": " ".join(table["link_id"]),
        "crossings": " ".join(crossings),
        "capacity_t_per_year": float(programme.capacity[links[0]]),
        "tonnes": float(tonnes[links].max()),
        "carries_t": round(carries, 6),
        "saves": round(saves, 6),
        "shadow_price": round(price, 6),
        "dual": round(float(solution.price[links].sum()), 6),
        "capacity_source": " ".join(dict.fromkeys(sources)),
    }


def _widened(programme: Programme, solution: Solution, links: IntArray) -> tuple[float, float]:
    """Tonnes carried more and weight saved, for each tonne of capacity more."""
    more = STEP * (float(programme.capacity[links[0]]) or _smallest_demand(programme))
    wider = programme.capacity.copy()
    wider[links] += more
    other = Programme(
        programme.demands, wider, programme.unmet_cost, list(programme.columns), 0,
        set(programme.known),
    )  # fmt: skip
    again = other.solve()
    carries = (solution.left - again.left) / more
    saves = (solution.cost - again.cost) / more
    return _clean(carries), _clean(saves)


def _clean(value: float) -> float:
    return 0.0 if abs(value) < _SMALL else value


def _smallest_demand(programme: Programme) -> float:
    return min((one.tonnes for one in programme.demands if one.tonnes > 0), default=1.0)
