"""Codes: what the numbers mean that kernels take and return."""

DONE, TOO_LARGE, NOT_FINITE, NOT_CONVERGED, NO_THRESHOLD, NO_RATE = range(6)  # status
OPEN, UNANIMOUS, MAJORITY, AGGREGATE, BOUNDED_CONFIDENCE, CAPACITY = range(6)  # acceptance
RANDOM, BEST_RESPONSE, ROUND_ROBIN, LARGEST_GAIN, LOGIT = range(5)  # schedule
EXACT, CLOSED_FORM, INTERPOLATED, SAMPLED = range(4)  # how a payoff was computed, from the best
EQUILIBRIUM, STEP_LIMIT = range(2)  # outcome

# columns of the recorded history
SPREAD, DISAGREEMENT, SURPLUS, GAIN = range(4)
N_COALITIONS, MOVER, TARGET = range(3)
NOBODY = -1  # no mover, or no coalition joined: founding alone
