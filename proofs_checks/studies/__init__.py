"""Studies: the checks and mutants of each claim, with the steps of its proof and the instances it is tried on.

`proofs_checks.registry` says which module holds which claim.
"""
