"""Figures about the data, counted when the documentation is built, for use in the pages."""

from __future__ import annotations

import pandas as pd

from corridors.report import tariff_table
from generator.world import network

OWN = "own-estimate"


def figures() -> dict[str, str]:
    """Figures by the name that pages use: ``{{ places }}``."""
    net = network()
    links, states, official = net.links, net.states, tariff_table(net)
    rail, road = links[links["mode"] == "rail"], links[links["mode"] == "road"]
    counted = {
        "places": len(net.places),
        "links": len(links),
        "sources": len(net.sources),
        "states": len(states),
        "states_own": _percent((states["source"] == OWN).mean()),
        "official": len(official),
        "agreeing": int(official["agrees"].sum()),
        "rail_official": _share(rail[rail["country"].isin(["AZ", "GE", "AM"])], "tariff"),
        "rail_estimated": _share(rail, "estimate"),
        "road_estimated": _share(road, "estimate"),
    }
    return {name: f"{value:,}" for name, value in counted.items()}


def _share(links: pd.DataFrame, kind: str) -> int:
    """Kilometres of one kind of length, in percent."""
    km = links["length_km"]
    return _percent(km[links["length_kind"] == kind].sum() / km.sum())


def _percent(share: float) -> int:
    return round(100 * share)
