"""`exitjoin sweep`: a sweep file, on threads, processes or a Dask cluster, into a folder where it can go on."""

from __future__ import annotations

import argparse
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from exitjoin.progress import Progress
from theory.errors import InputError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from xarray import Dataset

    from numerics.sweeps.sweep_file import SweepFile

SWEEP = """Simulate every cell of a grid of parameters.  help(exitjoin.load_sweep_file) shows every key of a sweep file.
The result is DIR/sweep.nc, NetCDF that exitjoin.load_sweep and xarray read.  Stopped at any moment, the same command
goes on where it was; the result does not depend on where it is computed."""


def add_sweep(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    command = commands.add_parser("sweep", help="map a parameter space, resumable, on a cluster too", description=SWEEP)
    add = command.add_argument
    add("sweep", metavar="SWEEP.toml")
    add("--out", metavar="DIR", required=True, help="folder of the sweep, where it goes on if it was stopped")
    add("--executor", choices=["threads", "processes"], help="what computes on this machine (default: threads)")
    add("--workers", metavar="N", type=int, help="number of them (default: all cores)")
    add("--scheduler", metavar="tcp://HOST:PORT", help="compute on a Dask cluster instead")
    command.set_defaults(run=_sweep)


def _sweep(options: argparse.Namespace) -> int:
    from pathlib import Path

    from numerics.sweeps.sweep import sweep
    from numerics.sweeps.sweep_file import load_sweep_file

    file = load_sweep_file(options.sweep)
    try:
        with Progress() as progress, _executor(options.executor, options.scheduler, progress) as executor:
            progress(f"sweeping {file.n_cells} cells; the first run after an installation compiles for half a minute")
            chosen: dict[str, Any] = {"executor": executor, "workers": options.workers}
            found = sweep(file.model, file.over, **file.arguments, **chosen, out=options.out, progress=progress)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"what is done is kept in {options.out}: the same command goes on from there") from None
    print(sweep_as_text(file, found))
    print(f"wrote {Path(options.out) / 'sweep.nc'}")
    return 0


@contextmanager
def _executor(name: str | None, scheduler: str | None, progress: Progress) -> Iterator[Executor | str | None]:
    """What computes: workers of this machine, or those of a Dask cluster, which goes on when this command ends."""
    if scheduler is None:
        yield name
        return
    if name is not None:
        raise InputError("scheduler", scheduler, f"is given beside {name}, which are of this machine", "leave one out")
    advice = "give the address that the scheduler printed, such as tcp://10.0.0.1:8786"
    if not re.fullmatch(r"(\w+://)?[^\s/]+:\d{1,5}", scheduler):
        raise InputError("scheduler", scheduler, "is no address", advice)
    try:
        from distributed import Client
    except ImportError:
        install = 'run pip install "exitjoin[cluster]"'
        raise InputError("scheduler", scheduler, "needs Dask, which is not installed", install) from None
    for name in ("distributed", "distributed.client"):  # a cluster that goes away is told once, by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    progress(f"connecting to {scheduler}")
    try:
        client = Client(scheduler, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:  # nobody there, no address, a protocol that is not installed
        raise InputError("scheduler", scheduler, f"cannot be reached ({str(error)[:80]})", advice) from None
    with client:
        yield client.get_executor()


def sweep_as_text(file: SweepFile, found: Dataset) -> str:
    """Return what a sweep came to: cells computed, and for each regime its shares of cells and of runs."""
    regimes, computed = found.most_frequent_regime, found.computed
    names = [name.replace("_", " ") for name in regimes.attrs["flag_meanings"].split()]
    axes = " x ".join(f"{len(values)} {name}" for name, values in file.over.items())
    seed = found.attrs["seed"]
    lines = [file.title] if file.title else []
    lines += [
        f"grid: {axes}",
        f"cells computed: {int(computed.sum())} of {computed.size}, {found.attrs['runs']} runs each, seed {seed}",
        f"computed: {found.attrs['method']}",
    ]
    kept = "regime" in found
    lines.append(
        f"{'regime':<26}{'cells where most frequent':>26}{'runs of computed cells' if kept else '':>26}".rstrip()
    )
    for number, name in enumerate(names):
        runs = f"{float((found.regime == number).mean()):>26.1%}" if kept else ""
        lines.append(f"{name:<26}{float((regimes == number).mean()):>26.1%}{runs}")
    return "\n".join(lines)
