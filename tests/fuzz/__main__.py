"""``python -m tests.fuzz --count 100000 --seed 0``: read damaged files, and keep those that a reader fails on."""

import argparse
import multiprocessing
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path

from .damage import KINDS, damaged
from .survey import NAMES, Survey, survey


def main() -> int:
    """Exit code 1 if there is a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", metavar="N", type=int, default=100_000, help="files (default: %(default)s)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="the first of them (default: %(default)s)")
    parser.add_argument("--workers", metavar="N", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--keep", metavar="DIR", default="out/fuzz", help="keep files here (default: %(default)s)")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.count)
    cuts = [k * len(seeds) // (8 * options.workers) for k in range(8 * options.workers + 1)]
    parts = [seeds[first:last] for first, last in pairwise(cuts)]
    with ProcessPoolExecutor(options.workers, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(survey, parts))
    return _report(found, Path(options.keep))


def _report(found: list[Survey], keep: Path) -> int:
    valid = sum((part.valid for part in found), Counter())
    refused = sum((part.refused for part in found), Counter())
    faults = [fault for part in found for fault in part.faults]
    print(f"files: {sum(part.count for part in found)}")
    for kind in KINDS:
        print(f"  {kind:<9} valid {valid[kind]:>7}   refused {refused[kind]:>7}")
    seconds, kind, seed = max(part.slowest for part in found)
    print(f"slowest: {seconds:.3f} s ({kind}, seed {seed})")
    print(f"faults: {len(faults)}")
    for kind, seed, fault in faults:
        keep.mkdir(parents=True, exist_ok=True)
        path = keep / f"{kind}-{seed}{Path(NAMES[kind]).suffix}"
        path.write_bytes(damaged(kind, seed))
        print(f"{path}\n  {fault.strip()}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
