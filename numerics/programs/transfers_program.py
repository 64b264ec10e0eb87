"""The linear program of stabilising transfers, solved in floating point, then in rationals, with its certificate.

`numerics.programs.transfers` says what the program means.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.programs.exact_lp import ExactSolution, solve_exactly
from numerics.programs.solvers import highs

BONUS, EXIT, TRANSFER = INSTRUMENTS = ("joining bonus", "exit cost", "transfer")

Coalitions = tuple[tuple[int, ...], ...]
Column = tuple[str, int]  # a variable: its kind, and the agent or the coalition

SUPPORT = 1e-9  # of the largest need: what a solver's answer calls positive


@dataclass(frozen=True)
class Terms:
    """What is allowed: the instruments, and the price and the limit (None for no limit) of exit costs."""

    instruments: tuple[str, ...]
    exit_price: Fraction
    exit_cost_limit: Fraction | None

    def allow(self, instrument: str) -> bool:
        """Whether payments of this kind are allowed."""
        return instrument in self.instruments


@dataclass(frozen=True)
class TransferCertificate:
    """Payments and prices in rational numbers: `holds` checks them, with no more than sums and comparisons.

    Attributes
    ----------
    coalitions : their members.
    terms : what is allowed.
    needs : for each agent that has a move, the least payment that keeps it.
    bonuses, transfers : for each agent; empty if no payments hold the structure.
    exit_costs : for each coalition; likewise.
    prices : for each agent that has a move, the dual price of its need (a Farkas multiplier if nothing holds).
    limit_prices : for each coalition, the dual price of the limit of its exit cost.
    """

    coalitions: Coalitions
    terms: Terms
    needs: dict[int, Fraction]
    bonuses: tuple[Fraction, ...]
    transfers: tuple[Fraction, ...]
    exit_costs: tuple[Fraction, ...]
    prices: dict[int, Fraction]
    limit_prices: tuple[Fraction, ...]

    @property
    def is_feasible(self) -> bool:
        """Whether it claims that some payments hold the structure."""
        return len(self.exit_costs) > 0

    @property
    def cost(self) -> Fraction:
        """Σ s_i + exit_price Σ |C| e_C, what the payments cost; 0 if there are none."""
        bonds = sum(len(C) * e for C, e in zip(self.coalitions, self.exit_costs, strict=False))
        return sum(self.bonuses, Fraction(0)) + self.terms.exit_price * bonds

    @property
    def bound(self) -> Fraction:
        """Σ μ_i need(i) - limit Σ ν_C: no payments cost less; if positive and no money counts, no payments hold."""
        limit = Fraction(0) if self.terms.exit_cost_limit is None else self.terms.exit_cost_limit
        return sum((mu * self.needs[i] for i, mu in self.prices.items()), Fraction(0)) - limit * sum(self.limit_prices)

    def holds(self) -> bool:
        """Whether payments and prices are feasible and meet, or the prices prove that nothing is feasible."""
        if not self.is_feasible:
            return self._prices_are_fair(Fraction(0)) and self.bound > 0
        return self._payments_hold() and self._prices_are_fair(Fraction(1)) and self.cost == self.bound

    def _payments_hold(self) -> bool:
        s, t, e = self.bonuses, self.transfers, self.exit_costs
        used = {BONUS: any(s), TRANSFER: any(t), EXIT: any(e)}
        return (
            all(self.terms.allow(instrument) for instrument, is_used in used.items() if is_used)
            and all(x >= 0 for x in s)
            and all(x >= 0 and (self.terms.exit_cost_limit is None or x <= self.terms.exit_cost_limit) for x in e)
            and all(sum(t[i] for i in C) == 0 for C in self.coalitions)
            and all(
                s[i] + t[i] + e[c] >= self.needs[i] for c, C in enumerate(self.coalitions) for i in C if i in self.needs
            )
        )

    def _prices_are_fair(self, money: Fraction) -> bool:
        """Dual feasibility, where a unit of the sponsor's money counts for 1, or for 0 in a proof of infeasibility."""
        mu = {i: self.prices.get(i, Fraction(0)) for C in self.coalitions for i in C}
        if any(x < 0 for x in (*mu.values(), *self.limit_prices)):
            return False
        if self.terms.exit_cost_limit is None and any(self.limit_prices):
            return False
        for C, nu in zip(self.coalitions, self.limit_prices, strict=True):
            total = sum(mu[i] for i in C)
            if self.terms.allow(BONUS) and any(mu[i] > money for i in C):
                return False
            if self.terms.allow(TRANSFER) and any(mu[i] != mu[C[0]] for i in C):
                return False
            if self.terms.allow(EXIT) and total > money * self.terms.exit_price * len(C) + nu:
                return False
        return True


