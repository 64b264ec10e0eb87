"""`exitjoin sweep`: what it prints and writes, on what it computes, how it fails and goes on."""

import sys
import types
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

import exitjoin as ej
from exitjoin.cli import main
from numerics.sweeps import execution

TEXT = """title = "Three agents over two parameters"
[model]
opinions = [0.1, -1.2, 0.7]
performance = "-u**2"
[run]
seed = 2
max_steps = 50
[over]
switching_cost = {from = -0.1, to = 0.5, points = 7}
performance = ["-u**2", "-(u**2 - 1)**2"]
[sweep]
runs = 6
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT)
    return path


def test_a_sweep_is_summed_up_and_written(file, tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert main(["sweep", str(file), "--out", str(out), "--workers", "1"]) == 0
    printed, shown = capsys.readouterr()
    lines = printed.splitlines()
    assert lines[:3] == [
        "Three agents over two parameters",
        "grid: 7 switching_cost x 2 performance",
        "cells computed: 14 of 14, 6 runs each, seed 2",
    ]
    assert lines[-1] == f"wrote {out / 'sweep.nc'}"
    assert shown == ""
    found = ej.load_sweep(out)
    names = found.regime.attrs["flag_meanings"].split()
    for number, line in enumerate(lines[5:-1]):
        *name, cells, runs = line.split()
        assert "_".join(name) == names[number]
        assert cells == f"{float((found.most_frequent_regime == number).mean()):.1%}"
        assert runs == f"{float((found.regime == number).mean()):.1%}"
    assert len(lines) == 5 + len(names) + 1


def test_without_regimes_of_runs_there_are_those_of_cells(file, tmp_path, capsys):
    file.write_text(TEXT + 'quantities = ["moves"]\n')
    assert main(["sweep", str(file), "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[4].split() == ["regime", "cells", "where", "most", "frequent"]
    assert sum(float(line.split()[-1].rstrip("%")) for line in lines[5:-1]) == pytest.approx(100, abs=0.3)


def test_interrupted_it_says_that_it_goes_on_and_does(file, tmp_path, capsys, monkeypatch):
    whole, out = tmp_path / "whole", tmp_path / "out"
    monkeypatch.setattr(execution, "GROWTH", 1)  # a cell in each block
    assert main(["sweep", str(file), "--out", str(whole)]) == 0
    capsys.readouterr()
    learn, blocks = execution.Crew.learn, []

    def interrupted(crew, cells, seconds):
        blocks.append(cells)
        if len(blocks) == 3:
            raise KeyboardInterrupt
        learn(crew, cells, seconds)

    monkeypatch.setattr(execution.Crew, "learn", interrupted)
    command = ["sweep", str(file), "--out", str(out), "--workers", "1"]
    assert main(command) == 130
    printed, shown = capsys.readouterr()
    assert printed == ""
    assert shown == f"exitjoin: interrupted; what is done is kept in {out}: the same command goes on from there\n"
    assert not (out / "sweep.nc").exists()
    blocks.extend([0] * 3)
    assert main(command) == 0
    assert sum(blocks) <= 14 + execution.IN_FLIGHT
    assert (out / "sweep.nc").read_bytes() == (whole / "sweep.nc").read_bytes()


def test_the_folder_of_another_sweep_is_refused(file, tmp_path, capsys):
    out = str(tmp_path / "out")
    assert main(["sweep", str(file), "--out", out]) == 0
    file.write_text(TEXT.replace("runs = 6", "runs = 7"))
    capsys.readouterr()
    assert main(["sweep", str(file), "--out", out]) == 2
    assert capsys.readouterr().err.startswith("exitjoin: out: ")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("runs = 6", "runs = 0", "exitjoin: sweep.runs: 0 "),
        ("points = 7", "points = 7.5", 'exitjoin: over["switching_cost"].points: 7.5 '),
        ('["-u**2", ', '["1/(u - 0.1)", ', "exitjoin: over[\"performance\"][0]: '1/(u - 0.1)' "),
    ],
)
def test_bad_input_has_exit_code_2_and_writes_nothing(file, tmp_path, capsys, old, new, message):
    file.write_text(TEXT.replace(old, new))
    assert main(["sweep", str(file), "--out", str(tmp_path / "out")]) == 2
    printed, shown = capsys.readouterr()
    assert printed == ""
    assert shown.startswith(message)
    assert not (tmp_path / "out" / "sweep.nc").exists()


def fake_dask(monkeypatch, client):
    module = types.ModuleType("distributed")
    module.Client = client
    monkeypatch.setitem(sys.modules, "distributed", module)


def test_a_cluster_computes_the_same(file, tmp_path, capsys, monkeypatch):
    """With a stand-in for the client; `tests/numerics/sweeps` has a real cluster."""
    calls = []

    class Client:
        def __init__(self, address, **_):
            calls.append(address)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            calls.append("closed")
            self.pool.shutdown()

        def get_executor(self):
            self.pool = ThreadPoolExecutor(2)
            return self.pool

    fake_dask(monkeypatch, Client)
    here, there = tmp_path / "here", tmp_path / "there"
    assert main(["sweep", str(file), "--out", str(here)]) == 0
    assert main(["sweep", str(file), "--out", str(there), "--scheduler", "tcp://10.0.0.1:8786"]) == 0
    assert calls == ["tcp://10.0.0.1:8786", "closed"]
    assert (here / "sweep.nc").read_bytes() == (there / "sweep.nc").read_bytes()


def test_a_cluster_that_goes_away_is_told_and_the_same_command_goes_on(file, tmp_path, capsys, monkeypatch):
    class Client:
        def __init__(self, *_, **__):
            self.pool = ThreadPoolExecutor(1)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.pool.shutdown()

        def get_executor(self):
            submit = self.pool.submit
            self.pool.submit = lambda *task: lost if len(tasks) == 2 else tasks.append(task) or submit(*task)
            return self.pool

    tasks, lost = [], Future()
    lost.cancel()
    lost.set_running_or_notify_cancel()
    fake_dask(monkeypatch, Client)
    command = ["sweep", str(file), "--out", str(tmp_path / "out")]
    assert main([*command, "--scheduler", "tcp://10.0.0.1:8786"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("exitjoin: executor: ")
    assert shown.endswith("finished cells are kept, and the same call goes on\n")
    assert any((tmp_path / "out" / "blocks").iterdir())
    assert main(command) == 0


def test_a_cluster_that_is_not_there(file, tmp_path, capsys, monkeypatch):
    def fail(*_, **__):
        raise OSError("Timed out trying to connect to tcp://10.0.0.1:8786 after 30 s")

    fake_dask(monkeypatch, fail)
    command = ["sweep", str(file), "--out", str(tmp_path / "out"), "--scheduler", "tcp://10.0.0.1:8786"]
    assert main(command) == 2
    assert "cannot be reached (Timed out" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(command) == 2
    assert 'pip install "exitjoin[cluster]"' in capsys.readouterr().err
    assert main([*command, "--executor", "threads"]) == 2
    assert capsys.readouterr().err.startswith("exitjoin: scheduler: ")
    for nonsense in ("nonsense", "", "tcp://host", "tcp://host:port", "a b:1"):
        assert main([*command[:-1], nonsense]) == 2
        assert "is no address" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
