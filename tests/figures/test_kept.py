from __future__ import annotations

import numpy as np
import pytest

from figures import kept
from figures.kept import kept_sweep, remove_superseded
from numerics.model import Model
from numerics.sweeps.folder import opened

MODEL = Model(opinions=[0.0, 1.0, 2.0], performance="-u**2")
OVER = {"switching_cost": np.array([0.1, 0.3])}


def test_what_is_kept_is_not_simulated_again(tmp_path, monkeypatch):
    first = kept_sweep("small", MODEL, OVER, runs=5, kept=tmp_path)
    (folder,) = tmp_path.iterdir()
    said = []
    monkeypatch.setattr("numerics.sweeps.cells.ensemble", None)
    again = kept_sweep("small", MODEL, OVER, runs=5, kept=tmp_path, progress=said.append)
    assert again.identical(first)
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(TypeError):
        kept_sweep("small", MODEL, OVER, runs=6, kept=tmp_path)


def test_data_kept_or_not_are_the_same():
    one, two = (kept_sweep("small", MODEL, OVER, runs=5) for _ in range(2))
    assert one.identical(two)


def test_superseded_data_are_removed_and_nothing_else(tmp_path):
    kept_sweep("small", MODEL, OVER, runs=5, kept=tmp_path)
    kept_sweep("small", MODEL, OVER, runs=6, kept=tmp_path / "other")
    (old,) = (path for path in tmp_path.iterdir() if path.name.startswith("small-"))
    stays = ["small_first-" + old.name[6:], "small-notes", "small-" + "0" * 16, "small-" + "0" * 15 + "g"]
    for name in stays:
        (tmp_path / name).mkdir()
    for name in stays[:1] + stays[3:]:
        (tmp_path / name / "plan.json").write_text("{}")
    kept_sweep("small", MODEL, OVER, runs=7, kept=tmp_path)
    assert not old.exists()
    assert all((tmp_path / name).is_dir() for name in [*stays, "other"])
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("small-")]) == 4


def test_superseded_data_in_use_stay(tmp_path):
    kept_sweep("small", MODEL, OVER, runs=5, kept=tmp_path)
    (old,) = tmp_path.iterdir()
    with opened(old):
        assert remove_superseded(tmp_path / ("small-" + "0" * kept.DIGITS)) == []
    assert (old / "sweep.nc").exists()
    assert remove_superseded(tmp_path / ("small-" + "0" * kept.DIGITS)) == [old]
