"""The rules that make a verdict worth reading, on claims made up for the purpose."""

import json
import sys

import pytest
from sympy import Symbol

from proofs_checks.check import Check, Mutant, Undecided, attack, run
from proofs_checks.report import Report
from proofs_checks.steps import Given, Step, certificate, failure, proof
from proofs_checks.verdict import ClaimResult, Level, Verdict, result_from_data, result_to_data
from proofs_checks.verify import verify
from theory.claims import LEDGER
from theory.errors import InputError

x = Symbol("x", real=True)
p = Symbol("p", nonnegative=True)


def even_square(divisor=2, level=Level.EXACT, numbers=range(1, 20), part=""):
    """Squares of even numbers are divisible by 4 (or by something else)."""
    return Check(
        what=f"n² divisible by {divisor}",
        scope="n < 20",
        level=level,
        instances=lambda: numbers,
        conclusion=lambda n: None if n * n % divisor == 0 else f"n² = {n * n}",
        hypotheses={"n is even": lambda n: n % 2 == 0},
        show=lambda n: f"n = {n}",
        part=part,
    )


def judged(checks, mutants, guarded=()):
    return ClaimResult(
        "S2", "squares", "Squares of even numbers.", tuple(map(run, checks)), tuple(map(attack, mutants)), guarded
    )


GOOD = even_square(4)
KILLED = Mutant("divisible by 8", even_square(8))


def test_a_claim_with_exact_evidence_and_a_refuted_mutant_is_proved_within_its_scope():
    result = judged([GOOD], [KILLED, Mutant("odd numbers", GOOD.dropping("n is even"))])
    assert result.verdict is Verdict.PROVED
    assert result.scope == "finite range only: n < 20"
    assert result.mutants[0].counterexample == "n = 2: n² = 4"
    assert result.mutants[1].counterexample == "n = 1: n² = 1"
    assert Report((result,), 0.0).ok


def test_a_check_without_instances_is_vacuous_and_fails():
    result = judged([even_square(4, numbers=[1, 3, 5])], [KILLED])
    assert result.vacuous
    assert result.verdict is Verdict.OPEN
    assert "vacuous" in result.reason
    assert result.scope == ""
    assert not Report((result,), 0.0).ok


def test_one_vacuous_check_is_enough_to_fail():
    assert not judged([GOOD, even_square(4, numbers=[])], [KILLED]).sound


def test_a_claim_without_checks_is_open():
    result = judged([], [KILLED])
    assert result.verdict is Verdict.OPEN
    assert "no check" in result.reason


def test_a_surviving_mutant_breaks_the_check():
    result = judged([GOOD], [KILLED, Mutant("divisible by 2", even_square(2))])
    assert result.verdict is Verdict.OPEN
    assert "survived" in result.reason
    assert not Report((result,), 0.0).ok


def test_a_vacuous_mutant_has_survived():
    assert judged([GOOD], [Mutant("nothing", even_square(8, numbers=[]))]).broken


def test_no_mutant_no_verdict():
    result = judged([GOOD], [])
    assert result.verdict is Verdict.OPEN
    assert not Report((result,), 0.0).ok


def test_every_hypothesis_and_constant_needs_a_mutant_of_its_own():
    guarded = ("n is even", "4")
    four = Mutant("divisible by 8", even_square(8), "4")
    result = judged([GOOD], [four], guarded)
    assert result.unguarded == ("n is even",)
    assert result.verdict is Verdict.OPEN
    assert "no mutant damages 'n is even'" in result.reason
    both = judged([GOOD], [four, Mutant("odd numbers", GOOD.dropping("n is even"), "n is even")], guarded)
    assert both.verdict is Verdict.PROVED
    assert judged([GOOD], [four, Mutant("of nothing", KILLED.check, "n is odd")], guarded).broken


def test_steps_alone_do_not_show_that_the_hypotheses_can_hold():
    result = judged([proof("binomial", "all x", lambda: [Step("square", (x + 1) ** 2 - x**2 - 2 * x - 1)])], [KILLED])
    assert result.unwitnessed
    assert result.verdict is Verdict.OPEN
    assert "no check on concrete instances" in result.reason


def test_a_mutant_reports_the_smallest_counterexample():
    check = even_square(8, numbers=[10, 6, 2, 4])
    assert attack(Mutant("divisible by 8", check)).counterexample == "n = 2: n² = 4"
    assert run(check).counterexample == "n = 10: n² = 100"


def test_results_survive_as_data():
    result = judged([GOOD], [KILLED], ("4",))
    assert result_from_data(json.loads(json.dumps(result_to_data(result)))) == result


def test_a_refuted_claim_carries_its_smallest_counterexample():
    result = judged([even_square(3)], [KILLED])
    assert result.verdict is Verdict.REFUTED
    assert result.counterexample == "n = 2: n² = 4"
    report = Report((result,), 0.0)
    assert not report.ok
    assert "n = 2: n² = 4" in report.text()


def test_search_in_floating_point_proves_nothing():
    result = judged([even_square(4, level=Level.SEARCH)], [KILLED])
    assert result.verdict is Verdict.OPEN
    assert "nothing proved" in result.reason