# The program in rationals


def solve_program(
    coalitions: Coalitions, labels: NDArray[np.int64], needs: dict[int, Fraction], terms: Terms
) -> tuple[TransferCertificate, str]:
    """Return the certificate of the answer, and how it was found."""
    status, proposal = _propose(labels, needs, terms)
    solved = [_solve_coalition(c, C, needs, terms, proposal) for c, C in enumerate(coalitions)]
    is_feasible = all(each.is_feasible for each in solved)
    prices, limit_prices = dict.fromkeys(needs, Fraction(0)), [Fraction(0)] * len(coalitions)
    for c, (C, each) in enumerate(zip(coalitions, solved, strict=True)):
        if is_feasible or not each.is_feasible:
            asked = [i for i in C if i in needs]
            mu = dict(zip(asked, each.prices, strict=False))  # further rows: balance and limit
            size = Fraction(1) if is_feasible else max(mu.values())  # a proof of infeasibility may be multiplied
            prices.update({i: x / size for i, x in mu.items()})
            if terms.exit_cost_limit is not None:
                limit_prices[c] = -each.prices[-1] / size
    values = {column: x for each in solved for column, x in each.values.items()}
    agents = range(len(labels) if is_feasible else 0)

    def value(kind: str, i: int) -> Fraction:
        return values.get((kind, i), Fraction(0))

    certificate = TransferCertificate(
        coalitions,
        terms,
        needs,
        tuple(value("bonus", i) for i in agents),
        tuple(value("taken", i) - value("given", i) for i in agents),
        tuple(value("exit", c) for c in range(len(coalitions) if is_feasible else 0)),
        prices,
        tuple(limit_prices),
    )
    pivots = sum(each.pivots for each in solved)
    return certificate, f"{highs()} ({status}), then {pivots} exact steps"


def _solve_coalition(
    c: int, members: tuple[int, ...], needs: dict[int, Fraction], terms: Terms, proposal: dict[Column, float]
) -> ExactSolution[Column]:
    """Solve the part of one coalition, which shares no constraint with any other.

    Rows: members that have a move, in order; with transfers, their balance; with a limit, that of the exit cost.
    Costs on three levels: money, exit cost, transfers.
    """
    costs: dict[Column, tuple[Fraction | int, ...]] = {}
    balance: dict[Column, int] = {}
    rows: list[dict[Column, int]] = []
    if terms.allow(EXIT):
        costs["exit", c] = (terms.exit_price * len(members), 1, 0)
    for i in members:
        row: dict[Column, int] = {("spare", i): -1}
        costs["spare", i] = (0, 0, 0)
        if terms.allow(BONUS):
            row["bonus", i] = 1
            costs["bonus", i] = (1, 0, 0)
        if terms.allow(TRANSFER):
            row["taken", i] = balance["taken", i] = 1
            row["given", i] = balance["given", i] = -1
            costs["taken", i], costs["given", i] = (0, 0, 0), (0, 0, 1)
        if terms.allow(EXIT):
            row["exit", c] = 1
        if i in needs:
            rows.append(row)
    right = [needs[i] for i in members if i in needs]
    if balance:
        rows.append(balance)
        right.append(Fraction(0))
    if terms.exit_cost_limit is not None:
        rows.append({("exit", c): 1, ("room", c): 1})
        right.append(terms.exit_cost_limit)
        costs["room", c] = (0, 0, 0)
    support = [column for column in costs if proposal.get(column, 0.0) > SUPPORT]
    support.sort(key=lambda column: -proposal[column])
    return solve_exactly(
        rows, right, costs, [*support, *(column for column in costs if column[0] in ("spare", "room"))]
    )


