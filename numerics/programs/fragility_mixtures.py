"""Gains at a tactical equilibrium as sums over coalitions, in rational arithmetic.

Agent i leaves C, whose members agree on c_C, for D, whose members agree on c_D.  Any coalition T ⊆ D∪{i} then agrees on
t c_C + (1-t) c_D, where t is the share of i in its consensus: 0 if i is no member, and otherwise

    uniform, lazy: 1/|T|      weighted: a_i/a(T)      network: d_i(K)/vol(K), K the component of i in T,

so that the gain of i, and of every member of D, is a mixture Σ_j α_j φ(t_j c_C + (1-t_j) c_D) with rational α and t
(V5, V6).  Discounted consensus multiplies it by 1 - β (S12).  For a quadratic φ(u) = φ_0 + l·u + uᵀAu it is

    M_0 φ_0 + l·(M_1 c_C + (M_0-M_1) c_D) + M_2 c_CᵀAc_C + 2(M_1-M_2) c_CᵀAc_D + (M_0-2M_1+M_2) c_DᵀAc_D,

with the moments M_p = Σ α_j t_j^p.  The least change of opinions that moves c_C by e is w_C e/|w_C|², whose square is
e²/|w_C|².
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from numerics.influence import Network, Weighted
from numerics.model import Model
from numerics.programs.fragility_s_lemma import Form
from theory import symbols
from theory.payoff import shapley_weight
from theory.two_types import two_type_order_weight

FloatArray = NDArray[np.float64]

MAX_ENTRANTS = 10  # entrant and incumbents whose 2^k coalitions are enumerated: a tenth of a second in rationals

Mixture = dict[Fraction, Fraction]  # α by t


@dataclass(frozen=True, eq=False)
class TwoOpinions:
    """What a move is worth as a function of two opinions.

    Attributes
    ----------
    gain : mixture of the agent that moves.
    members : mixtures of the gains of the incumbents; a single one if they are all alike, none unless asked for.
    weights : Perron weights of the coalition left, and of the one joined (absent when founding alone), by agent.
    opinions : the consensus of each, d rationals each.
    """

    gain: Mixture
    members: tuple[Mixture, ...]
    weights: tuple[dict[int, Fraction], ...]
    opinions: tuple[tuple[Fraction, ...], ...]

    @cached_property
    def metric(self) -> tuple[Fraction, ...]:
        """1/|w|² of each coalition, once for each coordinate of an opinion."""
        norms = [1 / sum((w * w for w in weights.values()), Fraction(0)) for weights in self.weights]
        return tuple(norm for norm in norms for _ in self.opinions[0])

    @cached_property
    def shares(self) -> FloatArray:
        """(J,) all the t there are."""
        return np.array([float(t) for t in self._all_shares])

    @cached_property
    def coefficients(self) -> FloatArray:
        """(1 + members, J) α of the gain, then of each member's."""
        rows = [[float(mixture.get(t, Fraction(0))) for t in self._all_shares] for mixture in self._mixtures]
        return np.array(rows)

    @cached_property
    def _mixtures(self) -> tuple[Mixture, ...]:
        return (self.gain, *self.members)

    @cached_property
    def _all_shares(self) -> list[Fraction]:
        return sorted(set().union(*self._mixtures))

    def mixed(self, points: FloatArray) -> FloatArray:
        """Return t c_C + (1-t) c_D for (N, r d) changes of the opinions in the Euclidean metric: (N, J, d)."""
        consensus = self.consensus(points)
        t = self.shares[None, :, None]
        joined = consensus[:, -1:, :]  # founding alone: all t are 1
        return np.asarray(joined + t * (consensus[:, :1, :] - joined))

    def consensus(self, points: FloatArray) -> FloatArray:
        """Return c_C and c_D after changes, (N, r, d)."""
        start = np.array(self.opinions, dtype=np.float64)
        root = np.sqrt(np.array(self.metric, dtype=np.float64))
        return np.asarray(start[None] + (points / root).reshape(len(points), *start.shape))

    def changed(self, opinions: FloatArray, point: FloatArray) -> FloatArray:
        """Return the opinions nearest to those given that have the consensus of the change `point`."""
        out = np.array(opinions, dtype=np.float64)
        columns = out.reshape(len(out), -1)
        root = np.sqrt(np.array(self.metric, dtype=np.float64)).reshape(len(self.weights), -1)
        for weights, step in zip(self.weights, point.reshape(root.shape) * root, strict=True):
            for agent, weight in weights.items():
                columns[agent] += float(weight) * step
        return out


