"""From an extract to a saved, routable network, beside osmium-tool and pyrosm on the same file.

``make bench`` runs it on a synthetic extract of 20 MB; ``CORRIDORS_BENCH_MB=100`` makes another,
``CORRIDORS_BENCH_PBF=file.osm.pbf`` takes one that is there. Each contestant is a process of its
own, in turn, so that none has warm imports or caches of another; the least of the rounds counts,
and the peak memory is what the system says of the process. Ratios are printed (``-s``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.make_country import make

ROUNDS = 3
ROADS = "motorway,trunk,primary,secondary,tertiary"
MAX_RATIO = 3.0
MAX_MEMORY_MB = 1000.0

OURS = """
import sys
import corridors as co
net = co.from_pbf(sys.argv[1], modes=["rail", "road"], progress=False)
net.save(sys.argv[2])
net.graph
"""
PYROSM = """
import sys
import pyrosm
osm = pyrosm.OSM(sys.argv[1])
keep = {"highway": ["motorway", "trunk", "primary", "secondary", "tertiary"]}
nodes, edges = osm.get_network(network_type="driving", nodes=True)
edges = edges[edges["highway"].isin(keep["highway"])]
graph = osm.to_graph(nodes, edges, graph_type="igraph")
"""


@dataclass
class Run:
    """Least wall time over the rounds, s, and the highest peak of memory, MB."""

    seconds: float = np.inf
    megabytes: float = 0.0

    def once(self, command: list[str]) -> None:
        start = time.perf_counter()
        with subprocess.Popen(command) as process:  # noqa: S603
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = min(self.seconds, time.perf_counter() - start)
        assert process.returncode == 0, command
        self.megabytes = max(self.megabytes, usage.ru_maxrss / 1000)


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    given = os.environ.get("CORRIDORS_BENCH_PBF")
    if given:
        return Path(given)
    megabytes = float(os.environ.get("CORRIDORS_BENCH_MB", "20"))
    return make(tmp_path_factory.mktemp("country") / "country.osm.pbf", megabytes)


def test_against_osmium_tool_and_pyrosm(extract, tmp_path):
    tool = shutil.which("osmium")
    runs = {"corridors": Run()}
    commands = {
        "corridors": [sys.executable, "-c", OURS, str(extract), str(tmp_path / "net.parquet")]
    }
    if tool:
        runs["osmium tags-filter"] = Run()
        commands["osmium tags-filter"] = [
            tool, "tags-filter", "--no-progress", "--overwrite", "-o", str(tmp_path / "f.osm.pbf"),
            str(extract), "w/railway=rail", f"w/highway={ROADS}",
        ]  # fmt: skip
    try:
        import pyrosm  # noqa: F401
    except ImportError:
        pass
    else:
        runs["pyrosm"] = Run()
        commands["pyrosm"] = [sys.executable, "-W", "ignore", "-c", PYROSM, str(extract)]
    for _ in range(ROUNDS):
        for name, command in commands.items():
            runs[name].once(command)
    ours = runs["corridors"]
    print(f"\n{extract.name}, {extract.stat().st_size / 1e6:.0f} MB, least of {ROUNDS} rounds")  # noqa: T201
    for name, run in runs.items():
        ratio = ours.seconds / run.seconds
        print(f"{name:20}{run.seconds:8.2f} s {run.megabytes:8.0f} MB   ours/this {ratio:5.2f}")  # noqa: T201
    assert ours.megabytes < MAX_MEMORY_MB
    if "pyrosm" in runs:
        assert ours.seconds < runs["pyrosm"].seconds
    # Starting Python and its libraries is a fixed second or two: it weighs on small files only.
    if tool and extract.stat().st_size > 50e6:
        assert ours.seconds <= MAX_RATIO * runs["osmium tags-filter"].seconds


@pytest.mark.benchmark(group="chains")
def test_splitting_and_contracting_50_000_ways(benchmark):
    from corridors.sources import chains

    rng = np.random.default_rng(1)
    ways, vertices = 50_000, 200_000
    sizes = rng.integers(2, 20, ways)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    vertex = (np.arange(offsets[-1]) * 7919) % vertices
    runs = chains.clean_runs(vertex, offsets)
    still = np.zeros(ways, np.int64), np.zeros(ways, bool), np.zeros(vertices, bool)
    made = benchmark(chains.make_chains, runs, vertices, *still)
    assert len(made.sizes) > 0
