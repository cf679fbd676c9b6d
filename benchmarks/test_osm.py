"""From an extract to a saved, routable network, beside osmium-tool and pyrosm on the same file.

``make bench`` runs it on a synthetic extract of 20 MB; ``CORRIDORS_BENCH_MB=100`` makes another,
``CORRIDORS_BENCH_PBF=file.osm.pbf`` takes one that is there. Each contestant is a process of its
own, in turn, so that none has warm imports or caches of another; the median of the rounds counts.
Processor time is that of all its processes, and so is the peak of memory, sampled. Ratios are
printed (``-s``): of wall time, which other work on the machine disturbs, and of processor time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from benchmarks.make_country import make

ROUNDS = 3
ROADS = "motorway,trunk,primary,secondary,tertiary"
MAX_RATIO = 3.0
MAX_MEMORY_MB = 1000.0
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6

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
    """Wall and processor time of each round, s, and the highest peak of memory, MB."""

    walls: list[float] = field(default_factory=list)
    works: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    @property
    def seconds(self) -> float:
        return median(self.walls)

    @property
    def work(self) -> float:
        return median(self.works)

    def once(self, command: list[str]) -> None:
        start = time.perf_counter()
        with subprocess.Popen(command) as process:  # noqa: S603
            done = threading.Event()
            watch = threading.Thread(target=self._watch, args=(process.pid, done))
            watch.start()
            _, status, usage = os.wait4(process.pid, 0)
            done.set()
            watch.join()
            process.returncode = os.waitstatus_to_exitcode(status)
        self.walls.append(time.perf_counter() - start)
        self.works.append(usage.ru_utime + usage.ru_stime)
        assert process.returncode == 0, command
        self.megabytes = max(self.megabytes, usage.ru_maxrss / 1000)

    def _watch(self, pid: int, done: threading.Event) -> None:
        """Note the memory of a process and those it started, together, until it is done."""
        while not done.wait(0.05):
            self.megabytes = max(self.megabytes, sum(resident_mb(one) for one in family(pid)))


def family(pid: int) -> list[int]:
    """A process and those it started, where the system says so."""
    found = [pid]
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [one for child in file.read_text().split() for one in family(int(child))]
    return found


def resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
    except (OSError, IndexError):
        return 0.0


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
    size = extract.stat().st_size / 1e6
    lines = [f"{extract.name}, {size:.0f} MB, median of {ROUNDS} rounds"]
    for name, run in runs.items():
        wall, work = ours.seconds / run.seconds, ours.work / run.work
        lines.append(
            f"{name:20}{run.seconds:8.2f} s wall {run.work:8.2f} s processor "
            f"{run.megabytes:6.0f} MB   ours/this {wall:5.2f} wall {work:5.2f} processor"
        )
    lines.append(
        f"wanted: at most {MAX_RATIO:g} of osmium on large files, less than pyrosm, and under "
        f"{MAX_MEMORY_MB:g} MB"
    )
    print("\n" + "\n".join(lines))  # noqa: T201
    assert ours.megabytes < MAX_MEMORY_MB


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
