"""Gram matrices in floating point: the equations hold, the margin is the largest, infeasible ones are known."""

import clarabel
import numpy as np
import pytest

from numerics.programs.sums_of_squares import widest_gram
from theory.errors import InputError


def test_a_unique_gram_matrix_is_found_with_its_least_eigenvalue():
    found = widest_gram([2], ([0, 1, 2], [0, 1, 2], [1.0, 2.0, 1.0]), [1.0, 2.0, 3.0])
    assert found.blocks[0] == pytest.approx(np.array([[1.0, 1.0], [1.0, 3.0]]), abs=1e-6)
    assert found.margin == pytest.approx((2 - 2**0.5) / 3, abs=1e-6)


def test_a_negative_margin_says_how_far_it_is_from_a_sum_of_squares():
    found = widest_gram([2], ([0, 1, 2], [0, 1, 2], [1.0, 2.0, 1.0]), [1.0, 4.0, 1.0])  # x² + 4xy + y²
    assert found.margin == pytest.approx(-1 / 4, abs=1e-6)


def test_free_multipliers_and_weights():
    # 1 = q + λ with q ⪰ t; and c ≥ 0 in a second equation, c = 2
    found = widest_gram([1], ([0, 0, 1], [0, 1, 2], [1.0, 1.0, 1.0]), [1.0, 2.0], n_free=1, n_weights=1)
    assert found.blocks[0][0, 0] + found.free[0] == pytest.approx(1.0, abs=1e-6)
    assert found.weights == pytest.approx([2.0], abs=1e-6)
    assert found.margin == pytest.approx(1.0, abs=1e-6)


def test_the_least_trace_is_of_a_low_rank():
    # x⁴ + 2x² + 1 in (1, x, x²): [[1, 0, -s], [0, 2 + 2s, 0], [-s, 0, 1]]
    entries = [(0, 0, 1.0), (1, 1, 2.0), (2, 2, 1.0), (2, 3, 2.0), (3, 4, 2.0), (4, 5, 1.0)]
    rows, columns, values = ([e[k] for e in entries] for k in range(3))
    right = [1.0, 0.0, 2.0, 0.0, 1.0]
    wide = widest_gram([3], (rows, columns, values), right)
    thin = widest_gram([3], (rows, columns, values), right, least_trace=True)
    assert wide.margin > 0.1
    assert thin.margin == pytest.approx(0.0, abs=1e-7)
    assert np.trace(thin.blocks[0]) == pytest.approx(2.0, abs=1e-5)
    assert np.linalg.eigvalsh(thin.blocks[0])[:2] == pytest.approx([0.0, 0.0], abs=1e-4)


def test_equations_that_contradict_each_other_have_no_solution():
    found = widest_gram([1], ([0, 1], [0, 0], [1.0, 1.0]), [1.0, 2.0])
    assert not found.found
    assert found.margin == -np.inf
    assert "Infeasible" in found.status


def test_several_blocks_share_one_margin():
    found = widest_gram([1, 2], ([0, 1, 2, 3], [0, 1, 2, 3], [1.0, 1.0, 2.0, 1.0]), [5.0, 1.0, 0.0, 2.0])
    assert found.margin == pytest.approx(1 / 5, abs=1e-6)
    assert [len(block) for block in found.blocks] == [1, 2]
    assert found.solver.startswith("Clarabel")


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="entries"):
        widest_gram([1], ([0], [1], [1.0]), [1.0])
    with pytest.raises(InputError, match="time_limit"):
        widest_gram([1], ([0], [0], [1.0]), [1.0], time_limit=0)


class PanicException(BaseException):
    """What a panic in Rust becomes."""


@pytest.mark.parametrize("raised", [PanicException, KeyboardInterrupt])
def test_a_panic_of_the_solver_is_a_status_and_an_interrupt_is_not(monkeypatch, raised):
    def solver(*_):
        raise raised("index out of bounds")

    monkeypatch.setattr(clarabel, "DefaultSolver", solver)
    if raised is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            widest_gram([1], ([0], [0], [1.0]), [1.0])
    else:
        found = widest_gram([1], ([0], [0], [1.0]), [1.0])
        assert not found.found
        assert found.status == "stopped: index out of bounds"
