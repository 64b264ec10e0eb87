"""T7: where opinions settle when agents hold on to their first opinions (Friedkin and Johnsen).

    x(t+1) = ΛW x(t) + (I − Λ) x(0),   limit (I − ΛW)⁻¹ (I − Λ) x(0).

Proved in `stubborn_steps`.  Here the matrix X_t with x(t) = X_t x(0), which is x(t) from every x(0) at
once, is iterated exactly and compared with the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.matrices import Matrix, difference, identity, inverse, is_stochastic, power
from proofs_checks.oracles.matrices import product as times
from proofs_checks.steps import proof
from proofs_checks.studies.instances import Opinions, matrix_text, pattern_matrices, text
from proofs_checks.studies.stubborn_steps import stubborn_steps
from proofs_checks.studies.written import dot, number
from proofs_checks.verdict import Certificate, Level

STOCHASTIC, AT_LEAST, AT_MOST = "W is row-stochastic", "Λ is diagonal with entries λ ≥ 0", "λ ≤ 1"
REACHED = "from every agent a path of influence leads to an agent with λ < 1"
STEPS = "n as the number of steps that contract"
HALF, ZERO, ONE = Fraction(1, 2), Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Group:
    """Agents that listen by W, and the shares λ of their opinions that follow."""

    W: Matrix
    shares: Opinions

    @property
    def agents(self) -> int:
        """Number of agents."""
        return len(self.shares)

    @property
    def yielding(self) -> Matrix:
        """ΛW."""
        return tuple(tuple(share * x for x in row) for share, row in zip(self.shares, self.W, strict=True))

    @property
    def holding(self) -> Matrix:
        """I − Λ."""
        return tuple(tuple((1 - s) * x for x in row) for s, row in zip(self.shares, identity(self.agents), strict=True))

    @property
    def reached(self) -> bool:
        """Whether a path leads from every agent to a stubborn one."""
        found = {i for i, share in enumerate(self.shares) if share < 1}
        for _ in self.shares:
            found |= {i for i, row in enumerate(self.W) if any(row[k] > 0 for k in found)}
        return len(found) == self.agents

    @property
    def is_first_of_its_names(self) -> bool:
        """Whether no renaming of the agents makes it larger."""
        orders = permutations(range(self.agents))
        own = (self.shares, self.W)
        return all(
            (tuple(self.shares[i] for i in order), tuple(tuple(self.W[i][k] for k in order) for i in order)) <= own
            for order in orders
        )

    def __str__(self) -> str:
        return f"{matrix_text(self.W)}, Λ = diag{text(self.shares)}"


def groups() -> Iterator[Group]:
    """Yield every group on the grid up to the names of the agents, and some that violate a hypothesis."""
    yield Group(((Fraction(2),),), (HALF,))
    for n in (1, 2, 3):
        grid = (HALF, ONE) if n == 3 else (HALF, ONE, ZERO, Fraction(2), -HALF)
        for W in pattern_matrices(n):
            for shares in product(grid, repeat=n):
                group = Group(W, shares)
                if group.is_first_of_its_names:
                    yield group


Limit = Callable[[Group], Matrix | None]


def _solved(left: Matrix, right: Matrix) -> Matrix | None:
    found = inverse(left)
    return None if found is None else times(found, right)


def limit(group: Group) -> Matrix | None:
    """Return (I − ΛW)⁻¹ (I − Λ), None if I − ΛW is singular."""
    return _solved(difference(identity(group.agents), group.yielding), group.holding)


def without_holding(group: Group) -> Matrix | None:
    """Return (I − ΛW)⁻¹, a mutant of the limit."""
    return inverse(difference(identity(group.agents), group.yielding))


def influence_alone(group: Group) -> Matrix | None:
    """Return (I − W/2)⁻¹ (I − Λ), a mutant of the limit that ignores Λ in the inverse."""
    halved = tuple(tuple(x / 2 for x in row) for row in group.W)
    return _solved(difference(identity(group.agents), halved), group.holding)


def reversed_order(group: Group) -> Matrix | None:
    """Return (I − WΛ)⁻¹ (I − Λ), a mutant of the limit."""
    other = tuple(tuple(x * share for x, share in zip(row, group.shares, strict=True)) for row in group.W)
    return _solved(difference(identity(group.agents), other), group.holding)


def _norm(A: Matrix) -> Fraction:
    return max(sum((abs(x) for x in row), ZERO) for row in A)


def _plus(A: Matrix, B: Matrix) -> Matrix:
    return tuple(tuple(x + y for x, y in zip(r, s, strict=True)) for r, s in zip(A, B, strict=True))


def _converges(rule: Limit = limit, steps: int = 0, holds_on_to_first: bool = True) -> Check[Group]:
    """Return the check; the mutants change the limit, the number n of steps, or what stubborn agents hold on to."""

    def holds(group: Group) -> str | None:
        n, P, held = group.agents, group.yielding, group.holding
        settled = power(P, n + steps)
        if _norm(settled) >= 1:
            return f"‖(ΛW)^{n + steps}‖ = {_norm(settled)}"
        final = rule(group)
        if final is None:
            return "there is no such limit"
        if _plus(times(P, final), held) != final:
            return "the limit is no fixed point of ΛW x + (I − Λ) x(0)"
        if any(min(row) < 0 or sum(row) != 1 for row in final):
            return "a limit opinion is no average of first opinions"
        X = identity(n)
        for t in range(1, n + 2):
            X = _plus(times(P, X), held if holds_on_to_first else times(held, X))
            apart = _norm(difference(X, final))
            if apart > _norm(settled) ** (t // n) * _norm(difference(identity(n), final)):
                return f"after {t} steps the distance from the limit is {apart}"
        return None

    def certify(group: Group, holds: bool) -> Certificate | None:
        if holds or group.agents > 2:
            return None
        W, shares = group.W, group.shares
        sums = [f"{number(s)}*({' + '.join(map(str, row))})" for s, row in zip(shares, W, strict=True)]
        if steps == 0 and _norm(power(group.yielding, group.agents)) >= 1:
            if group.agents == 1:
                return value(f"{sums[0]} < 1", note="the row sum of ΛW")
            rows = [f"{s}*({row[0]}*{sums[0]} + {row[1]}*{sums[1]})" for s, row in zip(shares, W, strict=True)]
            return value(f"max({rows[0]}, {rows[1]}) < 1", note="the row sums of (ΛW)²")
        final = rule(group)
        if final is None or not holds_on_to_first or steps:
            return None
        wrong = _fixed_point(group, final)
        if wrong:
            return value(wrong, note="x*_i = λ_i Σ_k W_ik x*_k + (1 − λ_i) x_i(0)")
        return _negative(group, final) if group.agents == 2 else None

    return Check(
        what="X_t by iteration against the limit, within ‖(ΛW)^n‖^⌊t/n⌋; rows of the limit are averages",
        scope="0/1 patterns, rows divided by their sums, λ in {0, 1/2, 1} (n = 3: {1/2, 1}), n ≤ 3, t ≤ n + 1",
        level=Level.EXACT,
        instances=groups,
        conclusion=holds,
        hypotheses={
            STOCHASTIC: lambda group: is_stochastic(group.W),
            AT_LEAST: lambda group: min(group.shares) >= 0,
            AT_MOST: lambda group: max(group.shares) <= 1,
            REACHED: lambda group: group.reached,
        },
        certify=certify,
        tools=(),
    )


def _fixed_point(group: Group, final: Matrix) -> str | None:
    """Return the first equation x*_i = λ_i Σ_k W_ik x*_k + (1 − λ_i) x_i(0) that fails, x(0) a unit vector."""
    for j, start in enumerate(identity(group.agents)):
        column = tuple(row[j] for row in final)
        for share, row, x, first in zip(group.shares, group.W, column, start, strict=True):
            if share * sum((a * b for a, b in zip(row, column, strict=True)), ZERO) + (1 - share) * first != x:
                return f"{number(share)}*({dot(row, column)}) + (1 - {number(share)})*{first} == {number(x)}"
    return None


def _negative(group: Group, final: Matrix) -> Certificate | None:
    """Return that an entry of the limit of two agents is negative, by Cramer's rule."""
    (a, b), (c, d) = group.yielding
    determinant = f"((1 - {number(a)})*(1 - {number(d)}) - {number(b)}*{number(c)})"
    cofactors = ((f"(1 - {number(d)})", number(b)), (number(c), f"(1 - {number(a)})"))
    for i, j in product(range(2), repeat=2):
        if final[i][j] < 0:
            entry = f"{cofactors[i][j]}*(1 - {number(group.shares[j])})/{determinant}"
            return value(f"{entry} >= 0", note=f"the weight of x_{j + 1}(0) in the limit of agent {i + 1}")
    return None


