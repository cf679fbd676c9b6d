"""The same comparison here and on a cluster of separate processes, one of them killed half-way."""

from __future__ import annotations

import logging
import os
import signal
from concurrent.futures import Executor

import pandas as pd
import pytest

import corridors as co

distributed = pytest.importorskip("distributed")


class Killing(Executor):
    """An executor that kills one of its workers when some of the work is done."""

    def __init__(self, executor, victim, after):
        self.executor, self.victim, self.left = executor, victim, after

    def submit(self, function, *args, **options):
        future = self.executor.submit(function, *args, **options)
        future.add_done_callback(self.one_done)
        return future

    def one_done(self, _):
        self.left -= 1
        if self.left == 0:
            os.kill(self.victim, signal.SIGKILL)


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
            host="127.0.0.1", silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as found,
    ):  # fmt: skip
        yield found


def test_a_worker_killed_half_way_changes_nothing(net, client, monkeypatch):
    monkeypatch.setattr("corridors.comparison.ranges.CHUNK", 20)
    flows = {name: co.flows()[name] for name in ("azerbaijani-oil-products", "kazakh-grain")}
    ask = {
        "scenarios": {"round": net.with_open("tripp", "yeraskh-nakhchivan")},
        "flows": flows,
        "draws": 160,
        "seed": 3,
        "progress": False,
    }
    here = co.compare(net, **ask)
    before = set(client.run(os.getpid).values())
    executor = Killing(client.get_executor(), min(before), after=9)
    there = co.compare(net, **ask, executor=executor)
    assert executor.left < 0, "work was left when the worker died"
    client.wait_for_workers(2)
    assert set(client.run(os.getpid).values()) != before, "one worker is a new process"
    pd.testing.assert_frame_equal(there.table, here.table, check_exact=True)
    for name in ("table", "differences", "routes", "best"):
        one, other = getattr(there.ranges, name), getattr(here.ranges, name)
        pd.testing.assert_frame_equal(one, other, check_exact=True)
