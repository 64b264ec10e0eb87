"""The smallest rate: decisions of `numerics.moves` on both sides of it, at many rates, for random models."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest

from numerics.acceptance import bounded_confidence, capacity, unanimous
from numerics.costs import per_agent, switching_cost
from numerics.influence import lazy, network
from numerics.model import Model
from numerics.moves import moves
from numerics.opinions import normal
from numerics.programs.smallest_rate import SmallestRate, smallest_rate, stable_rates
from numerics.ties import tie_tolerance
from theory.errors import InputError

STEP = 1e-6
RATES = (1e-4, 0.01, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.97, 1.0)


def pays(model: Model, structure: list[list[int]], rate: float, agent: int, column: int) -> bool:
    at = model.replace(influence=lazy(rate))
    found = moves(at, structure)
    return bool(found.gains[agent, column] > found.costs[agent, column] + tie_tolerance(at, structure))


def says(found: SmallestRate, rate: float) -> bool:
    return found.rate < rate < found.below


def random_model(seed: int) -> tuple[Model, list[list[int]]]:
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(2, 7)), 1 + seed % 2
    labels = np.unique(rng.integers(0, 3, n), return_inverse=True)[1]
    structure = [np.flatnonzero(labels == c).tolist() for c in range(labels.max() + 1)]
    x = rng.normal(size=n if d == 1 else (n, d))
    performance = ["-u**2", "3 - 2*(u - 1/3)**2", "u**2 + u"] if d == 1 else ["-u1**2 - u1*u2 - u2**2", "u1*u2"]
    cost: object = float(rng.choice([0.0, 0.05, 0.3, -0.05, -0.3]))
    if seed % 5 == 0:
        cost = switching_cost(base=0.05, exit=per_agent(rng.normal(size=n).tolist()))
    model = Model(
        x, performance[seed % len(performance)], cost, influence=lazy(0.5), discount=float(rng.choice([0.3, 0.7, 0.95]))
    )
    return model, structure


@pytest.mark.parametrize("seed", range(40))
def test_moves_agree_at_many_rates(seed: int) -> None:
    """Agents who agree or do not, one coordinate or two, φ concave or convex, costs of both signs."""
    model, structure = random_model(seed)
    patient = moves(model.replace(discount=None), structure)
    found = {
        (i, j): smallest_rate(model, structure, i, j if j < len(structure) else None)
        for i, j in np.argwhere(~np.isnan(patient.gains)).tolist()
    }
    for rate in RATES:
        at = model.replace(influence=lazy(rate))
        now, tolerance = moves(at, structure), tie_tolerance(at, structure)
        for (i, j), one in found.items():
            assert (now.gains[i, j] > now.costs[i, j] + tolerance) == says(one, rate)
    for (i, j), one in found.items():
        meets = one.rate if 0 < one.rate < inf else one.below
        if STEP < meets < 0.99:
            assert one.gain == pytest.approx(one.cost, abs=1e-13)
            for rate in (meets - STEP, meets + STEP):
                assert pays(model, structure, rate, i, j) == says(one, rate)
            assert pays(model, structure, meets - STEP, i, j) != pays(model, structure, meets + STEP, i, j)
            assert not pays(model, structure, meets, i, j)  # a tie


def test_every_kind_of_answer_is_met() -> None:
    seen = set()
    for seed in range(16):
        model, structure = random_model(seed)
        gains = moves(model, structure).gains
        for i, j in np.argwhere(~np.isnan(gains)).tolist():
            one = smallest_rate(model, structure, i, j if j < len(structure) else None)
            seen.add(" ".join(one.status.split()[:4]))
    assert seen == {"pays at rates above", "pays at rates below", "pays at every rate", "pays at no rate"}


@pytest.mark.parametrize("incumbents", [1, 2, 5])
def test_the_closed_form_of_agents_that_agree(incumbents: int) -> None:
    """S12 by hand: r = κ/(δ² (1 - H_{m+1}/(m+1))), ε* = 1 - √((ρ-r)/(ρ(1-r)))."""
    gap, cost, rho = 1.5, 0.1, 0.8
    model = Model([0.0] * incumbents + [gap] * 2, "3 - (u - 1/3)**2", cost, discount=rho)
    structure = [list(range(incumbents)), [incumbents, incumbents + 1]]
    harmonic = sum(1 / j for j in range(1, incumbents + 2))
    r = cost / (gap**2 * (1 - harmonic / (incumbents + 1)))
    found = smallest_rate(model, structure, incumbents, 0)
    assert found.rate == pytest.approx(1 - sqrt((rho - r) / (rho * (1 - r))), rel=1e-12)
    assert found.gain_fast == pytest.approx(cost / r)
    assert found.below == inf
    assert smallest_rate(model, structure, incumbents, None).status == "pays at no rate"  # founding alone gains 0


def test_the_ends() -> None:
    model, structure = Model([0.0, 1.0], "-u**2", 0.125, discount=0.5), [[0], [1]]  # G = 1/4, ρ G = κ
    assert smallest_rate(model, structure, 1, 0).rate == inf  # a tie at rate 1
    assert smallest_rate(model.replace(switching_cost=0.125 - 1e-9), structure, 1, 0).rate < 1
    assert smallest_rate(model.replace(switching_cost=0.0), structure, 1, 0).rate == 0
    assert smallest_rate(model.replace(switching_cost=-0.1), structure, 1, 0).status == "pays at every rate"
    agreed = model.replace(opinions=[1.0, 1.0], switching_cost=0.0)
    assert smallest_rate(agreed, structure, 1, 0).status == "pays at no rate"  # a gain of 0 is a tie
    now = model.replace(discount=0.0, switching_cost=0.01)
    assert smallest_rate(now, structure, 1, 0).status == "pays at no rate"  # only the present counts
    assert smallest_rate(now.replace(switching_cost=-0.01), structure, 1, 0).status == "pays at every rate"
    tiny = smallest_rate(model.replace(switching_cost=1e-11), structure, 1, 0)  # ε* = r (1-ρ)/(2ρ), to first order
    assert tiny.rate == pytest.approx(2e-11, rel=1e-9)
    convex = model.replace(performance="u**2", switching_cost=-0.125)  # a loss of 1/4 at most, ρ/4 at rate 1
    assert smallest_rate(convex, structure, 1, 0).below == 1


def test_the_own_rate_of_the_model_does_not_matter() -> None:
    model, structure = random_model(3)
    target = None if len(structure) == 1 else int(0 in structure[0])
    every = [
        smallest_rate(model.replace(influence=influence), structure, 0, target).rate
        for influence in ("uniform", lazy(0.1), lazy(1.0))
    ]
    assert len(set(every)) == 1


@pytest.mark.parametrize("rule", ["open", bounded_confidence(1.2), capacity(3)])
@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_stable_rates_by_every_move(seed: int, rule: object) -> None:
    model, structure = random_model(seed)
    model = model.replace(acceptance=rule)
    found = stable_rates(model, structure)

    def is_stable(rate: float) -> bool:
        return not moves(model.replace(influence=lazy(rate)), structure).admissible.any()

    near = [end + sign * STEP for end in (found.low, found.high) for sign in (-1, 1) if STEP < end < 0.99]
    for rate in (*RATES, *near):
        assert is_stable(rate) == (found.low <= rate <= found.high)
    assert (found.status == "stable at no rate") == (found.low > found.high or found.high == 0)
    if 0 < found.high < 0.99:
        agent, column = found.breaks_above
        assert pays(model, structure, found.high + STEP, agent, column)
    if 0 < found.low < 0.99:
        agent, column = found.breaks_below
        assert pays(model, structure, found.low - STEP, agent, column)


def test_every_kind_of_stable_rates_is_met() -> None:
    seen = {" ".join(stable_rates(*random_model(seed)).status.split()[:4]) for seed in range(40)}
    assert seen >= {"stable at every rate", "stable at no rate", "stable at rates up", "stable at rates from"}


def test_rates_from_and_up_to() -> None:
    """Agent 1 is paid 0.1 to leave and loses 9/4; agent 2 pays 1 to join and gains 5/4: payoffs by hand.

    With φ = -u², {0, 1} pays 9/4 and -27/4, {0, 1, 2} pays 7/2 and twice -31/4, and alone 3 is worth -9.
    """
    cost = switching_cost(base=0.0, exit=per_agent([5.0, -0.1, 1.0]))
    found = stable_rates(Model([0.0, 3.0, 3.0], "-u**2", cost, discount=0.9), [[0, 1], [2]])
    low, high = (1 - sqrt((0.9 - r) / (0.9 * (1 - r))) for r in (0.1 / 2.25, 1 / 1.25))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert found.breaks_below in ((1, 1), (1, 2))
    assert found.breaks_above == (2, 0)
    assert found.status == f"stable at rates from {low:.6g} to {high:.6g}"


def test_bad_input() -> None:
    model, structure = Model([0.0, 1.0, 2.0], "-u**2", 0.1, discount=0.5), [[0, 1], [2]]
    with pytest.raises(InputError, match=r"^discount: None is not given"):
        smallest_rate(model.replace(discount=None), structure, 0, 1)
    with pytest.raises(InputError, match=r"^discount: None is not given"):
        stable_rates(model.replace(discount=None, influence=network(np.ones((3, 3)))), structure)
    for agent in (-1, 3, 0.5, True):
        with pytest.raises(InputError, match=r"^agent: .* is not an agent"):
            smallest_rate(model, structure, agent, 1)  # type: ignore[arg-type]
    for target in (-1, 2, "1"):
        with pytest.raises(InputError, match=r"^target: .* is not a coalition"):
            smallest_rate(model, structure, 0, target)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^target: 0 is where agent 1 is already"):
        smallest_rate(model, structure, 1, 0)
    with pytest.raises(InputError, match=r"^target: None is where agent 2 is already"):
        smallest_rate(model, structure, 2, None)
    with pytest.raises(InputError, match=r"^structure"):
        smallest_rate(model, [[0, 1]], 0, 1)
    with pytest.raises(InputError, match=r"^acceptance: 'unanimous' asks members"):
        stable_rates(model.replace(acceptance=unanimous(0.0)), structure)
    with pytest.raises(InputError, match=r"^opinions"):
        smallest_rate(model.replace(opinions=normal(3)), structure, 0, 1)
