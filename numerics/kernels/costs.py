"""Switching costs, compiled.  `numerics.costs` says what the terms are."""

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def cost_of(agent, source, target, costs):
    """κ of a move from coalition `source` to coalition `target`; a negative target is founding alone."""
    base, exit_agent, exit_coalition, exit_pair, entry_agent, entry_coalition, entry_pair, between = costs
    total = base + exit_agent[agent]
    if source < exit_coalition.shape[0]:
        total += exit_coalition[source]
    if source < exit_pair.shape[1]:
        total += exit_pair[agent, source]
    if target >= 0:
        total += entry_agent[agent]
        if target < entry_coalition.shape[0]:
            total += entry_coalition[target]
        if target < entry_pair.shape[1]:
            total += entry_pair[agent, target]
        if source < between.shape[0] and target < between.shape[1]:
            total += between[source, target]
    return total