# The program in floating point


@dataclass(frozen=True, eq=False)
class _Program:
    problem: Any
    needs: Any
    bond_price: Any
    limit: Any
    variables: dict[str, Any]


_LOCK = Lock()  # a compiled program keeps its parameters, and serves one thread at a time


def _propose(labels: NDArray[np.int64], needs: dict[int, Fraction], terms: Terms) -> tuple[str, dict[Column, float]]:
    """Return HiGHS's status and solution as {column: value}, columns named as in `_solve_coalition`, or without any.

    In units of the largest need, as the solver's tolerances are absolute.  Without a solution the exact method starts
    from nothing.
    """
    import cvxpy as cp

    highs()  # in silence
    values = np.array([float(x) for x in needs.values()])
    size = float(np.max(np.abs(values), initial=0.0))
    if size == 0.0 or not math.isfinite(size):
        return "not asked", {}
    with _LOCK:
        program = _compiled(tuple(labels.tolist()), tuple(needs), terms.instruments, terms.exit_cost_limit is not None)
        program.needs.value = values / size
        program.bond_price.value = float(terms.exit_price) * np.bincount(labels).astype(np.float64)
        if terms.exit_cost_limit is not None:
            program.limit.value = float(terms.exit_cost_limit) / size
        try:
            program.problem.solve(solver=cp.HIGHS, warm_start=False, output_flag=False)
        except (cp.SolverError, ValueError):  # the latter where HiGHS ends without a status that cvxpy knows
            return "failed", {}
        status = program.problem.status
        if status != cp.OPTIMAL:
            return status, {}
        found: dict[Column, float] = {
            (kind, i): x for kind, variable in program.variables.items() for i, x in enumerate(variable.value.tolist())
        }
        spare = program.variables["payment"].value[list(needs)] - values / size
    return status, found | {("spare", i): x for i, x in zip(needs, spare.tolist(), strict=True)}


@lru_cache(maxsize=32)
def _compiled(labels: tuple[int, ...], asked: tuple[int, ...], allowed: tuple[str, ...], has_limit: bool) -> _Program:
    """Compile the program of a structure; needs, prices and the limit are parameters."""
    import cvxpy as cp

    n, K = len(labels), max(labels) + 1
    membership = np.eye(K)[list(labels)]
    needs, bond_price, limit = cp.Parameter(len(asked)), cp.Parameter(K, nonneg=True), cp.Parameter(nonneg=True)
    payment = cp.Variable(n)
    variables, received, money, second, constraints = {"payment": payment}, [], [], [], []
    if BONUS in allowed:
        variables["bonus"] = s = cp.Variable(n, nonneg=True)
        received.append(s)
        money.append(cp.sum(s))
    if TRANSFER in allowed:
        variables["taken"] = taken = cp.Variable(n, nonneg=True)
        variables["given"] = given = cp.Variable(n, nonneg=True)
        received.append(taken - given)
        constraints.append(membership.T @ (taken - given) == 0)
        second.append(1e-6 * cp.sum(given))
    if EXIT in allowed:
        variables["exit"] = e = cp.Variable(K, nonneg=True)
        received.append(membership @ e)
        money.append(bond_price @ e)
        second.append(1e-3 * cp.sum(e))
        if has_limit:
            constraints.append(e <= limit)
    constraints += [payment == sum(received), payment[list(asked)] >= needs]
    problem = cp.Problem(cp.Minimize(sum(money) + sum(second)), constraints)
    return _Program(problem, needs, bond_price, limit, variables)
