"""Stabilising transfers against closed forms, all vertices of the program, and the definitions of the model.

The oracles here know the economics only: what a move needs, and what payments may be.  Everything is rational.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.acceptance import capacity
from numerics.consensus import tactical_limit
from numerics.costs import per_agent, per_coalition, per_pair, switching_cost
from numerics.influence import network, weighted
from numerics.model import Model
from numerics.moves import moves
from numerics.partitions import coalitions_of
from numerics.programs import transfers_program
from numerics.programs.transfers import MAX_AGENTS, stabilising_transfers
from numerics.programs.transfers_program import Terms, solve_program
from numerics.ties import tie_tolerance
from theory.errors import InputError

from ..cases import kinds
from ..oracle import ALONE, Undecided

BONUS, EXIT, TRANSFER = "joining bonus", "exit cost", "transfer"
SETTINGS = settings(deadline=None, database=None, max_examples=60)

# instruments, price and limit of exit costs
TERMS = (
    ((BONUS,), None, None),
    ((TRANSFER,), None, None),
    ((BONUS, TRANSFER), None, None),
    ((EXIT,), 0.7, None),
    ((EXIT,), None, 0.25),
    ((BONUS, EXIT), 0.4, None),
    ((BONUS, EXIT), 0.4, 0.25),
    ((TRANSFER, EXIT), None, 0.125),
    ((TRANSFER, EXIT), 0.3, None),
    ((BONUS, TRANSFER, EXIT), None, 0.125),
    ((BONUS, TRANSFER, EXIT), 0.6, 0.25),
    ((BONUS, TRANSFER, EXIT), 1.5, None),
)


def solve(model, structure, terms, **more):
    instruments, price, limit = terms
    return stabilising_transfers(model, structure, instruments, exit_price=price, exit_cost_limit=limit, **more)


def rows_of(model, structure):
    """{(agent, column): need} of every accepted move, from the floats that `moves` shows and the rule of ties."""
    found, half = moves(model, structure), Fraction(tie_tolerance(model.replace(switching_cost=0.0), structure)) / 2
    rows = {}
    for i, k in np.ndindex(found.gains.shape):
        if found.accepted[i, k] and not np.isnan(found.gains[i, k]):
            need = Fraction(float(found.gains[i, k])) - Fraction(float(found.costs[i, k])) - half
            rows[i, k] = need if found.admissible[i, k] else min(need, Fraction(0))
    return rows


def closed_form(needs, members, terms):
    """The least cost of holding one coalition whose members need at least `needs`, or None if nothing holds it.

    For each exit cost e where the cost may bend: members together, or each alone, need what e does not cover.
    """
    instruments, price, limit = terms
    price, k = Fraction(price or 0), len(members)
    needs = [needs[i] for i in members if i in needs]
    if len(needs) < k:  # an agent alone whom nobody accepts
        return Fraction(0)
    points = {Fraction(0)}
    if EXIT in instruments:
        points |= {sum(needs) / k, *needs} | (set() if limit is None else {Fraction(limit)})
        points = {e for e in points if e >= 0 and (limit is None or e <= limit)}
    costs = []
    for e in points:
        if TRANSFER in instruments:
            missing = max(Fraction(0), sum(needs) - k * e)
        else:
            missing = sum((max(Fraction(0), need - e) for need in needs), Fraction(0))
        if missing == 0 or BONUS in instruments:
            costs.append(price * k * e + missing)
    return min(costs, default=None)


def least_subsidy(rows, coalitions, terms):
    needs = {}
    for (i, _), need in rows.items():
        needs[i] = max(need, needs.get(i, need))
    parts = [closed_form(needs, C, terms) for C in coalitions]
    return None if None in parts else sum(parts)


def check_independently(found, rows, coalitions, terms, labels):
    """Payments, prices and shortage, from the definitions: every move is a row of the program."""
    instruments, price, limit = terms
    c = found.certificate
    mu = {i: c.prices.get(i, Fraction(0)) for i in range(len(labels))}
    best = {i: max((need for (j, _), need in rows.items() if j == i), default=Fraction(0)) for i in mu}
    bound = sum(mu[i] * best[i] for i in mu) - sum(c.limit_prices) * Fraction(limit or 0)
    money = int(found.status == "optimal")
    assert all(x >= 0 for x in (*mu.values(), *c.limit_prices))
    for C, nu in zip(coalitions, c.limit_prices, strict=True):
        assert BONUS not in instruments or all(mu[i] <= money for i in C)
        assert TRANSFER not in instruments or len({mu[i] for i in C}) == 1
        assert EXIT not in instruments or sum(mu[i] for i in C) <= money * Fraction(price or 0) * len(C) + nu
        assert limit is not None or nu == 0
    if not money:
        assert bound > 0
        return
    s, t, e = c.bonuses, c.transfers, c.exit_costs
    assert all(s[i] + t[i] + e[labels[i]] >= need for (i, _), need in rows.items())
    assert all(x >= 0 for x in (*s, *e))
    assert all(sum(t[i] for i in C) == 0 for C in coalitions)
    assert BONUS in instruments or not any(s)
    assert TRANSFER in instruments or not any(t)
    assert EXIT in instruments or not any(e)
    assert limit is None or max(e) <= limit
    cost = sum(s) + Fraction(price or 0) * sum(len(C) * x for C, x in zip(coalitions, e, strict=True))
    assert cost == bound == c.cost == c.bound
    assert found.gap == 0
    assert found.subsidy == pytest.approx(float(cost), rel=1e-14, abs=1e-15)
    assert np.allclose(found.payments, [float(s[i] + t[i] + e[labels[i]]) for i in mu], rtol=1e-14, atol=1e-14)


PERFORMANCES = ("-u**2", "exp(-u**2)", "-(u**2 - 1)**2")
RULES = ("open", "unanimous", "capacity")
FAMILIES = ("uniform", "weighted", "network")


def random_model(rng, n, family, performance, cost, rule):
    influence = "uniform"
    if family == "weighted":
        influence = weighted(rng.uniform(0.2, 3.0, n))
    elif family == "network":
        links = np.triu(rng.random((n, n)) < 0.6, 1) * rng.uniform(0.5, 2.0, (n, n))
        influence = network(links + links.T, self_weight=1.0)
    acceptance = capacity(2) if rule == "capacity" else rule
    return Model(rng.normal(size=n), performance, cost, "s", influence, acceptance)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("performance", PERFORMANCES)
def test_least_subsidy_is_the_closed_form_exactly(family, performance):
    rng = np.random.default_rng([FAMILIES.index(family), PERFORMANCES.index(performance)])
    structure = [[0, 2, 5], [1, 4], [3]]
    labels = [0, 1, 0, 2, 1, 0]
    statuses = set()
    for number, (cost, rule) in enumerate(product((-0.2, 0.0, 0.15), RULES)):
        model = random_model(rng, 6, family, performance, cost, rule)
        rows = rows_of(model, structure)
        for terms in TERMS[(number + number // 3) % 3 :: 3]:
            found = solve(model, structure, terms)
            expected = least_subsidy(rows, structure, terms)
            statuses.add(found.status)
            assert found.status == ("infeasible" if expected is None else "optimal"), terms
            check_independently(found, rows, structure, terms, labels)
            assert found.certificate.holds()
            if expected is not None:
                assert found.certificate.cost == expected
                assert found.holds
                assert not moves(found.applied_to(model), structure).admissible.any()
            else:
                assert not found.holds
                assert found.subsidy == np.inf
                assert np.isnan(found.payments).all()
                assert found.gap is None
    assert statuses == {"optimal", "infeasible"}


def vertices_of_coalition(members, rows, terms):
    """Costs of all vertices of one coalition's program: every choice of constraints that meet in one point.

    Unknown: s, t of each member, then e; constraints as (coefficients, least value).
    """
    instruments, price, limit = terms
    k = len(members)
    size = 2 * k + 1

    def unit(*entries):
        row = [Fraction(0)] * size
        for j, value in entries:
            row[j] = Fraction(value)
        return row

    equal, least = [], []
    for p, i in enumerate(members):
        least += [(unit((p, 1), (k + p, 1), (2 * k, 1)), need) for (j, _), need in rows.items() if j == i]
        (least if BONUS in instruments else equal).append((unit((p, 1)), Fraction(0)))
        if TRANSFER not in instruments:
            equal.append((unit((k + p, 1)), Fraction(0)))
    if TRANSFER in instruments:
        equal.append((unit(*((k + p, 1) for p in range(k))), Fraction(0)))
    (least if EXIT in instruments else equal).append((unit((2 * k, 1)), Fraction(0)))
    if EXIT in instruments and limit is not None:
        least.append((unit((2 * k, -1)), -Fraction(limit)))
    for chosen in combinations(least, size - len(equal)):
        x = meeting_point([*equal, *chosen])
        if x is not None and all(sum(a * z for a, z in zip(row, x, strict=True)) >= b for row, b in least):
            yield sum(x[:k]) + Fraction(price or 0) * k * x[2 * k]


def meeting_point(equations):
    """The one solution of as many equations as unknowns, None if there is none or more."""
    rows = [[*row, b] for row, b in equations]
    for column in range(len(rows)):
        pivot = next((r for r in range(column, len(rows)) if rows[r][column] != 0), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [a / rows[column][column] for a in rows[column]]
        for r in range(len(rows)):
            if r != column and rows[r][column] != 0:
                rows[r] = [a - rows[r][column] * b for a, b in zip(rows[r], rows[column], strict=True)]
    return [row[-1] for row in rows]


@pytest.mark.parametrize("terms", TERMS)
def test_least_subsidy_is_that_of_the_best_vertex(terms):
    """Every move is a constraint of its own here, not just each agent's best."""
    rng = np.random.default_rng(TERMS.index(terms))
    for structure in ([[0, 1], [2]], [[0, 2], [1, 3]]):
        n = sum(map(len, structure))
        model = random_model(rng, n, rng.choice(FAMILIES), rng.choice(PERFORMANCES), rng.uniform(-0.2, 0.2), "open")
        rows = rows_of(model, structure)
        best = [min(vertices_of_coalition(C, rows, terms), default=None) for C in structure]
        found = solve(model, structure, terms)
        if None in best:
            assert found.status == "infeasible"
        else:
            assert found.certificate.cost == sum(best)


