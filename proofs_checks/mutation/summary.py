"""The summary of a run: how many mutants of each module were killed, by what, and which were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from proofs_checks.mutation.equivalents import EQUIVALENT
from proofs_checks.mutation.mutants import Mutant
from proofs_checks.mutation.run import Result


@dataclass(frozen=True)
class Summary:
    """What became of the mutants.

    Parameters
    ----------
    everything : sequence of Mutant
        All mutants of the modules, those that are left out included.
    tried : sequence of Mutant
    results : sequence of Result
        One for each mutant that was tried.
    seconds : float
        Wall-clock time of the run.
    complete : bool
        Whether all mutants of the modules were tried.
    """

    everything: Sequence[Mutant]
    tried: Sequence[Mutant]
    results: Sequence[Result]
    seconds: float
    complete: bool = True

    @property
    def share(self) -> float:
        """Killed by verification, of those tried that are not equivalent; 1 if there are none."""
        counts = self._counts(self.results)
        counted = len(self.results) - counts["equivalent"]
        return counts["verification"] / counted if counted else 1.0

    @property
    def survivors(self) -> list[Result]:
        """Mutants that verification lets pass and that are not listed as equivalent, in order of the source."""
        order = {mutant.key: i for i, mutant in enumerate(self.tried)}
        found = [r for r in self.results if not r.killed and r.key not in EQUIVALENT]
        return sorted(found, key=lambda result: order[result.key])

    @property
    def wrongly_listed(self) -> list[str]:
        """Mutants that are listed as equivalent, and that a check notices (a unit test may notice another form)."""
        return [r.key for r in self.results if r.key in EQUIVALENT and r.killed]

    @property
    def stale(self) -> list[str]:
        """Keys of the list of equivalent mutants that no mutant of these modules has."""
        keys = {mutant.key for mutant in self.everything if not mutant.left_out}
        names = {mutant.module for mutant in self.everything}
        return [key for key in EQUIVALENT if key not in keys and key.split(":")[0] in names]

    def text(self) -> str:
        """Return the summary as a table, with the survivors."""
        modules = list(dict.fromkeys(mutant.module for mutant in self.everything))
        head = ("module", "mutants", "verification", "tests", "equivalent", "survived", "left out")
        rows: list[tuple[str, ...]] = [head]
        for module in [*modules, ""]:
            results = [r for r in self.results if r.key.startswith(f"{module}:" if module else "")]
            counts = self._counts(results)
            left_out = sum(1 for m in self.everything if m.left_out and m.module.startswith(module))
            names = ("verification", "tests", "equivalent", "survived")
            rows.append((module or "all", str(len(results)), *(str(counts[x]) for x in names), str(left_out)))
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        how = Counter(r.how.partition(":")[0] for r in self.results if r.killed)
        reasons = Counter(mutant.left_out for mutant in self.everything if mutant.left_out)
        lines += [
            "",
            f"killed by verification: {100 * self.share:.2f} % of those that are not equivalent"
            f" ({', '.join(f'{name} {count}' for name, count in how.most_common())})",
            f"left out: {', '.join(f'{name} {count}' for name, count in reasons.most_common())}",
            f"{self.seconds:.0f} s",
        ]
        for title, keys in (
            ("passed by verification:", [f"{r.key}   [{r.tests or 'no test'}]" for r in self.survivors]),
            ("listed as equivalent, but noticed:", self.wrongly_listed),
            ("listed as equivalent, but not made:", self.stale),
        ):
            lines += ["", title, *(f"  {key}" for key in keys)] if keys else []
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary and every result as plain data."""
        return {
            "mutants": len(self.results),
            "left_out": len([mutant for mutant in self.everything if mutant.left_out]),
            **self._counts(self.results),
            "share": self.share,
            "complete": self.complete,
            "seconds": round(self.seconds, 1),
            "wrongly_listed": self.wrongly_listed,
            "stale": self.stale,
            "equivalent_because": {r.key: EQUIVALENT[r.key] for r in self.results if r.key in EQUIVALENT},
            "results": [
                {"mutant": r.key, "killed_by": r.killed_by, "how": r.how, "tests": r.tests} for r in self.results
            ],
        }

    @staticmethod
    def _counts(results: Sequence[Result]) -> dict[str, int]:
        counts = {"verification": 0, "tests": 0, "equivalent": 0, "survived": 0}
        for r in results:
            name = (
                "equivalent"
                if r.key in EQUIVALENT
                else "verification"
                if r.killed
                else "tests"
                if r.tests
                else "survived"
            )
            counts[name] += 1
        return counts
