"""A split in two that happened: is it the direction in which the whole was fragile?

Three things that the network alone says are held against the split:

- *Where disagreement lingers.*  While all were one coalition, x(t+1) = W x(t), and of any disagreement the part along
  the slowest mode v of W, W v = λ v with λ the second largest eigenvalue, outlives the rest; under discounting it is
  the unit of disagreement that costs most (`theory.discount`).  Do the signs of v say who goes where?
- *Who pulls whom.*  Two leaders hold on to opposite opinions, all others listen (Friedkin and Johnsen; T7): the limit
  is harmonic on the network.  Does its sign?
- *What the split costs to keep.*  Each camp agrees, the two are one apart and equally far from the best opinion,
  φ(u) = -u², u = ±1/2.  The critical cost κ* (S8) is the largest gain of one agent that changes camp.  Is it lower than
  that of other splits: of those that differ by one member, of random ones with camps of the same sizes?

On a network gains are no multiples of the squared distance alone, so that the third is about camps placed like that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import influence_matrix, tactical_limit
from numerics.expressions import FloatArray
from numerics.influence import Network
from numerics.model import Model
from numerics.moves import moves
from numerics.partitions import Structure, labels_of
from numerics.streams import Seed, spawn
from numerics.validation import integer
from theory.errors import InputError

Labels = NDArray[np.int64]

ZERO = 1e-9  # of the largest entry of a mode or of an opinion, below which its sign is rounding


@dataclass(frozen=True, eq=False)
class SplitStudy:
    """What a network says about a split in two.

    Attributes
    ----------
    camps : (n,) 0 and 1, the split.
    leaders : the two leaders, of camp 0 and of camp 1.
    mode : (n,) slowest mode of W among all, positive for more of camp 0, of length 1.
    rate : its eigenvalue λ.
    next_rate : the eigenvalue that comes after it.
    against_mode : agents that went to the camp that the mode does not say.
    pull : (n,) opinions if leaders hold on to 1 and -1.
    against_pull : agents that went to the camp that the pull does not say.
    critical_cost : κ* of the split, camps at ±1/2.
    gains : (n,) what each agent would gain by changing camp.
    eager : the agent that gains most.
    one_member : (n,) κ* of the split in which that agent is in the other camp; nan for leaders.
    random : κ* of random splits with camps of the same sizes, each with one leader in each camp.
    samples : pairs of random orders behind every gain.
    estimated : whether gains are estimates from these, because camps are too large for exact payoffs.
    """

    camps: Labels
    leaders: tuple[int, int]
    mode: FloatArray
    rate: float
    next_rate: float
    against_mode: list[int]
    pull: FloatArray
    against_pull: list[int]
    critical_cost: float
    gains: FloatArray
    eager: int
    one_member: FloatArray
    random: FloatArray
    samples: int
    estimated: bool

    def _caution(self) -> str:
        line = f"all costs are estimates, from {self.samples} pairs of random orders"
        if self.better_by_one:
            most = self.critical_cost - float(np.nanmin(self.one_member))
            line += f": that another split costs less, by {most:.3f} at most, may be sampling; ask for more samples"
        return line

    @property
    def better_by_one(self) -> list[int]:
        """Agents in whose change of camp the critical cost falls."""
        return np.flatnonzero(self.one_member < self.critical_cost).tolist()

    def text(self) -> str:
        """Return what came out in plain words."""
        n, changed = len(self.camps), np.isfinite(self.one_member).sum()
        order = np.argsort(-self.gains)[:3]
        wanting = ", ".join(f"{i} ({self.gains[i]:.3f})" for i in order.tolist())
        lines = [
            f"slowest mode (eigenvalue {self.rate:.4f}, the next {self.next_rate:.4f}): "
            f"{n - len(self.against_mode)} of {n} went where its sign says{_but(self.against_mode)}",
            f"pull of the leaders {self.leaders[0]} and {self.leaders[1]}: "
            f"{n - len(self.against_pull)} of {n} went where its sign says{_but(self.against_pull)}",
            f"critical cost of the split {self.critical_cost:.3f}, camps one apart; most eager to change: {wanting}",
            f"lower in {len(self.better_by_one)} of the {changed} splits that differ by one member"
            f"{_namely(self.better_by_one)}",
        ]
        if len(self.random):
            lower = int((self.random < self.critical_cost).sum())
            lines.append(
                f"lower in {lower} of {len(self.random)} random splits of the same sizes, of which the least is "
                f"{self.random.min():.3f} and the median {np.median(self.random):.3f}"
            )
        if self.estimated:
            lines.append(self._caution())
        return "\n".join(lines)


def split_study(
    model: Model, structure: Structure, leaders: Sequence[int], samples: int = 1000, randoms: int = 100, seed: Seed = 0
) -> SplitStudy:
    """Hold a split in two against what the network says.

    Parameters
    ----------
    model : Model with network influence; its opinions and its performance play no part.
    structure : two coalitions, the camps.
    leaders : one agent of each camp, who hold on to opposite opinions.
    samples : pairs of random orders behind every gain; all splits are weighed with the same random numbers.
    randoms : number of random splits to compare with.
    seed : of the random splits.

    Returns
    -------
    SplitStudy

    Raises
    ------
    InputError
        For another influence or number of coalitions, or leaders that are not one of each.

    Notes
    -----
    O((n + randoms) · n · samples · edges): seconds for 34 agents.

    References
    ----------
    W. Zachary, "An information flow model for conflict and fission in small groups", Journal of Anthropological
    Research 33:452, 1977.

    Examples
    --------
    >>> from numerics.influence import network
    >>> triangles = np.zeros((6, 6))
    >>> for i, j in [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]:
    ...     triangles[i, j] = triangles[j, i] = 1
    >>> found = split_study(Model([0.0] * 6, "-u**2", influence=network(triangles)), [[0, 1, 2], [3, 4, 5]], [0, 5])
    >>> found.against_mode, found.against_pull, found.better_by_one, found.eager
    ([], [], [], 2)
    """
    camps = labels_of(structure, model.n_agents)
    if not isinstance(model.influence, Network):
        problem = "is no network, whose modes are real"
        raise InputError("influence", type(model.influence).__name__, problem, "give a model with network(graph)")
    if camps.max() != 1:
        raise InputError("structure", structure, "is not of two coalitions", "give two camps")
    pair = _leaders(leaders, camps)
    samples = integer(samples, "samples", "samples", 1)
    randoms = integer(randoms, "randoms", "random splits", 0)
    plain = Model(np.zeros(model.n_agents), "-u**2", influence=model.influence)
    mode, rate, next_rate = _slowest_mode(plain, camps)
    pull = _pull(plain, pair)
    gains = _gains(plain, camps, samples)
    ordinary = [i for i in range(model.n_agents) if i not in pair]
    one_member = np.full(model.n_agents, np.nan)
    for i in ordinary:
        changed = camps.copy()
        changed[i] = 1 - changed[i]
        one_member[i] = _gains(plain, changed, samples).max()
    shuffled = []
    for stream in spawn(seed, randoms):
        other = camps.copy()
        other[ordinary] = np.random.default_rng(stream).permutation(camps[ordinary])
        shuffled.append(float(_gains(plain, other, samples).max()))
    for array in (camps, mode, pull, gains, one_member):
        array.flags.writeable = False
    return SplitStudy(
        camps=camps,
        leaders=pair,
        mode=mode,
        rate=rate,
        next_rate=next_rate,
        against_mode=_against(mode, camps),
        pull=pull,
        against_pull=_against(pull, camps),
        critical_cost=float(gains.max()),
        gains=gains,
        eager=int(np.argmax(gains)),
        one_member=one_member,
        random=np.array(shuffled),
        samples=samples,
        estimated=int(np.bincount(camps).max()) >= plain.largest_table and not plain.has_closed_form,
    )


def _leaders(given: object, camps: Labels) -> tuple[int, int]:
    advice = "give one agent of each camp, in the order of the camps"
    if not isinstance(given, (list, tuple, np.ndarray)) or len(given) != 2:
        raise InputError("leaders", given, "are not two agents", advice)
    first, second = (integer(i, "leaders", "an agent", 0, len(camps) - 1) for i in given)
    if (camps[first], camps[second]) != (0, 1):
        raise InputError("leaders", given, "are not one agent of each camp", advice)
    return first, second


def _slowest_mode(model: Model, camps: Labels) -> tuple[FloatArray, float, float]:
    """The mode of W among all, its eigenvalue, and the next one: W = D⁻¹A is similar to a symmetric matrix."""
    n = model.n_agents
    W = influence_matrix(model, np.zeros(n, dtype=np.int64))
    root = np.sqrt(_stationary(model, W))
    symmetric = root[:, None] * W / root
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    mode = vectors[:, -2] / root
    mode *= np.sign(np.where(camps == 0, 1, -1) @ np.sign(mode)) or 1.0
    return mode / np.linalg.norm(mode), float(values[-2]), float(values[-3]) if n > 2 else float("nan")


def _stationary(model: Model, W: FloatArray) -> FloatArray:
    """Degrees (T4): W_ij d_i = W_ji d_j."""
    graph = model.influence
    assert isinstance(graph, Network)
    return np.add.reduceat(graph.unit * graph.data, graph.indptr[:-1])


def _pull(model: Model, leaders: tuple[int, int]) -> FloatArray:
    held = np.zeros(model.n_agents)
    held[list(leaders)] = 1.0
    start = np.zeros(model.n_agents)
    start[leaders[0]], start[leaders[1]] = 1.0, -1.0
    return tactical_limit(
        model.replace(opinions=start, innate_opinions=start, stubbornness=held), np.zeros(len(start), dtype=np.int64)
    )


def _gains(model: Model, camps: Labels, samples: int) -> FloatArray:
    """(n,) gain of every agent that changes camp, camps at ±1/2."""
    found = moves(model.replace(opinions=np.where(camps == 0, 0.5, -0.5)), camps, samples)
    return found.gains[np.arange(len(camps)), 1 - camps]


def _against(signed: FloatArray, camps: Labels) -> list[int]:
    clear = np.abs(signed) > ZERO * np.abs(signed).max()
    return np.flatnonzero(~clear | ((signed > 0) != (camps == 0))).tolist()


def _but(agents: list[int]) -> str:
    return f", all but {', '.join(map(str, agents))}" if agents else ""


def _namely(agents: list[int]) -> str:
    return f", where {', '.join(map(str, agents))} changed" if agents else ""
