"""Stabilising transfers: the least subsidy under which a given coalition structure is stable.

Agent i of coalition C needs a reason to stay against every move to a coalition D that accepts it, or to founding {i}:

    need(i, D) = Δ_i(C→D) - κ_i(C, D),        need(i) = the greatest of them.

Three kinds of money give it one, all in units of payoff, all for being in C and lost by leaving it:

- joining bonus s_i ≥ 0: an outside sponsor pays it to agent i for being a member of C;
- transfer t_i: the members pay each other, Σ_{i∈C} t_i = 0; t_i < 0 is what agent i gives;
- exit cost e_C ≥ 0, at most `exit_cost_limit`: whoever leaves C forfeits it.  Nobody leaves a stable structure, so that
  nobody ever pays it; what costs is to bind the members.  Each posts a bond of e_C, and the sponsor bears the cost of
  its capital: `exit_price` for each unit of each bond.

A move is held when s_i + t_i + e_C ≥ need(i, D).  The least subsidy is the linear program

    minimise   Σ_i s_i + exit_price Σ_C |C| e_C
    subject to s_i + t_i + e_C ≥ need(i)  for i ∈ C,    Σ_{i∈C} t_i = 0,    s ≥ 0,  0 ≤ e ≤ limit.

Of all answers that cost as little, one with the least exit costs is taken, and of these one with the least transfers.

What the definitions leave out, and why.  Bonuses and transfers are promises to the present members by name: one who
joins D has no contract there yet and gets none of D's, so that a payment never attracts anybody, and an agent's need
does not depend on what others are paid.  Whether D accepts i is decided at the payoffs as they are: the payments of
D's members are the same before and after i comes.  A refused move needs no payment.  Exit costs that are free and
unlimited hold every structure together and say nothing: they have to be asked for, with a price or a limit.

Duality.  The dual prices are weights μ_i ≥ 0 of the agents' best moves: μ_i ≤ 1 if there are bonuses, equal in a
coalition if there are transfers, Σ_{i∈C} μ_i ≤ exit_price |C| + ν_C if there are exit costs, ν_C ≥ 0 the price of the
limit.  So transfers alone hold a structure if and only if no coalition's needs have a positive sum; with bonuses and
transfers the subsidy is the sum of the positive sums, with bonuses alone that of the positive needs.  (Tests compute
it from such formulas; here the program is solved, and its answer is proved by weak duality in rational arithmetic, for
the gains as the floating-point numbers that they are.)

Ties are decided by `numerics.ties`: a move that is no improvement as it stands needs nothing, and every need is less by
half the tolerance that there would be without costs, which payments cannot lower; the other half is left for rounding
the payments to floating-point numbers.

References: Bejan and Gómez, Int. J. Game Theory 38:3, 2009, and Bachrach et al., "The cost of stability in coalitional
games", SAGT 2009 (the least subsidy that makes the core nonempty; here it is against moves of single agents).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import At, check_at, model_at
from numerics.costs import SwitchingCost, cost_arrays, per_pair, switching_cost
from numerics.model import Model
from numerics.moves import Move, Moves, move_of, moves
from numerics.partitions import Structure, labels_of, members_of
from numerics.programs.transfers_program import (
    BONUS,
    EXIT,
    INSTRUMENTS,
    TRANSFER,
    Terms,
    TransferCertificate,
    solve_program,
)
from numerics.ties import tie_tolerance
from numerics.validation import number
from theory.errors import InputError

FloatArray = NDArray[np.float64]

MAX_AGENTS = 200  # a second; 20 in one coalition with an exit cost of limited size


@dataclass(frozen=True)
class HeldMove(Move):
    """A move that payments hold back.

    Attributes
    ----------
    need : gain less cost, what staying has to be worth to the agent.
    price : the subsidy rises by at least this for each unit by which the need rises (a subgradient); if the structure
        cannot be held, the weight of the move in the proof of that.
    """

    need: float
    price: Fraction


@dataclass(frozen=True, eq=False)
class StabilisingTransfers:
    """The least subsidy that holds a structure together, the payments, and the proof.

    Attributes
    ----------
    status : "optimal", or "infeasible" if the instruments allowed cannot hold the structure.
    subsidy : what the sponsor spends, summed from the payments; inf if infeasible.
    bonuses, transfers : (n,) paid to each agent; NaN if infeasible.
    exit_costs : (K,) of each coalition, in the order given; NaN if infeasible.
    binding : the moves that the subsidy is paid for: those with a positive dual price.
    gap : subsidy less its lower bound, exactly; None if infeasible.
    certificate : payments and prices in rational numbers.
    holds : whether no move is admissible once the payments are made, tried with `numerics.moves`; False if infeasible.
    message : what was found, in words.
    solver : who proposed the answer, with what status, and how many exact steps it took from there.
    guarantee : why the answer is right.
    """

    status: str
    subsidy: float
    bonuses: FloatArray
    transfers: FloatArray
    exit_costs: FloatArray
    binding: list[HeldMove]
    gap: Fraction | None
    certificate: TransferCertificate
    holds: bool
    message: str
    solver: str
    guarantee: str
    labels: NDArray[np.int64] = field(repr=False)

    @property
    def dual(self) -> dict[int, Fraction]:
        """The dual price of each agent's need, exactly."""
        return self.certificate.prices

    @property
    def payments(self) -> FloatArray:
        """(n,) what each agent loses by leaving: s_i + t_i + e_C."""
        return self.bonuses + self.transfers + self.exit_costs[self.labels]

    def applied_to(self, model: Model) -> Model:
        """Return the model with the payments made: leaving C costs each of its present members s_i + t_i + e_C more.

        Raises
        ------
        InputError
            If no payments hold the structure.
        """
        if self.status != "optimal":
            raise InputError(
                "instruments", list(self.certificate.terms.instruments), self.message, "allow joining bonuses"
            )
        return _with_payments(model, self.labels, self.payments)


