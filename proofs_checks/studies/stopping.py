"""S4: moves that cost something are finitely many, under weighted influence and so under uniform influence.

The steps are in `stop_steps`; here the longest of all schedules of moves that pay is found by depth-first
search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement, product

from sympy import Symbol

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles import weighted
from proofs_checks.oracles.dynamics import longest_schedule, settled
from proofs_checks.steps import Step, proof
from proofs_checks.studies.entry_gains import paid_text
from proofs_checks.studies.instances import Opinions, opinion_vectors, partitions, text
from proofs_checks.studies.joining import SCALES, scatter_text, weighted_paid_text
from proofs_checks.studies.performances import DOUBLE_WELL, LINEAR, PARABOLA, QUARTIC, SQUARE, Performance, polynomial
from proofs_checks.studies.statements import largest_text
from proofs_checks.studies.stop_steps import averaging_steps, stop_steps
from proofs_checks.verdict import Certificate, Level

CURVED = "φ'' ≥ −L on the interval of the opinions"
POSITIVE = "positive weights a_j (uniform: 1)"
SCALED = "the scale a(S) = Σ a_j (uniform: |S|)"
PAYING = "only moves that pay are made: Δ > the cost"
STEEP_PARABOLA = polynomial("-4 u^2", 0, 0, -4)
RETURN = 4  # moves within which a cycle is looked for
Structure = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Run:
    """Opinions, weights, a structure, a performance function with its L, and a switching cost.

    The scale is a(S) in the model.  Where `paying` is false, moves that do not pay are made as well.
    """

    performance: Performance
    L: Fraction
    cost: Fraction
    opinions: Opinions
    weights: Opinions
    structure: Structure
    scale: str = "a(S)"
    paying: bool = True

    @property
    def agents(self) -> int:
        """n."""
        return len(self.opinions)

    @property
    def uniform(self) -> bool:
        """Whether all weights are 1."""
        return set(self.weights) == {1}

    @property
    def disagreement(self) -> Fraction:
        """V(x(0))."""
        return weighted.scatter(self.weights, self.opinions)

    def moves(self, limit: int) -> int:
        """Return the length of the longest schedule, cut at the limit."""
        if self.uniform and self.paying:
            return longest_schedule(settled(self.opinions, self.structure), self.cost, self.performance, limit)
        cost, scale = (self.cost if self.paying else None), SCALES[self.scale]
        return weighted.longest_schedule(
            self.weights, self.opinions, self.coalitions, cost, self.performance, limit, scale
        )

    @property
    def coalitions(self) -> weighted.Structure:
        """The structure as a set of sets."""
        return frozenset(frozenset(C) for C in self.structure)

    @property
    def settled(self) -> Opinions:
        """The opinions once every coalition agrees."""
        return weighted.settled(self.weights, self.opinions, self.coalitions)

    def cycle(self) -> tuple[weighted.Move, ...]:
        """Return moves that pay and lead back to where they started, if some are found."""
        scale = SCALES[self.scale]
        return weighted.cycle(self.weights, self.opinions, self.coalitions, self.cost, self.performance, RETURN, scale)

    def first_gains(self) -> Iterator[str]:
        """Yield the text of the gain of each first move."""
        scale = SCALES[self.scale]
        for move in weighted.moves(self.weights, self.settled, self.coalitions, self.performance, scale):
            yield self.gain_text(move, self.settled)

    def gain_text(self, move: weighted.Move, opinions: Opinions) -> str:
        """Return the text of the gain of a move at these settled opinions."""

        def paid(others: frozenset[int]) -> str:
            who = [move.agent, *sorted(others - {move.agent})]
            x = tuple(opinions[i] for i in who)
            if self.uniform:
                return paid_text(self.performance.formula, x, 0)
            weights = tuple(self.weights[i] for i in who)
            return f"({weighted_paid_text(self.performance.formula, weights, x, self.scale)})"

        return f"{paid(move.target)} - {paid(move.source)}"

    def __str__(self) -> str:
        groups = self.grouped(self.opinions, self.coalitions)
        weights = "" if self.uniform else f" of weights {self.grouped(self.weights, self.coalitions)}"
        scale = "" if self.scale == "a(S)" else f", scale {self.scale}"
        made = "" if self.paying else ", moves that do not pay are made"
        return (
            f"{self.performance}, L = {self.L}, κ = {self.cost}, coalitions with opinions {groups}{weights}"
            f"{scale}{made}"
        )

    @staticmethod
    def grouped(numbers: Opinions, structure: weighted.Structure) -> str:
        """Return numbers of the agents, coalition by coalition."""
        return ", ".join(text([numbers[i] for i in sorted(C)]) for C in sorted(structure, key=sorted))


PAIRS: tuple[tuple[Performance, int], ...] = (
    (PARABOLA, 2),
    (STEEP_PARABOLA, 2),
    (STEEP_PARABOLA, 8),
    (DOUBLE_WELL, 8),
    (QUARTIC, 12),
    (SQUARE, 0),
    (SQUARE, -1),
    (LINEAR, 1),
)


def _runs() -> Iterator[Run]:
    """Yield starts of up to four agents under uniform influence, of two and three under weighted influence, and of two
    that violate what is assumed of weights, scale and moves."""
    costs = (Fraction(3, 8), Fraction(3, 4), Fraction(1, 8), Fraction(-1, 8))
    for n, grid, few in ((1, (0,), PAIRS), (2, (0, 1), PAIRS), (3, (0, 1, -1), PAIRS), (4, (0, 1), PAIRS[:2])):
        for opinions in opinion_vectors(n, grid):
            if list(opinions) != sorted(opinions):
                continue
            for structure, (performance, L), cost in product(partitions(range(n)), few, costs):
                yield Run(performance, Fraction(L), cost, opinions, (Fraction(1),) * n, structure)
    some = [Fraction(x) for x in (1, 2, 3)]
    for n in (2, 3):
        x = tuple(Fraction(i) for i in range(n))
        for weights, structure, cost in product(
            combinations_with_replacement(some, n), partitions(range(n)), costs[:2]
        ):
            if set(weights) != {1}:
                yield Run(PARABOLA, Fraction(2), cost, x, weights, structure)
                yield Run(STEEP_PARABOLA, Fraction(8), cost, x, weights, structure)
    apart, pair, zero, one, three = ((0,), (1,)), (Fraction(0), Fraction(1)), Fraction(0), Fraction(1), Fraction(3)
    yield Run(PARABOLA, Fraction(2), costs[0], pair, (-one, three), apart)
    yield Run(LINEAR, zero, costs[2], pair, (one, three), apart, scale="|S|")
    yield Run(PARABOLA, Fraction(2), one, pair, (one, one), apart, paying=False)


def _stops(share: Fraction = Fraction(1, 2), per: bool = False, always: bool = False) -> Check[Run]:
    """At most share·L V/κ moves, fewer unless L V = 0 (or always); `per`: with V/n in place of V."""

    def bound(run: Run) -> Fraction:
        return share * run.L * run.disagreement / (run.cost * (run.agents if per else 1))

    def holds(run: Run) -> str | None:
        if run.cost <= 0:
            return _endless(run)
        most = bound(run)
        enough = max(int(most) + 1, 0)
        count = run.moves(enough)
        strict = run.L * run.disagreement > 0 or always
        if count > most or (strict and count == most):
            return f"{count} move(s){' or more' if 0 < count == enough else ''}, the bound is {most}"
        return None

    def certify(run: Run, good: bool) -> Certificate | None:
        if good:
            return None
        if run.cost <= 0:
            return _endless_text(run)
        most = bound(run)
        size = f"/{run.agents}" if per else ""
        limit = f"{share}*({run.L})*({scatter_text(run.weights, run.opinions)}){size}/({run.cost})"
        if most < 0 or (most == 0 and not run.moves(1)):
            return value(f"0 {'<' if most == 0 else '<='} {limit}", note=f"no move: {run}")
        if most >= 1:
            return None
        gains = largest_text(run.first_gains())
        if not run.paying:
            note = f"a move that does not pay, and more than the bound: {run}"
            return value(f"max({gains} - {run.cost}, {limit} - 1) > 0", note=note)
        return value(f"max({run.cost} - ({gains}), {limit} - 1) >= 0", note=f"a first move: {run}")

    def curved(run: Run) -> bool:
        curvature = run.performance.curvature(min(run.opinions), max(run.opinions))
        return curvature is not None and curvature[0] >= -run.L

    return Check(
        what="the longest of all schedules, by depth-first search",
        scope="n ≤ 4, opinions in {-1, 0, 1} (n = 4: {0, 1}), 8 pairs (φ, L), 3 costs; weights in {1, 2, 3}, n ≤ 3",
        level=Level.EXACT,
        instances=_runs,
        conclusion=holds,
        hypotheses={
            "κ > 0": lambda run: run.cost > 0,
            "L ≥ 0": lambda run: run.L >= 0,
            CURVED: curved,
            POSITIVE: lambda run: min(run.weights) > 0,
            SCALED: lambda run: run.scale == "a(S)",
            PAYING: lambda run: run.paying,
        },
        certify=certify,
    )


def _endless(run: Run) -> str | None:
    """Return the moves that pay and come back, None if there are none."""
    path = run.cycle()
    if not path:
        return None
    steps = [run.grouped(move.opinions, move.structure) for move in (path[-1], *path)]
    gains = ", ".join(str(move.gain) for move in path)
    return f"no end: {' → '.join(steps)}, gains {gains} > {run.cost}"


def _endless_text(run: Run) -> Certificate:
    """Return the certificate that it is false that a move of the cycle does not pay."""
    path = run.cycle()
    gains = [run.gain_text(move, before.opinions) for before, move in zip((path[-1], *path), path, strict=False)]
    return value(f"min({', '.join(gains)}) <= {run.cost}", note=f"a cycle of {len(path)} moves: {run}")


def _derived_stop() -> Check[Step]:
    """The bound of `theory` on the number of moves is the proved one."""

    def steps() -> Iterator[Step]:
        from theory import lyapunov, symbols

        start = Symbol("V", nonnegative=True)
        bound = lyapunov.move_bound(symbols.L, start, symbols.kappa)
        yield Step("theory.lyapunov.move_bound is L V/(2κ)", bound, right=symbols.L * start / (2 * symbols.kappa))

    return proof("the bound of theory.lyapunov", "all L, V and κ", steps)


def _steps() -> Iterator[Step]:
    yield from averaging_steps()
    yield from stop_steps()


def s4() -> Study:
    """Return the checks of S4."""
    exact = _stops()
    scope = (
        "all positive weights, all n, costs ≥ κ > 0, L ≥ 0, φ with φ'' ≥ −L, T ≥ 1, acceptance rules, and schedules of "
        "moves that pay"
    )
    return Study(
        "S4",
        (
            proof("averaging, and S3 summed over the moves", scope, _steps),
            replace(exact, certify=None),  # that schedules are no longer is no comparison of a few payoffs
            _derived_stop(),
        ),
        (
            *(Mutant(f"without: {name}", exact.dropping(name), name) for name in exact.hypotheses),
            Mutant("1/4 in place of 1/2", _stops(Fraction(1, 4)), "1/2 in (1/2) L V(x(0))/κ"),
            Mutant("V/n in place of V", _stops(per=True), "V(x(0)), a sum and not a mean"),
            Mutant("fewer even if L V(x(0)) = 0", _stops(always=True), "equality only if L V(x(0)) = 0"),
            Mutant("1/4 in the proof", proof("", "", lambda: stop_steps(4))),
        ),
    )
