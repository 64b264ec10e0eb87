"""Sweeps as labelled arrays: dimensions, units, attributes, refinement, and what is refused."""

import json
import re

import numpy as np
import pytest

import exitjoin as ej
from numerics.sweeps import results
from numerics.sweeps.quantities import QUANTITIES, REGIMES

PAIR = ej.Model(opinions=[0.0, 2.0], performance="-u**2")
TEAM = ej.Model(opinions=[-1.0, -0.3, 0.3, 1.0], performance="-u**2", acceptance="unanimous")


def test_arrays_are_labelled():
    over = {"switching_cost": [0.5, 1.5], "acceptance": ["open", "majority"], "spread": [2, 1, 3]}
    found = ej.sweep(PAIR, over, 4, 9, max_steps=20)
    assert dict(found.sizes) == {"switching_cost": 2, "acceptance": 2, "initial_spread": 3, "run": 4}
    assert found.switching_cost.values.tolist() == [0.5, 1.5]
    assert found.acceptance.values.tolist() == ["open", "majority"]
    assert found.initial_spread.values.tolist() == [2, 1, 3]
    for name, quantity in QUANTITIES.items():
        assert found[name].dims == ("switching_cost", "acceptance", "initial_spread", "run")
        assert found[name].dtype == quantity.dtype
    for variable in found.variables.values():
        assert variable.attrs["units"]
        assert variable.attrs["long_name"]
    assert found.regime.attrs["flag_values"].tolist() == list(range(len(REGIMES)))
    names = found.most_frequent_regime.attrs["flag_meanings"].split()
    assert [name.replace("_", " ") for name in names] == list(REGIMES)
    # the two merge if κ is below a quarter of the squared gap
    merged = found.moves.isel(run=0, acceptance=0) > 0
    assert merged.values.tolist() == [[True, False, True], [False, False, True]]


def test_attributes_say_what_makes_the_same_again():
    found = ej.sweep(TEAM, {"switching_cost": [0.1, 0.2]}, 4, 9, max_steps=20, structure=[[0, 1], [2, 3]])
    again = json.loads(found.attrs["model"])
    assert again["opinions"] == [-1.0, -0.3, 0.3, 1.0]
    assert json.loads(found.attrs["run"]) == {
        "schedule": "random", "tactical_steps": "inf", "max_steps": 20, "samples": 0, "structure": [0, 0, 1, 1],
    }  # fmt: skip
    assert json.loads(found.attrs["over"]) == {"switching_cost": [0.1, 0.2]}
    assert (found.attrs["runs"], found.attrs["seed"]) == (4, "9")
    assert found.attrs["method"] == "gaps between coalitions; payoffs in closed form"
    assert {"version_python", "version_numpy", "version_numba", "version_exitjoin", "version_sources"} < set(
        found.attrs
    )


def test_seeds():
    over = {"switching_cost": [0.1]}
    model = ej.Model(opinions=ej.normal(5), performance="-u**2")
    first = ej.sweep(model, over, 5, None, max_steps=50)
    again = ej.sweep(model, over, 5, json.loads(first.attrs["seed"]), max_steps=50)
    assert first.identical(again)
    assert not first.equals(ej.sweep(model, over, 5, None, max_steps=50))
    sequence = np.random.SeedSequence(7).spawn(3)[2]
    many = ej.ensemble(model.replace(switching_cost=0.1), 5, sequence, max_steps=50)
    found = ej.sweep(model, over, 5, sequence, max_steps=50)
    assert np.array_equal(found.spread.values[0], many.spread)
    assert json.loads(found.attrs["seed"])["spawn_key"] == [2]


def test_quantities_can_be_chosen():
    over = {"switching_cost": [0.1, 0.9]}
    everything = ej.sweep(TEAM, over, 5, max_steps=50)
    some = ej.sweep(TEAM, over, 5, max_steps=50, quantities=["moves", "regime"])
    assert set(some.data_vars) == {"moves", "regime", "most_frequent_regime", "computed"}
    nothing = ej.sweep(TEAM, over, 5, max_steps=50, quantities=[])
    assert set(nothing.data_vars) == {"most_frequent_regime", "computed"}
    for found in (some, nothing):
        for name in found.data_vars:
            assert found[name].identical(everything[name])