def two_opinions(
    model: Model, agent: int, left: list[int], joined: list[int] | None, asks_members: bool
) -> TwoOpinions | None:
    """Derive the mixtures of a move, or return None where there are none or too many coalitions to enumerate.

    None for stubborn agents, general influence, a coalition that is disconnected in the network, and coalitions of
    unequal members beyond `MAX_ENTRANTS`.
    """
    network = model.influence if isinstance(model.influence, Network) else None
    if model.is_stubborn or (model.is_graph and network is None):
        return None
    equal = model.has_equal_members
    sizes = (len(left), len(joined or []) + 1)
    if max(sizes) > MAX_ENTRANTS and not equal:
        return None
    links = _links(network) if network is not None else None
    if links is not None and any(len(_component(links, part, part[0])) < len(part) for part in (left, joined) if part):
        return None
    worth = _Worth(model, links)
    zero, one = Fraction(0), Fraction(1)
    stay = worth.share_of(agent, left)
    gain, members = {one: worth.alone(agent) - stay}, ()  # type: tuple[Mixture, tuple[Mixture, ...]]
    if joined is not None:
        asked = (joined if asks_members else []) if not equal else joined[:1]
        after = worth.of_equals(len(joined)) if equal else worth.of_all(agent, joined, asked)
        gain, *others = after
        gain[one] = gain.get(one, zero) - stay
        for member, mixture in zip(asked, others, strict=True):
            mixture[zero] = mixture.get(zero, zero) - worth.share_of(member, joined)
        members = tuple(others) if asks_members else ()
    kept = 1 - Fraction(model.slow_share)
    scaled = [{t: kept * a for t, a in mixture.items()} for mixture in (gain, *members)]
    parts = [left] if joined is None else [left, joined]
    weights = tuple(worth.perron(part) for part in parts)
    x = np.asarray(model.opinions, dtype=np.float64).reshape(model.n_agents, -1)
    opinions = tuple(
        tuple(sum((w * Fraction(float(x[i, k])) for i, w in part.items()), zero) for k in range(x.shape[1]))
        for part in weights
    )
    return TwoOpinions(scaled[0], tuple(scaled[1:]), weights, opinions)


def quadratic_of(mixture: Mixture, move: TwoOpinions, model: Model, less: Fraction) -> Form:
    """Return the mixture of a quadratic φ, less a constant, as a form in the change of c_C and c_D."""
    assert model.quadratic_form is not None
    constant, linear, matrix = model.quadratic_form
    moments = [sum((a * t**p for t, a in mixture.items()), Fraction(0)) for p in range(3)]
    M0, M1, M2 = moments
    weights = [[M2, M1 - M2], [M1 - M2, M0 - 2 * M1 + M2]]
    first = [M1, M0 - M1]
    r, d = len(move.opinions), model.dimension
    if r == 1:
        weights, first = [[M0]], [M0]
    A = [[Fraction(float(matrix[i, j])) for j in range(d)] for i in range(d)]
    Q = tuple(tuple(weights[p][q] * A[i][j] for q in range(r) for j in range(d)) for p in range(r) for i in range(d))
    start = [value for opinion in move.opinions for value in opinion]
    slope = [first[p] * Fraction(float(linear[i])) for p in range(r) for i in range(d)]
    moved = [sum((x * y for x, y in zip(row, start, strict=True)), Fraction(0)) for row in Q]
    b = tuple(m + s / 2 for m, s in zip(moved, slope, strict=True))
    at_start = sum(((m + s) * x for m, s, x in zip(moved, slope, start, strict=True)), M0 * Fraction(constant))
    return Form(Q, b, at_start - less)


def nearness_of(move: TwoOpinions, radius: Fraction) -> Form:
    """Return r² - |c_C - c_D|² as a form in the change of c_C and c_D."""
    d = len(move.opinions[0])
    Q = tuple(
        tuple(Fraction((i % d == j % d) * (-1 if (i < d) == (j < d) else 1)) for j in range(2 * d))
        for i in range(2 * d)
    )
    gap = [x - y for x, y in zip(*move.opinions, strict=True)]
    b = tuple([-x for x in gap] + gap)
    return Form(Q, b, radius**2 - sum((x * x for x in gap), Fraction(0)))


