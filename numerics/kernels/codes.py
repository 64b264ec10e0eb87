"""Codes: what the numbers mean that kernels take and return."""

DONE, TOO_LARGE, NOT_FINITE = range(3)  # status
OPEN, UNANIMOUS = range(2)  # acceptance
RANDOM, BEST_RESPONSE = range(2)  # schedule
EQUILIBRIUM, STEP_LIMIT = range(2)  # outcome

# columns of the recorded history
SPREAD, DISAGREEMENT, SURPLUS, GAIN = range(4)
N_COALITIONS, MOVER, TARGET = range(3)
NOBODY = -1  # no mover, or no coalition joined: founding alone