def stabilising_transfers(
    model: Model,
    structure: Structure,
    instruments: Sequence[str] = (BONUS, TRANSFER),
    at: At = "opinions",
    exit_price: float | None = None,
    exit_cost_limit: float | None = None,
    samples: int = 0,
) -> StabilisingTransfers:
    """Return the least subsidy under which the structure is stable, with payments and an exact proof.

        minimise Σ s_i + exit_price Σ |C| e_C   subject to   s_i + t_i + e_C ≥ Δ_i(C→D) - κ_i(C, D),  Σ_{i∈C} t_i = 0.

    Parameters
    ----------
    model : Model with concrete opinions, of at most 200 agents.
    structure : coalition structure.
    instruments : of "joining bonus", "exit cost" and "transfer"; see the module for what each is.
    at : "opinions", moves at the opinions as they are, or "consensus", at x = W(π)^∞ x.
    exit_price : what a unit of exit cost costs the sponsor for each member it binds, ≥ 0; 0 if only a limit is given.
        From 1 on, a bonus is as cheap.
    exit_cost_limit : the greatest exit cost there may be, in units of payoff; no limit if only a price is given.
    samples : pairs of random orders for payoffs that are neither closed nor from a table; 0 to refuse them.

    Returns
    -------
    StabilisingTransfers, of status "optimal" or "infeasible".

    Raises
    ------
    InputError
        If exit costs are allowed without a price or a limit, if there are too many agents, or a name is unknown.

    Notes
    -----
    One call of `numerics.moves.moves`, a linear program of at most 3n + K variables (compiled once for each structure),
    and its exact solution coalition by coalition.

    Examples
    --------
    Two agents who each gain 1 by joining the other: they can only be kept apart by paying each 1.

    >>> model = Model(opinions=[0.0, 2.0], performance="-u**2")
    >>> found = stabilising_transfers(model, [[0], [1]])
    >>> round(found.subsidy, 9), found.bonuses.round(9).tolist(), found.gap
    (2.0, [1.0, 1.0], Fraction(0, 1))

    Transfers alone do nothing for agents who are alone:

    >>> print(stabilising_transfers(model, [[0], [1]], instruments=["transfer"]).message)
    transfers alone cannot hold coalition {0}: its member needs 1 more than it has;
    transfers alone cannot hold coalition {1}: its member needs 1 more than it has
    """
    terms = _terms(instruments, exit_price, exit_cost_limit)
    check_at(at)
    n = model.n_agents
    if n > MAX_AGENTS:
        advice = (
            "take a part of the agents, or read numerics.moves: with bonuses and transfers the subsidy is the sum, "
        )
        advice += (
            "over the coalitions where it is positive, of the members' greatest gains less costs of accepted moves"
        )
        raise InputError("opinions", f"{n} agents", f"are more than the {MAX_AGENTS} of an exact program", advice)
    labels = labels_of(structure, n)
    model = model_at(model, labels, at)
    found = moves(model, labels, samples)
    needs, targets = _needs(found, Fraction(tie_tolerance(model.replace(switching_cost=0.0), labels)) / 2)
    coalitions = tuple(map(tuple, members_of(labels)))
    certificate, solver = solve_program(coalitions, labels, needs, terms)
    if not certificate.holds():
        raise ArithmeticError("payments and prices do not satisfy their own certificate")

    def held_move(i: int) -> HeldMove:
        k = targets[i]
        move = move_of(i, k, labels)
        return HeldMove(i, move.source, move.target, float(found.gains[i, k] - found.costs[i, k]), prices[i])

    prices = certificate.prices
    binding = [held_move(i) for i in needs if prices[i] > 0]
    guarantee = "; for gains that may be estimates from samples" if samples > 0 else ""
    if not certificate.is_feasible:
        guarantee = "Farkas: the needs of the binding moves, weighted, exceed all payments, in rationals" + guarantee
        nothing, none = np.full(n, np.nan), np.full(len(coalitions), np.nan)
        return StabilisingTransfers(
            "infeasible", math.inf, nothing, nothing, none, binding, None, certificate, False,
            _why_not(certificate), solver, guarantee, labels,
        )  # fmt: skip
    guarantee = "weak duality in rationals: payments and prices are feasible and of the same value" + guarantee
    s, t, e = (_floats(x) for x in (certificate.bonuses, certificate.transfers, certificate.exit_costs))
    subsidy = math.fsum([*s, *(float(terms.exit_price) * len(C) * e[c] for c, C in enumerate(coalitions))])
    held = _with_payments(model, labels, s + t + e[labels])
    return StabilisingTransfers(
        "optimal", subsidy, s, t, e, binding, certificate.cost - certificate.bound, certificate,
        not moves(held, labels, samples).admissible.any(), _how(certificate), solver, guarantee, labels,
    )  # fmt: skip