@SETTINGS
@given(kinds(rule="open", cost="terms", max_agents=4), st.sampled_from(TERMS))
def test_any_model_with_costs_of_every_kind(case, terms):
    found = solve(case.model, case.coalitions, terms)
    rows = rows_of(case.model, case.coalitions)
    expected = least_subsidy(rows, case.coalitions, terms)
    assert found.status == ("infeasible" if expected is None else "optimal")
    labels = {i: c for c, C in enumerate(case.coalitions) for i in C}
    check_independently(found, rows, [sorted(C) for C in case.coalitions], terms, labels)
    if expected is not None:
        assert found.certificate.cost == expected
        applied = found.applied_to(case.model)
        assert not moves(applied, case.coalitions).admissible.any()
        more = moves(applied, case.coalitions).costs - moves(case.model, case.coalitions).costs
        wanted = np.broadcast_to(found.payments[:, None], more.shape)
        assert np.allclose(more[~np.isnan(more)], wanted[~np.isnan(more)], rtol=0, atol=1e-12)


@SETTINGS
@given(st.sampled_from(("unanimous", "majority", "aggregate", "bounded confidence", "capacity")).flatmap(
    lambda rule: kinds(rule=rule, max_agents=4)
), st.sampled_from(TERMS))  # fmt: skip
def test_against_payoffs_and_acceptance_from_the_definitions(case, terms):
    """Gains are those of the oracle: the subsidy agrees up to the tolerance of ties of each need."""
    needs, tolerance = {}, case.tolerance
    try:
        for move in case.moment.moves():
            if case.moment.is_accepted(move, tolerance):
                needs[move.mover, move.target] = move.net
    except Undecided:
        assume(False)
    assert {i for i, D in needs if D == ALONE} == {i for C in case.coalitions for i in C if len(C) > 1}
    found = solve(case.model, case.coalitions, terms)
    cost = found.certificate.cost if found.status == "optimal" else np.inf
    bounds = []
    for slack in (-4 * tolerance, 4 * tolerance):
        expected = least_subsidy({key: need + slack for key, need in needs.items()}, case.coalitions, terms)
        bounds.append(np.inf if expected is None else expected)
    assert bounds[0] <= cost <= bounds[1]


