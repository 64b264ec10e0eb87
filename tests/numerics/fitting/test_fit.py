"""Fitting influence: exact where it must be, against slow oracles, and what it says about what it cannot know."""

from __future__ import annotations

import math
from typing import Any

import networkx
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

import exitjoin as ej
from numerics.fitting.fit import GroupFit, fit_influence
from numerics.fitting.observations import Group
from numerics.fitting.regularisation import held_out, typical_agents
from numerics.fitting.transitions import scale_of, transitions_of
from numerics.fitting.typical_moves import in_typical_moves
from theory.errors import InputError

from .logs import group_of, influence, log_of, simulated

Array = NDArray[np.float64]


def rows_by_loop(x: Array, i: int, heard: Array, stubborn: bool) -> tuple[list[list[float]], list[float]]:
    """Rows (x_1(t), …, x_k(t), x_i(0)) and x_i(t+1) of one agent, from the definition; 0 for what is not heard."""
    items, rounds, k = x.shape
    rows, nexts = [], []
    for item in range(items):
        for t in range(rounds - 1):
            needed = [x[item, t, j] for j in range(k) if heard[i, j] or j == i] + [x[item, t + 1, i]]
            needed += [x[item, 0, i]] if stubborn else []
            if not any(math.isnan(value) for value in needed):
                row = [x[item, t, j] if heard[i, j] or j == i else 0.0 for j in range(k)]
                rows.append([*row, x[item, 0, i] if stubborn else 0.0])
                nexts.append(x[item, t + 1, i])
    return rows, nexts


def typical_moves(*logs: Array) -> Array:
    """(items, 1, 1) root of the mean square of all moves of each item; far from the floor."""
    items = range(len(logs[0]))
    moves = [[m for x in logs for m in np.diff(x[item], axis=0).ravel() if not math.isnan(m)] for item in items]
    return np.array([math.sqrt(np.mean(np.square(one))) for one in moves])[:, None, None]


def by_slsqp(rows: Array, nexts: Array, prior: Array, pull: float, allowed: NDArray[np.bool_]) -> Array:
    """min ‖rows b - nexts‖² + pull ‖b - prior‖² over the simplex."""

    def loss(b: Array) -> float:
        return float(((rows @ b - nexts) ** 2).sum() + pull * ((b - prior) ** 2).sum())

    def slope(b: Array) -> Array:
        return np.asarray(2 * rows.T @ (rows @ b - nexts) + 2 * pull * (b - prior))

    bounds = [(0.0, 1.0 if free else 0.0) for free in allowed]
    simplex = {"type": "eq", "fun": lambda b: b.sum() - 1, "jac": lambda b: np.ones_like(b)}
    found = minimize(
        loss, allowed / allowed.sum(), jac=slope, bounds=bounds, constraints=[simplex], options={"ftol": 1e-14}
    )
    return np.asarray(found.x)


def weights_of(group: GroupFit) -> Array:
    return np.column_stack([group.weights, group.stubbornness])


@pytest.mark.parametrize(("items", "rounds"), [(1, 12), (9, 3)])
def test_without_noise_the_truth_is_found(items: int, rounds: int) -> None:
    rng = np.random.default_rng(0)
    W, s = influence(4, rng)
    W[0] = [0.7, 0.0, 0.3, 0.0]
    W /= W.sum(axis=1, keepdims=True)
    s[1] = 0.0
    log = log_of(simulated(W, s, items, rounds, 0.0, rng))
    for found in (fit_influence(log, regularisation=0), fit_influence(log)):
        group = found.groups[0]
        condition = float(group.condition.max())
        assert np.abs(group.influence - W).max() <= 1e-14 * condition
        assert np.abs(group.stubbornness - s).max() <= 1e-14 * condition
        assert found.regularisation == 0
        assert found.status == "optimal"
        assert group.noise.max() <= 1e-14 * condition
        assert group.warning == ""


def test_inside_the_simplex_it_is_least_squares_in_closed_form() -> None:
    rng = np.random.default_rng(1)
    W, s = np.full((3, 3), 1 / 3), np.full(3, 0.3)
    log = log_of(simulated(W, s, 5, 40, 0.2, rng))
    group = fit_influence(log, regularisation=0, bootstrap=0).groups[0]
    assert weights_of(group).min() > 0
    x = log.groups[0].opinions / typical_moves(log.groups[0].opinions)
    for i in range(3):
        rows, nexts = (np.array(part) for part in rows_by_loop(x, i, np.ones((3, 3)), True))
        kkt = np.block([[rows.T @ rows, np.ones((4, 1))], [np.ones((1, 4)), np.zeros((1, 1))]])
        closed = np.linalg.solve(kkt, np.append(rows.T @ nexts, 1.0))[:4]
        assert weights_of(group)[i] == pytest.approx(closed, abs=1e-10)


