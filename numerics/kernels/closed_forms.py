"""Payoffs of one coalition under uniform influence without any sum over subsets, compiled.

- `polynomial_payoffs`: polynomial φ, scale s, one-dimensional opinions, O(k degree);
- `quadratic_payoffs`: the same for degree ≤ 2, in two passes over the opinions;
- `quadratic_form_payoffs`: quadratic φ, scale s, opinions of d coordinates, O(k d²);
- `interpolated_excess`, `interpolated_excess_along`: any smooth φ and any scale, one agent among others that agree,
  O(nodes).

Opinions are measured from a point of the coalition's own range.  The expansion of φ about it is then a stable sum,
|b_0| + |b_1| h + … ≤ |a_0| + |a_1| R + …, for h half the range and R the largest distance from φ's own centre, and
every rounding error is small against the range where the opinions are close.

Sums run in lanes of 64 side by side: this vectorises, has the same bits on every machine, and the rounding errors
are those of k/64 additions.
"""

import numpy as np
from numba import njit

from numerics.kernels.program import performance, performance_at

LANES = 64


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"nnan", "nsz"})
def middle_of_range(x):
    """Return (min x + max x)/2."""
    lo, hi = x[0], x[0]
    for i in range(x.shape[0]):
        lo = min(lo, x[i])
        hi = max(hi, x[i])
    return 0.5 * lo + 0.5 * hi


