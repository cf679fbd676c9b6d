"""What a question may use: modes of a commodity, links left out, links that rules forbid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.schema import RuleRow
from corridors.states import links_of_rule
from corridors.units import check_carriage
from corridors.words import ISO_COUNTRIES

if TYPE_CHECKING:
    from corridors.network import Network

BoolArray = npt.NDArray[np.bool_]

MODES = ("rail", "road", "ferry")
"""Modes a caller may ask for; border, gauge-change and transfer links come with them."""


def as_names(given: Iterable[str] | None, argument: str) -> list[str]:
    """One name, several, or none, as a list of strings.

    Raises
    ------
    ArgumentError
        If it is anything else; the message names the argument.
    """
    if given is None:
        return []
    names = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise ArgumentError(f"{argument}={given!r}: {wrong[0]!r} is no text; give ids or names")
    return names


def check_modes(
    net: Network, modes: Iterable[str] | None, commodity: str | None
) -> tuple[list[str], frozenset[str]]:
    """Modes to use and the commodity with its parents, both checked."""
    classes: frozenset[str] = frozenset()
    usual: Sequence[str] = MODES
    if commodity is not None:
        if not isinstance(commodity, str) or commodity not in net.commodities:
            known = ", ".join(sorted(net.commodities))
            raise ArgumentError(f"commodity={commodity!r} is unknown; known: {known}")
        usual = net.commodities[commodity].modes
        chain: list[str] = []
        name: str | None = commodity
        while name is not None and name not in chain:
            chain.append(name)
            name = net.commodities[name].parent if name in net.commodities else None
        classes = frozenset(chain)
    asked = as_names(usual if modes is None else modes, "modes")
    wrong = [mode for mode in asked if mode not in MODES]
    if wrong or not asked:
        raise ArgumentError(f"modes={asked!r}: give one or more of {', '.join(MODES)}")
    if commodity is not None:
        for mode in asked:
            check_carriage(net.commodities[commodity], mode=mode)
    return [mode for mode in MODES if mode in asked], classes


def mode_masks(net: Network, modes: Sequence[str]) -> tuple[BoolArray, BoolArray]:
    """Links the modes may use, and nodes that such links (transfers apart) serve."""
    key = ("modes", *modes)
    if key not in net.memo:
        of_link = net.link_modes
        main = np.isin(of_link, list(modes))
        mask = main.copy()
        if "rail" in modes:
            mask |= np.isin(of_link, ["gauge_change", "border"])
        if len(modes) > 1:
            mask |= of_link == "transfer"
        served = np.zeros(net.graph.size, bool)
        arcs = main[net.graph.link]
        served[net.graph.tail[arcs]] = True
        served[net.graph.head[arcs]] = True
        net.memo[key] = (mask, served)
    found: tuple[BoolArray, BoolArray] = net.memo[key]
    return found


def mode_mask(net: Network, modes: Sequence[str]) -> BoolArray:
    """Mask of the links that some modes may use, the border and gauge-change links included."""
    return mode_masks(net, modes)[0]


def forbidden(net: Network, rules: Sequence[RuleRow]) -> BoolArray:
    """Mask of the links that some rules close."""
    key = ("rules", *(rule.rule_id for rule in rules))
    if key not in net.memo:
        mask = np.zeros(len(net.link_modes), bool)
        for rule in rules:
            mask |= links_of_rule(rule, net.link_table, net.borders, net.lifted)
        net.memo[key] = mask
    found: BoolArray = net.memo[key]
    return found


def avoided(net: Network, avoid: Iterable[str]) -> BoolArray:
    """Mask of the links that ``avoid`` names, by place, link, line, operator or country."""
    mask = np.zeros(len(net.link_modes), bool)
    table = net.link_table
    for given in as_names(avoid, "avoid"):
        name = given.upper() if given.upper() in ISO_COUNTRIES else given
        hit = np.zeros(len(mask), bool)
        for column in ("link_id", "line_id", "operator_id", "country", "from_place", "to_place"):
            hit |= (table[column] == name).to_numpy(bool)
        if not hit.any():
            raise UnknownSubjectError(
                f"avoid={given!r} is no link, line, operator, country code or place with links; "
                "net.links lists the ids"
            )
        mask |= hit
    return mask
