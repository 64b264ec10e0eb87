"""Compatible pairs of coalitions at opinions as they are, compiled: no accepted move between the two pays.

For more agents than the table of all pairs is made for; only the pairs that are compatible are written.
"""

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def compatible_pairs(payoffs, accepted, extra, level, passing, first, second):
    """Write the disjoint pairs second < first of coalitions that pass and between which no move pays; how many.

    payoffs, accepted : (2^n, n), as `numerics.equilibria.tables.payoff_tables` gives them.
    extra, level : a gain pays if it exceeds extra[i], (n,), by more than the level.  passing : (2^n,).
    first, second : what fits is written; empty to count only.
    """
    count = 0
    full = payoffs.shape[0] - 1
    for c in range(1, full + 1):
        if not passing[c]:
            continue
        rest = full ^ c
        d = rest
        while d:
            if d < c and passing[d] and not _either_pays(c, d, payoffs, accepted, extra, level):
                if count < first.shape[0]:
                    first[count], second[count] = c, d
                count += 1
            d = (d - 1) & rest
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _either_pays(c, d, payoffs, accepted, extra, level):
    """Whether a member of one of the coalitions gains by a move to the other, and is let in."""
    for i in range(payoffs.shape[1]):
        if (c >> i) & 1:
            source, target = c, d
        elif (d >> i) & 1:
            source, target = d, c
        else:
            continue
        if accepted[target, i] and payoffs[target | (1 << i), i] - payoffs[source, i] - extra[i] > level:
            return True
    return False
