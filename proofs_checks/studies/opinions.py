"""Second opinions: claims about few agents as sentences over the reals, put to z3 and to an adversarial search.

Each sentence is the claim for a concrete coalition and performance function, its payoffs written out by the Shapley
value; each has a false twin, a slightly stronger sentence that the same route must refute.  A solver's *unsat* leaves
nothing to re-check and a search proves nothing: they stand beside the proofs, and would contradict a false one.
"""

from __future__ import annotations

from dataclasses import dataclass

from proofs_checks.certificates import value
from proofs_checks.check import Check, Undecided
from proofs_checks.ladder.attempt import Attempt
from proofs_checks.ladder.evaluation import Sentence as Parsed
from proofs_checks.verdict import Certificate, Level
from theory.declarations import parse_variables
from theory.relations import parse_relations

SOLVER_SECONDS, SEARCH_SECONDS = 10.0, 0.1


@dataclass(frozen=True)
class Sentence:
    """A sentence over the reals, and its false twin: the same with another conclusion."""

    variables: str
    hypotheses: tuple[str, ...]
    conclusion: str
    twin: str

    def __str__(self) -> str:
        given = f"{', '.join(self.hypotheses)} ⇒ " if self.hypotheses else ""
        return f"{given}{self.conclusion}, {self.variables}"


def _joins(phi: str) -> str:
    """Return the gain of an agent at x that joins two incumbents at c, as text."""
    return f'(paid("{phi}", "s", [x, c, c], 0) - paid("{phi}", "s", [x, x], 0))'


_ONE = 'paid("-u**2", "s", [x, c], 0) - paid("-u**2", "s", [x], 0)'
_INCUMBENT = 'paid("-u**2", "s", [x, c, c], 1) - paid("-u**2", "s", [c, c], 0)'
_UNIT = ("-1 <= x", "x <= 1", "-1 <= c", "c <= 1")

SENTENCES: dict[str, tuple[Sentence, ...]] = {
    "V1": (
        Sentence(
            "x y z real", (),
            'worth("-u**2", "s", [x, y, z]) >= worth("-u**2", "s", [x, y]) + worth("-u**2", "s", [z])',
            'worth("-u**2", "s", [x, y, z]) >= worth("-u**2", "s", [x, y]) + worth("-u**2", "s", [z]) + (x - z)**2/100',
        ),
    ),
    "V2": (
        Sentence(
            "x y z real", (),
            'worth("u**4", "s", [x, y, z]) <= worth("u**4", "s", [x, y]) + worth("u**4", "s", [z])',
            'worth("u**4", "s", [x, y, z]) <= worth("u**4", "s", [x, y]) + worth("u**4", "s", [z]) - (x - z)**4/100',
        ),
    ),
    "V3": (
        Sentence(
            "x y z real", (),
            'paid("-u**2", "s", [x, y, z], 0) == -(x**2*H(3) + x*(y + z)*(3 - H(3)) - (y**2 + z**2)*(H(3) - 1)/2'
            " - y*z*(4 - 2*H(3)))/3",
            'paid("-u**2", "s", [x, y, z], 0) == -(x**2*H(3) + x*(y + z)*(3 - H(3)) - (y**2 + z**2)*(H(3) - 1)/2'
            " - y*z*(4 - H(3)))/3",
        ),
    ),
    "V5": (
        Sentence(
            "x c real", (),
            'paid("u**3", "s**2", [x, c, c], 0) == (x**3 + 4*((x + c)/2)**3 - c**3 + 9*((x + 2*c)/3)**3 - 4*c**3)/3',
            'paid("u**3", "s**2", [x, c, c], 0) == (x**3 + 4*((x + c)/2)**3 - c**3 + 9*((x + 2*c)/3)**3 - 3*c**3)/3',
        ),
    ),
    "S1": (
        Sentence(
            "x c real", (),
            f'{_joins("-u**2")} == (x - c)**2*(1 - H(3)/3)',
            f'{_joins("-u**2")} == (x - c)**2*(1 - H(2)/3)',
        ),
    ),
    "S2": (
        Sentence("x c real", (), f'{_joins("-u**4")} >= 0', f'{_joins("-u**4")} >= (x - c)**4/2'),
        Sentence("x c real", (), f'{_joins("u**4 + u")} <= 0', f'{_joins("u**4 + u")} <= -(x - c)**4/2'),
    ),
    "S3": (
        Sentence(
            "x c real", _UNIT, f'{_joins("-u**4")} <= (12/2)*(2/3)*(x - c)**2', f'{_joins("-u**4")} <= (x - c)**2/2'
        ),
    ),
    "S5": (Sentence("x c real, k nonnegative", (f"{_ONE} <= k",), "(x - c)**2 <= 4*k", "(x - c)**2 <= 3*k"),),
    "S9": (
        Sentence("x c real", (), f"{_INCUMBENT} >= 0", f"{_INCUMBENT} >= (x - c)**2/7"),
        Sentence("x c real", (), f"{_INCUMBENT} <= (x - c)**2/6", f"{_INCUMBENT} <= (x - c)**2/8"),
    ),
    "S10": (
        Sentence(
            "x c real", (),
            f'{_joins("-u**4")} >= paid("-u**4", "s", [x, c], 0) + x**4',
            f'{_joins("-u**4")} >= paid("-u**4", "s", [x, c], 0) + x**4 + (x - c)**4',
        ),
    ),
    "S14": (
        Sentence(
            "e f real, d q nonnegative", ("d <= 2*q", "(d + e - f)**2/4 > q**2"),
            "e**2 + f**2 >= (2*q - d)**2/2",
            "e**2 + f**2 >= (2*q - d)**2",
        ),
    ),
}  # fmt: skip


