"""Cache: the result of a claim is kept until something changes that it depends on.

The key of a result is a digest of the sources of its study and of every module of the project that these import,
directly or not, inside functions as well, of the frame that runs it, and of the versions of the packages it may
use.  So a changed file makes exactly the claims that could notice it run again.  A file that cannot be read, or does
not hold what it should, counts as missing.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import platform
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from proofs_checks.derivations import DERIVATIONS
from proofs_checks.registry import STUDIES
from proofs_checks.verdict import ClaimResult, result_from_data, result_to_data
from proofs_checks.versions import versions

PACKAGES = ("theory", "numerics", "proofs_checks")
FRAME = "proofs_checks.verify"


def folder() -> Path:
    """Return where results are kept: $EXITJOIN_CACHE, or ``exitjoin`` in the user's folder for caches."""
    chosen = os.environ.get("EXITJOIN_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "exitjoin"


def load(label: str, digest: str) -> ClaimResult | None:
    """Return the result of a claim that was kept for this key, or None if there is none that can be read."""
    try:
        result = result_from_data(json.loads(_path(label, digest).read_text(encoding="utf-8")))
        return result if result.label == label and result.sound else None
    except Exception:  # whatever is wrong with the file or the folder: then nothing is kept
        return None


def keep(result: ClaimResult, digest: str) -> None:
    """Keep a result in place of any other of the claim, whole; one that is not sound leaves nothing behind.

    Where nothing can be written, nothing is kept.
    """
    try:
        path = _path(result.label, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{result.label}-*.json"):
            old.unlink(missing_ok=True)
        if result.sound:
            part = path.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(result_to_data(result), ensure_ascii=False), encoding="utf-8")
            part.replace(path)
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        return


class Sources:
    """The sources as they are now, each read once."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._tools = sorted(versions().items())

    def key(self, label: str) -> str:
        """Return the digest of everything that the result of a claim depends on.

        Examples
        --------
        >>> sources = Sources()
        >>> sources.key("S1") == sources.key("S2")
        False
        """
        starts = [FRAME, f"proofs_checks.studies.{STUDIES[label]}"] if label in STUDIES else [FRAME]
        starts += [f"proofs_checks.derivations.{name}" for name in DERIVATIONS.get(label, ())]
        digest = hashlib.sha256(repr((label, platform.python_version(), self._tools)).encode())
        for module in sorted(self.modules(*starts)):
            digest.update(f"{module}\n{self.text(module)}".encode())
        return digest.hexdigest()[:32]

    def modules(self, *starts: str) -> set[str]:
        """Return the modules of the project that these import, directly or not, with themselves.

        Examples
        --------
        >>> "theory.two_types" in Sources().modules("theory.gain")
        True
        """
        found: set[str] = set()
        waiting = list(starts)
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                waiting += self._imports(module)
        return found

    def text(self, module: str) -> str:
        """Return the source of a module; nothing for one that is not there."""
        if module not in self._texts:
            path = _path_of(module)
            self._texts[module] = path.read_text(encoding="utf-8") if path else ""
        return self._texts[module]

    def _imports(self, module: str) -> tuple[str, ...]:
        if module not in self._names:
            self._names[module] = _imported(self.text(module))
        return self._names[module]


@lru_cache(maxsize=1024)
def _imported(source: str) -> tuple[str, ...]:
    """Return the project's modules that a source names in import statements, and the packages they are in."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # whoever imports it will say so
        return ()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name.split(".")[0] in PACKAGES and _path_of(name) is not None:
                found += [".".join(name.split(".")[:i]) for i in range(1, name.count(".") + 2)]
    return tuple(found)


@lru_cache(maxsize=1024)
def _path_of(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except (ModuleNotFoundError, SyntaxError):  # the name of a function, not of a module; a broken package
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _path(label: str, digest: str) -> Path:
    return folder() / "verified" / f"{label}-{digest}.json"
