"""The run: every mutant against the checks that could notice it, cheapest first, until one fails.

A mutant is killed when the verification of the claims fails on it: a check finds a counterexample, stops on an error
(derivations in `theory` check themselves, and raise), or does not finish in many times the time it takes on
the unchanged code.  What verification lets pass is shown to the unit tests, as a second number.

Each mutant is tried in a process of its own, forked before `theory` is imported, with the changed module in
place of the one on disk.  The order is that of the source, so a run is the same every time; results are kept in
a file, and a run that was stopped goes on where it was.  A result is used again while the changed module is the same
and, for a mutant that survived, the checks are.
"""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.machinery
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType, ModuleType

from proofs_checks.mutation.forked import Channel, Finished, in_processes
from proofs_checks.mutation.mutants import THEORY, Mutant, source
from proofs_checks.mutation.probes import Probe, claims, failure, limit_resources, traced, units

PATIENCE = 4.0  # times the processor time on the unchanged code, traced
LEAST_SECONDS = 4.0
MEMORY = 4 * 2**30


@dataclass(frozen=True)
class Result:
    """What became of a mutant.

    Parameters
    ----------
    key : str
        Its name, `Mutant.key`.
    killed_by : str
        The check that failed; empty if verification passed.
    how : str
        "counterexample: ...", "error: ..." or "time".
    tests : str
        The unit test that failed, where verification passed; empty if none did (or none was asked).
    asked : int
        How many checks could have noticed it.
    seconds : float
        Processor time of these checks on the unchanged code.
    module, checks : str
        Digests of the module and of all checks at the time.
    """

    key: str
    killed_by: str
    how: str
    tests: str
    asked: int
    seconds: float
    module: str
    checks: str

    @property
    def killed(self) -> bool:
        """Whether verification failed."""
        return bool(self.killed_by)


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves a changed module in place of the one on disk."""

    def __init__(self, module: str, code: CodeType) -> None:
        self.module, self.code = module, code

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for the changed module and None for any other."""
        if name != self.module:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(source(name)[0]))

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code as the module."""
        module.__file__ = str(source(self.module)[0])
        exec(self.code, module.__dict__)


def plan(
    workers: int,
    with_units: bool = True,
    kept: Path | None = None,
    labels: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> list[Probe]:
    """Return all probes with the lines they run and their times on the unchanged code, the cheapest first.

    Probes that fail on the unchanged code are left out and named.

    Parameters
    ----------
    workers : processes at once
    with_units : whether unit tests are probes as well
    kept : file in which the plan is kept for the next run, as long as neither theory nor checks change
    labels : the claims whose checks are asked; all if empty
    say : called with a line of text for each probe that is left out
    """
    _untouched()
    digest = f"{checks_digest()} {with_units} {labels}"
    if kept is not None and kept.exists():
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["digest"] == digest:
            return [Probe.from_dict(probe) for probe in found["probes"]]
    probes = _plan(workers, with_units, labels, say)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"digest": digest, "probes": [probe.to_dict() for probe in probes]}, ensure_ascii=False)
        kept.write_text(text, encoding="utf-8")
    return probes


def _plan(workers: int, with_units: bool, labels: Sequence[str], say: Callable[[str], None]) -> list[Probe]:
    asked = [Probe.from_dict(data) for data in _ask(lambda: [probe.to_dict() for probe in claims(labels)])]
    for probe in asked:
        if probe.problem:
            say(f"left out: {probe.name}: {probe.problem}")
    probes = [probe for probe in asked if not probe.problem] + (units() if with_units else [])

    def trace(probe: Probe) -> Callable[[Channel], None]:
        return lambda channel: channel.send(traced(probe).to_dict())

    usable = []
    for finished in in_processes(((i, trace(probe)) for i, probe in enumerate(probes)), workers):
        probe = probes[finished.key]
        after = Probe.from_dict(finished.messages[0]) if finished.messages else None
        if after is None or after.problem:
            say(f"left out: {probe}: {after.problem if after else finished.ended}")
        else:
            usable.append(after)
    return sorted(usable, key=lambda probe: (probe.seconds, str(probe)))


def run(
    mutants: Iterable[Mutant], probes: Sequence[Probe], known: Mapping[str, Result], workers: int, digest: str
) -> Iterator[Result]:
    """Yield the result of every mutant, those already known first."""
    _untouched()
    todo: list[Mutant] = []
    for mutant in mutants:
        old = known.get(mutant.key)
        if old and old.module == module_digest(mutant.module) and (old.killed or old.checks == digest):
            yield old
        else:
            todo.append(mutant)
    by_key = {mutant.key: mutant for mutant in todo}
    for finished in in_processes(((m.key, _attempt(m, _noticing(m, probes))) for m in todo), workers):
        mutant = by_key[finished.key]
        yield _result(mutant, finished, _noticing(mutant, probes), digest)


def _noticing(mutant: Mutant, probes: Sequence[Probe]) -> list[Probe]:
    """Return the probes that run the changed statement: checks first, and first those that name what is changed."""
    function, module = mutant.where.rpartition(".")[2], mutant.module

    def distance(probe: Probe) -> tuple[int, int]:
        named = (function in probe.what, module in probe.what)
        return ("claim", "doctest", "test").index(probe.kind), -sum(named)

    return sorted((probe for probe in probes if probe.notices(module, mutant.span)), key=distance)


def _attempt(mutant: Mutant, probes: Sequence[Probe]) -> Callable[[Channel], None]:
    def work(channel: Channel) -> None:
        limit_resources(MEMORY)
        sys.meta_path.insert(0, Changed(mutant.module, mutant.code()))
        made: dict = {}
        for number, probe in enumerate(probes):
            channel.allow(max(LEAST_SECONDS, PATIENCE * probe.seconds))
            channel.send([number, None])
            found = failure(probe, made)
            channel.send([number, found[:300]])
            if found:
                return

    return work


def _result(mutant: Mutant, finished: Finished[str], probes: Sequence[Probe], digest: str) -> Result:
    killer, how = None, ""
    for number, found in finished.messages:
        if found:
            killer, how = probes[number], found
    if killer is None and finished.ended:
        last = max((number for number, _ in finished.messages), default=0)
        killer, how = (probes[last] if probes else None), finished.ended
    asked = [probe for probe in probes if probe.kind == "claim"]
    by_claim = killer is not None and killer.kind == "claim"
    return Result(
        key=mutant.key,
        killed_by=str(killer) if by_claim else "",
        how=how,
        tests=str(killer) if killer is not None and not by_claim else "",
        asked=len(asked),
        seconds=round(sum(probe.seconds for probe in asked), 3),
        module=module_digest(mutant.module),
        checks=digest,
    )


# --- Results on disk ----------------------------------------------------------------------------------------------


def load(path: Path) -> dict[str, Result]:
    """Return the results kept in a file, the last one of each mutant; a line that was cut off is skipped."""
    found: dict[str, Result] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                result = Result(**json.loads(line))
            except (ValueError, TypeError):
                continue
            found[result.key] = result
    return found


def save(path: Path, result: Result) -> None:
    """Add a result to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def module_digest(module: str) -> str:
    """Return a digest of the text of a module."""
    return _digest([source(module)[0]])


def checks_digest() -> str:
    """Return a digest of everything a verdict depends on: `theory`, the checks and the tests of `theory`."""
    root = THEORY.parent
    folders = ("theory", "proofs_checks", "tests/theory")
    paths = [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]
    return _digest(path for path in paths if "mutation" not in path.parts)


def _digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _ask(question: Callable[[], list]) -> list:
    """Return the answer of a process of its own: this one must not import `theory`."""
    finished = list(in_processes([(0, lambda channel: channel.send(question()))], 1, silent=False))
    if not finished[0].messages:
        raise RuntimeError("the checks of the claims cannot be made; run `exitjoin verify` to see why")
    answer: list = finished[0].messages[0]
    return answer


def _untouched() -> None:
    loaded = [name for name in sys.modules if name.startswith("theory.")]
    if loaded:
        raise RuntimeError(f"theory is imported already ({loaded[0]}), so mutants would not be seen")