class _Worth:
    """What coalitions that agree are worth to their members, per unit of φ: the scale, and Shapley values of it."""

    def __init__(self, model: Model, links: dict[int, dict[int, Fraction]] | None) -> None:
        self.model, self.links = model, links
        weights = model.influence.weights if isinstance(model.influence, Weighted) else np.ones(model.n_agents)
        self.weights = [Fraction(float(w)) for w in weights]
        self._scales: dict[tuple[int, Fraction], Fraction] = {}

    def scale(self, size: int, total: Fraction) -> Fraction:
        """g of a size and a total weight: exact for s and a, otherwise the float that the model computes."""
        if size == 0:
            return Fraction(0)
        if self.model.scale == symbols.s:
            return Fraction(size)
        if self.model.scale == symbols.a:
            return total
        key = size, total
        if key not in self._scales:
            value = self.model.scale_program(np.array([float(size)]), np.array([float(total)]))[0]
            self._scales[key] = Fraction(float(value))
        return self._scales[key]

    def alone(self, agent: int) -> Fraction:
        """g of a coalition of one."""
        return self.scale(1, self.weights[agent])

    def total(self, members: tuple[int, ...]) -> Fraction:
        """The weight of a coalition."""
        return sum((self.weights[i] for i in members), Fraction(0))

    def share_of(self, agent: int, members: list[int]) -> Fraction:
        """Shapley value of an agent in the game T ↦ Σ_K g(K), K the components of T."""
        if self.model.scale == symbols.s:
            return Fraction(1)
        if self.model.scale == symbols.a and self.links is None:
            return self.weights[agent]
        k = len(members)
        if self.model.has_equal_members:
            return self.scale(k, Fraction(k)) / k
        return sum(
            (_coefficient(len(T), k, agent in T) * sum((g for g, _ in self.parts(T, -1)), Fraction(0))
             for T in _subsets(members)), Fraction(0)
        )  # fmt: skip

    def parts(self, members: tuple[int, ...], entrant: int) -> list[tuple[Fraction, Fraction]]:
        """g and the entrant's share t of every component of a coalition."""
        found = []
        rest = list(members)
        while rest:
            part = rest if self.links is None else _component(self.links, rest, rest[0])
            rest = [i for i in rest if i not in part]
            t = self.perron(part)[entrant] if entrant in part else Fraction(0)
            found.append((self.scale(len(part), self.total(tuple(part))), t))
        return found

    def perron(self, members: list[int]) -> dict[int, Fraction]:
        """Perron weights of a connected coalition (T4)."""
        degrees = {i: self.weights[i] for i in members}
        if self.links is not None:
            inside = set(members)
            degrees = {i: sum((a for j, a in self.links[i].items() if j in inside), Fraction(0)) for i in members}
        volume = sum(degrees.values(), Fraction(0))
        return {i: degree / volume for i, degree in degrees.items()}

    def of_equals(self, m: int) -> list[Mixture]:
        """Payoffs in a coalition of an entrant and m equals: the entrant's, then each incumbent's."""
        zero, one = Fraction(0), Fraction(1)
        g = [self.scale(s, Fraction(s)) for s in range(m + 2)]
        weight = two_type_order_weight().subs(symbols.m, m)  # of every place in the order of arrival
        place = Fraction(int(weight.p), int(weight.q))
        entrant: Mixture = {one / (s + 1): g[s + 1] * place for s in range(m + 1)}
        entrant[zero] = -sum(g[: m + 1], zero) * place
        incumbent = {t: -a / m for t, a in entrant.items()}
        incumbent[one / (m + 1)] += g[m + 1] / m
        return [entrant, incumbent]

    def of_all(self, agent: int, joined: list[int], asked: list[int]) -> list[Mixture]:
        """The same by summing over all coalitions: the entrant's, then each of those asked."""
        everybody = [agent, *joined]
        k, players = len(everybody), [agent, *asked]
        mixtures: list[Mixture] = [{} for _ in players]
        for T in _subsets(everybody):
            parts = self.parts(T, agent)
            for player, mixture in zip(players, mixtures, strict=True):
                coefficient = _coefficient(len(T), k, player in T)
                for g, t in parts:
                    mixture[t] = mixture.get(t, Fraction(0)) + coefficient * g
        return mixtures


def _coefficient(size: int, k: int, is_member: bool) -> Fraction:
    """What v(T) counts for in the Shapley value of a player among k: |T| = size."""
    weight = shapley_weight(size - 1 if is_member else size, k)
    share = Fraction(int(weight.p), int(weight.q))
    return share if is_member else -share


def _subsets(members: list[int]) -> list[tuple[int, ...]]:
    return [T for size in range(1, len(members) + 1) for T in combinations(members, size)]


def _links(network: Network) -> dict[int, dict[int, Fraction]]:
    """The rows of a network as rationals."""
    rows = np.repeat(np.arange(network.n_agents), np.diff(network.indptr))
    links: dict[int, dict[int, Fraction]] = {i: {} for i in range(network.n_agents)}
    for i, j, weight in zip(rows.tolist(), network.indices.tolist(), network.data.tolist(), strict=True):
        links[i][j] = Fraction(weight)
    return links


def _component(links: dict[int, dict[int, Fraction]], members: list[int], start: int) -> list[int]:
    """The members that are connected with one of them, in their order."""
    inside, found, fresh = set(members), {start}, [start]
    while fresh:
        for j in links[fresh.pop()]:
            if j in inside and j not in found:
                found.add(j)
                fresh.append(j)
    return [i for i in members if i in found]