def test_refinement_finds_the_boundaries_of_the_full_grid():
    over = {"switching_cost": np.linspace(-0.02, 0.3, 33), "acceptance.threshold": np.linspace(-0.02, 0.3, 33)}
    full = ej.sweep(TEAM, over, 5, 1, max_steps=100)
    refined = ej.sweep(TEAM, over, 5, 1, max_steps=100, coarse=8)
    assert refined.most_frequent_regime.equals(full.most_frequent_regime)
    computed = refined.computed.values
    assert computed[::8, ::8].all()
    assert 0.1 < computed.mean() < 0.6
    assert refined.sizes["cell"] == computed.sum()
    places = np.argwhere(computed)
    for column, axis in enumerate(over):
        assert refined[f"cell_{axis}_index"].values.tolist() == places[:, column].tolist()
        assert refined[f"cell_{axis}"].values.tolist() == over[axis][places[:, column]].tolist()
    for name in QUANTITIES:
        assert refined[name].dims == ("cell", "run")
        assert np.array_equal(refined[name].values, full[name].values[computed])


def test_refinement_takes_axes_that_are_not_increasing_numbers_value_by_value():
    over = {
        "acceptance": ["open", ej.capacity(2)],
        "switching_cost": np.linspace(-0.02, 0.3, 33),
        "influence.rate": [1, 0.5],
    }
    full = ej.sweep(TEAM, over, 5, 1, max_steps=100)
    refined = ej.sweep(TEAM, over, 5, 1, max_steps=100, coarse=16)
    assert refined.most_frequent_regime.equals(full.most_frequent_regime)
    assert refined.computed.values[:, ::16].all()
    assert not refined.computed.all()
    assert set(refined.cell_acceptance.values) == set(full.acceptance.values)


def test_what_does_not_fit_is_refused_before_anything_runs(monkeypatch):
    over = {"switching_cost": [0.1, 0.2]}
    cases = {
        "runs": {"runs": 0},
        "seed": {"seed": -1},
        "schedule": {"schedule": "alphabetical"},
        "structure": {"structure": [[0]]},
        "tactical_steps": {"tactical_steps": 0},
        "max_steps": {"max_steps": -1},
        "samples": {"samples": -1},
        "coarse": {"coarse": 3},
        "quantities": {"quantities": "moves"},
        "quantities[1]": {"quantities": ["moves", "colour"]},
        "executor": {"executor": "fibres"},
        "workers": {"workers": 0},
    }
    for field, arguments in cases.items():
        with pytest.raises(ej.InputError) as caught:
            ej.sweep(TEAM, over, **arguments)
        assert caught.value.field == field
    with pytest.raises(ej.InputError, match=r"^coarse: 8 is for axes of increasing numbers"):
        ej.sweep(TEAM, {"acceptance": ["open", "majority"], "switching_cost": [0.2, 0.1]}, coarse=8)
    with pytest.raises(ej.InputError, match=r"^runs: 100000000 in each of 4 cells take 55.2 GB of memory"):
        ej.sweep(TEAM, {"switching_cost": [0.1, 0.2, 0.3, 0.4]}, runs=100_000_000)
    with pytest.raises(ej.InputError, match=r"^over: '1000000000 cells' are more than 100000000"):
        ej.sweep(TEAM, dict.fromkeys(("switching_cost", "acceptance.threshold", "discount"), np.linspace(0, 0.9, 1000)))
    monkeypatch.setattr(results, "MAX_BYTES", 10_000)
    with pytest.raises(ej.InputError, match=r"^runs: 20 in each of .* cells take"):  # once it shows how many it takes
        ej.sweep(TEAM, {"switching_cost": np.linspace(0.02, 1.1, 1025)}, 20, max_steps=20, coarse=256)


def test_progress_counts_the_cells():
    texts = []
    ej.sweep(TEAM, {"switching_cost": np.linspace(0, 1, 30)}, 3, max_steps=20, progress=texts.append)
    assert texts.pop(0) == "looking at the values of the axes"
    counts = [int(text.split()[1]) for text in texts]
    assert counts == sorted(counts)
    assert texts[-1] == "cells 30 of 30, 0 s left"
    texts.clear()
    ej.sweep(TEAM, {"switching_cost": np.linspace(0, 1, 30)}, 3, max_steps=20, coarse=8, progress=texts.append)
    rounds = [re.fullmatch(r"round (\d+), cells (\d+) of (\d+), .* left in this round", text) for text in texts[1:]]
    numbers = [tuple(map(int, match.groups())) for match in rounds]
    assert numbers == sorted(numbers)
    assert numbers[-1][0] >= 2
    assert all(done <= total for _, done, total in numbers)
    assert numbers[-1][1] == numbers[-1][2]  # the round is done
