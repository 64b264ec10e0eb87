"""The mutation run: what it changes, what it leaves out, and that it notices."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proofs_checks.mutation import mutants
from proofs_checks.mutation.equivalents import EQUIVALENT
from proofs_checks.mutation.forked import Channel, in_processes

ROOT = Path(mutants.THEORY).parent

EXAMPLE = '''
"""A module with a number: 1 + 1."""
MAX_SIZE = 30
RATE = 1 / 2
def f(x: int = 3, *, limit=None) -> "tuple[1 + 1]":
    """Return x - 1."""
    if x < 0:
        raise InputError("x", x + 1, f"{x - 1} is negative", "use more")
    if x <= 4:
        x += 1
    total = [0] * x
    if expand(x - 1) == 0:
        return -x
    return Max(x[0], x ** 2 - x * total)
'''


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """The changes of an example, from what they change to why they are left out."""
    path = tmp_path / "example.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    monkeypatch.setattr(mutants, "source", lambda module: (path, ast.parse(EXAMPLE)))
    return {f"{mutant.before} → {mutant.after}": mutant.left_out for mutant in mutants.mutants_of("theory.example")}


def test_what_is_changed(example: dict[str, str]) -> None:
    tried = {change for change, left_out in example.items() if not left_out}
    assert tried == {
        "1 / 2 → 1 * 2",
        "1 / 2 → -(1 / 2)",
        "1 / 2 → 2 / 2",
        "1 / 2 → 0 / 2",
        "1 / 2 → 1 / 3",
        "1 / 2 → 1 / 1",
        "3 → 4",
        "3 → 2",
        "x <= 4 → x >= 4",
        "x <= 4 → x <= 5",
        "x <= 4 → x <= 3",
        "x += 1 → x -= 1",
        "1 → 2",
        "1 → 0",
        "expand(x - 1) == 0 → expand(x - 1) != 0",
        "expand(x - 1) == 0 → expand(x - 1) == 1",
        "x - 1 → x + 1",
        "x - 1 → x - 2",
        "x - 1 → x - 0",
        "-x → x",
        "Max(x[0], x ** 2 - x * total) → Min(x[0], x ** 2 - x * total)",
        "x[0] → x[1]",
        "x ** 2 - x * total → x ** 2 + x * total",
        "x ** 2 - x * total → -(x ** 2 - x * total)",
        "x ** 2 → x ** 3",
        "x ** 2 → x ** 1",
        "x * total → x / total",
        "[0] → [1]",
    }


def test_what_is_left_out_and_why(example: dict[str, str]) -> None:
    left_out = {change: reason for change, reason in example.items() if reason}
    assert left_out["30 → 31"] == "limits of size"
    assert left_out["x < 0 → x > 0"] == "refuses bad input"
    assert left_out["x + 1 → x - 1"] == "errors"
    assert left_out["[0] * x → [0] / x"] == "text, list or set"
    assert left_out["x - 1 → -(x - 1)"] == "sign of 0"  # compared with 0
    assert not any("tuple" in change for change in example)  # annotations are no places at all


@pytest.mark.parametrize("module", mutants.modules())
def test_every_mutant_of_theory_compiles_and_differs(module: str) -> None:
    made = mutants.mutants_of(module)
    assert len({mutant.key for mutant in made}) == len(made)
    path, tree = mutants.source(module)
    original = compile(tree, str(path), "exec")
    for mutant in made[:: max(1, len(made) // 15)]:
        assert mutant.before != mutant.after
        assert mutant.code() != original


def test_listed_equivalent_mutants_exist_and_have_reasons() -> None:
    keys = {mutant.key for module in mutants.modules() for mutant in mutants.mutants_of(module) if not mutant.left_out}
    assert [key for key in EQUIVALENT if key not in keys] == []
    assert all(len(reason) > 10 for reason in EQUIVALENT.values())


def test_processes_report_time_and_crashes() -> None:
    def good(channel: Channel) -> None:
        channel.allow(5.0)
        channel.send({"answer": 42})

    def slow(channel: Channel) -> None:
        channel.send("begun")
        channel.allow(0.2)
        while True:
            pass

    def broken(channel: Channel) -> None:
        raise RuntimeError

    start = time.process_time()
    found = {f.key: f for f in in_processes([("good", good), ("slow", slow), ("broken", broken)], 2)}
    assert (found["good"].messages, found["good"].ended) == ([{"answer": 42}], "")
    assert (found["slow"].messages, found["slow"].ended) == (["begun"], "time")
    assert found["broken"].ended == "crash"
    assert time.process_time() - start < 2


@pytest.mark.slow  # tracing takes its time; `make mutants` does the same for all modules
def test_a_run_over_one_module(tmp_path: Path) -> None:
    """The checks of V4 notice mutants of the Shapley value; a second run knows the results."""
    summary, state = tmp_path / "summary.json", tmp_path / "state.jsonl"
    command = [sys.executable, "-m", "proofs_checks.mutation", "--module", "theory.payoff", "--claim", "V4"]
    command += ["--sample", "5", "--no-tests", "--workers", "1", "--json", str(summary), "--state", str(state)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(summary.read_text(encoding="utf-8"))
    assert result["mutants"] == 5
    assert result["verification"] + result["equivalent"] == 5
    assert result["verification"] >= 4
    assert result["wrongly_listed"] == []
    killed = [line for line in state.read_text(encoding="utf-8").splitlines() if json.loads(line)["killed_by"]]
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 0
    assert killed == [x for x in state.read_text(encoding="utf-8").splitlines() if json.loads(x)["killed_by"]]


def test_unknown_modules_are_refused() -> None:
    from proofs_checks.mutation.__main__ import main

    assert main(["--module", "theory.nothing"]) == 2
