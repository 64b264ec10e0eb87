"""Exact linear programs against all bases, tried one by one in rational arithmetic."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.programs.exact_lp import solve_exactly

SETTINGS = settings(deadline=None, database=None, max_examples=150)
entries = st.integers(-3, 3).map(Fraction)


def solution(matrix, right):
    """The one solution of a system of as many columns as its rank, or None if there is none, or more than one."""
    rows = [[*a, b] for a, b in zip(matrix, right, strict=True)]
    n, pivot_rows = len(rows[0]) - 1, []
    for column in range(n):
        pivot = next((r for r in range(len(rows)) if r not in pivot_rows and rows[r][column] != 0), None)
        if pivot is None:
            return None
        rows[pivot] = [entry / rows[pivot][column] for entry in rows[pivot]]
        for r in range(len(rows)):
            if r != pivot:
                rows[r] = [a - rows[r][column] * b for a, b in zip(rows[r], rows[pivot], strict=True)]
        pivot_rows.append(pivot)
    if any(rows[r][n] != 0 for r in range(len(rows)) if r not in pivot_rows):
        return None
    return [rows[r][n] for r in pivot_rows]


def vertices(matrix, right):
    """Every x ≥ 0 with A x = b whose positive columns are independent."""
    n = len(matrix[0])
    if not any(right):
        yield [Fraction(0)] * n
    for size in range(1, len(matrix) + 1):
        for chosen in combinations(range(n), size):
            found = solution([[row[j] for j in chosen] for row in matrix], right)
            if found is not None and min(found) >= 0:
                x = [Fraction(0)] * n
                for j, value in zip(chosen, found, strict=True):
                    x[j] = value
                yield x


@st.composite
def programs(draw):
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    matrix = draw(st.lists(st.lists(entries, min_size=n, max_size=n), min_size=m, max_size=m))
    if m > 1 and draw(st.booleans()):  # a row that says nothing new
        matrix[-1] = [2 * a for a in matrix[0]]
    right = draw(st.lists(entries, min_size=m, max_size=m))
    costs = draw(st.lists(st.tuples(*[st.integers(0, 2).map(Fraction)] * 2), min_size=n, max_size=n))
    start = draw(st.lists(st.integers(0, n - 1), max_size=n))
    return matrix, right, costs, start


@SETTINGS
@given(programs())
def test_the_answer_is_the_best_vertex_and_proves_itself(program):
    matrix, right, costs, start = program
    m, n = len(matrix), len(matrix[0])
    found = solve_exactly([dict(enumerate(row)) for row in matrix], right, dict(enumerate(costs)), start)
    y = found.prices
    products = [sum(y[r] * matrix[r][j] for r in range(m)) for j in range(n)]
    value = sum(y[r] * right[r] for r in range(m))
    all_vertices = list(vertices(matrix, right))
    assert found.is_feasible == bool(all_vertices)
    if not found.is_feasible:
        assert max(products) <= 0 < value
        return
    x = [found.values.get(j, Fraction(0)) for j in range(n)]
    assert all(sum(a * z for a, z in zip(matrix[r], x, strict=True)) == right[r] for r in range(m))
    assert min(x) >= 0
    cost = tuple(sum(costs[j][k] * x[j] for j in range(n)) for k in range(2))
    assert cost == min(tuple(sum(costs[j][k] * v[j] for j in range(n)) for k in range(2)) for v in all_vertices)
    assert all(products[j] <= costs[j][0] for j in range(n))
    assert value == cost[0]


@SETTINGS
@given(programs())
def test_no_step_is_made_from_the_columns_of_the_answer(program):
    matrix, right, costs, start = program
    rows, named = [dict(enumerate(row)) for row in matrix], dict(enumerate(costs))
    first = solve_exactly(rows, right, named, start)
    if first.is_feasible and len(first.values) == len(matrix):  # its columns are all of a basis
        again = solve_exactly(rows, right, named, list(first.values))
        assert again.values == first.values
        assert again.pivots == 0


def test_a_program_that_runs_in_circles_without_the_least_index():
    """Beale's example, on which the rule of the largest coefficient never ends."""
    F = Fraction
    rows = [
        {"a": 1, "x": F(1, 4), "y": -60, "z": F(-1, 25), "w": 9},
        {"b": 1, "x": F(1, 2), "y": -90, "z": F(-1, 50), "w": 3},
        {"c": 1, "z": 1},
    ]
    right = [F(0), F(0), F(1)]
    costs = {"a": (0,), "b": (0,), "c": (0,), "x": (F(-3, 4),), "y": (150,), "z": (F(-1, 50),), "w": (6,)}
    found = solve_exactly(rows, right, costs, ["a", "b", "c"])
    assert sum(costs[c][0] * v for c, v in found.values.items()) == F(-1, 20)


@pytest.mark.parametrize("b", [Fraction(1), Fraction(-1)])
def test_an_empty_row_that_is_not_zero_is_a_contradiction(b):
    found = solve_exactly([{}, {"x": 1}], [b, Fraction(2)], {"x": (Fraction(1),)})
    assert not found.is_feasible
    assert found.prices[0] * b > 0
    assert found.prices[1] <= 0