def test_what_is_stable_needs_no_payment():
    model = Model([0.0, 2.0, 2.5], "-u**2", switching_cost=10.0)
    for terms in TERMS:
        found = solve(model, [[0], [1, 2]], terms)
        assert (found.status, found.subsidy, found.gap) == ("optimal", 0.0, 0)
        assert not found.payments.any()
        assert not found.transfers.any()
        assert found.binding == []
        assert found.message == "no move is admissible: nothing needs to be paid"


def test_an_agent_without_any_move():
    found = stabilising_transfers(Model([1.0], "-u**2", switching_cost=-1.0), [[0]])
    assert (found.subsidy, found.payments.tolist(), found.dual) == (0.0, [0.0], {})
    assert found.holds


def test_refused_moves_are_not_paid_for():
    model = Model([0.0, 1.0, 3.0], "-u**2", switching_cost=-0.1)
    assert stabilising_transfers(model, [[0], [1], [2]]).subsidy > 0.3
    assert stabilising_transfers(model.replace(acceptance=capacity(1)), [[0], [1], [2]]).subsidy == 0


def test_ties_are_no_improvement():
    """At unanimity all gains are 0 up to rounding: with quadratic φ transfers alone hold everything."""
    model = Model([0.1 + 0.2, 0.3, 0.3], "-(u - 1/3)**2")
    for structure in ([[0, 1], [2]], [[0, 1, 2]], [[0], [1], [2]]):
        found = stabilising_transfers(model, structure, [TRANSFER])
        assert found.subsidy == 0.0
        assert not found.transfers.any()


