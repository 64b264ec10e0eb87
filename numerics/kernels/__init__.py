"""Compiled kernels: they see arrays and scalars only, and never a Python object or function.

A public function elsewhere in `numerics` validates, allocates and then calls one of these.  A compiled
function is never passed as an argument (numba could not keep the result on disk), so a performance
function arrives as data: polynomial coefficients, or a short program (`program.run`).
"""
