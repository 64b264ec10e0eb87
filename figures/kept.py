"""Kept data: sweeps behind figures stay on disk, so that figures can be drawn again without simulating again.

A sweep has a folder of its own, NAME-DIGEST, where the digest is of all that its numbers depend on, the sources of the
program among it.  Folders of the same name with another digest are superseded: nothing will read them again, and they
are removed once the new data are complete, unless a process is at work in them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numerics.model import Model
from numerics.sweeps.folder import opened
from numerics.sweeps.sweep import plan_of, sweep
from theory.errors import InputError

if TYPE_CHECKING:
    from xarray import Dataset

DIGITS = 16  # of the digest in the name of a folder, hexadecimal


def kept_sweep(
    name: str,
    model: Model,
    over: Mapping[str, Any],
    *,
    kept: Path | None = None,
    progress: Callable[[str], None] | None = None,
    **settings: Any,
) -> Dataset:
    """Return the sweep of a figure, from data kept as far as there are any.

    Parameters
    ----------
    name : of the figure, or of one of several sweeps behind it.
    model, over, settings : as `numerics.sweeps.sweep.sweep` takes them.
    kept : folder of all kept data; None to keep nothing.
    progress : called with a short text.
    """
    if kept is None:
        return sweep(model, over, progress=progress, **settings)
    folder = kept / f"{name}-{plan_of(model, over, **settings).digest[:DIGITS]}"
    found = sweep(model, over, out=folder, progress=progress, **settings)
    remove_superseded(folder)
    return found


def remove_superseded(folder: Path) -> list[Path]:
    """Remove the folders of other plans of the same name beside a folder of kept data; return those removed.

    Only what has the name and the plan of kept data is touched; what cannot be removed stays.
    """
    name = folder.name[: -DIGITS - 1]
    removed = []
    for other in sorted(folder.parent.iterdir()):
        of_this_name = re.fullmatch(rf"{re.escape(name)}-[0-9a-f]{{{DIGITS}}}", other.name)
        if not of_this_name or other == folder or not (other / "plan.json").is_file():
            continue
        try:
            with opened(other):
                shutil.rmtree(other, ignore_errors=True)
        except InputError:  # in use, or not ours to write to
            continue
        removed.append(other)
    return removed
