"""Sweeps kept on disk: resumed, damaged, of another plan, locked, on a full disk."""

import errno
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

import exitjoin as ej
from numerics.sweeps import execution, folder, plan

from .inline import Inline, Stopped
from .program import MODEL, over

PROGRAM = Path(__file__).with_name("program.py")
OVER = over(6)  # 60 cells
FILES = ["blocks", "lock", "plan.json", "sweep.nc", "sweep.nc.sha256"]


def swept(out, executor=None, **changes):
    arguments = {"runs": 20, "seed": 5, "max_steps": 200} | changes
    return ej.sweep(
        MODEL,
        changes.pop("over", OVER),
        **{k: v for k, v in arguments.items() if k != "over"},
        out=out,
        executor=executor,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The bytes of the result, and the dataset."""
    path = tmp_path_factory.mktemp("undisturbed")
    found = swept(path)
    return (path / "sweep.nc").read_bytes(), found


def test_what_is_kept_is_what_is_returned(undisturbed, tmp_path):
    content, found = undisturbed
    (tmp_path / "moved.nc").write_bytes(content)
    assert ej.load_sweep(tmp_path / "moved.nc").identical(found)
    assert found.identical(swept(None))


def test_a_finished_sweep_is_loaded(undisturbed, tmp_path):
    content, found = undisturbed
    swept(tmp_path)
    idle = Inline()
    assert swept(tmp_path, idle).identical(found)
    assert swept(tmp_path, idle, seed=None).identical(found)  # goes on with the seed that was begun with
    assert idle.cells == []
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    assert not any((tmp_path / "blocks").iterdir())
    assert (tmp_path / "sweep.nc").read_bytes() == content
    assert ej.load_sweep(tmp_path).identical(found)


@pytest.mark.parametrize("coarse", [None, 4])
def test_a_stopped_sweep_goes_on_and_computes_no_cell_twice(tmp_path, coarse, monkeypatch):
    monkeypatch.setattr(execution, "GROWTH", 2)  # more and smaller blocks
    swept(tmp_path / "whole", coarse=coarse)
    parts = []
    for blocks in (1, 2, 3, None):
        part = Inline(blocks)
        parts.append(part)
        if blocks is None:
            swept(tmp_path / "parts", part, coarse=coarse)
            break
        with pytest.raises(Stopped):
            swept(tmp_path / "parts", part, coarse=coarse)
    cells = [cell for part in parts for cell in part.cells]
    assert all(part.cells for part in parts)
    assert len(cells) == len(set(cells))
    if coarse is None:
        assert sorted(cells) == list(range(60))
    assert (tmp_path / "parts" / "sweep.nc").read_bytes() == (tmp_path / "whole" / "sweep.nc").read_bytes()


def test_an_interrupted_sweep_goes_on(undisturbed, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        swept(tmp_path, Inline(3, KeyboardInterrupt))
    assert any((tmp_path / "blocks").iterdir())
    swept(tmp_path)
    assert (tmp_path / "sweep.nc").read_bytes() == undisturbed[0]


def test_damaged_and_foreign_blocks_are_computed_again(undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "GROWTH", 1)  # a cell in each block
    with pytest.raises(Stopped):
        swept(tmp_path, Inline(10))
    first, second, third, fourth, *rest = sorted((tmp_path / "blocks").glob("*.npz"))
    assert rest
    first.write_bytes(first.read_bytes()[:-100])
    middle = bytearray(second.read_bytes())
    middle[len(middle) // 2] ^= 1
    second.write_bytes(middle)
    third.write_bytes(b"")
    with np.load(fourth) as content:
        arrays = dict(content)
    np.savez(fourth, **(arrays | {"plan": np.array("another")}))
    leftovers = [tmp_path / ".plan.json.abc", tmp_path / ".sweep.nc.abc", tmp_path / "blocks" / ".000000001.npz.abc"]
    for path in leftovers:
        path.write_text("half")
    (tmp_path / "blocks" / "999999999.npz").write_bytes(rest[0].read_bytes())  # the same cells once more
    part = Inline()
    swept(tmp_path, part)
    assert not any(path.exists() for path in leftovers)
    assert len(part.cells) == len(set(part.cells)) < 60
    assert (tmp_path / "sweep.nc").read_bytes() == undisturbed[0]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A finished sweep of one cell, to damage, and the bytes of its result."""
    path = tmp_path_factory.mktemp("small")
    return path, swept(path, over={"switching_cost": [0.1]}), (path / "sweep.nc").read_bytes()


def damages(content):
    """Truncated, and with single bits changed: by position, from the signature to the last value."""
    yield from (content[:0], content[:100], content[: len(content) // 2], content[:-1])
    for place in np.linspace(0, len(content) - 1, 150).astype(int).tolist():
        damaged = bytearray(content)
        damaged[place] ^= 16
        yield bytes(damaged)


def test_a_damaged_result_is_refused_and_computed_again(small):
    path, found, content = small
    place = path / "sweep.nc"
    for number, damaged in enumerate(damages(content)):
        place.write_bytes(damaged)
        for given in (path, place):
            with pytest.raises(ej.InputError, match=r"^path: .*sweep.nc' cannot be read \(it is damaged"):
                ej.load_sweep(given)
        if number % 30 == 0:
            assert swept(path, over={"switching_cost": [0.1]}).identical(found)
            assert place.read_bytes() == content
    (path / "sweep.nc.sha256").write_text("damaged")
    assert swept(path, over={"switching_cost": [0.1]}).identical(found)
    (path / "sweep.nc.sha256").unlink()
    part = Inline()
    assert swept(path, part, over={"switching_cost": [0.1]}).identical(found)
    assert part.cells == [0]
    assert ej.load_sweep(path).identical(found)


def test_a_damaged_file_on_its_own_is_refused_or_has_its_values(small, tmp_path):
    """Checksums inside the file: of the arrays by Fletcher, of most else by HDF5."""
    _, found, content = small
    alone = tmp_path / "alone.nc"
    for damaged in list(damages(content))[::3]:
        alone.write_bytes(damaged)
        try:
            again = ej.load_sweep(alone)
        except ej.InputError:
            continue
        for name in set(found.data_vars) & set(again.data_vars):
            if found[name].shape == again[name].shape and found[name].dtype == again[name].dtype:
                assert np.array_equal(found[name].values, again[name].values), name


def test_a_finished_sweep_is_loaded_from_where_nothing_can_be_written(undisturbed, tmp_path, monkeypatch):
    swept(tmp_path)
    monkeypatch.setattr(folder, "opened", None)
    assert swept(tmp_path).identical(undisturbed[1])
    assert swept(tmp_path, seed=None).identical(undisturbed[1])
    monkeypatch.undo()
    with pytest.raises(ej.InputError, match=r"holds a sweep of another runs"):
        swept(tmp_path, runs=21)


@pytest.mark.parametrize("seed", [None, "5", -1, True, [5], {}, {"entropy": 5}, {"entropy": "x", "spawn_key": [],
                                                                                 "pool_size": 4}])  # fmt: skip
def test_a_kept_plan_without_a_seed_is_none(tmp_path, seed):
    swept(tmp_path, seed=None)
    file = tmp_path / "plan.json"
    data = json.loads(file.read_text())
    for edited in ({**data, "seed": seed}, {key: value for key, value in data.items() if key != "seed"}):
        file.write_text(json.dumps(edited))
        with pytest.raises(ej.InputError, match=r"^out: .*plan.json' is not the plan of a sweep: it has no seed"):
            swept(tmp_path, seed=None)
        with pytest.raises(ej.InputError, match=r"^out: .* holds a sweep of another .*seed"):
            swept(tmp_path)


def test_folders_with_the_names_of_files_are_left_alone(undisturbed, tmp_path):
    with pytest.raises(Stopped):
        swept(tmp_path, Inline(2))
    strange = [tmp_path / "blocks" / "x.npz", tmp_path / ".sweep.nc.abc", tmp_path / "blocks" / ".1.npz.abc"]
    for path in strange:
        path.mkdir()
    swept(tmp_path)
    assert all(path.is_dir() for path in strange)
    assert (tmp_path / "sweep.nc").read_bytes() == undisturbed[0]
    assert swept(tmp_path).identical(undisturbed[1])


def test_numbers_of_numpy_are_kept_as_numbers(tmp_path):
    sequence = np.random.SeedSequence(np.uint64(2**40 + 1), spawn_key=(np.int64(3),))
    words = np.random.SeedSequence(np.array([1, 2**40, 3]), pool_size=8)
    over = {"switching_cost": [0.1]}
    for number, (given, same) in enumerate({
        np.int64(7): 7, sequence: np.random.SeedSequence(2**40 + 1, spawn_key=(3,)),
        words: np.random.SeedSequence([1, 2**40, 3], pool_size=8),
    }.items()):  # fmt: skip
        numbers = {"max_steps": np.int64(20), "tactical_steps": np.float64(3.0), "samples": np.int32(0)}
        found = ej.sweep(MODEL, over, np.int64(5), given, **numbers, out=tmp_path / str(number))
        expected = ej.sweep(MODEL, over, 5, same, max_steps=20, tactical_steps=3.0)
        assert found.identical(expected)
        many = ej.ensemble(MODEL.replace(switching_cost=0.1), 5, given, max_steps=20, tactical_steps=3)
        assert np.array_equal(found.spread.values[0], many.spread)
        assert ej.sweep(MODEL, over, 5, None, **numbers, out=tmp_path / str(number)).identical(expected)


def test_another_sweep_in_the_same_folder_is_refused_and_what_differs_is_named(undisturbed, tmp_path, monkeypatch):
    swept(tmp_path)
    others = {
        "runs": {"runs": 21},
        "seed": {"seed": 6},
        "run (max_steps)": {"max_steps": 100},
        "run (structure)": {"structure": [range(10)]},
        "coarse": {"coarse": 4},
        "quantities": {"quantities": ["moves"]},
        "over (switching_cost)": {"over": over(7)},
        "over (order)": {"over": dict(reversed(OVER.items()))},
    }
    for name, changes in others.items():
        with pytest.raises(ej.InputError) as caught:
            swept(tmp_path, **changes)
        assert caught.value.field == "out"
        assert caught.value.problem == f"holds a sweep of another {name}"
    ej.sweep(MODEL.replace(acceptance="open"), {"switching_cost": [0.1]}, out=tmp_path / "a")
    with pytest.raises(ej.InputError, match=r"holds a sweep of another model \(acceptance\)"):
        ej.sweep(MODEL, {"switching_cost": [0.1]}, out=tmp_path / "a")
    newer = plan.versions() | {"sources": "0"}
    monkeypatch.setattr("numerics.sweeps.sweep.versions", lambda: newer)
    with pytest.raises(ej.InputError, match=r"holds a sweep of another versions \(sources\)"):
        swept(tmp_path)
    assert (tmp_path / "sweep.nc").read_bytes() == undisturbed[0]


def test_folders_that_hold_something_else(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "sweep.nc").write_text("mine")
    with pytest.raises(ej.InputError, match=r"^out: .* holds results without a plan"):
        swept(tmp_path / "a")
    (tmp_path / "b").mkdir()
    for text in ("", "[1]", "[" * 100_000):
        (tmp_path / "b" / "plan.json").write_text(text)
        with pytest.raises(ej.InputError, match=r"^out: .*plan.json' is not the plan of a sweep"):
            swept(tmp_path / "b")
    (tmp_path / "c").write_text("a file")
    with pytest.raises(ej.InputError, match=r"^out: .*is no folder"):
        swept(tmp_path / "c")
    (tmp_path / "d" / "lock").mkdir(parents=True)
    with pytest.raises(ej.InputError, match=r"^out: .*lock' cannot be written"):
        swept(tmp_path / "d")


def test_loading_what_is_not_there(tmp_path):
    with pytest.raises(ej.InputError, match=r"^path: .*holds no finished sweep; finish it"):
        ej.load_sweep(tmp_path)
    with pytest.raises(ej.InputError, match=r"^path: .*holds no finished sweep"):
        ej.load_sweep(tmp_path / "missing.nc")
    (tmp_path / "text.nc").write_text("text")
    with pytest.raises(ej.InputError, match=r"^path: .*cannot be read"):
        ej.load_sweep(tmp_path / "text.nc")


def test_one_process_at_a_time(undisturbed, tmp_path):
    with folder.opened(tmp_path):
        with pytest.raises(ej.InputError, match=r"^out: .*is in use by another process"):
            swept(tmp_path)
        other = subprocess.run(
            [sys.executable, PROGRAM, tmp_path, "threads", "6", "20"], capture_output=True, text=True, check=False
        )
        assert "is in use by another process" in other.stderr
        assert other.returncode == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != "lock"] == ["blocks"]
    swept(tmp_path)
    assert (tmp_path / "sweep.nc").read_bytes() == undisturbed[0]


def test_a_process_that_was_forked_off_does_not_hold_the_lock(tmp_path):
    with folder.opened(tmp_path), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads, from Python 3.12 on
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
        child.start()
    try:
        deadline = time.monotonic() + 30
        while True:  # the child lets go as soon as it runs
            try:
                with folder.opened(tmp_path):
                    break
            except ej.InputError:
                assert time.monotonic() < deadline
                time.sleep(0.01)
        assert child.is_alive()
    finally:
        child.kill()
        child.join()


def test_a_disk_that_is_full(undisturbed, tmp_path, monkeypatch):
    written = []

    def full(path, *arguments):
        written.append(path)
        if len(written) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replaced(path, *arguments)

    replaced = os.replace
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        patched.setattr(execution, "SECONDS", 0.01)
        with pytest.raises(ej.InputError, match=r"^out: .*cannot be written \(no space left on device\)"):
            swept(tmp_path, Inline())
    kept = len(list((tmp_path / "blocks").iterdir()))
    assert kept >= 2  # the plan, and two blocks; what came in beside the one that failed, too
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(undisturbed[0]) - 1, limit[1]))
    try:
        with pytest.raises(ej.InputError, match=r"^out: .*sweep.nc' cannot be written \(file too large\)"):
            swept(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert not (tmp_path / "sweep.nc").exists()
    idle = Inline()
    swept(tmp_path, idle)
    assert idle.cells == []  # all was there
    assert (tmp_path / "sweep.nc").read_bytes() == undisturbed[0]


def test_the_plan_is_data(tmp_path):
    swept(tmp_path)
    kept = json.loads((tmp_path / "plan.json").read_text())
    assert list(kept) == ["model", "run", "over", "runs", "seed", "coarse", "quantities", "versions"]
    assert list(kept["over"]) == ["switching_cost", "acceptance.threshold"]
