"""The game of one model as kernels take it: what every coalition is worth, as arrays and numbers.

| field | holds |
|---|---|
| weighted, weights | whether members differ in weight, and (n,) weights of the mean (ones otherwise) |
| yielding | (n,) share of an opinion that follows influence, the rest is stubborn; empty if nobody is stubborn |
| innate | (n, d) opinions that stubborn agents hold on to; no rows if nobody is stubborn |
| coefficients, centre, code, registers | φ, see `numerics.kernels.program` |
| form_constant, form_linear, form_matrix | φ(u) = constant + linear·u + uᵀ matrix u for d > 1, or no entries |
| scale, scale_code, scale_registers | (n+1,) g of 0..n members, and g as a program in (s, a) for weighted influence |
| additive | 1 if g(S) = \\|S\\|, 2 if g(S) = a(S) and weights differ, 0 otherwise |
| harmonic | (degree+1, n+1) weights of φ⁽ʲ⁾(c)/j! δʲ in the gain of joining m; empty unless φ is a polynomial, g = s |
| quadratic | (4, n+1) coefficients of the closed form for quadratic φ, empty otherwise |
| polynomial, polynomial_row | `numerics.coefficients.PolynomialTables`, and (n+1,) its row for a size, or -1 |
| nodes, node_weights, node_error | interpolation of two-type payoffs, `numerics.interpolation`; empty if unused |
| slow_share | (1,) β, what members get for their own opinion while consensus takes time, or 0; that of one coalition |
| exact_up_to | members up to which payoffs without a closed form come from the table of all subsets |
| samples, key | pairs of random orders beyond that (0: none), and the key of their streams |

Where rates adapt, a run writes the β of the coalition that it looks at to `slow_share` before it asks for payoffs.

Beside it goes the graph of network and general influence, A in compressed rows, or None where the consensus is a
(weighted) mean: kernels are compiled for the one or the other.
"""

from collections import namedtuple

Graph = namedtuple("Graph", "symmetric indptr indices data")

Game = namedtuple(
    "Game",
    "weighted weights yielding innate coefficients centre code registers "
    "form_constant form_linear form_matrix scale scale_code scale_registers additive harmonic quadratic "
    "polynomial polynomial_row nodes node_weights node_error slow_share exact_up_to samples key",
)