def opinions_of(label: str) -> tuple[Check, ...]:
    """Return the second opinions on the claim with this label.

    Examples
    --------
    >>> [check.level.name for check in opinions_of("S5")]
    ['SOLVER', 'SEARCH']
    >>> opinions_of("T1")
    ()
    """
    if label not in SENTENCES:
        return ()
    return (
        Check(
            what="z3, with false twins",
            scope="the sentences that are shown",
            level=Level.SOLVER,
            instances=lambda: SENTENCES[label],
            conclusion=_solved,
            certify=_false_twin,
            tools=("z3-solver",),
        ),
        Check(
            what="adversarial search, with false twins",
            scope="the same sentences, random points and local optimisation of the violation",
            level=Level.SEARCH,
            instances=lambda: SENTENCES[label],
            conclusion=_searched,
            tools=("numpy", "scipy"),
        ),
    )


def _solved(sentence: Sentence) -> str | None:
    """Ask z3 about the sentence and about its twin."""
    for text, expected in ((sentence.conclusion, "proved"), (sentence.twin, "refuted")):
        attempt = _asked(sentence, text)
        if attempt.outcome == "gave up":
            raise Undecided(f"z3 on {text}: {attempt.note}")
        if attempt.outcome != expected:
            return f"z3 says that {text} is {attempt.outcome}, {dict(attempt.counterexample or {})}"
    return None


def _searched(sentence: Sentence) -> str | None:
    """Attack the sentence and its twin in floating point; only exact rational points count."""
    from proofs_checks.ladder.search import adversarial  # loads scipy

    worst = adversarial(_parsed(sentence, sentence.conclusion), 0, SEARCH_SECONDS)
    if worst.counterexample is not None:
        return f"fails at {worst.counterexample}"
    if adversarial(_parsed(sentence, sentence.twin), 0, 10 * SEARCH_SECONDS).counterexample is None:
        return f"the search does not find that {sentence.twin} is false"
    return None


def _false_twin(sentence: Sentence, holds: bool) -> Certificate | None:
    """Return the point at which the false twin fails, which shows that the solver could say no."""
    if not holds:
        return None
    at = _asked(sentence, sentence.twin).counterexample or {}
    return value(sentence.twin, at, note="the false twin fails, as z3 found")


def _asked(sentence: Sentence, conclusion: str) -> Attempt:
    from proofs_checks.ladder import smt  # loads z3
    from proofs_checks.ladder.cases import hypotheses_of

    parsed = _parsed(sentence, conclusion)
    given = hypotheses_of(parsed)
    return smt.decide(parsed.conclusion.expression, parsed.conclusion.sign, given, parsed.symbols, SOLVER_SECONDS)


def _parsed(sentence: Sentence, conclusion: str) -> Parsed:
    variables = parse_variables(sentence.variables)
    given = [relation for text in sentence.hypotheses for relation in parse_relations(text, variables)]
    return Parsed(variables, given, parse_relations(conclusion, variables)[0])