# What each agent needs


def _needs(found: Moves, half: Fraction) -> tuple[dict[int, Fraction], dict[int, int]]:
    """Return for each agent that has an accepted move the greatest need, and the column of the move it comes from."""
    needs: dict[int, Fraction] = {}
    targets: dict[int, int] = {}
    for i, k in np.argwhere(found.accepted & ~np.isnan(found.gains)).tolist():
        need = Fraction(float(found.gains[i, k])) - Fraction(float(found.costs[i, k])) - half
        if not found.admissible[i, k]:
            need = min(need, Fraction(0))
        if i not in needs or need > needs[i]:
            needs[i], targets[i] = need, k
    return needs, targets


# Payments as switching costs


def _with_payments(model: Model, labels: NDArray[np.int64], payments: FloatArray) -> Model:
    """Return the model in which agent i pays `payments[i]` more for leaving its coalition."""
    n, cost = model.n_agents, model.switching_cost
    leaving = np.zeros((n, n))
    leaving[np.arange(n), labels] = payments
    if not isinstance(cost, SwitchingCost):
        return model.replace(switching_cost=switching_cost(cost, exit=per_pair(leaving)))
    _, agents, coalitions, pairs, *_ = cost_arrays(cost, n)
    leaving += agents[:, None]
    leaving[:, : len(coalitions)] += coalitions[:n]
    leaving[:, : pairs.shape[1]] += pairs[:, :n]
    return model.replace(switching_cost=dataclasses.replace(cost, exit=per_pair(leaving)))