@pytest.mark.parametrize("stubborn", [True, False])
@pytest.mark.parametrize("regularisation", [0.0, 0.5, 20.0])
def test_against_another_solver(regularisation: float, stubborn: bool) -> None:
    """Missing answers, a directed network, weights at the edge of the simplex."""
    rng = np.random.default_rng(2)
    W, s = influence(4, rng)
    x = simulated(W, s, 6, 8, 0.5, rng).opinions.copy()
    x[rng.random(x.shape) < 0.05] = np.nan
    heard = np.array([[1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1], [0, 0, 1, 1]])
    log = log_of(group_of(x))
    found = fit_influence(log, network=heard, stubborn=stubborn, regularisation=regularisation, bootstrap=0)
    group, typical = found.groups[0], found.typical
    x /= typical_moves(x)
    everything = np.concatenate(
        [agent.regressors.ravel() for agent in transitions_of(group_of(x), heard.astype(bool), stubborn)]
    )
    for i in range(4):
        rows, nexts = rows_by_loop(x, i, heard, stubborn)
        assert (group.used[i], group.lost[i]) == (len(rows), 6 * 7 - len(rows))
        allowed = np.append(heard[i] > 0, stubborn)
        prior = np.where(allowed[:4], typical.others / (heard[i].sum() - 1), 0.0)
        prior[i] = typical.self_weight
        prior = np.append(prior, typical.stubbornness)
        pull = regularisation * float(np.mean(everything**2))
        other = by_slsqp(np.array(rows), np.array(nexts), prior, pull, allowed)
        assert weights_of(group)[i] == pytest.approx(other, abs=2e-5)  # SLSQP stops at 1e-14 of a sum of squares
    assert (group.influence[heard == 0] == 0).all()
    assert np.abs(group.influence.sum(axis=1) - 1).max() <= 1e-14


def test_typical_agent_and_infinite_regularisation() -> None:
    """λ → ∞ gives the typical agent, which is the best fit of two numbers to all agents of all groups."""
    rng = np.random.default_rng(3)
    logs = [simulated(*influence(k, rng), 5, 4, 0.2, rng, f"g{k}") for k in (2, 4)]
    found = fit_influence(log_of(*logs), regularisation=math.inf, bootstrap=0)
    near = fit_influence(log_of(*logs), regularisation=1e9, bootstrap=0)
    rows, nexts = [], []
    unit = typical_moves(*(group.opinions for group in logs))
    for group in (group_of(log.opinions / unit) for log in logs):
        agents = transitions_of(group, np.ones((group.n_agents,) * 2, bool), True)
        size = math.sqrt(scale_of(agents))
        for i, agent in enumerate(agents):
            for item, t in zip(agent.item.tolist(), agent.time.tolist(), strict=True):
                now = group.opinions[item, t]
                others = np.delete(now, i).mean()
                rows.append([now[i] / size, others / size, group.opinions[item, 0, i] / size])
                nexts.append(group.opinions[item, t + 1, i] / size)
    typical = by_slsqp(np.array(rows), np.array(nexts), np.zeros(3), 0.0, np.ones(3, bool))
    ours = [found.typical.self_weight, found.typical.others, found.typical.stubbornness]
    assert ours == pytest.approx(typical, abs=1e-5)
    for one, other in zip(found.groups, near.groups, strict=True):
        k = len(one.agents)
        expected = np.full((k, k), found.typical.others / (k - 1))
        np.fill_diagonal(expected, found.typical.self_weight)
        assert one.weights == pytest.approx(expected, abs=1e-15)
        assert one.stubbornness == pytest.approx(np.full(k, found.typical.stubbornness), abs=1e-15)
        assert other.weights == pytest.approx(expected, abs=1e-7)
    assert found.solver == ""


def test_the_curve_of_held_out_errors_is_what_it_says() -> None:
    """Each transition left out in turn, one by one, refitted by another solver."""
    rng = np.random.default_rng(4)
    group = simulated(*influence(3, rng), 2, 4, 0.3, rng)
    agents = transitions_of(group, np.ones((3, 3), bool), True)
    curve = held_out([agents], 4)
    strength = 1.0
    v = scale_of(agents)
    squares = []
    for left_out in range(6):
        masks = [np.array([3 * a + b != left_out for a, b in zip(m.item, m.time, strict=True)]) for m in agents]
        typical = typical_agents([agents], [masks])[0]
        for i, agent in enumerate(agents):
            rows, nexts = (np.array(part) for part in rows_by_loop(group.opinions, i, np.ones((3, 3)), True))
            kept = np.arange(6) != left_out
            b = by_slsqp(rows[kept], nexts[kept], typical.weights(agent), strength * v, np.ones(4, bool))
            squares.append((nexts[left_out] - rows[left_out] @ b) ** 2 / v)
    assert curve.error[curve.candidates == strength] == pytest.approx(math.sqrt(np.mean(squares)), rel=1e-4)
    assert curve.candidates[np.argmin(curve.error)] == curve.chosen