@pytest.mark.parametrize(("share", "is_paid"), [(0.25, False), (0.75, False), (1.0, False), (2.0, True)])
def test_a_gain_within_the_tolerance_above_the_cost_needs_nothing(share, is_paid):
    model = Model([0.0, 2.0], "-u**2", switching_cost=1.0)  # what each gains by joining the other
    model = model.replace(switching_cost=1.0 - share * tie_tolerance(model))
    found = stabilising_transfers(model, [[0], [1]])
    assert (found.subsidy > 0) == is_paid == moves(model, [[0], [1]]).admissible.any()
    assert found.holds


@pytest.mark.parametrize("seed", range(8))
def test_a_coalition_at_the_cost_where_transfers_begin_to_hold_it(seed):
    """Members' needs of sum 0 up to rounding: held, whichever way the rounding falls; just below, not."""
    rng = np.random.default_rng(seed)
    model = Model(rng.normal(size=4), "exp(-u**2)")
    structure = [[0, 1, 2], [3]]
    best = np.where(moves(model, structure).accepted, moves(model, structure).gains, -np.inf).max(axis=1)[:3]
    threshold = float(np.mean(best))
    costs = per_agent([threshold] * 3 + [10.0])
    at = stabilising_transfers(model.replace(switching_cost=switching_cost(exit=costs)), structure, [TRANSFER])
    assert at.status == "optimal"
    assert at.holds
    assert np.ptp(best) < 1e-12 or np.abs(at.transfers).max() > 1e-6
    costs = per_agent([threshold - 1e-9] * 3 + [10.0])
    below = stabilising_transfers(model.replace(switching_cost=switching_cost(exit=costs)), structure, [TRANSFER])
    assert below.status == "infeasible"


