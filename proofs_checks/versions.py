"""Versions of the tools that evidence relies on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

TOOLS = (
    "exitjoin", "sympy", "mpmath", "z3-solver", "cvc5", "python-flint", "cvxpy", "clarabel", "numpy", "scipy", "numba",
    "llvmlite",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the version of Python and of each package, "not installed" where it is missing."""
    found = {"python": platform.python_version()}
    for package in TOOLS:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
