"""What a measurement was made on: processor, cores and versions, and nothing that names the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import exitjoin
from benchmarks.plain_c import FLAGS, compiler
from benchmarks.timing import MissingTool

PACKAGES = ("numpy", "numba", "scipy", "networkx", "coopgame-py", "Mesa", "ndlib", "cvxpy", "highspy")


def describe() -> dict[str, object]:
    """Return the processor's name, the number of cores, and the versions of everything compared."""
    versions = {"exitjoin": exitjoin.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    try:
        told = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=True).stdout
        versions["C compiler"] = f"{told.splitlines()[0]}, {' '.join(FLAGS[:2])}"
    except MissingTool:
        pass
    return {"processor": _processor(), "cores": os.cpu_count(), "system": platform.system(), "versions": versions}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
