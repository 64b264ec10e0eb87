"""T7 against the code that computes limits: `numerics.consensus.tactical_limit`, in floating point."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.consensus import tactical_limit
from numerics.influence import general
from numerics.model import Model
from proofs_checks import recheck
from proofs_checks.check import attack, run
from proofs_checks.oracles.matrices import power
from proofs_checks.studies.stubborn import Group, groups, limit, t7

X0 = (Fraction(0), Fraction(1), Fraction(5))


def settled(group):
    """The limit of the group from X0, exactly."""
    return [float(sum(a * x for a, x in zip(row, X0, strict=False))) for row in limit(group)]


def model_of(group, influence):
    n = group.agents
    stubbornness = [float(1 - share) for share in group.shares]
    return Model([float(x) for x in X0[:n]], "-u**2", influence=influence, stubbornness=stubbornness)


SOME = [
    group
    for group in groups()
    if group.reached and all(0 <= share <= 1 for share in group.shares) and all(sum(row) == 1 for row in group.W)
]
WITH_SELF_WEIGHT = [group for group in SOME if all(group.W[i][i] > 0 for i in range(group.agents))]


@pytest.mark.parametrize("group", WITH_SELF_WEIGHT[::3], ids=str)
def test_limit_under_general_influence_is_the_exact_one(group):
    W = [[float(x) for x in row] for row in group.W]
    found = tactical_limit(model_of(group, general(W)), [list(range(group.agents))])
    np.testing.assert_allclose(found, settled(group), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shares", [(1, 0), (Fraction(1, 2), 1), (Fraction(1, 3), Fraction(3, 4), 1), (0, 0, 0)])
def test_limit_under_uniform_influence_is_the_exact_one(shares):
    n = len(shares)
    group = Group(((Fraction(1, n),) * n,) * n, tuple(Fraction(x) for x in shares))
    found = tactical_limit(model_of(group, "uniform"), [list(range(n))])
    np.testing.assert_allclose(found, settled(group), rtol=1e-12, atol=1e-12)


def test_a_wrong_sign_of_the_share_would_be_noticed():
    group = Group(((Fraction(1, 2),) * 2,) * 2, (Fraction(1, 4), Fraction(1, 2)))
    swapped = Group(group.W, tuple(1 - share for share in group.shares))
    found = tactical_limit(model_of(group, "uniform"), [[0, 1]])
    assert not np.allclose(found, settled(swapped), atol=1e-3)


def test_a_negative_share_contracts_but_its_limit_is_no_average():
    half = Fraction(1, 2)
    group = Group(((half,) * 2,) * 2, (-half,) * 2)
    square = power(group.yielding, 2)
    assert max(sum(map(abs, row)) for row in square) == Fraction(1, 4)
    assert limit(group) == ((Fraction(5, 4), Fraction(-1, 4)), (Fraction(-1, 4), Fraction(5, 4)))
    damaged = next(mutant for mutant in t7().mutants if mutant.description == "λ may be −½")
    (certificate,) = attack(damaged).certificates
    recheck.check(certificate)


def test_groups_are_listed_once_up_to_names():
    two = [group for group in groups() if group.agents == 2]
    names = {min((g.shares, g.W), (g.shares[::-1], tuple(row[::-1] for row in g.W[::-1]))) for g in two}
    assert len(two) == len(names)


def test_every_mutant_is_refuted_by_few_agents():
    for mutant in t7().mutants:
        assert run(mutant.check).counterexample, mutant.description
