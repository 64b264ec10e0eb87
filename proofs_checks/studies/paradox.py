"""S7: opinions that never settle agree, in mean square and at a rate that depends on the number of agents alone.

φ concave, κ < 0, open acceptance: no gain is below 0 > κ (S2), so every move is always admissible.  With a uniformly
random agent and a uniformly random target the structure is then a Markov chain that ignores opinions, φ and κ; E V
obeys a linear law, falls at least by the factor 1 − 1/(2n) a move, and in the long run by ρ_n.

The proofs are in `paradox_steps` and `paradox_limit_steps`, the bound on small states in
`paradox_bound`, the limit on them in `paradox_limit`, the rates in
`paradox_rates`, brute force in `proofs_checks.oracles.mixing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

from sympy import Integer

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles import mixing as oracle
from proofs_checks.steps import proof
from proofs_checks.studies import paradox_rates as rates
from proofs_checks.studies.instances import Opinions, sizes, text
from proofs_checks.studies.paradox_bound import derived_bound, in_order, shrinks
from proofs_checks.studies.paradox_limit import STARTED, between
from proofs_checks.studies.paradox_limit_steps import limit_steps
from proofs_checks.studies.paradox_steps import admissible_steps, shrinking_steps
from proofs_checks.studies.performances import PARABOLA, PERFORMANCES, SHIFTED_PARABOLA, SQUARE, TENT, Performance
from proofs_checks.verdict import Certificate, Level

RULES: dict[str, oracle.Accepts] = {
    "open": oracle.anyone,
    "only to agents who are alone": lambda structure, target: len(target) < 2,
}
UNIFORM_AGENT, UNIFORM_TARGET = "a uniformly random agent moves", "to a uniformly random target"
STEPS = 3


@dataclass(frozen=True)
class Play:
    """A start of the dynamics: φ, κ, acceptance, opinions and structure."""

    performance: Performance
    cost: Fraction
    opinions: Opinions
    structure: oracle.Structure
    rule: str = "open"

    @property
    def agents(self) -> int:
        """n."""
        return len(self.opinions)

    @property
    def agreed(self) -> Opinions:
        """The opinions at the tactical equilibrium."""
        return oracle.averaged(self.structure, self.opinions)

    def admitted(self) -> oracle.Choices:
        """Return the admissible moves."""
        return oracle.admissible_moves(
            self.structure, self.agreed, self.performance, self.cost, RULES[self.rule]
        )  # fmt: skip

    def __str__(self) -> str:
        groups = ", ".join(text([self.opinions[i] for i in C]) for C in self.structure)
        return f"{self.performance}, κ = {self.cost}, acceptance {self.rule}, coalitions with opinions {groups}"


HYPOTHESES: dict[str, Callable[[Play], bool]] = {
    "φ is concave": lambda play: play.performance.concave_on(min(play.opinions), max(play.opinions)),
    "κ < 0": lambda play: play.cost < 0,
    "open acceptance": lambda play: play.rule == "open",
}
SOMEWHERE: dict[str, Callable[[Play], bool]] = {"n ≥ 2": lambda play: play.agents >= 2}


# --- Every move is admissible ---------------------------------------------------------------------------------


def _refused(play: Play) -> tuple[int, oracle.Target] | None:
    """Return the first move that is not admissible."""
    admitted = play.admitted()
    every = ((i, D) for i in range(play.agents) for D in oracle.targets(play.structure, i))
    return next((move for move in every if move[1] not in admitted.get(move[0], [])), None)


def _admissible() -> Check[Play]:
    def instances() -> Iterator[Play]:
        for n in (1, 2, 3, 4):
            for parts, performance in product(sizes(n), PERFORMANCES):
                consensus = product((0, 1, -1), repeat=len(parts))
                for levels, cost, rule in product(consensus, (Fraction(-1, 8), Fraction(0)), RULES):
                    spread = [x for x, part in zip(levels, parts, strict=True) for _ in range(part)]
                    yield Play(performance, cost, tuple(map(Fraction, spread)), in_order(parts), rule)

    def holds(play: Play) -> str | None:
        if any(not oracle.targets(play.structure, i) for i in range(play.agents)):
            return "an agent has no target, which none of them can be with the same chance"
        move = _refused(play)
        return None if move is None else f"agent {move[0]} may not {_words(move[1])}"

    def certify(play: Play, holds: bool) -> Certificate | None:
        """Count the targets of one agent, or name a move that gains too little; where it holds, for few agents."""
        if play.agents == 1:
            return value(
                "K - 1 + min(1, k - 1) > 0", {"K": 1, "k": 1}, holds, "targets of one of k agents, K coalitions"
            )
        if play.rule != "open" or (holds and (play.agents != 2 or min(play.opinions) < 0)):
            return None
        refused = None if holds else _refused(play)
        every = [(i, D) for i in range(play.agents) for D in oracle.targets(play.structure, i)]
        gains = [_gain(play, *move) for move in ([refused] if refused else every)]
        least = gains[0] if len(gains) == 1 else f"min({', '.join(gains)})"
        return value(f"{least} > {play.cost}", holds=holds, note=f"gains exceed the switching cost: {play}")

    return Check(
        what="every agent has a target, and every move of every tactical equilibrium is admissible, by brute force",
        scope=f"n ≤ 4, consensus in {{-1, 0, 1}}, {len(PERFORMANCES)} performance functions, κ = -1/8",
        level=Level.EXACT,
        instances=instances,
        conclusion=holds,
        hypotheses=HYPOTHESES | SOMEWHERE,
        certify=certify,
        part="admissible",
        tools=(),
    )


def _gain(play: Play, agent: int, target: oracle.Target) -> str:
    """Return the gain of a move as certificates write it: what the agent is paid there minus what it is paid here."""
    own = next(C for C in play.structure if agent in C)
    there, here = ((agent, *(i for i in C if i != agent)) for C in (target, own))
    after, before = (", ".join(str(play.agreed[i]) for i in C) for C in (there, here))
    phi = play.performance.formula
    return f'paid("{phi}", "s", [{after}], 0) - paid("{phi}", "s", [{before}], 0)'


def _words(target: oracle.Target) -> str:
    return f"join {target}" if target else "found a coalition alone"


# --- The law of E V -------------------------------------------------------------------------------------------


def _law() -> Check[Play]:
    """The derived E V(t) against all positions that the dynamics can reach."""

    def instances() -> Iterator[Play]:
        starts = [
            (Fraction(0), Fraction(1)),
            (Fraction(0), Fraction(0), Fraction(1)),
            (Fraction(0), Fraction(1), Fraction(3)),
        ]
        plays = product((PARABOLA, TENT, SHIFTED_PARABOLA, SQUARE), (Fraction(-1, 8), Fraction(0)), RULES)
        for (performance, cost, rule), opinions in product(list(plays), starts):
            for parts in sizes(len(opinions)):
                yield Play(performance, cost, opinions, in_order(parts[::-1]), rule)
        yield Play(PARABOLA, Fraction(-1, 8), tuple(map(Fraction, (0, 1, 3, -2))), in_order((1, 1, 1, 1)))
        yield Play(TENT, Fraction(-1, 50), tuple(map(Fraction, (0, 1, 3, -2))), in_order((2, 2)))

    def holds(play: Play) -> str | None:
        from theory.mixing import disagreement_path

        law = oracle.admissible_law(play.performance, play.cost, RULES[play.rule])
        found = oracle.expected_disagreement(play.structure, play.opinions, STEPS, law)
        derived = disagreement_path([[play.opinions[i] for i in C] for C in play.structure], STEPS)
        t = next((t for t in range(STEPS + 1) if found[t] != derived[t]), None)
        return None if t is None else f"E V({t}) is {found[t]}, the derived law says {derived[t]}"

    return Check(
        what=f"E V(t) of theory.mixing for t ≤ {STEPS} against all outcomes of the dynamics, payoffs by brute force",
        scope="n ≤ 4, some starts, 3 performance functions, 2 costs",
        level=Level.EXACT,
        instances=instances,
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="law",
        tools=(),
    )


def _operator() -> Check[tuple[int, oracle.PairClass]]:
    """The derived operator against the one from the definitions, column by column."""

    @lru_cache(maxsize=8)
    def matrices(n: int) -> tuple[dict, dict]:
        from theory.mixing import lifted_operator, pair_classes

        known, A = oracle.class_matrix(n)
        true = {(a, b): A[i][j] for i, a in enumerate(known) for j, b in enumerate(known) if A[i][j]}
        names = pair_classes(n)
        return true, {(tuple(names[i]), tuple(names[j])): x for (i, j), x in lifted_operator(n).items()}

    def holds(instance: tuple[int, oracle.PairClass]) -> str | None:
        n, column = instance
        true, derived = ({a: x for (a, b), x in entries.items() if b == column} for entries in matrices(n))
        return None if true == derived else f"the column is {true}, theory.mixing has {derived}"

    return Check(
        what="the law of the mean squares in theory.mixing against all moves of named agents",
        scope="all real opinions and all structures of n ≤ 6 agents",
        level=Level.SYMBOLIC,
        instances=lambda: ((n, known) for n in range(2, 7) for known in oracle.class_matrix(n)[0]),
        conclusion=holds,
        show=lambda instance: f"n = {instance[0]}, class {instance[1]}",
        part="law",
        tools=(),
    )


def s7() -> Study:
    """Return the checks of S7."""
    admissible, law = _admissible(), _law()
    everything = "all n ≥ 2, all concave φ, all κ < 0, open acceptance"
    return Study(
        "S7",
        (
            proof("gains of at least 0 > κ, term by term", everything, admissible_steps, part="admissible"),
            admissible,
            _operator(),
            law,
            proof("the mean drop of V in one move, and induction", everything, shrinking_steps, part="mean square"),
            shrinks(),
            derived_bound(),
            proof(
                "a form that falls by ρ_n in the mean of each move, > 0 where V is",
                everything,
                limit_steps,
                part="limit",
            ),
            between(),
            rates.decimals(),
            rates.surd(),
            rates.derived(),
            rates.measured(),
        ),
        (*_mutants_of_hypotheses(admissible, law), *_mutants_of_constants()),
    )


def _mutants_of_hypotheses(admissible: Check[Play], law: Check[Play]) -> Iterator[Mutant]:
    for name in HYPOTHESES:
        yield Mutant(f"without: {name}, a move is refused", admissible.dropping(name), name)
        yield Mutant(f"without: {name}, E V obeys another law", law.dropping(name), name)
    for name in SOMEWHERE:
        yield Mutant(f"without: {name}, there is no move", admissible.dropping(name), name)
    yield Mutant("a uniform coalition, then an agent of it", rates.surd(draw=oracle.by_coalition), UNIFORM_AGENT)
    yield Mutant("being alone, if the agent is not", shrinks(draw=oracle.alone_first), UNIFORM_TARGET)
    yield Mutant(f"without: {STARTED}", between().dropping(STARTED), STARTED)


def _mutants_of_constants() -> Iterator[Mutant]:
    yield Mutant("1 in place of 1/2", shrinks(lambda n: 1 - Fraction(1, n)), "1/2 in 1 − 1/(2n)")
    yield Mutant("1 in place of 1/2, in the proof", proof("", "", lambda: shrinking_steps(Integer(1))))
    yield Mutant("1 − 1/2, whatever n", shrinks(lambda n: Fraction(1, 2)), "n in 1 − 1/(2n)")
    yield Mutant("2/t in place of 1/t", between(2, times=(40,)), "1/t in (E V(t))^{1/t}")
    yield Mutant("ρ_2 = 1/100", rates.decimals([rates.Stated(2, Fraction(1, 100), Fraction(0))]), "ρ_2 = 0")
    for name, other in (
        ("1 in ρ_3", rates.surd(offset=2)),
        ("97 in ρ_3", rates.surd(radicand=98)),
        ("24 in ρ_3", rates.surd(divisor=25)),
    ):
        yield Mutant(f"one more in place of {name}", other, name)
    for stated in rates.DECIMALS_STATED:
        changed = rates.decimals([rates.Stated(stated.agents, stated.value + 2 * rates.HALF_DIGIT)])
        text_of = f"{float(stated.value):.5f} for ρ_{stated.agents}"
        yield Mutant(f"one more in the last digit of {text_of}", changed, text_of)
    yield Mutant("simulated V is 5 % off per move", rates.measured(_five_percent_off))


def _five_percent_off(agents: int, steps: int) -> float:
    from theory.mixing import disagreement_path

    return 1.05**steps * float(disagreement_path([[x] for x in rates.OPINIONS[:agents]], steps)[-1])
