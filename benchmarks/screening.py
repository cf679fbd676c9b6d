"""A thousand single changes against all flows on the OSM network: screened, and one by one.

``python -m benchmarks.screening`` prints how many times faster screening is, both ways measured in
one run. One by one means: make the network with the change, and route every flow on it from
scratch. That is done for a sample of the changes, whose answers must be the same.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import corridors as co
from corridors.geodesy import distance_km
from corridors.network import Network
from corridors.routing.terms import terms

EXTRACT = Path("../shared/osm/south-caucasus-rail.osm.pbf")
CHANGES, SAMPLE = 1000, 30
NEAR_KM = 3.0


@dataclass(frozen=True)
class Changes:
    """Closures and openings by link id, and new links as (from, to, km)."""

    closed: list[str]
    opened: list[str]
    built: list[tuple[str, str, float]]

    def __len__(self) -> int:
        return len(self.closed) + len(self.opened) + len(self.built)


def osm_flows(osm: Network, reference: Network) -> pd.DataFrame:
    """Every flow as far as its route on the reference network runs over tracks of the extract."""
    rows = []
    for flow in co.flows().values():
        world = reference.with_open(*flow.opens) if flow.opens else reference
        route = world.route(
            flow.origin, flow.destination, modes=flow.modes, commodity=flow.commodity,
            cargo_origin=flow.origin_country, cargo_destination=flow.destination_country,
        )  # fmt: skip
        inside = _inside(osm, world, route.place_ids)
        if len(inside) > 1:
            rows.append(
                {
                    "flow_id": flow.flow_id, "origin": inside[0], "destination": inside[-1],
                    "tonnes": 1.0, "modes": "rail", "cargo_origin": flow.origin_country,
                    "cargo_destination": flow.destination_country,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _inside(osm: Network, world: Network, ids: list[str]) -> list[str]:
    """Places of the OSM network's largest part beside those of a route, in order."""
    part = osm.graph.components(osm.state_allows)
    served = osm.place_table[part == np.bincount(part).argmax()]
    lon, lat = served["lon"].to_numpy(), served["lat"].to_numpy()
    table = world.place_table.set_index("place_id").loc[ids]
    found = []
    for x, y in zip(table["lon"], table["lat"], strict=True):
        away = distance_km(x, y, lon, lat)
        if away.min() < NEAR_KM:
            found.append(str(served["place_id"].iloc[int(np.argmin(away))]))
    return list(dict.fromkeys(found))


def changes(osm: Network, count: int = CHANGES) -> Changes:
    """A third closures of links, all openings there are, the rest new links."""
    pick = np.random.default_rng(6)
    links = osm.link_table
    open_now = links["link_id"].to_numpy(object)[osm.state_allows]
    shut = links["link_id"].to_numpy(object)[~osm.state_allows].tolist()
    closed = pick.choice(open_now, (count - len(shut)) // 2, replace=False).tolist()
    places = links["from_place"].to_numpy(object)
    rest = count - len(shut) - len(closed)
    pairs = pick.choice(places, (rest, 2))
    at = osm.place_table.set_index("place_id")[["lon", "lat"]]
    built = []
    for start, end in pairs.tolist():
        if start != end:
            km = float(distance_km(*at.loc[start], *at.loc[end]))
            built.append((start, end, max(km, 0.1) * 1.2))
    return Changes(closed, shut, built)


def screened(osm: Network, flows: pd.DataFrame, wanted: Changes) -> pd.DataFrame:
    """All of them at once."""
    return osm.screen(
        flows, closed=wanted.closed, opened=wanted.opened, built=wanted.built, progress=False
    )


def one_by_one(osm: Network, flows: pd.DataFrame, kind: str, change: Any) -> list[float]:
    """One change: the network made anew and every flow routed from scratch."""
    if kind == "closed":
        world = osm.with_closed(change)
    elif kind == "opened":
        world = osm.with_open(change)
    else:
        world = _with_link(osm, *change)
    found = []
    for flow in flows.to_dict("records"):
        asked = terms(
            world, modes=[flow["modes"]], cargo_origin=flow["cargo_origin"],
            cargo_destination=flow["cargo_destination"],
        )  # fmt: skip
        start, end = asked.end(flow["origin"], "origin"), asked.end(flow["destination"], "dest")
        far = asked.weighted(asked.shipment(start, end)).nearest(start.nodes)
        found.append(float(far[end.nodes].min()))
    return [one if np.isfinite(one) else np.nan for one in found]


def _with_link(osm: Network, start: str, end: str, km: float) -> Network:
    tables = osm.tables
    row = tables.links.iloc[[0]].copy()
    row["link_id"], row["line_id"], row["oneway"] = "new-link", "new-line", False
    row["from_place"], row["to_place"], row["length_km"], row["mode"] = start, end, km, "rail"
    row["bearing_from"] = row["bearing_to"] = np.nan  # joined freely
    links = pd.concat([tables.links, row], ignore_index=True)
    state = tables.states.iloc[[0]].copy()
    state["subject_kind"], state["subject_id"], state["state"] = "line", "new-line", "open"
    state["valid_from"], state["valid_to"] = pd.Timestamp("1988-01-01"), pd.NaT
    states = pd.concat([tables.states, state], ignore_index=True)
    return Network(replace(tables, links=links, states=states), as_of=osm.as_of)


def ratio(osm: Network, flows: pd.DataFrame, wanted: Changes) -> dict[str, float]:
    """How many times faster; the answers of the sample are compared."""
    screened(osm, flows, Changes(wanted.closed[:1], [], []))  # what is compiled once
    begun = time.perf_counter()
    table = screened(osm, flows, wanted)
    quick = time.perf_counter() - begun
    sample = [
        *(("closed", number, wanted.closed[number]) for number in range(SAMPLE // 3)),
        *(("opened", name, name) for name in wanted.opened[: SAMPLE // 3]),
        *(("built", number, wanted.built[number]) for number in range(SAMPLE // 3)),
    ]
    begun = time.perf_counter()
    answers = [one_by_one(osm, flows, kind, change) for kind, _, change in sample]
    slow = (time.perf_counter() - begun) / len(sample) * len(wanted)
    for (kind, name, _), expected in zip(sample, answers, strict=True):
        rows = table[(table["kind"] == kind) & (table["change"] == name)]
        np.testing.assert_allclose(rows["after"], expected, rtol=1e-9)
    moved = table[(table["extra"].abs() > 0) | table["stranded"] | table["newly_possible"]]
    return {
        "changes": len(wanted), "flows": len(flows),
        "with a route": int(table.drop_duplicates("flow_id")["before"].notna().sum()),
        "screened_s": quick,
        "one_by_one_s": slow, "ratio": slow / quick, "moved": len(moved),
    }  # fmt: skip


def main() -> None:
    """Print the figures."""
    osm = co.from_pbf(EXTRACT)
    flows = osm_flows(osm, co.load("2026-06-01"))
    for name, value in ratio(osm, flows, changes(osm)).items():
        print(f"{name:14} {value:,.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