def test_short_logs_lean_on_the_typical_agent_and_long_ones_do_not() -> None:
    rng = np.random.default_rng(5)
    W, s = influence(5, rng)
    short = fit_influence(log_of(simulated(W, s, 1, 3, 0.3, rng)))
    long = fit_influence(log_of(simulated(W, s, 1, 400, 0.3, rng)), bootstrap=0)
    assert short.regularisation > 1
    errors = long.held_out.error
    assert errors[0] < errors[-1]  # least squares against the typical agent
    assert "do not determine all weights of a0 (2 of 5 directions)" in short.groups[0].warning
    assert not short.groups[0].determined.any()
    assert (short.groups[0].weights_interval == np.array([0.0, 1.0])[:, None, None]).all()
    assert np.abs(long.groups[0].influence - W).max() < 0.2


def test_the_error_falls_as_one_over_the_root_of_the_rounds() -> None:
    """Eight logs each: a hundred times the rounds, a tenth of the error, within the scatter of eight."""
    rounds = (40, 4000)
    errors = np.empty((8, 2))
    for draw in range(8):
        for column, T in enumerate(rounds):
            rng = np.random.default_rng([6, draw, column])
            W, s = influence(3, rng)
            found = fit_influence(log_of(_fast(W, s, T + 1, rng)), regularisation=0, bootstrap=0)
            errors[draw, column] = np.mean((found.groups[0].weights - (1 - s)[:, None] * W) ** 2)
    slope = 0.5 * math.log(errors[:, 1].mean() / errors[:, 0].mean()) / math.log(rounds[1] / rounds[0])
    # 72 squared errors at each end, correlated in rows of three: each mean is off by some √(2/24), the slope by 0.045
    assert abs(slope + 0.5) <= 3 * 0.045


def _fast(W: Array, s: Array, rounds: int, rng: np.random.Generator) -> Group:
    x = np.empty((1, rounds, len(W)))
    x[0, 0] = rng.normal(size=len(W))
    for t in range(rounds - 1):
        x[0, t + 1] = (1 - s) * (W @ x[0, t]) + s * x[0, 0] + 0.3 * rng.normal(size=len(W))
    return group_of(x)


def test_unit_and_zero_of_opinions_do_not_matter() -> None:
    rng = np.random.default_rng(7)
    x = simulated(*influence(3, rng), 3, 6, 0.2, rng).opinions
    plain = fit_influence(log_of(group_of(x)), bootstrap=19)
    for exponent in (-900, 3, 900):
        other = fit_influence(log_of(group_of(np.ldexp(x, exponent))), bootstrap=19)
        assert (other.groups[0].influence == plain.groups[0].influence).all()
        assert (other.groups[0].weights_interval == plain.groups[0].weights_interval).all()
        assert (other.groups[0].noise == plain.groups[0].noise).all()
        assert (other.groups[0].units == np.ldexp(plain.groups[0].units, exponent)).all()
        assert other.scores == plain.scores
    moved = fit_influence(log_of(group_of(50 + 10 * x)), bootstrap=19)
    assert moved.groups[0].influence == pytest.approx(plain.groups[0].influence, abs=1e-9)
    assert moved.groups[0].weights_interval == pytest.approx(plain.groups[0].weights_interval, abs=1e-9)


def test_items_in_different_units_and_from_different_zeros() -> None:
    """Any positive factor for each item, any shift for each item of a group: all results are the same."""
    rng = np.random.default_rng(12)
    logs = [simulated(*influence(k, rng), 6, 4, 0.1, rng, f"g{k}") for k in (2, 3)]
    logs[1] = group_of(np.where(rng.random((6, 4, 3)) < 0.03, np.nan, logs[1].opinions), "g3")
    plain = fit_influence(log_of(*logs), bootstrap=19)
    factor = np.array([1.0, 1000.0, 1e-3, 7.0, 0.3, 1e200])[:, None, None]
    shift = [rng.normal(size=(6, 1, 1)) * np.abs(factor) for _ in logs]
    other = fit_influence(
        log_of(*(group_of(x.opinions * factor + by, x.name) for x, by in zip(logs, shift, strict=True))), bootstrap=19
    )
    assert other.regularisation == plain.regularisation
    for one, same in zip(plain.groups, other.groups, strict=True):
        for field in ("influence", "stubbornness", "influence_interval", "stubbornness_interval", "noise"):
            assert getattr(same, field) == pytest.approx(getattr(one, field), abs=1e-9)
        assert same.units == pytest.approx(one.units * np.abs(factor[:, 0, 0]), rel=1e-9)
    assert other.scores.errors == pytest.approx(plain.scores.errors, rel=1e-9)
    assert np.ravel(other.scores.intervals) == pytest.approx(np.ravel(plain.scores.intervals), rel=1e-7)