def test_transfers_alone_in_words():
    """An agent at 0 among three, φ = -u²: everybody would rather join the others, by what S1 says."""
    model = Model([0.0, 0.0, 2.0], "-u**2")
    found = stabilising_transfers(model, [[0, 1], [2]], [TRANSFER])
    # δ² (1 - H_{m+1}/(m+1)) is 4 · 1/4 for each of 0 and 1, and 4 · 7/18 for 2
    assert found.message.split(";\n") == [
        "transfers alone cannot hold coalition {0, 1}: its members together need 2 more than they have",
        "transfers alone cannot hold coalition {2}: its member needs 1.55556 more than it has",
    ]
    assert [(m.agent, m.source, m.target, m.price) for m in found.binding] == [
        (0, (0, 1), (2,), 1),
        (1, (0, 1), (2,), 1),
        (2, (2,), (0, 1), 1),
    ]
    with pytest.raises(InputError, match="transfers alone cannot hold"):
        found.applied_to(model)
    limited = stabilising_transfers(model, [[0, 1], [2]], [EXIT], exit_cost_limit=1.25)
    assert limited.message == (
        "exit costs of at most 1.25 alone cannot hold coalition {2}: its member needs 0.305556 more than it has"
    )
    unequal = model.replace(switching_cost=switching_cost(exit=per_agent([0.0, 0.5, 2.0])))
    limited = stabilising_transfers(unequal, [[0, 1], [2]], [EXIT], exit_cost_limit=0.75)
    assert limited.message == (
        "exit costs of at most 0.75 alone cannot hold agent 0 in coalition {0, 1}: it needs 0.25 more"
    )
    both = stabilising_transfers(unequal, [[0, 1], [2]], [TRANSFER, EXIT], exit_cost_limit=0.75)
    assert both.message == "transfers and exit costs of at most 0.75 hold the structure without a subsidy"
    assert both.exit_costs.round(9).tolist() == [0.75, 0.0]
    assert both.transfers.round(9).tolist() == [0.25, -0.25, 0.0]


def test_exit_costs_at_a_price_hold_the_quantile_of_the_needs():
    """Needs 1, 0.6, 0.1 in one coalition: at the price p an exit cost pays while more than 3p members need it."""
    needs = {0: Fraction(1), 1: Fraction(3, 5), 2: Fraction(1, 10)}
    labels = np.zeros(3, dtype=np.int64)
    for price, exit_cost in ((0.1, 1), (0.4, Fraction(3, 5)), (0.9, Fraction(1, 10)), (1.1, 0)):
        terms = Terms((BONUS, EXIT), Fraction(price), None)
        certificate, _ = solve_program(((0, 1, 2),), labels, needs, terms)
        assert certificate.holds()
        assert certificate.exit_costs == (exit_cost,)
        assert certificate.bonuses == tuple(max(need - exit_cost, 0) for need in needs.values())


def test_prices_are_subgradients():
    """Raising the cost of one binding move by h lowers the subsidy by price · h while the same moves bind."""
    model = Model([-1.0, -0.4, 0.1, 0.9, 1.3], "exp(-u**2)", switching_cost=-0.05)
    structure, h = [[0, 1], [2, 3], [4]], 2.0**-20
    for terms in TERMS[2], TERMS[5], TERMS[10]:
        found = solve(model, structure, terms)
        assert found.binding
        for move in found.binding:
            extra = np.zeros((5, 3))
            labels = [0, 0, 1, 1, 2]
            extra[move.agent, labels[move.agent]] = h
            dearer = model.replace(switching_cost=switching_cost(-0.05, exit=per_pair(extra)))
            fall = found.certificate.cost - solve(dearer, structure, terms).certificate.cost
            assert abs(float(fall) - float(move.price) * h) <= 1e-13


def test_equal_subsidies_take_the_least_exit_costs_then_the_least_transfers():
    labels = np.zeros(3, dtype=np.int64)
    needs = {0: Fraction(1, 2), 1: Fraction(-1, 4), 2: Fraction(-1, 2)}
    free, _ = solve_program(((0, 1, 2),), labels, needs, Terms((BONUS, TRANSFER, EXIT), Fraction(0), Fraction(5)))
    assert (free.cost, free.exit_costs) == (0, (0,))
    assert sum(abs(t) for t in free.transfers) == 1
    alone, _ = solve_program(((0, 1, 2),), labels, needs, Terms((BONUS, EXIT), Fraction(0), Fraction(5)))
    assert (alone.cost, alone.exit_costs) == (0, (Fraction(1, 2),))


def scattered(rng, n, low, high):
    return {i: Fraction(float(rng.choice([-1, 1]) * 10.0 ** rng.uniform(low, high))) for i in range(n)}


