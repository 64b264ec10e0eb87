"""Compiled kernels: they see arrays and scalars only, and never a Python object or function.

A public function elsewhere in `numerics` validates, allocates and then calls one of these.  A compiled
function is never passed as an argument (numba could not keep the result on disk), so a performance
function arrives as data: polynomial coefficients, or a short program (`program.run`).
"""

import ast
from contextlib import suppress
from pathlib import Path

_FOLDER = Path(__file__).parent


def _forget_stale_kernels() -> None:
    """Delete compiled kernels that are older than their source or that of a kernel they call.

    numba looks at the file of the kernel itself only, and would go on using an old kernel from another file
    that is compiled into it.
    """
    changed = {path.stem: path.stat().st_mtime_ns for path in _FOLDER.glob("*.py")}
    newest = max(changed.values())
    for compiled in (_FOLDER / "__pycache__").glob("*.nb[ic]"):
        with suppress(OSError):  # another process was faster, or the folder is read-only
            made = compiled.stat().st_mtime_ns
            if made < newest and made < max(changed.get(name, newest) for name in _reached(compiled.name)):
                compiled.unlink()


def _reached(compiled: str) -> set[str]:
    """Names of the files of kernels that go into a compiled one, from ``file.function-line.…``."""
    found, ahead = set(), [compiled.split(".")[0]]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += _imports(name)
    return found


def _imports(name: str) -> list[str]:
    """Names of the kernel files that a kernel file imports."""
    path = _FOLDER / f"{name}.py"
    if name not in _known:
        names = []
        for node in ast.walk(ast.parse(path.read_bytes())) if path.exists() else []:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(__name__):
                rest = node.module[len(__name__) + 1 :]
                names += [rest] if rest else [alias.name for alias in node.names]
        _known[name] = names
    return _known[name]


_known: dict[str, list[str]] = {}
_forget_stale_kernels()
