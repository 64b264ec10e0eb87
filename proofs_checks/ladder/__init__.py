"""The ladder of evidence: methods that prove or refute one statement, each a function that returns an `Attempt`.

What the modules of exact certificates share: attempt, statements, polynomials, small_points, squares, univariate.
Rungs: linear and combinations (linear programs), sums_of_squares (shapes, gram, faces), intervals (half_line) for
polynomials in one variable, enclosures of roots and radii; identities, search and smt beside them.
"""
