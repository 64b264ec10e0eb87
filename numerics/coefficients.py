"""Tables of the derived closed forms, for every size of coalition up to n.

The formulas are derived in `theory.sampling` and `theory.two_types`; here they are evaluated, so that a kernel
looks a number up instead of restating a formula.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sympy import Dummy, Expr, Symbol, harmonic, lambdify

from theory import sampling, symbols, two_types


@lru_cache(maxsize=64)
def harmonic_weights(degree: int, n_agents: int) -> NDArray[np.float64]:
    """(degree+1, n+1) array: entry [j, m] multiplies φ⁽ʲ⁾(c)/j! δʲ in the gain of joining m agents.

    The terms j = 0 and 1 of the gain cancel, and joining m = 0 agents gains nothing.
    """
    table = np.zeros((degree + 1, n_agents + 1))
    sizes = np.arange(1, n_agents + 1)
    for j in range(2, degree + 1):
        table[j, 1:] = evaluate_in_size(two_types.two_type_weight(j), symbols.m, sizes)
    return table


@lru_cache(maxsize=64)
def quadratic_coefficients(n_agents: int) -> NDArray[np.float64]:
    """(4, n+1) array: coefficients of y², y t, q and t² in the Shapley value of S ↦ Y_S²/|S| among k agents."""
    monomials = (symbols.y**2, symbols.y * symbols.t, symbols.q, symbols.t**2)
    table = np.zeros((4, n_agents + 1))
    for k in range(1, min(n_agents, 2) + 1):  # too few others for the general form
        exact = sampling.quadratic_coefficients(k)
        table[:, k] = [float(exact[monomial]) for monomial in monomials]
    if n_agents > 2:
        general = sampling.quadratic_coefficients()
        sizes = np.arange(3, n_agents + 1)
        for row, monomial in enumerate(monomials):
            table[row, 3:] = evaluate_in_size(general[monomial], symbols.k, sizes)
    return table


def evaluate_in_size(expression: Expr, size: Symbol, values: NDArray[np.int64]) -> NDArray[np.float64]:
    """Evaluate an expression with harmonic numbers H_{size + shift}^{(p)} at integers.

    Harmonic numbers are accumulated in extended precision: the error of each stays below one unit in the
    last place of a double for sizes up to 10⁶.
    """
    dummies, columns = [], []
    for atom in sorted(expression.atoms(harmonic), key=str):
        shift = int(atom.args[0] - size)
        order = int(atom.args[1]) if len(atom.args) > 1 else 1
        terms = np.arange(1, int(values.max()) + shift + 1, dtype=np.longdouble) ** -order
        sums = np.concatenate([[0.0], np.cumsum(terms)])
        dummy = Dummy()
        expression = expression.subs(atom, dummy)
        dummies.append(dummy)
        columns.append(sums[values + shift])
    function = lambdify([size, *dummies], expression, "numpy")
    return np.broadcast_to(np.asarray(function(values.astype(np.longdouble), *columns), dtype=float), values.shape)