@pytest.mark.parametrize("seed", range(6))
def test_needs_far_below_the_tolerances_of_the_solver(seed):
    """Needs from 1e-14 to 1: a solver in floating point takes the small ones for 0, the exact steps do not."""
    rng = np.random.default_rng(seed)
    coalitions, labels = ((0, 1, 2), (3, 4), (5,)), np.array([0, 0, 0, 1, 1, 2])
    needs = scattered(rng, 6, -14, 0)
    for instruments, price, limit in TERMS:
        terms = Terms(instruments, Fraction(price or 0), None if limit is None else Fraction(limit))
        certificate, _ = solve_program(coalitions, labels, needs, terms)
        parts = [closed_form(needs, C, (instruments, price, limit)) for C in coalitions]
        assert certificate.holds()
        assert certificate.is_feasible == (None not in parts)
        assert not certificate.is_feasible or certificate.cost == sum(parts)


@pytest.mark.parametrize("price", [1 - 1e-12, 1 + 1e-12, 1 / 3, 1e-12])
def test_prices_next_to_a_kink(price):
    coalitions, labels = ((0, 1, 2),), np.zeros(3, dtype=np.int64)
    needs = {0: Fraction(0.5), 1: Fraction(0.25), 2: Fraction(-0.125)}
    for instruments in (BONUS, EXIT), (BONUS, TRANSFER, EXIT):
        certificate, _ = solve_program(coalitions, labels, needs, Terms(instruments, Fraction(price), None))
        assert certificate.holds()
        assert certificate.cost == closed_form(needs, (0, 1, 2), (instruments, price, None))


def test_a_solver_that_fails_is_not_believed(monkeypatch):
    """Without a proposal, and from a false one, the exact method finds the same."""
    rng = np.random.default_rng(3)
    coalitions, labels = ((0, 1, 2), (3, 4), (5,)), np.array([0, 0, 0, 1, 1, 2])
    needs = scattered(rng, 6, -1, 0)
    for instruments, price, limit in TERMS:
        terms = Terms(instruments, Fraction(price or 0), None if limit is None else Fraction(limit))
        certificate, _ = solve_program(coalitions, labels, needs, terms)
        wrong = {(kind, i): float(rng.random()) for kind in ("given", "taken", "exit", "spare") for i in range(6)}
        for status, proposal in (("failed", {}), ("optimal", wrong)):
            with monkeypatch.context() as patch:
                patch.setattr(transfers_program, "_propose", lambda *_, now=(status, proposal): now)
                again, solver = solve_program(coalitions, labels, needs, terms)
            assert again.holds()
            assert again.is_feasible == certificate.is_feasible
            assert again.cost == certificate.cost
            assert again.exit_costs == certificate.exit_costs
            assert sum(map(abs, again.transfers)) == sum(map(abs, certificate.transfers))
            assert f"({status})" in solver


def test_a_certificate_with_anything_changed_does_not_hold():
    needs = {0: Fraction(1, 2), 1: Fraction(-1, 4), 2: Fraction(1, 8), 3: Fraction(1, 3)}
    coalitions, labels, h = ((0, 1), (2, 3)), np.array([0, 0, 1, 1]), Fraction(1, 2**90)
    terms = Terms((BONUS, TRANSFER, EXIT), Fraction(1, 3), Fraction(1, 16))
    good, _ = solve_program(coalitions, labels, needs, terms)
    assert good.holds()
    for name in ("bonuses", "transfers", "exit_costs", "limit_prices"):
        for i in range(len(getattr(good, name))):
            for shift in (h, -h):
                changed = list(getattr(good, name))
                changed[i] += shift
                assert not replace(good, **{name: tuple(changed)}).holds(), name
    for i in needs:
        for shift in (h, -h):
            assert not replace(good, prices={**good.prices, i: good.prices[i] + shift}).holds()
    assert not replace(good, needs={**needs, 0: needs[0] + h}).holds()
    assert not replace(good, bonuses=(), transfers=(), exit_costs=()).holds()  # a claim that nothing holds
    for instrument in terms.instruments:
        left = tuple(name for name in terms.instruments if name != instrument)
        used = {BONUS: any(good.bonuses), TRANSFER: any(good.transfers), EXIT: any(good.exit_costs)}[instrument]
        assert replace(good, terms=Terms(left, terms.exit_price, terms.exit_cost_limit)).holds() != used
    impossible, _ = solve_program(coalitions, labels, needs, Terms((TRANSFER,), Fraction(0), None))
    assert impossible.holds()
    assert not replace(impossible, prices={**impossible.prices, 0: impossible.prices[0] + h}).holds()
    assert not replace(impossible, prices=dict.fromkeys(needs, Fraction(0))).holds()


