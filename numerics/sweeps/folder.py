"""The folder of a sweep: what is kept on disk, and how it is complete or absent at every moment.

    plan.json      what is computed
    lock           held by the process that computes; released when that ends, however it ends
    blocks/*.npz   cells that are done, each file by the flat index of its first cell
    sweep.nc       the result, once all cells are done; the blocks are then removed
    sweep.nc.sha256    its digest, written before it, as sha256sum -c takes it

Every file is written under another name and then takes its own, so that a process can be killed at any moment.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.files import make_folder, write_json, write_whole
from numerics.streams import Seed
from numerics.sweeps.cells import Block
from numerics.sweeps.plan import Plan, seed_of
from numerics.sweeps.quantities import QUANTITIES, REGIMES
from theory.errors import InputError

if TYPE_CHECKING:
    from xarray import Dataset

RESULT = "sweep.nc"
_OTHER = "name another folder with out=..., or use the arguments, and the code, that it was begun with"
DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RuntimeError,
    MemoryError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip - what readers of damaged files raise


class Folder:
    """The folder of one sweep, locked; made by `opened`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blocks = make_folder(path / "blocks")
        for leftover in (*path.glob(".plan.json.*"), *path.glob(f".{RESULT}.*"), *self.blocks.glob(".*.npz.*")):
            _remove(leftover)  # of a process that was killed

    def begun(self) -> dict[str, Any] | None:
        """Return the plan that is kept here as data, None if there is none.

        Raises
        ------
        InputError
            If there is something else.
        """
        if not (self.path / "plan.json").exists():
            if (self.path / RESULT).exists() or any(self.blocks.iterdir()):
                raise InputError("out", str(self.path), "holds results without a plan", "name another folder")
            return None
        return _plan_in(self.path)

    def seed(self) -> Seed:
        """Return the seed of the plan that is kept here, None if there is no plan."""
        plan = self.begun()
        return None if plan is None else _seed_in(self.path, plan)

    def begin(self, plan: Plan) -> None:
        """Keep the plan, or see that it is the one that is kept.

        Raises
        ------
        InputError
            Naming what differs.
        """
        data, kept = plan.as_data(), self.begun()
        if kept is None:
            write_json(self.path / "plan.json", data)
            return
        other = [key for key in {**data, **kept} if json.dumps(data.get(key)) != json.dumps(kept.get(key))]
        if other:
            shown = ", ".join(_difference(key, kept.get(key), data.get(key)) for key in other)
            raise InputError("out", str(self.path), f"holds a sweep of another {shown}", _OTHER)

    def result(self, plan: Plan) -> Dataset | None:
        """Return the finished result of the plan, None if there is none, or none that can be read."""
        return _result_in(self.path, plan)

    def keep(self, block: Block, plan: Plan) -> None:
        """Keep a block."""
        content = io.BytesIO()
        arrays: dict[str, Any] = {f"quantity {name}": array for name, array in block.arrays.items()}
        arrays["methods"] = np.frombuffer(json.dumps(block.methods).encode(), dtype=np.uint8)
        np.savez(content, plan=np.array(plan.digest), cells=block.cells, frequent=block.frequent, **arrays)
        write_whole(self.blocks / f"{int(block.cells[0]):09d}.npz", content.getvalue())

    def kept(self, plan: Plan) -> Iterator[Block]:
        """Yield the blocks that are kept; files that are damaged or of no use are removed."""
        for file in sorted(self.blocks.glob("*.npz")):
            block = None
            with suppress(*DAMAGED):
                block = _read(file, plan)
            if block is None:
                _remove(file)
            else:
                yield block

    def finish(self, dataset: Dataset) -> None:
        """Write the result after its digest, then remove the blocks."""
        content = netcdf(dataset)
        write_whole(_digest_of(self.path / RESULT), f"{hashlib.sha256(content).hexdigest()}  {RESULT}\n")
        write_whole(self.path / RESULT, content)
        self.clear()

    def clear(self) -> None:
        """Remove the blocks of a sweep that is finished."""
        for file in self.blocks.glob("*.npz"):
            _remove(file)


def finished(path: str | Path, plan: Plan) -> Dataset | None:
    """Return the result of a plan if it is finished in a folder, which need not be writable; None if it is not."""
    folder = Path(path)
    try:
        kept = _plan_in(folder) if (folder / RESULT).is_file() and not any(folder.glob("blocks/*")) else None
        if kept is None:
            return None
        if plan.seed is None:
            plan = replace(plan, seed=_seed_in(folder, kept))
    except (InputError, OSError, ValueError):  # which is told when the folder is opened
        return None
    return _result_in(folder, plan) if json.dumps(plan.as_data()) == json.dumps(kept) else None