@njit(cache=True, nogil=True, error_model="numpy")
def shifted_coefficients(coefficients, shift):
    """Coefficients of φ about centre + shift, by repeated synthetic division."""
    out = coefficients.copy()
    size = coefficients.shape[0]
    for j in range(size - 1):
        for i in range(size - 2, j - 1, -1):
            out[i] += shift * out[i + 1]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def power_means(x, origin, degree):
    """Return the means of (x - origin)^e for e = 0 .. degree, at most 12: four powers in a pass."""
    k = x.shape[0]
    whole = k - k % LANES
    means = np.zeros(max(degree, 12) + 1)
    for group in range((degree + 3) // 4):
        first, second, third, fourth = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
        for start in range(0, whole, LANES):
            for lane in range(LANES):
                y = x[start + lane] - origin
                square = y * y
                before = square * square
                if group == 0:
                    before = 1.0
                elif group == 2:
                    before *= before
                first[lane] += before * y
                second[lane] += before * square
                third[lane] += before * (y * square)
                fourth[lane] += before * (square * square)
        for e, sums in enumerate((first, second, third, fourth)):
            for lane in range(LANES):
                means[4 * group + e + 1] += sums[lane]
    for i in range(whole, k):
        y = x[i] - origin
        power = y
        for e in range(1, degree + 1):
            means[e] += power
            power *= y
    for e in range(1, degree + 1):
        means[e] /= k
    means[0] = 1.0
    return means[: degree + 1]


@njit(cache=True, nogil=True, error_model="numpy")
def member_coefficients(coefficients, means, tables, row):
    """Coefficients of the payoff as a polynomial in the member's own opinion, the same for all members.

    coefficients : of φ, and means : of powers, both about the same point.
    tables, row : `numerics.coefficients.PolynomialTables`, and its row for the size of the coalition.
    """
    out = np.zeros(coefficients.shape[0])
    products = np.ones(tables.parent.shape[0])
    for i in range(1, products.shape[0]):
        part = tables.part[i]
        products[i] = products[tables.parent[i]] * means[part] if part < means.shape[0] else 0.0
    for term in range(tables.degree.shape[0]):
        degree = tables.degree[term]
        if degree < out.shape[0]:
            out[tables.power[term]] += coefficients[degree] * tables.rows[row, term] * products[tables.monomial[term]]
    for degree in range(min(2, out.shape[0])):
        out[degree] += coefficients[degree]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def polynomial_payoffs(x, out, coefficients, centre, tables, row):
    """Write the Aumann-Drèze value of every member: φ(u) = Σ coefficients[j] (u - centre)ʲ, scale s.

    x, out : (k,) opinions and payoffs, which may be the same array.
    tables, row : `numerics.coefficients.polynomial_tables` of at least this degree, and its row for size k.
    """
    origin = middle_of_range(x)
    about = shifted_coefficients(coefficients, origin - centre)
    size = about.shape[0]
    member = member_coefficients(about, power_means(x, origin, size - 1), tables, row)
    _polynomial_at(x, origin, member, out)


@njit(cache=True, nogil=True, error_model="numpy")
def _polynomial_at(x, origin, coefficients, out):
    """Horner's rule of the full degree 12, whatever the degree: in registers, it costs no more than reading x."""
    c = np.zeros(13)
    c[: coefficients.shape[0]] = coefficients
    c0, c1, c2, c3, c4, c5, c6 = c[0], c[1], c[2], c[3], c[4], c[5], c[6]
    c7, c8, c9, c10, c11, c12 = c[7], c[8], c[9], c[10], c[11], c[12]
    for i in range(x.shape[0]):
        y = x[i] - origin
        high = c6 + y * (c7 + y * (c8 + y * (c9 + y * (c10 + y * (c11 + y * c12)))))
        out[i] = c0 + y * (c1 + y * (c2 + y * (c3 + y * (c4 + y * (c5 + y * high)))))


@njit(cache=True, nogil=True, error_model="numpy")
def quadratic_payoffs(x, out, coefficients, centre, quadratic):
    """Write the Aumann-Drèze value of every member: φ of degree at most 2, scale s, in two passes.

    x, out : (k,) opinions and payoffs, which may be the same array.
    coefficients : (1 to 3,) of φ about `centre`.
    quadratic : (4,) coefficients of y², y·t, q and t² for size k (`numerics.coefficients.quadratic_rows`).
    """
    k = x.shape[0]
    origin = x[0]
    shift = origin - centre
    b0, b1, b2 = coefficients[0], 0.0, 0.0
    if coefficients.shape[0] > 1:
        b1 = coefficients[1]
    if coefficients.shape[0] > 2:
        b2 = coefficients[2]
    b0 += shift * (b1 + shift * b2)
    b1 += 2.0 * shift * b2
    firsts = np.zeros(LANES)
    seconds = np.zeros(LANES)
    whole = k - k % LANES
    for start in range(0, whole, LANES):
        for lane in range(LANES):
            y = x[start + lane] - origin
            firsts[lane] += y
            seconds[lane] += y * y
    total, squares = 0.0, 0.0
    for lane in range(LANES):
        total += firsts[lane]
        squares += seconds[lane]
    for i in range(whole, k):
        y = x[i] - origin
        total += y
        squares += y * y
    own, cross, others, pairs = quadratic[0], quadratic[1], quadratic[2], quadratic[3]
    c0 = b0 + b2 * (others * squares + pairs * total * total)
    c1 = b1 + b2 * (cross - 2.0 * pairs) * total
    c2 = b2 * (own - cross - others + pairs)
    for i in range(k):
        y = x[i] - origin
        out[i] = c0 + y * (c1 + y * c2)


@njit(cache=True, nogil=True, error_model="numpy")
def quadratic_structure_payoffs(x, labels, sizes, out, coefficients, centre, quadratic):
    """The same for every coalition of a structure at once, in two passes whatever the order of the agents.

    sizes : (K,) members of coalition 0 .. K-1.  quadratic : (4, n+1) coefficients by size.
    Returns whether all payoffs are finite.
    """
    K = sizes.shape[0]
    if K == 1:
        quadratic_payoffs(x, out, coefficients, centre, quadratic[:, x.shape[0]])
        return _all_finite(out)
    origin, total, squares = np.empty(K), np.zeros(K), np.zeros(K)
    for i in range(x.shape[0]):
        origin[labels[i]] = x[i]
    for i in range(x.shape[0]):
        c = labels[i]
        y = x[i] - origin[c]
        total[c] += y
        squares[c] += y * y
    b = np.zeros(3)
    b[: coefficients.shape[0]] = coefficients
    constant, slope, curve = np.empty(K), np.empty(K), np.empty(K)
    for c in range(K):
        own, cross, others, pairs = quadratic[:, sizes[c]]
        shift = origin[c] - centre
        constant[c] = b[0] + shift * (b[1] + shift * b[2])
        constant[c] += b[2] * (others * squares[c] + pairs * total[c] * total[c])
        slope[c] = b[1] + 2.0 * shift * b[2] + b[2] * (cross - 2.0 * pairs) * total[c]
        curve[c] = b[2] * (own - cross - others + pairs)
    for i in range(x.shape[0]):
        c = labels[i]
        y = x[i] - origin[c]
        out[i] = constant[c] + y * (slope[c] + y * curve[c])
    return _all_finite(out)


@njit(cache=True, nogil=True, error_model="numpy")
def _all_finite(values):
    """Whether no entry is infinite or no number: 0 times such an entry is no number."""
    total = np.zeros(LANES)
    whole = values.shape[0] - values.shape[0] % LANES
    for start in range(0, whole, LANES):
        for lane in range(LANES):
            total[lane] += 0.0 * values[start + lane]
    for i in range(whole, values.shape[0]):
        total[0] += 0.0 * values[i]
    return not np.isnan(np.sum(total))


@njit(cache=True, nogil=True, error_model="numpy")
def quadratic_form_payoffs(x, out, constant, linear, matrix, quadratic):
    """Write the Aumann-Drèze value of every member: φ(u) = b₀ + b·u + u'Qu, scale s, d coordinates.

    x, out : (k, d) opinions and (k,) payoffs.
    constant, linear, matrix : b₀, b (d,) and the symmetric Q (d, d).
    quadratic : (4,) coefficients of y'Qy, y'Qt, Σ y_j'Qy_j and t'Qt for size k, t and the sum over the others: the
        same as in one dimension.
    """
    k, d = x.shape
    own, cross, others, pairs = quadratic[0], quadratic[1], quadratic[2], quadratic[3]
    slope = np.empty(d)  # of φ at x[0]
    at_origin = constant
    for a in range(d):
        image = 0.0
        for b in range(d):
            image += matrix[a, b] * x[0, b]
        slope[a] = linear[a] + 2.0 * image
        at_origin += (linear[a] + image) * x[0, a]
    totals = np.zeros((d, LANES))
    forms = np.zeros(LANES)
    y = np.empty((d, LANES))
    row = np.empty(LANES)
    for start in range(0, k, LANES):
        stop = min(LANES, k - start)
        for lane in range(stop):
            out[start + lane] = 0.0
        for a in range(d):
            origin, diagonal = x[0, a], matrix[a, a]
            for lane in range(stop):
                value = x[start + lane, a] - origin
                y[a, lane] = value
                totals[a, lane] += value
                row[lane] = diagonal * value
            for b in range(a):
                twice = 2.0 * matrix[a, b]
                for lane in range(stop):
                    row[lane] += twice * y[b, lane]
            for lane in range(stop):
                out[start + lane] += row[lane] * y[a, lane]
        for lane in range(stop):
            forms[lane] += out[start + lane]
    total = np.zeros(d)
    all_forms = 0.0
    for lane in range(min(LANES, k)):
        all_forms += forms[lane]
        for a in range(d):
            total[a] += totals[a, lane]
    square_of_total = 0.0
    for a in range(d):
        image = 0.0
        for b in range(d):
            image += matrix[a, b] * total[b]
        slope[a] += (cross - 2.0 * pairs) * image
        square_of_total += total[a] * image
    c0 = at_origin + others * all_forms + pairs * square_of_total
    c2 = own - cross - others + pairs
    for i in range(k):
        value = c0 + c2 * out[i]
        for a in range(d):
            value += slope[a] * (x[i, a] - x[0, a])
        out[i] = value


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def interpolated_excess(row, c, x, nodes, weights, coefficients, centre, code, registers):
    """Payoff of an entrant with opinion x among m agents that agree at c, minus φ(x).

    nodes, weights, row : `numerics.interpolation.interpolation_table`, and its row for m.
    """
    last = nodes.shape[0] - 1
    at_c = performance(c, coefficients, centre, code, registers)
    total = weights[row, 0] * at_c
    for i in range(1, last):
        at_node = performance(c + (x - c) * nodes[i], coefficients, centre, code, registers)
        total += weights[row, i] * (at_node - at_c)
    return total + weights[row, last] * (performance(x, coefficients, centre, code, registers) - at_c)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def interpolated_excess_along(row, c, x, point, nodes, weights, coefficients, centre, code, registers):
    """The same for opinions of d coordinates: c and x are (d,), `point` is a (d,) array to work in."""
    last = nodes.shape[0] - 1
    at_c = performance_at(c, coefficients, centre, code, registers)
    total = weights[row, 0] * at_c
    for i in range(1, last):
        for a in range(point.shape[0]):
            point[a] = c[a] + (x[a] - c[a]) * nodes[i]
        total += weights[row, i] * (performance_at(point, coefficients, centre, code, registers) - at_c)
    return total + weights[row, last] * (performance_at(x, coefficients, centre, code, registers) - at_c)
