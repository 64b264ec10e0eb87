from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from exitjoin.cli import main
from figures import style, writing
from figures.registry import FIGURES, FigureEntry
from figures.writing import csv_bytes, make_figures, picture_bytes
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


def is_measured(text):
    """Whether a cell of a table holds a number with decimals: names, and numbers of agents, need no unit."""
    return re.fullmatch(r"-?\d+\.\d*(e[+-]?\d+)?", text) is not None


def draw_nothing(data: Small):
    raise ZeroDivisionError


@pytest.fixture
def small(monkeypatch):
    """Figures that take no time; the second cannot be drawn, the third keeps data and says so."""

    def compute_kept(kept, progress):
        progress(f"kept in {kept.name}")
        (kept / "three").write_text("data")
        return Small()

    entries = {
        "one": FigureEntry("small", "", ""),
        "two": FigureEntry("broken", "", ""),
        "three": FigureEntry("kept", "", "", keeps_data=True),
    }
    modules = {
        "small": SimpleNamespace(compute=Small, draw=draw_small),
        "broken": SimpleNamespace(compute=Small, draw=draw_nothing),
        "kept": SimpleNamespace(compute=compute_kept, draw=draw_small),
    }
    monkeypatch.setattr(writing, "FIGURES", entries)
    monkeypatch.setattr(writing, "import_module", modules.__getitem__)


def test_every_figure_is_there_and_can_be_made():
    for name, entry in FIGURES.items():
        module = import_module(entry.module)
        needed = [p.name for p in signature(module.compute).parameters.values() if p.default is p.empty]
        assert needed == [], name
        assert entry.keeps_data == ({"kept", "progress"} <= signature(module.compute).parameters.keys()), name
        assert len(signature(module.draw).parameters) == 1, name
        assert entry.title[0].isupper(), name
        assert not entry.title.endswith("."), name
        assert entry.caption.endswith("."), name


@pytest.mark.slow  # each figure has tests of its own, with less data
def test_all_figures_are_written_with_their_data(tmp_path):
    said = []
    folder = tmp_path / "new" / "folder"
    paths = make_figures(out=folder, progress=said.append)
    assert [p.name for p in paths] == [f"{name}.{ending}" for name in FIGURES for ending in ("pdf", "png", "csv")]
    assert sorted(p.name for p in paths) == sorted(p.name for p in folder.iterdir() if p.is_file())
    assert [p.name for p in folder.iterdir() if p.is_dir()] == [writing.KEPT]
    assert all(any(name in text for text in said) for name in FIGURES)
    for path in paths:
        content = path.read_bytes()
        if path.suffix == ".csv":
            rows = list(csv.reader(content.decode().splitlines()))
            assert len(rows) > 4
            assert len({len(row) for row in rows}) == 1
            for heading, *values in zip(*rows, strict=True):
                assert "[" in heading or not any(is_measured(value) for value in values), (path.name, heading)
        else:
            assert content.startswith({".pdf": b"%PDF", ".png": b"\x89PNG"}[path.suffix])
            assert b"CreationDate" not in content


def test_a_figure_is_written_with_its_data(tmp_path, small):
    said = []
    paths = make_figures("one", tmp_path / "new" / "folder", said.append)
    assert [path.name for path in paths] == ["one.pdf", "one.png", "one.csv"]
    assert sorted((tmp_path / "new" / "folder").iterdir()) == sorted(paths)
    assert said == ["computing figure one", "drawing figure one"]
    pdf, png, table = (path.read_bytes() for path in paths)
    assert pdf.startswith(b"%PDF")
    assert png.startswith(b"\x89PNG")
    assert table == csv_bytes(Small().columns())
    assert b"CreationDate" not in pdf + png


def test_data_are_kept_beside_the_figures_or_where_told(tmp_path, small):
    said = []
    make_figures("three", tmp_path, said.append)
    assert (tmp_path / "data" / "three").read_text() == "data"
    assert "figure three: kept in data" in said
    make_figures(["one", "three"], tmp_path / "again", kept=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "three").exists()
    assert not (tmp_path / "again" / "data").exists()


def test_the_command_takes_a_folder_for_data(tmp_path, small, capsys):
    folder = str(tmp_path / "kept")
    assert main(["figures", "three", "--out", str(tmp_path), "--data", folder]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / f"three.{ending}") for ending in ("pdf", "png", "csv")]
    assert (tmp_path / "kept" / "three").exists()
    (tmp_path / "file").write_text("")
    assert main(["figures", "three", "--out", str(tmp_path), "--data", str(tmp_path / "file")]) == 2
    assert "data: " in capsys.readouterr().err


@pytest.mark.parametrize("names", ["nothing", ["barriers", "nothing"], [3]])
def test_unknown_name_is_refused_before_anything_is_done(names, tmp_path):
    with pytest.raises(InputError, match=r"figure: .* is unknown; use one of paradox, "):
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
    code = f"import sys, figures.writing, {modules}; sys.exit('matplotlib' in sys.modules)"
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
