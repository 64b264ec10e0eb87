"""The steps of the proofs on gains: each follows, and from nothing less than what it is given."""

from dataclasses import replace

import pytest
from sympy import Symbol

from proofs_checks.steps import _follows as follows
from proofs_checks.steps import failure
from proofs_checks.studies import (
    drop_steps,
    equilibria,
    gain_sign,
    gain_terms,
    incumbents,
    magnet_steps,
    quadratic_gain,
    spread_bound,
    stop_steps,
)

PROOFS = {
    "S1": [quadratic_gain.steps],
    "S2": [lambda: gain_terms.sign_steps(1), lambda: gain_terms.sign_steps(-1), gain_sign.founding_steps],
    "S3": [drop_steps.drop_steps, drop_steps.bound_steps],
    "S4": [stop_steps.averaging_steps, stop_steps.stop_steps],
    "S5": [spread_bound.spread_steps, spread_bound.tight_steps],
    "S6": [equilibria.none_steps],
    "S9": [incumbents.share_steps, incumbents.bound_steps, incumbents.threshold_steps],
    "S10": [magnet_steps.concave_steps, magnet_steps.limit_steps, magnet_steps.strict_steps],
    "S11": [gain_sign.stable_steps],
}


@pytest.mark.parametrize("label", PROOFS)
def test_every_step_follows_and_needs_all_that_it_is_given(label):
    for steps in PROOFS[label]:
        for step in steps():
            assert follows(step), step
            for given in step.given:
                rest = tuple(g for g in step.given if g is not given)
                assert not follows(replace(step, given=rest)), f"{step} does not need '{given.name}'"


def test_inductions_over_the_incumbents_reach_from_none_to_one():
    for steps in (
        quadratic_gain.steps,
        spread_bound.spread_steps,
        magnet_steps.concave_steps,
        magnet_steps.limit_steps,
    ):
        inductive = [step for step in steps() if any(g.name.split(":")[0] == "induction" for g in step.given)]
        assert inductive
        for step in inductive:
            m = {x for x in step.expression.free_symbols if str(x) == "m"}
            assert all(x.is_nonnegative and not x.is_positive for x in m), step


@pytest.mark.parametrize(
    ("steps", "bases"),
    [
        (magnet_steps.limit_steps, ["the sum of G − t(s) is ≤ (L/2) δ² H_{m+1}, m = 0", "G − t(s) is ≥ 0, m = 0"]),
        (
            stop_steps.averaging_steps,
            ["no opinions is ≤", "no opinions is ≥", "over no members", "before the"],
        ),
        (stop_steps.stop_steps, ["after 0 moves", "no moves are at most", "no moves are fewer"]),
    ],
)
def test_inductions_have_a_base(steps, bases):
    statements = [step.statement for step in steps()]
    assert all(any(base in statement for statement in statements) for base in bases)


def test_the_terms_hold_for_weights_as_well():
    a, w = Symbol("a", positive=True), Symbol("w", nonnegative=True)
    assert all(follows(step) for sign in (1, -1) for step in gain_terms.sign_steps(sign, w, a))


@pytest.mark.parametrize(
    "damaged",
    [
        lambda: quadratic_gain.steps(lambda d, i, h: d**2 * (1 - h / i)),
        lambda: spread_bound.spread_steps(7),
        lambda: spread_bound.tight_steps(9),
        lambda: [drop_steps.conclusion_step(3)],
        lambda: stop_steps.stop_steps(3),
        lambda: incumbents.share_steps(lambda d, i, h: d**2 * h / (i * (i + 1))),
    ],
)
def test_a_damaged_proof_is_refuted_at_a_point(damaged):
    assert any(failure(step) is not None for step in damaged())
