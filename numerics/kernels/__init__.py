"""Compiled kernels: they see arrays and scalars only, and never a Python object or function.

A public function elsewhere in `numerics` validates, allocates and then calls one of these.  A compiled
function is never passed as an argument (numba could not keep the result on disk), so a performance
function arrives as data: polynomial coefficients, or a short program (`program.run`).
"""

from contextlib import suppress
from pathlib import Path


def _forget_stale_kernels() -> None:
    """Delete compiled kernels that are older than any kernel's source.

    numba looks at the file of the kernel itself only, and would go on using an old kernel from another file
    that is compiled into it.
    """
    folder = Path(__file__).parent
    newest = max(path.stat().st_mtime_ns for path in folder.glob("*.py"))
    for compiled in (folder / "__pycache__").glob("*.nb[ic]"):
        with suppress(OSError):  # another process was faster, or the folder is read-only
            if compiled.stat().st_mtime_ns < newest:
                compiled.unlink()


_forget_stale_kernels()
