"""S2, S3, S4, S5, S10, S14: the formulas of `theory.lyapunov` against brute-force gains and disagreement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Integer

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational
from proofs_checks.oracles.dynamics import scatter
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.studies.performances import PARABOLA, POLYNOMIALS, Polynomial, polynomial

GAPS = (Fraction(1), Fraction(-2), Fraction(1, 3))
SCOPE = "m ≤ 5, three gaps"


@dataclass(frozen=True)
class Move:
    """An agent of opinion c + δ leaves k agents of its opinion for m agents at c."""

    performance: Polynomial
    m: int
    delta: Fraction
    k: int = 1
    c: Fraction = Fraction(1, 2)

    def gain(self, m: int | None = None) -> Fraction:
        """Return the brute-force gain, for another m if one is given."""
        size = self.m if m is None else m
        entrant = self.c + self.delta
        joined = aumann_dreze((entrant,) + (self.c,) * size, 0, self.performance)
        found: Fraction = joined - aumann_dreze((entrant,) * self.k, 0, self.performance)
        return found

    def drop(self) -> Fraction:
        """Return V before minus V after the move and consensus, with two more agents elsewhere."""
        entrant = self.c + self.delta
        merged = (self.m * self.c + entrant) / (self.m + 1)
        others = [Fraction(3), Fraction(-1)]
        before = [entrant] * self.k + [self.c] * self.m + others
        return scatter(before) - scatter([entrant] * (self.k - 1) + [merged] * (self.m + 1) + others)

    def term(self, j: int) -> Fraction:
        """Return T_j, what the j-th member adds to the sum of which the gain is the mean."""
        return (j * self.gain(j - 1)) - ((j - 1) * self.gain(j - 2) if j > 1 else 0)

    def at(self, expression: Expr, j: int = 1) -> Fraction:
        """Return the value of an expression of theory at this move."""
        from theory import symbols

        values = {
            symbols.c: rational(self.c),
            symbols.delta: rational(self.delta),
            symbols.k: Integer(self.k),
            symbols.m: Integer(self.m),
            symbols.j: Integer(j),
        }
        concrete = expression.xreplace(values)
        return number(concrete.replace(symbols.phi, lambda x: rational(self.performance(number(x)))).doit())

    def __str__(self) -> str:
        return f"{self.performance}, m = {self.m}, |C| = {self.k}, c = {self.c}, δ = {self.delta}"


def _moves(performances: tuple[Polynomial, ...] = (PARABOLA,), sizes: tuple[int, ...] = (1, 3)) -> Iterator[Move]:
    for m, k, performance, delta in product(range(1, 6), sizes, performances, GAPS):
        yield Move(performance, m, delta, k)


def _terms() -> tuple[Check[Move], ...]:
    from theory.lyapunov import JensenTerms, jensen_terms, magnet_terms

    def parts(terms: JensenTerms, move: Move, j: int, left: Fraction, right: Fraction) -> list[bool]:
        """Whether factor · gap is the term, the gap is Jensen's for the two points, and the signs are as said."""
        weight = move.at(terms.weight, j)
        f = move.performance
        jensen = f(weight * left + (1 - weight) * right) - weight * f(left) - (1 - weight) * f(right)
        factor, gap = move.at(terms.factor, j), move.at(terms.gap, j)
        return [0 <= weight <= 1, factor > 0, gap == jensen, factor * gap == move.at(terms.term, j)]

    def jensen(move: Move) -> list[object]:
        terms = jensen_terms()
        entrant, count = move.c + move.delta, move.m + 1
        mean = sum((move.at(terms.term, j) for j in range(1, count + 1)), Fraction(0)) / count
        return [mean, str(terms.index), *parts(terms, move, count, move.c, entrant)]

    def growth(move: Move) -> list[object]:
        j, terms = move.m, magnet_terms()
        return [move.at(terms.term, j), str(terms.index), *parts(terms, move, j, move.c + move.delta / j, move.c)]

    scope = f"{len(POLYNOMIALS)} polynomials, {SCOPE}"
    return (
        compared(
            "jensen_terms of theory.lyapunov average to the brute-force gain",
            scope,
            lambda: _moves(POLYNOMIALS, (1,)),
            jensen,
            lambda move: [move.gain(), "j", True, True, True, True],
        ),
        compared(
            "magnet_terms of theory.lyapunov are the growth of the brute-force terms",
            scope,
            lambda: _moves(POLYNOMIALS, (1,)),
            growth,
            lambda move: [move.term(move.m + 1) - move.term(move.m), "j", True, True, True, True],
        ),
    )


