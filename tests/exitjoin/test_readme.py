"""The README's table is the one that the benchmarks wrote."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_is_that_of_the_last_benchmark():
    assert (ROOT / "benchmarks/results.md").read_text(encoding="utf-8").strip() in (ROOT / "README.md").read_text(
        encoding="utf-8"
    )
