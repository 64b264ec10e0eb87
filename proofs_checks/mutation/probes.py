"""Probes: what can notice a mutant, one by one, and which lines of `theory` each of them runs.

The checks of the claims come first; the doctests of the modules and the files of ``tests/theory`` are asked about what
verification lets pass.  A probe that runs no line of the statement that was changed cannot notice it, so
each is traced once on the unchanged code, in a process of its own: values that functions of `theory` remember would
hide calls from the probes that come later.  Checks that compute with compiled code are left out: it is kept on disk
between processes, and would carry one mutant's formulas into the next.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from types import FrameType
from typing import Any

from proofs_checks.mutation.mutants import THEORY, modules
from proofs_checks.mutation.places import MODULES_LEFT_OUT

TESTS = THEORY.parent / "tests" / "theory"
COMPILED = "numerics"


@dataclass(frozen=True)
class Probe:
    """A check of a claim, the doctests of a module, or a file of tests.

    Parameters
    ----------
    kind : str
        "claim", "doctest" or "test".
    name : str
        Label of the claim, name of the module or of the file.
    index : int
        Which check of the claim.
    what : str
        What it compares.
    seconds : float
        Processor time on the unchanged code, traced line by line: two or three times what it takes without.
    lines : mapping from module to the lines of `theory` it runs
    problem : str
        Why it cannot be used, empty if it can.
    """

    kind: str
    name: str
    index: int = 0
    what: str = ""
    seconds: float = 0.0
    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.what}" if self.kind == "claim" else self.name

    def to_dict(self) -> dict[str, Any]:
        """Return the probe as plain data."""
        return {**asdict(self), "lines": {module: sorted(lines) for module, lines in self.lines.items()}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Probe:
        """Return the probe from plain data."""
        return cls(**{**data, "lines": {module: frozenset(lines) for module, lines in data["lines"].items()}})

    def notices(self, module: str, span: tuple[int, int]) -> bool:
        """Return whether it runs a line of this range."""
        lines = self.lines.get(module, frozenset())
        return any(line in lines for line in range(span[0], span[1] + 1))


def claims(labels: Sequence[str] = ()) -> list[Probe]:
    """Return the checks of these claims, of all if none is named; imports the studies, so not in the main process."""
    registry, derivations = import_module("proofs_checks.registry"), _derivations()
    found = []
    for label in labels or dict.fromkeys([*registry.STUDIES, *derivations]):
        try:
            checks = checks_of(label)
        except ImportError as error:  # a study that is not written yet
            found.append(Probe("claim", label, problem=f"cannot be made: {error}"))
            continue
        found += [Probe("claim", label, index, check.what) for index, check in enumerate(checks)]
    return found


def units() -> list[Probe]:
    """Return the doctests of the modules and the files of ``tests/theory``."""
    left_out = tuple(MODULES_LEFT_OUT)
    found = [Probe("doctest", module) for module in modules() if not module.startswith(left_out)]
    return found + [Probe("test", path.name) for path in sorted(TESTS.glob("test_*.py"))]


def checks_of(label: str) -> list[Any]:
    """Return the checks of a claim: those of its study, and of `proofs_checks.derivations`."""
    registry, derivations = import_module("proofs_checks.registry"), _derivations()
    checks = list(registry.study(label).checks) if label in registry.STUDIES else []
    known = {check.what for check in checks}
    if label in derivations:
        more = import_module("proofs_checks.derivations").checks_of(label)
        checks += [check for check in more if check.what not in known]
    return checks


def failure(probe: Probe, known: dict[str, list[Any]]) -> str:
    """Run a probe; return how it failed, empty if it did not.

    Parameters
    ----------
    probe : Probe
    known : dict
        Checks by label, filled on the way, so that a study is made once.
    """
    if probe.kind == "claim":
        try:
            if probe.name not in known:
                known[probe.name] = checks_of(probe.name)
            evidence = import_module("proofs_checks.check").run(known[probe.name][probe.index])
        except Exception as error:  # while the checks were made: the claim has no verdict
            return f"error: {type(error).__name__}: {error}"
        if evidence.holds:
            return ""
        return (
            f"counterexample: {evidence.counterexample}" if evidence.counterexample else f"error: {evidence.undecided}"
        )
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            if probe.kind == "doctest":
                failed = doctest.testmod(import_module(probe.name)).failed > 0
            else:
                failed = _tests_fail(probe.name)
        except Exception as error:
            return f"error: {type(error).__name__}: {error}"
    return f"counterexample: {output.getvalue()[-300:]}" if failed else ""


def traced(probe: Probe) -> Probe:
    """Run a probe on the unchanged code and return it with its lines, time and problems."""
    lines: dict[str, set[int]] = {}
    folder = str(THEORY)

    def local(frame: FrameType, event: str, _: object) -> Callable | None:
        if event == "line":
            lines[frame.f_code.co_filename].add(frame.f_lineno)
        return local

    def calls(frame: FrameType, event: str, _: object) -> Callable | None:
        name = frame.f_code.co_filename
        if not name.startswith(folder):
            return None
        lines.setdefault(name, set()).add(frame.f_lineno)
        return local

    start = time.process_time()
    sys.settrace(calls)
    try:
        problem = failure(probe, {})
    finally:
        sys.settrace(None)
        seconds = time.process_time() - start
    if probe.kind == "claim" and COMPILED in sys.modules:
        problem = "uses compiled code"
    by_module = {name: frozenset(lines.get(str(_file(name)), ())) for name in modules()}
    run_lines = {name: numbers for name, numbers in by_module.items() if numbers}
    return replace(probe, seconds=seconds, lines=run_lines, problem=problem)


def limit_resources(memory: int) -> None:
    """Bound the memory of this process, so that a mutant that builds without end stops."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _file(module: str) -> object:
    return THEORY.parent.joinpath(*module.split(".")).with_suffix(".py")


def _derivations() -> dict[str, Any]:
    try:
        return dict(import_module("proofs_checks.derivations").DERIVATIONS)
    except (ImportError, AttributeError):
        return {}


def _tests_fail(name: str) -> bool:
    import pytest

    arguments = ["-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:faulthandler", str(TESTS / name)]
    return pytest.main(arguments) != 0