def _growth() -> tuple[Check[Move], ...]:
    from theory.lyapunov import magnet_difference, magnet_is_increasing

    return (
        compared(
            "magnet_difference of theory.lyapunov against brute force",
            SCOPE,
            _moves,
            lambda move: (move.at(magnet_difference()), bool(magnet_is_increasing())),
            lambda move: (move.gain(move.m + 1) - move.gain(), True),
        ),
    )


def _gain_bounds() -> tuple[Check[Move], ...]:
    from theory.lyapunov import disagreement_drop, gain_bound, sharp_gain_bound

    bounds = (Fraction(1), Fraction(3), Fraction(1, 2))

    def derived(move: Move) -> list[Fraction]:
        sharp = [move.at(sharp_gain_bound(rational(L))) for L in bounds]
        return [move.at(disagreement_drop()), *sharp, *(move.at(gain_bound(rational(L))) for L in bounds)]

    def expected(move: Move) -> list[Fraction]:
        """The sharp bound is the gain of -(L/2) u², the other half of L times the drop."""
        sharp = [Move(polynomial("", 0, 0, -L / 2), move.m, move.delta).gain() for L in bounds]
        return [move.drop(), *sharp, *(L / 2 * move.drop() for L in bounds)]

    return (
        compared(
            "disagreement_drop, sharp_gain_bound and gain_bound of theory.lyapunov against brute force",
            SCOPE,
            _moves,
            derived,
            expected,
        ),
    )


# --- S4, S5: numbers ------------------------------------------------------------------------------------------------

NUMBERS = tuple(Fraction(x) for x in ("1/2", 1, 3, 8))


def _move_bound() -> Check[tuple[Fraction, Fraction, Fraction]]:
    """For -(L/2) u² a move gains at most L/2 times what it takes from V; with L ≤ 0 none gains anything."""
    from theory.lyapunov import move_bound

    def expected(x: tuple[Fraction, Fraction, Fraction]) -> Fraction:
        L, V, kappa = x
        return L * V / (2 * kappa) if L > 0 else Fraction(0)

    return compared(
        "move_bound of theory.lyapunov at numbers",
        "L in {-1, 0, 1/2, 1, 3, 8}, V and κ in {1/2, 1, 3, 8}",
        lambda: product((Fraction(-1), Fraction(0), *NUMBERS), NUMBERS, NUMBERS),
        lambda x: number(Integer(1) * move_bound(*(rational(value) for value in x))),
        expected,
        show=lambda x: f"L = {x[0]}, V = {x[1]}, κ = {x[2]}",
    )