def test_no_payment_can_be_less():
    """Bonuses alone: whoever is paid moves as soon as it is paid a little less."""
    model = Model([-1.0, -0.4, 0.1, 0.9, 1.3], "exp(-u**2)", switching_cost=-0.05)
    structure = [[0, 1], [2, 3], [4]]
    found = stabilising_transfers(model, structure, [BONUS])
    assert np.count_nonzero(found.bonuses) >= 3
    for i in np.flatnonzero(found.bonuses):
        less = np.array(found.payments)
        less[i] -= 4 * tie_tolerance(model, structure)
        dearer = model.replace(switching_cost=switching_cost(-0.05, exit=per_agent(less)))
        assert np.flatnonzero(moves(dearer, structure).admissible.any(axis=1)).tolist() == [i]


@pytest.mark.parametrize("stubborn", [0.0, 0.3])
def test_at_the_tactical_limit(stubborn):
    opinions = [-1.0, 0.2, 0.4, 1.5]
    model = Model(opinions, "-(u**2 - 1)**2", 0.01, stubbornness=stubborn)
    structure = [[0, 1], [2, 3]]
    limit = model.replace(opinions=tactical_limit(model, structure), innate_opinions=opinions if stubborn else None)
    found, expected = stabilising_transfers(model, structure, at="consensus"), stabilising_transfers(limit, structure)
    assert found.subsidy == expected.subsidy
    # a stubborn agent's limit depends on innate opinions alone, and so do payoffs
    assert (found.subsidy == stabilising_transfers(model, structure).subsidy) == (stubborn > 0)
    assert found.payments.tolist() == expected.payments.tolist()


def test_coalitions_keep_the_order_in_which_they_are_given():
    """Costs per coalition go by that order, and so do the exit costs found."""
    model = Model([0.0, 1.0, 3.0], "-u**2", switching_cost(exit=per_coalition([0.0, 5.0])))
    found = solve(model, [[2], [0, 1]], ((EXIT,), 1.0, None))
    assert found.exit_costs[0] > 0
    assert found.exit_costs[1] == 0
    assert coalitions_of(found.labels) == [[0, 1], [2]]
    assert found.binding[0].source == (2,)
    assert found.binding[0].target == (0, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instruments": []}, "instruments: .* not a list"),
        ({"instruments": "transfer"}, "instruments: 'transfer' are not a list"),
        ({"instruments": ["bribe"]}, "instruments: 'bribe' is not an instrument; .*exit cost"),
        ({"instruments": ["exit cost"]}, "free and without a limit"),
        ({"instruments": ["exit cost"], "exit_price": 0.0}, "free and without a limit"),
        ({"exit_price": 0.5}, "exit_price: 0.5 is given, but exit costs are not allowed"),
        ({"exit_cost_limit": 0.5}, "exit_cost_limit: 0.5 is given, but exit costs are not allowed"),
        ({"instruments": ["exit cost"], "exit_price": -1.0}, "exit_price: -1.0 is negative"),
        ({"instruments": ["exit cost"], "exit_cost_limit": float("inf")}, "exit_cost_limit: inf is not a finite"),
        ({"at": "noon"}, "at: 'noon' is not a moment"),
        ({"structure": [[0]]}, "structure"),
    ],
)
def test_bad_input(changes, message):
    model = Model([0.0, 2.0], "-u**2")
    with pytest.raises(InputError, match=message):
        stabilising_transfers(**{"model": model, "structure": [[0], [1]], **changes})


def test_too_many_agents():
    n = MAX_AGENTS + 1
    with pytest.raises(InputError, match="201 agents"):
        stabilising_transfers(Model(np.zeros(n), "-u**2"), np.zeros(n, dtype=np.int64))


def test_payments_that_take_the_place_of_costs_still_hold():
    """The tolerance of ties goes by the costs, which payments may cancel."""
    model = Model([0.0, 1.0, 0.4], "u**2", switching_cost(0.0, exit=per_coalition([-100.0])))
    found = stabilising_transfers(model, [[0, 1, 2]])
    assert found.status == "optimal"
    assert found.holds
