"""The coupled dynamics for concave quadratic φ, equal influence and T = ∞: moves are a matter of gaps alone.

At a tactical equilibrium the gain of joining m agents across a gap δ is δ² w(m) (S1), and what each of them gains
from it is δ² h(m) (S9), so that coalition D, of m agents at c_D, takes in agents of opinion x if and only if

    |x - c_D| > r_D = max( √((κ + tol)/w(m)), √((α - tol)/h(m)) )     (∞ if D is full).

A coalition at c therefore has a target if and only if c lies outside the intersection [max(c_D - r_D), min(c_D + r_D)]
of all these intervals (its own among them, which contains it).  The two ends, and the least and greatest consensus,
are found anew when a move changes a coalition that attains one of them: a step costs O(1) on average and O(K) then,
whatever the number of pairs.

Agents are drawn uniformly, again and again until one has a target; so are targets.  After as many failures as a
count would cost they are counted, so that the law is exact and a step never takes more than O(n).  Few agents or
coalitions are listed at once.
"""

import math

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.agreeing import take_lowest_number
from numerics.kernels.codes import (
    CAPACITY,
    DISAGREEMENT,
    DONE,
    EQUILIBRIUM,
    GAIN,
    MOVER,
    N_COALITIONS,
    NOBODY,
    NOT_FINITE,
    OPEN,
    RANDOM,
    ROUND_ROBIN,
    SPREAD,
    STEP_LIMIT,
    SURPLUS,
    TARGET,
)  # fmt: skip
from numerics.kernels.ties import TIE

FEW = 32  # coalitions: looking through them costs less than to know when not to


@njit(cache=True, nogil=True)
def scratch(n):
    """Arrays that `evolve_gaps` works in; reuse them for every run of an ensemble."""
    return (
        np.empty(n + 1),  # consensus, by place
        np.empty(n + 1),  # radius, by place
        np.empty(n + 1, dtype=np.int64),  # size, by place
        np.empty(n + 1, dtype=np.int64),  # place of a coalition, by its number
        np.empty(n + 1, dtype=np.int64),  # number of the coalition at a place; free numbers beyond K
        np.empty(n + 2, dtype=np.int64),  # agents or coalitions to draw from
    )


@njit(cache=True, nogil=True, forceinline=True)
def _radius(m, root, shared_root, full_from, per_gain, per_share):
    """r_D of a coalition of m agents; root = √(κ + tol), -∞ if every gain is enough; shared_root = √(α - tol) or 0.

    per_gain, per_share : 1/√w(m) and 1/√h(m).
    """
    if m >= full_from:
        return np.inf
    return max(root * per_gain[m], shared_root * per_share[m]) if shared_root > 0.0 else root * per_gain[m]


