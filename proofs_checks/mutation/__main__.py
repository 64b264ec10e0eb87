"""Run the mutants of `theory` against the verification of the claims.

python -m proofs_checks.mutation --module theory.gain --sample 50 --seed 1
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

GOAL = 0.95


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants; return 0 if enough of them are killed, 1 if not, 2 if the list of equivalent ones is wrong."""
    options = _parser().parse_args(arguments)
    import sympy  # noqa: F401  # once, before the processes part

    from proofs_checks.mutation import run as runner
    from proofs_checks.mutation.mutants import Mutant, modules, mutants_of
    from proofs_checks.mutation.summary import Summary

    wanted = options.module or modules()
    unknown = sorted(set(wanted) - set(modules()))
    if unknown:
        print(f"no such module: {', '.join(unknown)}; modules: {', '.join(modules())}", file=sys.stderr)
        return 2
    everything = [mutant for module in wanted for mutant in mutants_of(module)]
    tried: list[Mutant] = [mutant for mutant in everything if not mutant.left_out]
    if options.sample is not None and options.sample < len(tried):
        chosen = sorted(random.Random(options.seed).sample(range(len(tried)), options.sample))
        tried = [tried[i] for i in chosen]
    if options.list:
        for mutant in everything if options.sample is None else tried:
            print(mutant.key, f"[left out: {mutant.left_out}]" if mutant.left_out else "")
        return 0
    start = time.perf_counter()
    plan = options.state.with_suffix(".plan.json") if options.state else None
    labels = sorted({label.upper() for label in options.claim or ()})
    probes = runner.plan(options.workers, not options.no_tests, plan, labels)
    digest = runner.checks_digest() + ("-" if options.no_tests else "") + "".join(labels)
    known = runner.load(options.state) if options.state else {}
    results = []
    for result in runner.run(tried, probes, known, options.workers, digest):
        results.append(result)
        if options.state and result is not known.get(result.key):
            runner.save(options.state, result)
        if len(results) % 100 == 0:
            print(f"{len(results)} of {len(tried)}, {time.perf_counter() - start:.0f} s", flush=True)
    summary = Summary(everything, tried, results, time.perf_counter() - start, complete=options.sample is None)
    print(summary.text())
    if options.json:
        options.json.write_text(json.dumps(summary.to_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if summary.wrongly_listed or summary.stale:
        return 2
    return 0 if summary.share >= GOAL else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proofs_checks.mutation", description=__doc__)
    parser.add_argument("--module", action="append", help="a module such as theory.gain (default: all); repeatable")
    parser.add_argument("--sample", type=int, metavar="N", help="try N mutants drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the draw (default: 0)")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep results in FILE, and go on from it")
    parser.add_argument("--claim", action="append", help="ask the checks of this claim only; repeatable")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes (default: 2)")
    parser.add_argument("--no-tests", action="store_true", help="do not ask the unit tests about the survivors")
    return parser


if __name__ == "__main__":
    sys.exit(main())