def test_a_claim_is_as_strong_as_its_weakest_part():
    identity = proof("binomial", "all x", lambda: [Step("square", (x + 1) ** 2 - x**2 - 2 * x - 1)], part="identity")
    result = judged([identity, even_square(4, part="numbers")], [KILLED])
    assert result.level is Level.EXACT
    assert result.scope == "identity: all x; numbers: finite range only: n < 20"
    strong = judged([identity, even_square(4, part="identity")], [KILLED])
    assert [piece["kind"] for piece in strong.evidence[0].certificates] == ["combination"]
    assert [piece["kind"] for piece in strong.evidence[1].certificates] == ["enumeration"]
    assert (strong.level, strong.scope) == (Level.PROOF, "all x")


def test_a_check_that_crashes_is_undecided_not_silent():
    def crash(n):
        raise ZeroDivisionError("no")

    result = judged([GOOD.concluding(crash)], [KILLED])
    assert result.verdict is Verdict.OPEN
    assert "ZeroDivisionError" in result.reason
    assert not result.sound


def test_steps_verify_identities_and_signs():
    assert failure(Step("identity", (x + 1) ** 2 - x**2 - 2 * x - 1)) is None
    assert failure(Step("sign", x**2 + p, ">= 0")) is None
    assert failure(Step("strict", x**2 + p + 1, "> 0")) is None
    assert "x = " in failure(Step("wrong", x**2 - x))
    assert "-1" in failure(Step("negative", x, ">= 0"))
    assert failure(Step("not strict", p, "> 0")) is not None


def test_a_step_may_use_what_it_is_given_and_nothing_else():
    y, z = Symbol("y", real=True), Symbol("z", real=True)
    given = (Given("x ≥ y", x - y, ">= 0"), Given("y ≥ z", y - z, ">= 0"))
    assert failure(Step("x ≥ z", x - z, ">= 0", given=given)) is None
    assert failure(Step("x ≥ z", x - z, ">= 0", given=given[:1])) is not None
    assert failure(Step("x > z", x - z, "> 0", given=given)) is not None
    strict = (Given("x > y", x - y, "> 0"), given[1])
    assert failure(Step("x > z", x - z, "> 0", given=strict)) is None
    assert failure(Step("x = z from x = y = z", x - z, given=(Given("", x - y), Given("", y - z)))) is None
    assert failure(Step("x = z from inequalities", x - z, given=given)) is not None
    turned = Given("x ≥ y", x - y, ">= 0", -1)
    assert failure(Step("y ≥ x from x ≥ y times −1", y - x, ">= 0", given=(turned,))) is not None
    signed = Given("p (x − y) ≥ 0", x - y, ">= 0", p)
    assert failure(Step("px ≥ py", p * x - p * y, ">= 0", given=(signed,))) is None


def test_what_the_rechecker_rejects_is_undecided():
    given = Given("x = 0", x, "= 0", 1 / x)
    evidence = run(proof("1 = 0", "", lambda: [Step("1 = 0 from x = 0", Symbol("one") * 0 + 1, given=(given,))]))
    assert not evidence.holds
    assert "does not pass the re-checker" in evidence.undecided


def test_a_proof_without_a_certificate_is_undecided():
    assert "leaves no certificate" in run(even_square(4, level=Level.PROOF)).undecided


@pytest.mark.parametrize("relation", ["<= 0", "!= 0", "=0", ""])
def test_relations_of_steps_are_known(relation):
    with pytest.raises(ValueError, match="no relation of a step"):
        Step("", x, relation)
    with pytest.raises(ValueError, match="no relation of a step"):
        Given("", x, relation)


def test_what_breaks_while_a_failure_is_shown_is_undecided():
    def crash(n):
        raise ZeroDivisionError("no")

    from dataclasses import replace

    assert "ZeroDivisionError" in run(replace(even_square(3), show=crash)).undecided
    assert "SystemExit" in run(GOOD.concluding(lambda n: sys.exit(0))).undecided


def test_a_certificate_shows_both_sides():
    step = Step("binomial", (x + 1) ** 2, right=(x + 1) ** 2)
    assert certificate(step, True)["conclusion"] == "(x + 1)**2 - ((x + 1)**2)"
    wrong = Step("wrong", (x + 1) ** 2, right=x**2 + 1)
    found = certificate(wrong, False)
    assert found["statement"] == "-x1**2 + (x1 + 1)**2 - 1 == 0"
    assert (found["at"], found["expected"]) == ({"x1": "1"}, False)


def test_a_step_beyond_the_certificate_is_undecided():
    with pytest.raises(Undecided):
        failure(Step("a square the certificate cannot see", (x - p) ** 2, ">= 0"))
    evidence = run(proof("", "", lambda: [Step("the same", (x - p) ** 2, ">= 0")]))
    assert not evidence.holds
    assert evidence.undecided is not None


def test_an_unknown_label_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'S99'.*S13"):
        verify(["S1", "S99"])


def test_report_is_plain_data_and_fits_the_page():
    lines = []
    report = verify(["s11", "V4"], progress=lines.append)
    data = json.loads(json.dumps(report.to_dict()))
    assert [claim["label"] for claim in data["claims"]] == ["V4", "S11"]
    assert data["versions"]["sympy"]
    assert all(mutant["counterexample"] for claim in data["claims"] for mutant in claim["mutants"])
    assert max(len(line) for line in report.text().splitlines()) <= 120
    assert len(lines) == 4


def test_ledger_names_are_unique_and_complete():
    assert len({claim.name for claim in LEDGER.values()}) == len(LEDGER)
    assert all(claim.hypotheses and claim.latex and claim.reference for claim in LEDGER.values())