def _plan_in(folder: Path) -> dict[str, Any]:
    file = folder / "plan.json"
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        plan = None
    if not isinstance(plan, dict):
        raise InputError("out", str(file), "is not the plan of a sweep", "name another folder")
    return plan


def _seed_in(folder: Path, plan: dict[str, Any]) -> int | np.random.SeedSequence:
    try:
        return seed_of(plan.get("seed"))
    except InputError:
        problem = "is not the plan of a sweep: it has no seed"
        raise InputError("out", str(folder / "plan.json"), problem, "name another folder") from None


def _result_in(folder: Path, plan: Plan) -> Dataset | None:
    """Return the result, None if there is none, or it is damaged or of another plan."""
    try:
        if not _digest_of(folder / RESULT).exists():
            return None
        found = load(folder / RESULT)
    except DAMAGED:
        return None
    return found if found.attrs.get("plan") == plan.digest else None


def _digest_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _remove(file: Path) -> None:
    """Remove a file; what is no file, or cannot be removed, is not ours and does no harm."""
    with suppress(OSError):
        file.unlink(missing_ok=True)


@contextmanager
def opened(path: str | Path) -> Iterator[Folder]:
    """Make the folder if it is missing, and lock it.

    Raises
    ------
    InputError
        If it cannot be written to, or another process has it.
    """
    import fcntl

    folder = make_folder(path, "out")
    lock = folder / "lock"
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        reason = (error.strerror or "unwritable").lower()
        advice = "give a folder you may write to"
        raise InputError("out", str(lock), f"cannot be written ({reason})", advice) from None
    _held.add(handle)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            advice = "wait until it has ended, or name another folder"
            raise InputError("out", str(folder), "is in use by another process", advice) from None
        yield Folder(folder)
    finally:
        _held.discard(handle)
        os.close(handle)


_held: set[int] = set()  # locks of this process


def _let_go() -> None:
    """A lock is held as long as any process has it open: one that was forked off does not."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):  # where processes can be forked
    os.register_at_fork(after_in_child=_let_go)


def netcdf(dataset: Dataset) -> memoryview:
    """Return a dataset as the content of a NetCDF file; the same dataset gives the same bytes.

    In memory, as the HDF5 library does not outlive a disk that is full.
    """
    # integers, names and regimes compress to a tenth at no cost; the last digits of floats do not
    packed = {"zlib": True, "complevel": 1, "shuffle": True, "fletcher32": True}
    whole = {"_FillValue": None, "fletcher32": True}
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        kind = variable.dtype.kind
        encoding[str(name)] = whole if kind == "f" else packed if kind in "iub" else {}
    with _locks_of_this_process():
        content: memoryview = dataset.to_netcdf(None, engine="h5netcdf", encoding=encoding)
    return content


def _locks_of_this_process() -> Any:
    """Beside a Dask client xarray would ask its cluster for a lock, which no memory needs."""
    if "distributed" not in sys.modules:
        return nullcontext()
    import dask

    return dask.config.set(scheduler="synchronous")


def load(path: Path) -> Dataset:
    """Return the dataset of a NetCDF file that is what its digest says, if there is one beside it."""
    from xarray import load_dataset

    digest = _digest_of(path)
    if digest.exists():
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if digest.read_text(encoding="utf-8").split()[:1] != [found]:
            raise ValueError("it is damaged: its SHA-256 is another one")
    return load_dataset(path, engine="h5netcdf")


def _read(file: Path, plan: Plan) -> Block | None:
    """Return what a block file holds, None if it is of another plan or shape."""
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as content:
        if str(content["plan"]) != plan.digest:
            return None
        cells, frequent = content["cells"], content["frequent"]
        arrays = {name: content[f"quantity {name}"] for name in plan.quantities}
        methods = tuple(json.loads(content["methods"].tobytes()))
    fits = cells.dtype == np.int64 and cells.ndim == 1 and len(cells) > 0
    fits = fits and cells.min() >= 0 and cells.max() < plan.size and len(np.unique(cells)) == len(cells)
    fits = fits and frequent.dtype == np.int8 and frequent.shape == cells.shape
    fits = fits and frequent.min() >= 0 and frequent.max() < len(REGIMES)
    for name, array in arrays.items():
        fits = fits and array.shape == (len(cells), plan.runs) and array.dtype == QUANTITIES[name].dtype
    return Block(cells, frequent, arrays, methods, 0.0) if fits else None


def _difference(key: str, kept: object, asked: object) -> str:
    """Name what differs, and which part of it where that is short."""
    if isinstance(kept, dict) and isinstance(asked, dict):
        parts = [part for part in {**kept, **asked} if json.dumps(kept.get(part)) != json.dumps(asked.get(part))]
        return f"{key} ({', '.join(parts) or 'order'})"
    return key
