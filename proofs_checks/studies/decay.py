"""Steps about a matrix of non-negative entries, agent by agent, and about geometric decay, for T1, T2 and T7.

Sums over agents are proved term by term: the sum over none is 0, and a sum so far with its next term is a step.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Symbol

from proofs_checks.steps import Given, Step


def vanishing(what: str, ratio: str) -> Iterator[Step]:
    """Yield that the powers of a ratio 0 ≤ r < 1 tend to 0: r^q (1 + q a) ≤ 1 with a = (1 − r)/r, by induction on q.

    Parameters
    ----------
    what, ratio : what decays, and the name of its ratio
    """
    r, power, q = (Symbol(name, nonnegative=True) for name in (ratio, f"({ratio})^q", "q"))
    a = Symbol("a", positive=True)
    yield Step(
        f"{what}: ({ratio})^(q+1) (1 + (q+1) a) ≤ 1 if ({ratio})^q (1 + q a) ≤ 1; q = 0 is 1 ≤ 1",
        1 - r * power * (1 + (q + 1) * a),
        ">= 0",
        given=(
            Given("a is chosen with r (1 + a) ≤ 1, as r < 1", 1 - r * (1 + a), ">= 0"),
            Given("induction hypothesis", 1 - power * (1 + q * a), ">= 0", r * (1 + a)),
        ),
    )
    small = Symbol("ε", positive=True)
    yield Step(
        f"{what}: so ({ratio})^q < ε once q ≥ 1/(a ε), for every ε > 0",
        small - power,
        "> 0",
        given=(
            Given("r^q (1 + q a) ≤ 1", 1 - power * (1 + q * a), ">= 0", 1 / (1 + q * a)),
            Given("q a ε ≥ 1", q * a * small - 1, ">= 0", 1 / (1 + q * a)),
        ),
    )


def linear(what: str, row: str) -> Step:
    """Return the induction step of Σ_k W_ik (M − x_k) = M Σ_k W_ik − Σ_k W_ik x_k.

    Parameters
    ----------
    what : for the statement
    row : name of the entry of the row
    """
    total, weights, mean = (Symbol(name, real=True) for name in ("Σ W (M−x)", "Σ W", "Σ W x"))
    entry, x, high = (Symbol(name, real=True) for name in (row, "x_k", "M"))
    return Step(
        f"{what}: Σ {row} (M − x_k) = M Σ {row} − Σ {row} x_k, one more agent",
        (total + entry * (high - x)) - (high * (weights + entry) - (mean + entry * x)),
        given=(Given("for the agents so far", total - (high * weights - mean)),),
    )


def row_sums_of_product(left: str, right: str) -> Iterator[Step]:
    """Yield that the product of row-stochastic matrices is row-stochastic."""
    total, weights = Symbol(f"Σ_j {left}_ij Σ_k {right}_jk", real=True), Symbol(f"Σ_j {left}_ij", real=True)
    entry, row = Symbol(f"{left}_ij", real=True), Symbol(f"Σ_k {right}_jk", real=True)
    yield Step(
        f"Σ_k ({left}{right})_ik = Σ_j {left}_ij Σ_k {right}_jk = Σ_j {left}_ij, one more agent",
        total + entry * row - (weights + entry),
        given=(
            Given("for the agents so far", total - weights),
            Given(f"{right} is row-stochastic", row - 1, "= 0", entry),
        ),
    )
    yield Step(
        f"{left}{right} is row-stochastic",
        total - 1,
        given=(Given("all agents", total - weights), Given(f"{left} is row-stochastic", weights - 1)),
    )