def _floats(values: Sequence[Fraction]) -> FloatArray:
    """Return the numbers rounded, read-only."""
    out = np.array([float(x) for x in values])
    out.flags.writeable = False
    return out


# What is allowed


def _terms(instruments: Sequence[str], exit_price: float | None, exit_cost_limit: float | None) -> Terms:
    """Return the terms in rationals, or say what is wrong with them."""
    advice = "name some of " + ", ".join(f'"{name}"' for name in INSTRUMENTS)
    if isinstance(instruments, str) or not isinstance(instruments, Sequence) or len(instruments) == 0:
        raise InputError("instruments", instruments, "are not a list of instruments", advice)
    for given in instruments:
        if not isinstance(given, str) or given not in INSTRUMENTS:
            raise InputError("instruments", given, "is not an instrument", advice)
    allowed = tuple(name for name in INSTRUMENTS if name in instruments)
    advice = 'leave it out, or name "exit cost" among the instruments'
    sizes = {"exit_price": exit_price, "exit_cost_limit": exit_cost_limit}
    for name, size in sizes.items():
        if size is not None and EXIT not in allowed:
            raise InputError(name, size, "is given, but exit costs are not allowed", advice)
        if size is not None and number(size, name) < 0:
            raise InputError(name, size, "is negative", "give a number such as 0.5")
    if EXIT in allowed and exit_cost_limit is None and not exit_price:
        problem = "is free and without a limit, and holds every structure"
        raise InputError("instruments", EXIT, problem, "give a positive exit_price, or an exit_cost_limit, or both")
    limit = None if exit_cost_limit is None else Fraction(float(exit_cost_limit))
    return Terms(allowed, Fraction(float(exit_price or 0.0)), limit)


# What was found, in words


def _how(certificate: TransferCertificate) -> str:
    """Say what holds the structure."""
    if all(need <= 0 for need in certificate.needs.values()):
        return "no move is admissible: nothing needs to be paid"
    means = _means(certificate.terms)
    if certificate.cost == 0:
        return f"{means} hold the structure without a subsidy"
    return f"{means} hold the structure with a subsidy of {float(certificate.cost):.6g}, and none less does"


def _why_not(certificate: TransferCertificate) -> str:
    """Say which coalitions cannot be held, and by how much."""
    means, lines = _means(certificate.terms), []
    limit = certificate.terms.exit_cost_limit or Fraction(0)
    for C, nu in zip(certificate.coalitions, certificate.limit_prices, strict=True):
        weighted = {i: certificate.prices[i] for i in C if certificate.prices.get(i, 0) > 0}
        if not weighted:
            continue
        missing = float(sum(mu * certificate.needs[i] for i, mu in weighted.items()) - limit * nu)
        named = "{" + ", ".join(map(str, C)) + "}"
        if not certificate.terms.allow(TRANSFER) and len(C) > 1:
            (agent,) = weighted
            lines.append(f"{means} cannot hold agent {agent} in coalition {named}: it needs {missing:.6g} more")
        elif len(C) == 1:
            lines.append(f"{means} cannot hold coalition {named}: its member needs {missing:.6g} more than it has")
        else:
            lines.append(
                f"{means} cannot hold coalition {named}: its members together need {missing:.6g} more than they have"
            )
    return ";\n".join(lines)


def _means(terms: Terms) -> str:
    """Name the instruments."""
    names = {BONUS: "joining bonuses", TRANSFER: "transfers", EXIT: "exit costs"}
    if terms.exit_cost_limit is not None:
        names[EXIT] += f" of at most {float(terms.exit_cost_limit):.6g}"
    used = [names[name] for name in (BONUS, TRANSFER, EXIT) if terms.allow(name)]
    if len(used) == 1:
        return f"{used[0]} alone"
    return f"{', '.join(used[:-1])} and {used[-1]}"
