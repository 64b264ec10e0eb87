"""S3, S4: every gain is paid for in disagreement, so moves that cost something are finitely many.

φ + (L/2)u² is convex, so its gain is ≤ 0 (S2); gains are linear in φ, and that of −u² is δ²(1 − H_{m+1}/(m+1))
(S1), at most δ² m/(m+1), which is what the move removes from V.  A move gains more than κ, so it removes
more than 2κ/L from V, which starts at V(x(0)) and never rises: averaging lowers it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Integer, Rational, Symbol, harmonic

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.gain_sign import gain
from proofs_checks.instances import Entry, Opinions, entries, opinion_vectors, partitions, text
from proofs_checks.oracles.dynamics import disagreement, longest_schedule, scatter, settled
from proofs_checks.performances import (
    DOUBLE_WELL,
    LINEAR,
    PARABOLA,
    POLYNOMIALS,
    QUARTIC,
    SQUARE,
    Performance,
    polynomial,
)
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

m = Symbol("m", integer=True, positive=True)
h = Symbol("h", nonnegative=True)  # H_{m+1} − 1 ≥ 0
delta = Symbol("delta", real=True)
L = Symbol("L", positive=True)


def stated_drop(gap: Expr, incumbents: Expr) -> Expr:
    """Return δ² m/(m+1), the disagreement that a move removes."""
    return gap**2 * incumbents / (incumbents + 1)


def derived_drop(gap: Expr, incumbents: Expr) -> Expr:
    """Return the drop that `theory` derives."""
    from theory import lyapunov, symbols

    return lyapunov.disagreement_drop().subs({symbols.delta: gap, symbols.m: incumbents}, simultaneous=True)


def drop_steps(drop: Callable[[Expr, Expr], Expr] = stated_drop) -> Iterator[Step]:
    """Yield what averaging over the new coalition removes from Σ (x_i − x̄)²."""
    c = Symbol("c", real=True)
    merged = c + delta / (m + 1)
    yield Step("averaging keeps the sum of the opinions, so x̄ too", m * c + c + delta - (m + 1) * merged)
    yield Step("it lowers Σ x² by the stated drop", m * c**2 + (c + delta) ** 2 - (m + 1) * merged**2 - drop(delta, m))


def bound_steps(divisor: int = 2) -> Iterator[Step]:
    """Yield Δ ≤ (L/2) δ² m/(m+1), from S1 and from S2 applied to the convex ψ = φ + (L/2)u²."""
    of_phi, of_psi = Symbol("Δ[φ]", real=True), Symbol("Δ[ψ]", real=True)
    u, second = Symbol("u", real=True), Symbol("φ''+L", nonnegative=True)
    of_parabola = delta**2 * (1 - (1 + h) / (m + 1))
    yield Step("ψ'' = φ'' + L ≥ 0", (second - L) + (L * u**2 / 2).diff(u, 2), ">= 0")
    yield Step(
        "gains are linear in φ: Δ[φ] = Δ[ψ] + (L/2) Δ[−u²], and Δ[ψ] ≤ 0 by S2",
        (of_phi - of_psi - L / 2 * of_parabola).subs(of_phi, of_psi + L / 2 * of_parabola),
    )
    yield Step(
        "(L/2) Δ[−u²] ≤ (L/2) δ² m/(m+1), by S1 and H_{m+1} ≥ 1",
        L * delta**2 * m / (divisor * (m + 1)) - L / 2 * of_parabola,
        ">= 0",
        bound={h: harmonic(m + 1) - 1},
    )


@dataclass(frozen=True)
class Curved:
    """An entry, the size k of the coalition that is left, and a curvature bound L."""

    entry: Entry
    k: int
    L: Fraction

    def __str__(self) -> str:
        return f"{self.entry}, |C| = {self.k}, L = {self.L}"


def _curved() -> Iterator[Curved]:
    for entry in entries(POLYNOMIALS, range(1, 5), (0, 1, -1), (1, -1, 2)):
        for k, bound in product((1, 2), (1, 2, 4, 8, 32, -2)):
            yield Curved(entry, k, Fraction(bound))


def removed(instance: Curved) -> Fraction:
    """Return V before minus V after the move, from the opinions."""
    entry = instance.entry
    entrant = entry.c + entry.delta
    merged = (entry.m * entry.c + entrant) / (entry.m + 1)
    before = [entrant] * instance.k + [entry.c] * entry.m
    return scatter(before) - scatter([entrant] * (instance.k - 1) + [merged] * (entry.m + 1))


def _bounded(factor: Fraction = Fraction(1, 2)) -> Check[Curved]:
    def holds(instance: Curved) -> str | None:
        value, bound = gain(instance.entry), factor * instance.L * removed(instance)
        return None if value <= bound else f"Δ = {value} > {bound}"

    def curved(instance: Curved) -> bool:
        curvature = instance.entry.performance.curvature(*instance.entry.between)
        return curvature is not None and curvature[0] >= -instance.L

    return Check(
        what="the brute-force gain against the disagreement removed",
        scope=f"m ≤ 4, |C| ≤ 2, opinions in [-2, 3], {len(POLYNOMIALS)} polynomials, 5 values of L",
        level=Level.EXACT,
        instances=_curved,
        conclusion=holds,
        hypotheses={"φ'' ≥ −L": curved, "L > 0": lambda instance: instance.L > 0},
        part="bound",
    )


def _dropped(
    drop: Callable[[Expr, Expr], Expr], what: str = "the disagreement removed against the closed form"
) -> Check[tuple[int, int, Fraction]]:
    def holds(instance: tuple[int, int, Fraction]) -> str | None:
        incumbents, k, gap = instance
        entry = Entry(PARABOLA, incumbents, Fraction(1), gap)
        value = removed(Curved(entry, k, Fraction(2)))
        formula = drop(Rational(str(gap)), Integer(incumbents))
        return None if Rational(str(value)) == formula else f"V drops by {value}, the formula says {formula}"

    return Check(
        what=what,
        scope="m ≤ 6, |C| ≤ 3, three gaps",
        level=Level.EXACT,
        instances=lambda: product(range(1, 7), (1, 2, 3), (Fraction(1), Fraction(-2), Fraction(1, 3))),
        conclusion=holds,
        show=lambda x: f"m = {x[0]}, |C| = {x[1]}, δ = {x[2]}",
        part="drop",
    )


def _derived_bound() -> Check[Step]:
    """The bound of `theory` is the proved one."""

    def steps() -> Iterator[Step]:
        from theory import lyapunov, symbols

        bound = lyapunov.gain_bound(symbols.L)
        stated = symbols.L / 2 * stated_drop(symbols.delta, symbols.m)
        yield Step("theory.lyapunov.gain_bound is (L/2) δ² m/(m+1)", bound - stated)

    return proof("the bound of theory.lyapunov", "all m, δ and L", steps, part="bound")


def s3() -> Study:
    """Return the checks of S3."""
    exact = _bounded()
    return Study(
        "S3",
        (
            proof("averaging over the new coalition", "all m, |C|, c, δ", drop_steps, part="drop"),
            proof("S1 and S2 applied to φ + (L/2)u²", "all m, |C|, L > 0, φ with φ'' ≥ −L", bound_steps, part="bound"),
            _dropped(stated_drop),
            _dropped(derived_drop, "the drop of theory.lyapunov against the opinions"),
            exact,
            _derived_bound(),
        ),
        (
            Mutant("φ'' may be below −L", exact.dropping("φ'' ≥ −L")),
            Mutant("L may be negative (φ'' ≥ 2, say)", exact.dropping("L > 0")),
            Mutant("L/8 in place of L/2", _bounded(Fraction(1, 8))),
            Mutant("L/8 in the proof", proof("", "", lambda: bound_steps(8))),
            Mutant("the drop is δ²", _dropped(lambda gap, incumbents: gap**2)),
            Mutant("the drop is δ²/(m+1)", _dropped(lambda gap, incumbents: gap**2 / (incumbents + 1))),
        ),
    )


def stop_steps(divisor: int = 1) -> Iterator[Step]:
    """Yield why N moves are at most L V(x(0))/(2κ)."""
    x, c, mean = (Symbol(name, real=True) for name in ("x", "c", "x̄"))
    yield Step(
        "averaging lowers V: in a coalition Σ (x−x̄)² = Σ (c−x̄)² + Σ (x−c)², the cross terms 2(x−c)(c−x̄) cancel",
        (x - mean) ** 2 - (c - mean) ** 2 - (x - c) ** 2 - 2 * (x - c) * (c - mean),
    )
    inside = Symbol("x−c", real=True)
    yield Step("and what it removes is not negative", inside**2, ">= 0")
    kappa, slack, gap = (
        Symbol("kappa", positive=True),
        Symbol("Δ−κ", positive=True),
        Symbol("(L/2)drop−Δ", nonnegative=True),
    )
    gain_of_move = kappa + slack
    drop = (gain_of_move + gap) * 2 / (divisor * L)
    yield Step("every move removes more than 2κ/L from V, by S3", drop - 2 * kappa / L, "> 0")
    N, total, left = (
        Symbol("N", integer=True, positive=True),
        Symbol("ΣV", positive=True),
        Symbol("V_end", nonnegative=True),
    )
    start = N * 2 * kappa / L + total + left  # N drops exceed 2κN/L by ΣV > 0, and V ends at or above 0
    yield Step("so N < L V(x(0))/(2κ) for N ≥ 1", L * start / (2 * kappa) - N, "> 0")


@dataclass(frozen=True)
class Run:
    """Opinions, a structure, a performance function with its L, and a switching cost."""

    performance: Performance
    L: Fraction
    cost: Fraction
    opinions: Opinions
    structure: tuple[tuple[int, ...], ...]

    @property
    def bound(self) -> Fraction:
        """L V(x(0)) / (2κ)."""
        return self.L * scatter(self.opinions) / (2 * self.cost)

    def __str__(self) -> str:
        groups = ", ".join(text([self.opinions[i] for i in C]) for C in self.structure)
        return f"{self.performance}, L = {self.L}, κ = {self.cost}, coalitions with opinions {groups}"


STEEP_PARABOLA = polynomial("-4 u^2", 0, 0, -4)
ENDLESS = 40


def _runs() -> Iterator[Run]:
    """Yield every start of up to four agents on a grid, up to the order of the agents."""
    pairs = (
        (PARABOLA, 2),
        (STEEP_PARABOLA, 2),
        (STEEP_PARABOLA, 8),
        (DOUBLE_WELL, 8),
        (QUARTIC, 12),
        (SQUARE, 1),
        (SQUARE, 0),
    )
    costs = (Fraction(3, 8), Fraction(1, 6), Fraction(1, 24), Fraction(-1, 8))
    for n, grid in ((1, (0,)), (2, (0, 1)), (3, (0, 1, -1)), (4, (0, 1))):
        for opinions in opinion_vectors(n, grid):
            if list(opinions) != sorted(opinions):
                continue
            for structure in partitions(range(n)):
                for (performance, bound), cost in product((*pairs, (LINEAR, 1)), costs):
                    yield Run(performance, Fraction(bound), cost, opinions, structure)


def _stops(share: Fraction = Fraction(1)) -> Check[Run]:
    def holds(run: Run) -> str | None:
        start = settled(run.opinions, run.structure)
        if run.cost <= 0:
            moves = longest_schedule(start, run.cost, run.performance, ENDLESS)
            return f"a schedule of {moves} moves, and no end" if moves == ENDLESS else None
        bound = share * run.bound
        limit = int(bound) + 1
        moves = longest_schedule(start, run.cost, run.performance, limit)
        strict = disagreement(start) > 0
        if moves > bound or (strict and moves == bound):
            return f"{moves} move(s) or more, the bound is {bound}"
        return None

    def curved(run: Run) -> bool:
        curvature = run.performance.curvature(min(run.opinions), max(run.opinions))
        return curvature is not None and curvature[0] >= -run.L

    return Check(
        what="the longest of all schedules, by depth-first search",
        scope="n ≤ 4, opinions in {-1, 0, 1} (n = 4: {0, 1}), 7 pairs (φ, L), 3 costs",
        level=Level.EXACT,
        instances=_runs,
        conclusion=holds,
        hypotheses={"κ > 0": lambda run: run.cost > 0, "φ'' ≥ −L": curved, "L > 0": lambda run: run.L > 0},
    )


def _derived_stop() -> Check[Step]:
    """The bound of `theory` on the number of moves is the proved one."""

    def steps() -> Iterator[Step]:
        from theory import lyapunov, symbols

        start = Symbol("V", nonnegative=True)
        bound = lyapunov.move_bound(symbols.L, start, symbols.kappa)
        yield Step("theory.lyapunov.move_bound is L V/(2κ)", bound - symbols.L * start / (2 * symbols.kappa))

    return proof("the bound of theory.lyapunov", "all L, V and κ", steps)


def s4() -> Study:
    """Return the checks of S4."""
    exact = _stops()
    scope = "all n, κ > 0, L > 0, φ with φ'' ≥ −L, schedules and acceptance rules"
    return Study(
        "S4",
        (proof("S3, summed over the moves", scope, stop_steps), exact, _derived_stop()),
        (
            Mutant("κ may be negative", exact.dropping("κ > 0")),
            Mutant("φ'' may be below −L", exact.dropping("φ'' ≥ −L")),
            Mutant("L may be 0: then the bound is not strict", exact.dropping("L > 0")),
            Mutant("half the bound, L V/(4κ)", _stops(Fraction(1, 2))),
            Mutant("half the drop in the proof", proof("", "", lambda: stop_steps(2))),
        ),
    )