def test_units_of_items() -> None:
    """Typical moves by a loop over all groups; a tenth of the spread where nobody moves; 1 where all agree forever."""
    rng = np.random.default_rng(13)
    x, y = rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 4, 3))
    x[0, 1, 0] = np.nan
    x[1, 1:], y[1, 1:] = x[1, 0], y[1, 0]
    x[2], y[2] = 5.0, 6.0
    groups, units = in_typical_moves((group_of(x, "x"), group_of(y, "y")), 3)
    moves = [z[0, t + 1, i] - z[0, t, i] for z in (x, y) for t in range(2) for i in range(z.shape[2])]
    about = [z[1, t, i] - z[1, :3].mean() for z in (x, y) for t in range(3) for i in range(z.shape[2])]
    expected = [math.sqrt(np.nanmean(np.square(moves))), 0.1 * math.sqrt(np.mean(np.square(about))), 1.0]
    assert units[0] == pytest.approx(expected, rel=1e-12)
    assert (units[1] == units[0]).all()
    for group, z in zip(groups, (x, y), strict=True):
        least = np.nanmin(z, axis=(1, 2), keepdims=True)
        assert group.opinions == pytest.approx((z - least) / units[0][:, None, None], abs=1e-12, nan_ok=True)


def test_where_the_regularisation_comes_from() -> None:
    rng = np.random.default_rng(14)
    group = simulated(*influence(3, rng), 4, 4, 0.2, rng)
    assert fit_influence(log_of(group), regularisation=1, bootstrap=0).regularisation_from == "given"
    assert fit_influence(log_of(group), bootstrap=0).regularisation_from == "held-out transitions"
    one = fit_influence(log_of(group_of(group.opinions[:1, :2])), bootstrap=0)
    assert (one.regularisation, one.regularisation_from) == (math.inf, "nothing could be held out")


def test_the_same_seed_gives_the_same_bits() -> None:
    rng = np.random.default_rng(8)
    log = log_of(*(simulated(*influence(3, rng), 3, 6, 0.2, rng, name) for name in "ab"))
    one, again, other = (fit_influence(log, bootstrap=39, seed=seed) for seed in (1, 1, 2))
    assert (one.groups[1].influence_interval == again.groups[1].influence_interval).all()
    assert one.scores == again.scores
    assert (one.groups[1].influence_interval != other.groups[1].influence_interval).any()
    assert (one.groups[1].influence == other.groups[1].influence).all()


def test_agents_that_were_not_there_at_first_are_not_stubborn() -> None:
    rng = np.random.default_rng(9)
    x = simulated(*influence(3, rng), 4, 8, 0.2, rng).opinions.copy()
    x[:, 0, 0] = np.nan
    x[0, 0, 1] = np.nan
    group = fit_influence(log_of(group_of(x)), regularisation=0, bootstrap=19).groups[0]
    assert group.stubbornness[0] == 0
    assert (group.stubbornness_interval[:, 0] == 0).all()
    assert group.warning.startswith("No first answer of a0: taken for not stubborn")
    assert group.used.tolist() == [4 * 6, 3 * 6, 4 * 6]  # a1 loses item 0; all lose the first step, as a0 is not there
    assert (group.used + group.lost == 4 * 7).all()


