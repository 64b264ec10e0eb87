"""Sweeps that are killed, again and again, at any moment: the result has the bytes of an undisturbed one."""

import contextlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("program.py")


def killed_and_resumed(out, executor, costs, runs, kills, longest, seed):
    """Kill the program so many times, at random moments after it is ready, then let it end; the kills that struck."""
    rng, struck = random.Random(seed), 0
    for _ in range(kills):
        process = started(out, executor, costs, runs)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0, longest))
        struck += process.poll() is None
        process.kill()
        process.communicate()
    process = started(out, executor, costs, runs)
    text, _ = process.communicate()
    assert process.returncode == 0
    assert text == "done\n"
    return struck


def started(out, executor, costs, runs):
    process = subprocess.Popen(
        [sys.executable, PROGRAM, out, executor, str(costs), str(runs)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


def undisturbed(out, costs, runs):
    started(out, "threads", costs, runs).communicate()
    return (out / "sweep.nc").read_bytes()


def test_three_kills_of_300_cells(tmp_path):
    expected = undisturbed(tmp_path / "whole", 30, 100)
    assert killed_and_resumed(tmp_path / "killed", "threads", 30, 100, kills=3, longest=0.3, seed=1) > 0
    assert (tmp_path / "killed" / "sweep.nc").read_bytes() == expected


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["threads", "processes", "cluster"])
def test_twenty_kills_of_2000_cells(tmp_path, executor):
    from distributed import LocalCluster

    expected = undisturbed(tmp_path / "whole", 200, 2000)
    started_at = time.monotonic()
    with contextlib.ExitStack() as stack:
        if executor == "cluster":  # which outlives those who use it
            settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
            executor = stack.enter_context(LocalCluster(**settings)).scheduler_address
        struck = killed_and_resumed(tmp_path / "killed", executor, 200, 2000, kills=20, longest=1.5, seed=2)
    assert (tmp_path / "killed" / "sweep.nc").read_bytes() == expected
    print(f"{executor}: {struck} of 20 kills struck, {time.monotonic() - started_at:.0f} s")
    assert struck >= 10
