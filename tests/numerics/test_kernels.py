"""Which compiled kernels a change of a source file makes stale."""

import os
import time

from numerics import kernels


def test_a_kernel_depends_on_the_files_of_the_kernels_it_calls() -> None:
    reached = kernels._reached("coalition_tables.payoff_table-10.py311.1.nbc")
    assert {"coalition_tables", "payoffs", "acceptance", "program", "ties"} <= reached
    assert "atlas" not in reached
    assert kernels._reached("atlas.walk-90.py311.nbi") == {"atlas"}


def test_only_what_is_older_than_its_sources_is_forgotten(tmp_path, monkeypatch) -> None:
    (tmp_path / "__pycache__").mkdir()
    sources = {"low": "", "high": "from numerics.kernels.low import f\n", "other": ""}
    now = time.time()
    for name, text in sources.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        os.utime(tmp_path / f"{name}.py", (now - 100, now - 100))
        compiled = tmp_path / "__pycache__" / f"{name}.f-1.py311.nbi"
        compiled.write_bytes(b"")
        os.utime(compiled, (now - 50, now - 50))
    os.utime(tmp_path / "low.py", (now, now))  # changed since
    monkeypatch.setattr(kernels, "_FOLDER", tmp_path)
    monkeypatch.setattr(kernels, "_known", {})
    kernels._forget_stale_kernels()
    assert {path.name.split(".")[0] for path in (tmp_path / "__pycache__").iterdir()} == {"other"}