@njit(cache=True, nogil=True, forceinline=True, fastmath={"nnan", "nsz"})
def _ends(K, consensus, radius):
    """Least and greatest consensus, and the ends max(c - r) and min(c + r) of the intersection of the intervals."""
    lo, hi, low, high = np.inf, -np.inf, -np.inf, np.inf
    for i in range(K):
        c, r = consensus[i], radius[i]
        lo, hi = min(lo, c), max(hi, c)
        low, high = max(low, c - r), min(high, c + r)
    return lo, hi, low, high


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def evolve_gaps(
    x, labels, centre, sizes, largest_scale, acceptance, threshold, cost, schedule, max_steps, state, gains, per_gain,
    per_share, consensus, radius, size, place, number, chosen, floats, integers,
):  # fmt: skip
    """Run the dynamics from opinions `x` and structure `labels`; both are overwritten with the final state.

    centre, sizes : of φ, and (|p₀|, |p₁|, |p₂|, p₀, p₁, p₂) of φ about it.
    gains, per_gain, per_share : w(m), 1/√w(m) and 1/√h(m).  consensus … chosen : from `scratch`.
    floats, integers : (max_steps+1, 4) and (…, 3) history, or no rows.
    Returns status, outcome, moves, steps, number of coalitions, spread, disagreement, surplus.
    """
    n = x.shape[0]
    record = floats.shape[0] > 0
    full_from = int(min(threshold, n + 1.0)) if acceptance == CAPACITY else n + 1
    asks = acceptance != OPEN and acceptance != CAPACITY

    # first tactical phase; means are taken around a member, so that exact agreement stays exact
    K = 0
    for i in range(n):
        K = max(K, labels[i] + 1)
    for c in range(K):
        size[c] = 0
    for i in range(n):
        c = labels[i]
        size[c] += 1
        if size[c] == 1:
            consensus[c] = x[i]
        else:
            consensus[c] += (x[i] - consensus[c]) / size[c]
    for c in range(n + 1):
        place[c], number[c] = c, c

    n_moves, step, status, outcome = 0, 0, DONE, STEP_LIMIT
    lo, hi, low, high = 0.0, 0.0, 0.0, 0.0  # of consensus; the ends of the intersection
    root, shared_root, founding = 0.0, 0.0, False
    margin, margin_from, margin_to = 0.0, 1.0, 0.0  # the tolerance, and for which sizes it holds
    rescan, turn, bound = True, 0, 0.0
    for c in range(K):
        radius[c] = 0.0
    while True:
        if rescan:
            lo, hi, low, high = _ends(K, consensus, radius)
        # the tolerance is a power of two: it changes when the range of opinions has shrunk enough
        reach = max(abs(lo - centre), abs(hi - centre))
        value = sizes[0] + reach * (sizes[1] + reach * sizes[2])
        slope = sizes[1] + 2.0 * reach * sizes[2]
        total = max(largest_scale * (value + max(abs(lo), abs(hi)) * slope), abs(cost))
        if not (margin_from <= total < margin_to):
            if not total < np.inf:
                status = NOT_FINITE
            exponent = math.frexp(total)[1] if total > 0.0 else 0
            margin_to = math.ldexp(1.0, exponent)
            margin = TIE * margin_to if total > 0.0 else 0.0
            margin_from = 0.5 * margin_to
            bound = cost + margin
            founding = bound < 0.0
            root = np.sqrt(bound) if bound >= 0.0 else -np.inf
            shared_root = np.sqrt(max(threshold - margin, 0.0)) if asks else 0.0
            for c in range(K):
                radius[c] = _radius(size[c], root, shared_root, full_from, per_gain, per_share)
            lo, hi, low, high = _ends(K, consensus, radius)
        if record:
            spread, disagreement, surplus = _observe(K, size, consensus, centre, sizes)
            floats[step, SPREAD], floats[step, DISAGREEMENT], floats[step, SURPLUS] = spread, disagreement, surplus
            floats[step, GAIN] = np.nan
            integers[step, N_COALITIONS], integers[step, MOVER], integers[step, TARGET] = K, NOBODY, NOBODY
        if status != DONE:
            break
        if not (K > 1 and (lo < low or hi > high)) and not (founding and n > K):
            outcome = EQUILIBRIUM
            break
        if step == max_steps:
            break

        # who moves
        mover, source = -1, -1
        if schedule == ROUND_ROBIN:
            for i in range(n):
                mover = turn + i if turn + i < n else turn + i - n
                source = place[labels[mover]]
                c = consensus[source]
                if (K > 1 and (c < low or c > high)) or (founding and size[source] > 1):
                    break
            turn = mover + 1 if mover + 1 < n else 0
        else:
            found = False
            for _ in range(n // 16 + 2):
                mover = streams.below(state, n)
                source = place[labels[mover]]
                c = consensus[source]
                if (K > 1 and (c < low or c > high)) or (founding and size[source] > 1):
                    found = True
                    break
            if not found:
                mover = _listed_mover(K, n, low, high, founding, labels, place, size, consensus, chosen, state)
        source = place[labels[mover]]
        opinion = consensus[source]
        alone = founding and size[source] > 1

        # where to: a place, or K for founding alone
        target = -1
        if schedule == RANDOM:
            for _ in range(K // 16 + 2):
                d = streams.below(state, K)
                if d == source:
                    if alone:
                        target = K
                        break
                elif opinion < consensus[d] - radius[d] or opinion > consensus[d] + radius[d]:
                    target = d
                    break
            if target < 0:
                target = _listed_target(K, source, alone, consensus, radius, chosen, state)
        else:
            best = -np.inf
            for d in range(K):
                if d != source and (opinion < consensus[d] - radius[d] or opinion > consensus[d] + radius[d]):
                    gain = (opinion - consensus[d]) ** 2 * gains[size[d]]
                    # the first listed of equal ones: places change, numbers do not
                    if gain > best + margin or (gain > best - margin and target >= 0 and number[d] < number[target]):
                        best = max(best, gain)
                        target = d
            if target < 0 or (alone and best + margin < 0.0):
                target = K
        if record:
            gap = opinion - consensus[target] if target < K else 0.0
            floats[step, GAIN] = gap * gap * gains[size[target]] if target < K else 0.0
            integers[step, MOVER] = mover
            if target < K:
                for i in range(n):
                    if place[labels[i]] == target:
                        integers[step, TARGET] = i
                        break

        # the move, and the tactical phase after it; few coalitions are looked through each time
        few = K <= FEW
        rescan = few
        if not few:
            c, r = consensus[target], radius[target]
            rescan = opinion in (lo, hi)
            rescan = rescan or opinion - radius[source] == low or opinion + radius[source] == high
            if target < K:
                rescan = rescan or c in (lo, hi) or c - r == low or c + r == high
        if target == K:
            take_lowest_number(K, place, number)
            K += 1
            size[target] = 0
            consensus[target] = opinion
        m = size[target] + 1
        size[target] = m
        consensus[target] += (opinion - consensus[target]) / m
        radius[target] = _radius(m, root, shared_root, full_from, per_gain, per_share)
        labels[mover] = number[target]
        m = size[source] - 1
        size[source] = m
        if m > 0:
            radius[source] = _radius(m, root, shared_root, full_from, per_gain, per_share)
            if not few:
                low, high = max(low, opinion - radius[source]), min(high, opinion + radius[source])
        else:
            # the last coalition takes the empty place, its number goes to the free ones
            K -= 1
            if source != K:
                size[source], consensus[source], radius[source] = size[K], consensus[K], radius[K]
                number[source], number[K] = number[K], number[source]
                place[number[source]], place[number[K]] = source, K
                if target == K:
                    target = source
        if not rescan:
            c, r = consensus[target], radius[target]
            lo, hi = min(lo, c), max(hi, c)
            low, high = max(low, c - r), min(high, c + r)
        n_moves += 1
        step += 1

    for i in range(n):
        labels[i] = place[labels[i]]
        x[i] = consensus[labels[i]]
    spread, disagreement, surplus = _observe(K, size, consensus, centre, sizes)
    return status, outcome, n_moves, step, K, spread, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy")
def _observe(K, size, consensus, centre, sizes):
    """Spread, disagreement Σ(x_i - x̄)² and surplus Σ |C| φ(c_C)."""
    n, mean = 0, 0.0
    for c in range(K):
        n += size[c]
        mean += size[c] * (consensus[c] - consensus[0])
    mean = consensus[0] + mean / n
    lo, hi, disagreement, surplus = np.inf, -np.inf, 0.0, 0.0
    for c in range(K):
        lo = min(lo, consensus[c])
        hi = max(hi, consensus[c])
        disagreement += size[c] * (consensus[c] - mean) ** 2
        y = consensus[c] - centre
        surplus += size[c] * (sizes[3] + y * (sizes[4] + y * sizes[5]))
    return hi - lo, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _listed_mover(K, n, low, high, founding, labels, place, size, consensus, listed, state):
    """Draw uniformly among the agents with an admissible move from the list of them."""
    movers = 0
    for i in range(n):  # no branches: they would be guessed wrong half of the time
        a = place[labels[i]]
        c = consensus[a]
        listed[movers] = i
        movers += ((K > 1) & ((c < low) | (c > high))) | (founding & (size[a] > 1))
    return listed[streams.below(state, movers)]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _listed_target(K, source, alone, consensus, radius, listed, state):
    """Draw uniformly among the targets of a coalition from the list of them; K is founding alone."""
    targets, opinion = 0, consensus[source]
    for d in range(K):
        c, r = consensus[d], radius[d]
        listed[targets] = d
        targets += (d != source) & ((opinion < c - r) | (opinion > c + r))
    listed[targets] = K
    return listed[streams.below(state, targets + alone)]
