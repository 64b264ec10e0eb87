"""Optimisation programs (cvxpy), one file each: stable partitions, thresholds, transfers, radii, mixing, contraction.

Every program returns a frozen result that names the solver and its status, recomputes what it reports from the answer
itself, and says what guarantees it.
"""
