"""The same bits on threads, processes and a cluster; executors that fail."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from distributed import KilledWorker

import exitjoin as ej
from numerics.sweeps import execution, plan

from .inline import Inline
from .program import MODEL, over

PROGRAM = Path(__file__).with_name("program.py")


def swept(executor, costs=6, **changes):
    return ej.sweep(MODEL, over(costs), 20, 5, max_steps=200, executor=executor, **changes)


def test_the_same_bits_on_threads_processes_and_a_cluster(tmp_path):
    from distributed import Client, LocalCluster

    swept(Inline(), out=tmp_path / "inline")
    expected = (tmp_path / "inline" / "sweep.nc").read_bytes()
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**settings) as cluster, Client(cluster) as client, ThreadPoolExecutor(3) as threads:
        executors = {"threads": "threads", "processes": "processes", "pool": threads, "dask": client.get_executor()}
        for name, executor in executors.items():
            swept(executor, out=tmp_path / name, workers=2 if isinstance(executor, str) else None)
            assert (tmp_path / name / "sweep.nc").read_bytes() == expected, name
        assert threads.submit(int, 5).result() == 5  # not shut down
        assert client.submit(int, 5).result() == 5
        bad = {"discount": [None, 0.5], "performance": ["-u**2", "u**4"]}
        with pytest.raises(ej.InputError, match=r"^cell .*model.discount: 0.5 is for quadratic"):
            ej.sweep(MODEL, bad, 3, max_steps=10, executor=client.get_executor())


def test_errors_cross_from_process_to_process():
    error = ej.InputError("runs", [1, 2], "are two", "give one")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (ej.InputError, str(error), vars(error))


def test_workers_of_other_versions_are_refused(monkeypatch):
    monkeypatch.setattr("numerics.sweeps.cells.versions", lambda: plan.versions() | {"numpy": "1.0"})
    with pytest.raises(ej.InputError, match=r"^executor: .*has workers of other versions"):
        swept(Inline())


def test_a_worker_that_dies_is_told():
    with ProcessPoolExecutor(1) as pool:
        pool.submit(os.getpid).result()
        broken = pool.submit(os._exit, 1)
        while not broken.done():
            time.sleep(0.01)
        with pytest.raises(ej.InputError, match=r"^executor: 'ProcessPoolExecutor' lost a worker"):
            swept(pool)


class Failing(Inline):
    """Its third block, or its third submission, comes to this."""

    def __init__(self, submitted=None, result=None):
        super().__init__()
        self.submitted, self.result, self.count = submitted, result, 0

    def submit(self, function, /, *arguments):
        self.count += 1
        if self.count < 3:
            return super().submit(function, *arguments)
        if isinstance(self.submitted, Exception):
            raise self.submitted
        if self.submitted is not None:
            return self.submitted
        future = Future()
        if isinstance(self.result, BaseException):
            future.set_exception(self.result)
        elif self.result == "cancelled":
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_result(self.result)
        return future


FAILING = {
    "shut down": Failing(RuntimeError("cannot schedule new futures after shutdown")),
    "no future": Failing("done"),
    "cancelled": Failing(result="cancelled"),
    "cancelled by a loop": Failing(result=asyncio.CancelledError()),
    "cannot write": Failing(result=OSError(28, "No space left on device")),
    "no memory": Failing(result=MemoryError()),
    "no module": Failing(result=ModuleNotFoundError("No module named 'exitjoin'")),
    "killed": Failing(result=KilledWorker("block", SimpleNamespace(address="tcp://10.0.0.2:1"), 3)),
    "nothing": Failing(result=None),
}


@pytest.mark.parametrize("name", FAILING)
def test_an_executor_that_fails_is_told_and_the_same_call_goes_on(tmp_path, name):
    executor = FAILING[name]
    with pytest.raises(
        ej.InputError, match=r"^executor: 'Failing' .*; finished cells are kept, and the same call goes"
    ):
        swept(executor, out=tmp_path)
    assert len(executor.cells) == 2 or len(executor.cells) == 9
    rest = Inline()
    swept(rest, out=tmp_path)
    assert sorted(executor.cells + rest.cells) == list(range(60))
    executor.count, executor.cells = 0, []
    with pytest.raises(ej.InputError, match=r"^executor: 'Failing' .*; out=... would keep what is done$"):
        swept(executor)


def test_a_pool_that_is_shut_down_is_told():
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(ej.InputError, match=r"^executor: 'ThreadPoolExecutor' takes no work \(cannot schedule"):
        swept(pool)


def test_a_mistake_of_ours_is_not_taken_for_the_executors():
    with pytest.raises(ZeroDivisionError):
        swept(Failing(result=ZeroDivisionError()))


def test_blocks_grow_to_their_time_and_no_further(monkeypatch):
    crew = execution.Crew(Inline(), 1, b"", cell_bytes=1_000_000)
    sizes = []
    for seconds, cells in ((1.0, 1), (0.01, 1), (0.08, 8), (0.02, 40), (1.0, 64), (0.0, 32)):
        crew.learn(cells, seconds)
        sizes.append(crew.size)
    # half a second a block, eight times the one before at most, 64 MB at most
    assert sizes == [1, 8, 50, 64, 32, 64]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="lists children by /proc")
def test_worker_processes_end_with_the_one_that_started_them(tmp_path):
    process = subprocess.Popen(
        [sys.executable, PROGRAM, tmp_path, "processes", "2000", "2000"], stdout=subprocess.PIPE, text=True
    )
    try:
        while not any((tmp_path / "blocks").glob("*.npz")):
            assert process.poll() is None
            time.sleep(0.05)
        children = children_of(process.pid)
        assert len(children) >= 2
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{child}").exists() and not is_zombie(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children_of(process):
    return [
        int(word)
        for task in Path(f"/proc/{process}/task").iterdir()
        for word in (task / "children").read_text().split()
    ]


def is_zombie(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
