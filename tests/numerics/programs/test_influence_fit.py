"""Least squares over the simplex, against enumeration of the positive weights and another solver."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import nnls

from numerics.programs import influence_fit as module
from numerics.programs.influence_fit import TOLERANCE, simplex_least_squares

Array = NDArray[np.float64]


def programs(m: int, q: int, p: int, noise: float, seed: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(m, q, p))
    y = np.einsum("mqp,mp->mq", A, rng.dirichlet(np.full(p, 0.4), m)) + noise * rng.normal(size=(m, q))
    allowed = rng.random((m, p)) < 0.8
    allowed[:, 0] = True
    return A, y, allowed


def by_enumeration(A: Array, y: Array, allowed: NDArray[np.bool_]) -> float:
    """The least ½‖A b - y‖² over all sets of positive weights, each by its KKT system."""
    best = np.inf
    free = np.flatnonzero(allowed).tolist()
    for size in range(1, len(free) + 1):
        for chosen in combinations(free, size):
            M = A[:, chosen]
            kkt = np.block([[M.T @ M, np.ones((size, 1))], [np.ones((1, size)), np.zeros((1, 1))]])
            b = np.linalg.solve(kkt, np.append(M.T @ y, 1.0))[:size]
            if (b >= 0).all():
                best = min(best, 0.5 * float(((M @ b - y) ** 2).sum()))
    return best


def test_against_enumeration() -> None:
    A, y, allowed = programs(30, 7, 4, 0.5, 1)
    found = simplex_least_squares(A, y, allowed)
    for i in range(30):
        b = found.weights[i]
        value = 0.5 * float(((A[i] @ b - y[i]) ** 2).sum())
        best = by_enumeration(A[i], y[i], allowed[i])
        scale = float((A[i] ** 2).sum(axis=0).max())
        assert abs(value - best) <= (found.gap[i] + 1e-13) * scale
    assert found.status == "optimal"
    assert found.gap.max() <= 1e-13
    assert (found.weights[~allowed] == 0).all()
    assert (found.weights >= 0).all()
    assert np.abs(found.weights.sum(axis=1) - 1).max() <= 1e-14


def test_against_another_solver() -> None:
    A, y, allowed = programs(10, 40, 15, 1.0, 2)
    found = simplex_least_squares(A, y, allowed)
    heavy = 1e4  # the row heavy·Σb = heavy holds the sum to 1 up to 1/heavy²
    for i in range(10):
        M = np.vstack([A[i][:, allowed[i]], np.full(int(allowed[i].sum()), heavy)])
        other, _ = nnls(M, np.append(y[i], heavy))
        assert found.weights[i][allowed[i]] == pytest.approx(other, abs=1e-5)


def test_more_weights_than_rows_and_any_unit() -> None:
    A, y, allowed = programs(8, 3, 6, 0.0, 3)
    for unit in (1e-120, 1.0, 1e120):
        found = simplex_least_squares(A * unit, y * unit, np.ones_like(allowed))
        assert found.status == "optimal"
        assert np.abs(np.einsum("mqp,mp->mq", A, found.weights) - y).max() <= 1e-6


def test_batches_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    A, y, allowed = programs(7, 9, 5, 0.3, 4)
    whole = simplex_least_squares(A, y, allowed).weights
    monkeypatch.setattr(module, "MAX_ENTRIES", 50)
    assert simplex_least_squares(A, y, allowed).weights == pytest.approx(whole, abs=1e-12)


def test_a_solver_that_fails_is_made_good_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are exchanged from whatever the solver returns; what is not the best then is said."""

    def useless(A: Array, y: Array, allowed: NDArray[np.bool_]) -> tuple[Array, str]:
        return np.full(allowed.shape, np.nan), "failed"

    A, y, allowed = programs(20, 9, 5, 0.3, 5)
    honest = simplex_least_squares(A, y, allowed)
    monkeypatch.setattr(module, "_solve", useless)
    repaired = simplex_least_squares(A, y, allowed)
    assert repaired.weights == pytest.approx(honest.weights, abs=1e-9)
    monkeypatch.setattr(module, "ZERO", ())
    given_up = simplex_least_squares(A, y, allowed)
    assert "20 of 20 programs" in given_up.status
    assert (given_up.gap > TOLERANCE).all()
    assert np.abs(given_up.weights.sum(axis=1) - 1).max() <= 1e-14