def _spread_bound() -> Check[tuple[Fraction, Fraction]]:
    """At the bound, and at no smaller gap, an agent gains κ by joining one other, for φ = -(ℓ/2) u²."""
    from theory.lyapunov import spread_bound

    def gained(x: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
        ell, cost = x
        square = number((spread_bound(rational(ell), rational(cost)) ** 2).expand())
        unit = [Move(polynomial("", 0, 0, -ell / 2), m, Fraction(1)).gain() for m in range(1, 6)]
        return square * min(unit), square * unit[0]  # gains are quadratic in the gap

    return compared(
        "spread_bound of theory.lyapunov at numbers: the least gain there",
        "ℓ in {1/2, 1, 3, 8}, κ in {0, 1/2, 1, 3, 8}",
        lambda: product(NUMBERS, (Fraction(0), *NUMBERS)),
        gained,
        lambda x: (x[1], x[1]),
        show=lambda x: f"ℓ = {x[0]}, κ = {x[1]}",
    )


def _surplus_loss_bound() -> Check[tuple[Fraction, Fraction, Fraction, int]]:
    """All alone at the two ends that S5 allows, in the worst numbers: what -(L/2) u² loses against all together."""
    from theory.lyapunov import surplus_loss_bound

    def lost(x: tuple[Fraction, Fraction, Fraction, int]) -> Fraction:
        L, ell, cost, agents = x
        square = cost / Move(polynomial("", 0, 0, -ell / 2), 1, Fraction(1)).gain()  # of the gap that just does not pay
        bent = polynomial("", 0, 0, -L / 2)
        camps = ([Fraction(1)] * k + [Fraction(0)] * (agents - k) for k in range(agents + 1))
        losses = [agents * bent(sum(x, Fraction(0)) / agents) - sum(map(bent, x), Fraction(0)) for x in camps]
        return square * max(losses)  # -(L/2) u² loses by the square of the gap

    return compared(
        "surplus_loss_bound of theory.lyapunov at numbers: the loss of two camps of agents who are alone",
        "ℓ and L ≥ ℓ in {1/2, 1, 3, 8}, κ in {0, 1, 3}, n ≤ 6",
        lambda: (
            x for x in product(NUMBERS, NUMBERS, (Fraction(0), Fraction(1), Fraction(3)), range(1, 7)) if x[0] >= x[1]
        ),
        lambda x: number(surplus_loss_bound(rational(x[0]), rational(x[1]), rational(x[2]), x[3])),
        lost,
        show=lambda x: f"L = {x[0]}, ℓ = {x[1]}, κ = {x[2]}, n = {x[3]}",
    )


# --- S14 ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nearly:
    """Coalitions C and D at the gap δ, and the gap δ* at which the move pays."""

    left: int
    joined: int
    gap: Fraction
    threshold: Fraction

    @property
    def cost(self) -> Fraction:
        """The cost κ that the gain reaches at δ*."""
        return Move(PARABOLA, self.joined, self.threshold).gain()

    def square(self) -> Fraction:
        """Return the squared distance of the opinions from the hyperplane on which the gap is δ* (or -δ*)."""
        normal = [Fraction(1, self.left)] * self.left + [Fraction(-1, self.joined)] * self.joined
        opinions = [self.gap] * self.left + [Fraction(0)] * self.joined
        gap = sum((a * x for a, x in zip(normal, opinions, strict=True)), Fraction(0))
        if abs(gap) >= self.threshold:
            return Fraction(0)
        nearest = min(abs(self.threshold - gap), abs(self.threshold + gap))
        return nearest**2 / sum((a * a for a in normal), Fraction(0))

    def __str__(self) -> str:
        return f"|C| = {self.left}, |D| = {self.joined}, δ = {self.gap}, δ* = {self.threshold}"


def _fragile() -> Check[Nearly]:
    from theory.lyapunov import fragility_radius

    def derived(case: Nearly) -> tuple[Fraction, bool]:
        radius = fragility_radius(rational(case.cost), rational(case.gap), case.left, case.joined)
        return number((radius**2).expand()), bool(radius >= 0)

    gaps = [Fraction(x) for x in (0, "1/2", -1, "3/2", 2, -3)]
    return compared(
        "fragility_radius of theory.lyapunov against the distance from a hyperplane",
        "|C| ≤ 3, |D| ≤ 3, six gaps, δ* in {1, 2}",
        lambda: (Nearly(*x) for x in product((1, 2, 3), (1, 2, 3), gaps, (Fraction(1), Fraction(2)))),
        derived,
        lambda case: (case.square(), True),
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S2, S3, S4, S5, S10 or S14."""
    if label == "S2":
        return _terms()[:1]
    if label == "S3":
        return _gain_bounds()
    if label == "S10":
        return (*_terms()[1:], *_growth())
    if label == "S4":
        return (_move_bound(),)
    return (_spread_bound(), _surplus_loss_bound()) if label == "S5" else (_fragile(),)