def t7() -> Study:
    """Return the checks of T7."""
    exact = _converges()
    return Study(
        "T7",
        (proof("row sums of (ΛW)^t, error (ΛW)^t (x(0) − x*)", "all n, all W and Λ", stubborn_steps), exact),
        (
            Mutant("W need not be row-stochastic", exact.dropping(STOCHASTIC), STOCHASTIC),
            Mutant("λ may be −½", exact.dropping(AT_LEAST), AT_LEAST),
            Mutant("λ may be 2", exact.dropping(AT_MOST), AT_MOST),
            Mutant("some agent hears no stubborn one (DeGroot: Λ = I)", exact.dropping(REACHED), REACHED),
            Mutant("the limit without I − Λ", _converges(without_holding), "I − Λ in the limit"),
            Mutant("2 (I − Λ) in the proof", proof("", "", lambda: stubborn_steps(2)), "I − Λ in the limit"),
            Mutant("agents hold on to x(t)", _converges(holds_on_to_first=False), "x(0) as what agents hold on to"),
            Mutant("WΛ in place of ΛW", _converges(reversed_order), "ΛW in the inverse"),
            Mutant("½W in place of ΛW", _converges(influence_alone), "ΛW in the inverse"),
            Mutant("n − 1 steps", _converges(steps=-1), STEPS),
            Mutant("n − 1 steps in the proof", proof("", "", lambda: stubborn_steps(steps=-1)), STEPS),
        ),
    )
