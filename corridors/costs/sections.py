"""Tariffs published for a whole section of a railway, spread over its kilometres.

A price for a tonne from one station to another becomes a price a t-km: the tonne's price over the
kilometres of the shortest way by rail between the two within the country. It holds on the links
of that way. Where several published sections cover a link, the longest gives the central value
and the least and the most dear a t-km the range: railways charge less a kilometre for longer
hauls, which sums over links cannot follow exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from corridors.costs.parameter_schema import ParameterRow
    from corridors.costs.parameters import ParameterSet, Subject
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray

KINDS = ("section_tariff", "section_ceiling")
"""Prices paid and official maxima; both are used alike."""
SCALAR = ("from", "to", "mode", "country", "traffic")
"""Keys that say where a section is; they make no section more exact than another."""


def tariffs(
    net: Network, parameters: ParameterSet, subject: Subject
) -> tuple[FloatArray, IntArray]:
    """Section tariffs of every link.

    Parameters
    ----------
    net : Network
    parameters : ParameterSet
    subject : Subject

    Returns
    -------
    per_km : ndarray of float, (3, number of links)
        Low, central, high, USD/t-km; NaN where no section tariff holds.
    parameter : ndarray of int, one a link
        Number of the parameter that gives the central value; -1 where none holds.
    """
    size = len(net.link_modes)
    per_km, chosen = np.full((3, size), np.nan), np.full(size, -1, np.int64)
    found: list[tuple[tuple[float, ...], float, str, int, IntArray]] = []
    for kind in KINDS:
        for number in parameters.of_kind(kind):
            row = parameters.rows[number]
            if not subject.fits(row):
                continue
            links, km = section(net, row)
            if km > 0:
                exact = subject.exactness(row, ignore=SCALAR)
                found.append((exact, km, row.parameter_id, number, links))
    level: list[tuple[float, ...]] = [()] * size
    for exact, km, _, number, links in sorted(found, key=lambda one: one[:3]):
        price = parameters.numbers[:, number] / km
        for link in links.tolist():
            if level[link] != exact:  # the first, or a more exact one
                per_km[:, link], level[link] = price, exact
            else:
                low, high = per_km[0, link], per_km[2, link]
                per_km[:, link] = min(low, price[0]), price[1], max(high, price[2])
            chosen[link] = number
    return per_km, chosen


def section(net: Network, row: ParameterRow) -> tuple[IntArray, float]:
    """Links of the way that a section tariff is for, and its kilometres.

    Lines closed today count: the price was set for the line. No links and 0 km where the network
    has not both ends, or no way between them.
    """
    keys = row.applies_to
    key = f"section:{keys.get('country')}:{keys.get('from')}:{keys.get('to')}"
    if key not in net.shared:
        if "from" not in keys or "to" not in keys:
            raise ArgumentError(f"parameter {row.parameter_id!r}: a section needs from and to")
        nodes = net.graph.nodes([keys["from"], keys["to"]])
        usable = net.link_modes == keys.get("mode", "rail")
        if "country" in keys:
            usable &= (net.link_table["country"] == keys["country"]).to_numpy(bool)
        weights = np.where(usable, net.graph_lengths, np.inf)
        path = None
        if (nodes >= 0).all():
            path = net.graph.shortest_path(nodes[:1], nodes[1:], weights)
        none = (np.zeros(0, np.int64), 0.0)
        net.shared[key] = none if path is None else (path.links, path.cost)
    links, km = net.shared[key]
    return links, float(km)


def unplaced(net: Network, parameters: ParameterSet) -> list[ParameterRow]:
    """The section tariffs whose section this network does not have, by id."""
    numbers = [number for kind in KINDS for number in parameters.of_kind(kind)]
    rows = [parameters.rows[number] for number in numbers]
    missing = [row for row in rows if not section(net, row)[1]]
    return sorted(missing, key=lambda row: row.parameter_id)
