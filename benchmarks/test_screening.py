"""A thousand single changes against all flows, beside each change by itself; ratio printed."""

from __future__ import annotations

import pytest

import corridors as co
from benchmarks import screening


@pytest.mark.shared
def test_screening(benchmark):
    if not screening.EXTRACT.exists():
        pytest.skip(f"{screening.EXTRACT} is not there")
    osm = co.from_pbf(screening.EXTRACT, progress=False)
    flows = screening.osm_flows(osm, co.load("2026-06-01"))
    wanted = screening.changes(osm)
    benchmark.extra_info |= screening.ratio(osm, flows, wanted)
    benchmark.pedantic(screening.screened, (osm, flows, wanted), rounds=2)
