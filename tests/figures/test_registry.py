from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from figures import registry, style
from figures.registry import FIGURES, FigureEntry, csv_bytes, make_figures, picture_bytes
from theory.errors import InputError


@dataclass(frozen=True)
class Small:
    def columns(self) -> dict[str, list[object]]:
        return {"x [opinion]": [0.1, np.float64(1 / 3)], "name": ["a", "b, c"], "n [count]": [np.int64(3), 4]}


@style.styled
def draw_small(data: Small):
    figure = style.new_figure(style.COLUMN, 1.5)
    axes = figure.subplots()
    axes.plot([1, 2])
    style.end_labels(axes, [("a", 1.0, style.BLACK), ("b", 1.0, style.BLUE)])
    return figure


def draw_nothing(data: Small):
    raise ZeroDivisionError


@pytest.fixture
def small(monkeypatch):
    """Two figures that take no time; the second cannot be drawn."""
    entries = {"one": FigureEntry("small", "", ""), "two": FigureEntry("broken", "", "")}
    modules = {
        "small": SimpleNamespace(compute=Small, draw=draw_small),
        "broken": SimpleNamespace(compute=Small, draw=draw_nothing),
    }
    monkeypatch.setattr(registry, "FIGURES", entries)
    monkeypatch.setattr(registry, "import_module", modules.__getitem__)


def test_all_figures_are_written_with_their_data(tmp_path):
    said = []
    paths = make_figures(out=tmp_path / "new" / "folder", progress=said.append)
    assert [p.name for p in paths] == [f"{name}.{ending}" for name in FIGURES for ending in ("pdf", "png", "csv")]
    assert sorted(p.name for p in paths) == sorted(p.name for p in (tmp_path / "new" / "folder").iterdir())
    assert all(any(name in text for text in said) for name in FIGURES)
    for path in paths:
        content = path.read_bytes()
        if path.suffix == ".csv":
            rows = list(csv.reader(content.decode().splitlines()))
            assert len(rows) > 20
            assert len({len(row) for row in rows}) == 1
            assert all("[" in heading for heading in rows[0] if heading not in ("performance", "family"))
        else:
            assert content.startswith({".pdf": b"%PDF", ".png": b"\x89PNG"}[path.suffix])
            assert b"CreationDate" not in content


@pytest.mark.parametrize("names", ["nothing", ["bounds", "nothing"], [3]])
def test_unknown_name_is_refused_before_anything_is_done(names, tmp_path):
    with pytest.raises(InputError, match=r"figure: .* is unknown; use one of paradox, bounds, barriers, rates"):
        make_figures(names, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folder_that_is_a_file_is_refused(tmp_path, small):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="out"):
        make_figures("one", tmp_path / "file")


def test_a_figure_that_fails_leaves_nothing_behind(tmp_path, small):
    (tmp_path / "two.csv").write_text("old")
    with pytest.raises(ZeroDivisionError):
        make_figures(["one", "two"], tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.csv", "one.pdf", "one.png", "two.csv"]
    assert (tmp_path / "two.csv").read_text() == "old"


def test_the_same_name_twice_is_drawn_once(tmp_path, small):
    assert len(make_figures(["one", "one"], tmp_path)) == 3


def test_the_same_data_give_the_same_bytes(small):
    for ending in ("pdf", "png"):
        assert picture_bytes(draw_small(Small()), ending) == picture_bytes(draw_small(Small()), ending)


def test_style_leaves_the_settings_of_the_reader_alone(small):
    import matplotlib

    with matplotlib.rc_context({"font.size": 31, "text.usetex": True}):
        before = dict(matplotlib.rcParams)
        picture_bytes(draw_small(Small()), "png")
        assert dict(matplotlib.rcParams) == before


def test_csv_keeps_every_bit():
    rows = list(csv.reader(csv_bytes(Small().columns()).decode().splitlines()))
    assert rows[0] == ["x [opinion]", "name", "n [count]"]
    assert [float(row[0]) for row in rows[1:]] == [0.1, 1 / 3]
    assert [row[1:] for row in rows[1:]] == [["a", "3"], ["b, c", "4"]]


def test_csv_refuses_columns_of_different_length():
    with pytest.raises(ValueError, match="zip"):
        csv_bytes({"a": [1], "b": [1, 2]})


def test_computing_needs_no_matplotlib():
    import subprocess
    import sys

    modules = ", ".join(entry.module for entry in FIGURES.values())
    code = f"import sys, figures.registry, {modules}; sys.exit('matplotlib' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0


def test_labels_are_pushed_apart_and_keep_their_order():
    rng = np.random.default_rng(0)
    for _ in range(100):
        heights = rng.random(6).tolist()
        moved = style.apart(heights, 0.2)
        assert np.argsort(moved).tolist() == np.argsort(heights).tolist()
        assert np.diff(np.sort(moved)).min() >= 0.2 - 1e-12
        assert np.mean(moved) == pytest.approx(np.mean(heights))
    assert style.apart([0.0, 1.0], 0.5) == [0.0, 1.0]