def test_what_the_log_does_not_determine() -> None:
    rng = np.random.default_rng(10)
    W, s = influence(4, rng)
    W[:, 3] = W[:, 2]
    W /= W.sum(axis=1, keepdims=True)
    x = simulated(W, s, 4, 10, 0.2, rng).opinions.copy()
    x[:, :, 3] = x[:, :, 2]  # nobody can tell whom of them the others hear
    group = fit_influence(log_of(group_of(x))).groups[0]
    assert not group.determined[:2, 2:4].any()
    assert group.determined[:2, [0, 1, 4]].all()
    assert (group.weights_interval[:, 0, 3] == [0, 1]).all()
    assert (group.weights_interval[1, 0, :2] - group.weights_interval[0, 0, :2]).max() < 1
    assert group.weights[0, 2] == pytest.approx(group.weights[0, 3], abs=1e-6)
    assert "a0 (3 of 4 directions)" in group.warning
    two = fit_influence(log_of(simulated(W, s, 20, 2, 0.1, rng)))  # its first answer is its answer now
    assert two.groups[0].determined[0].tolist() == [False, True, True, True, False]
    low, high = two.groups[0].influence_interval[:, 0]
    assert (low[1:] == two.groups[0].weights_interval[0, 0, 1:]).all()
    assert (high == 1).all()
    still = x.copy()
    still[:, 5:] = x[:, 5:6]
    assert "No answer changes after round number 6" in fit_influence(log_of(group_of(still))).groups[0].warning


def test_nobody_ever_moves_and_everybody_agrees() -> None:
    x = np.tile([0.0, 1.0, 2.0], (2, 4, 1))
    found = fit_influence(log_of(group_of(x)))
    assert found.groups[0].weights + np.diag(found.groups[0].stubbornness) == pytest.approx(np.eye(3), abs=1e-9)
    assert found.scores.best == "nobody moves" or found.scores.errors[0] <= 1e-9
    agree = fit_influence(log_of(group_of(np.full((2, 4, 3), 7.0))))
    assert (agree.groups[0].rank == 0).all()
    assert not agree.groups[0].determined.any()
    alone = fit_influence(log_of(group_of(np.array([[[0.0], [1.0], [0.5]]]))))
    assert alone.groups[0].influence.tolist() == [[1.0]]


def test_networks_by_name_by_group_and_directed() -> None:
    rng = np.random.default_rng(11)
    log = log_of(*(simulated(*influence(3, rng), 4, 5, 0.2, rng, name) for name in "ab"))
    graph = networkx.DiGraph()
    graph.add_nodes_from(["a2", "a1", "a0"])  # in another order than the agents
    graph.add_edge("a0", "a2")
    by_name = fit_influence(log, network={"b": graph}, bootstrap=19).groups
    assert (by_name[0].influence > 0).sum() > 5
    assert (by_name[1].influence > 0).tolist() == [[True, False, True], [False, True, False], [False, False, True]]
    assert (by_name[1].weights_interval[:, 0, 1] == 0).all()
    table = fit_influence(log, network=[[0, 0, 1], [0, 0, 0], [0, 0, 0]], bootstrap=0).groups[1]
    assert table.influence == pytest.approx(by_name[1].influence, abs=0.1)  # another typical agent, the same network
    with pytest.raises(InputError, match="is no group"):
        fit_influence(log, network={"c": graph})
    with pytest.raises(InputError, match="are not the 3 of the group"):
        fit_influence(log, network=np.ones((2, 2)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"observations": 3}, "are not Observations"),
        ({"stubborn": 1}, "is not a choice"),
        ({"regularisation": -1}, "is not from 0 to 1e12"),
        ({"regularisation": math.nan}, "is not a finite number"),
        ({"regularisation": "1"}, "is not a finite number"),
        ({"bootstrap": 5}, "copies have no 0.95 quantile"),
        ({"bootstrap": True}, "is not a number of copies"),
        ({"confidence": 1.0}, r"is not in \(0, 1\)"),
        ({"seed": -1}, "is not a seed"),
        ({"network": "friends"}, "is not a matrix"),
        ({"observations": log_of(group_of(np.ones((1, 1, 2))))}, "have no second round"),
        ({"observations": log_of(group_of(np.full((1, 3, 2), np.nan)))}, "have no transition that can be used"),
        ({"observations": log_of(group_of(np.ones((1, 2, 101))))}, "agents are more than 100"),
    ],
)
def test_bad_input(arguments: dict[str, Any], words: str) -> None:
    given = {"observations": log_of(group_of(np.array([[[0.0, 1.0], [0.5, 0.5]]])))} | arguments
    with pytest.raises(InputError, match=words):
        fit_influence(**given)


def test_public_names_and_read_only_results() -> None:
    log = log_of(group_of(np.array([[[0.0, 1.0], [0.5, 0.75], [0.5, 0.75]]])))
    found = ej.fit_influence(log, bootstrap=0)
    assert isinstance(found, ej.InfluenceFit)
    assert np.isnan(found.groups[0].weights_interval).all()
    assert found.note == "No intervals: bootstrap=0."
    assert (found.n_used, found.n_lost) == (4, 0)
    with pytest.raises(ValueError, match="read-only"):
        found.groups[0].influence[0, 0] = 1
