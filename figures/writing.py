"""How figures are written: three files for each, NAME.pdf and NAME.png, and NAME.csv with every number that is drawn.

Headings have the form ``quantity [unit]``.  Each file is written whole or not at all, and the same versions of the
libraries write the same bytes.  Figures that are drawn from many simulations keep what they have simulated: a second
call draws from it, and an interrupted one goes on where it was (`figures.kept`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figures.registry import FIGURES, FigureEntry
from numerics.files import make_folder, write_whole
from theory.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Columns = Mapping[str, Sequence[Any]]  # heading → values, all of one length

RESOLUTION = 300  # dots per inch of a PNG
KEPT = "data"  # folder for kept data, in the folder of the figures


def make_figures(
    names: Sequence[str] | str | None = None,
    out: str | Path = "out/figures",
    progress: Callable[[str], None] | None = None,
    kept: str | Path | None = None,
) -> list[Path]:
    """Compute, draw and write figures.

    Parameters
    ----------
    names : names of figures, all of `FIGURES` unless given.
    out : folder to write to, made if it does not exist.
    progress : called with a short text whenever something new is being done.
    kept : folder in which simulated data are kept and looked for, ``out/data`` unless given.  It can be deleted at any
        time: then the figures that use it are simulated again.

    Returns
    -------
    list of Path
        The files written, three for each figure, in order.

    Raises
    ------
    InputError
        For an unknown name, before anything is computed or written, and for a folder that cannot be written to.
    """
    chosen = _chosen(names)
    folder = make_folder(out)
    report = progress or (lambda text: None)
    written = []
    for name in chosen:
        report(f"computing figure {name}")
        module = import_module(FIGURES[name].module)
        data = _computed(name, module, folder / KEPT if kept is None else Path(kept), report)
        files = {"csv": csv_bytes(data.columns())}
        report(f"drawing figure {name}")
        figure = module.draw(data)
        files["pdf"], files["png"] = picture_bytes(figure, "pdf"), picture_bytes(figure, "png")
        for ending in ("pdf", "png", "csv"):
            written.append(write_whole(folder / f"{name}.{ending}", files[ending]))
    return written


def csv_bytes(columns: Columns) -> bytes:
    """Return a table as CSV in UTF-8; numbers are written so that they can be read back to the last bit."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([x.item() if hasattr(x, "item") else x for x in row])
    return text.getvalue().encode()


def picture_bytes(figure: Figure, ending: str) -> bytes:
    """Return a drawn figure as a PDF or PNG file without dates."""
    from figures import style

    metadata = {"pdf": {"CreationDate": None}, "png": {"Software": None}}[ending]
    buffer = io.BytesIO()
    with style.applied():
        figure.savefig(buffer, format=ending, dpi=RESOLUTION, metadata=metadata)
    return buffer.getvalue()


def _computed(name: str, module: Any, kept: Path, report: Callable[[str], None]) -> Any:
    entry: FigureEntry = FIGURES[name]
    if not entry.keeps_data:
        return module.compute()
    return module.compute(kept=make_folder(kept, "data"), progress=lambda text: report(f"figure {name}: {text}"))


def _chosen(names: Sequence[str] | str | None) -> list[str]:
    if names is None:
        return list(FIGURES)
    for name in (names := [names] if isinstance(names, str) else list(names)):
        if not isinstance(name, str) or name not in FIGURES:
            raise InputError("figure", name, "is unknown", f"use one of {', '.join(FIGURES)}")
    return list(dict.fromkeys(names))
