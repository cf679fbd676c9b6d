"""One page with all corridors: what people mean, and the length of each branch."""

from __future__ import annotations

import corridors as co
from corridors.catalog import Corridor
from corridors.report import corridors_table
from generator.markdown import bullets, escape, number, page, sources, table
from generator.world import known_sources, network


def pages() -> dict[str, str]:
    """Name and text of each page."""
    net = network()
    corridors = list(co.corridors().values())
    lengths = corridors_table(net, corridors).groupby("corridor_id", sort=False)
    head = (
        f"Lengths on {net.as_of}, and with everything open that the corridor needs and does not "
        'have. `co.corridors()` holds them; `net.with_open("tripp")` opens one.\n'
    )
    parts = [head]
    for corridor in corridors:
        parts += _corridor(corridor, lengths.get_group(corridor.corridor_id).to_dict("records"))
    return {"corridors.md": page("Corridors", *parts)}


def _corridor(corridor: Corridor, branches: list[dict[str, object]]) -> list[str]:
    rows = [
        (
            escape(row["branch"]), number(row["length_km"]) or "not passable",
            number(row["opened_km"]), escape(row["countries"]),
        )
        for row in branches
    ]  # fmt: skip
    obstacles = [
        f"{row['branch']}: {row['obstacle']}"
        for row in branches
        if isinstance(row["obstacle"], str)
    ]
    return [
        f"## {escape(corridor.name)}\n",
        f"`{corridor.corridor_id}`, confidence {corridor.confidence}\n",
        f"{escape(corridor.summary)}\n",
        f"{escape(corridor.note)}\n" if corridor.note else "",
        table(["branch", "km", "km, all open", "countries"], rows, right=[1, 2]),
        "What stands in the way:\n\n" + bullets(obstacles) if obstacles else "",
        "Sources:\n\n" + sources(corridor.sources, known_sources()),
    ]
