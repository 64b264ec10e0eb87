"""Shapley value of a game from the table of its 2^k values, compiled: one pass over the table.

`shapley_from_table(values, out)` is what other kernels call.  It takes the place of a loop over agents and
subsets: fill `values` with v(S) at the bit mask of S, `values[0] = 0`, and give an `out` of k entries.

With u(S) = (v(S) - m(|S|)) / ((k-|S|) C(k-1, |S|-1)) for 0 < |S| < k, and A_i = Σ_{S∋i} u(S),

    φ_i = A_i - (A_1 + ... + A_k)/k + v(N)/k.

This is the definition φ_i = Σ_{S∋i} (w_{s-1} + w_s) v(S) - Σ_S w_s v(S), w_s = s!(k-1-s)!/k!: the first weight is
that of u, and w_s is s/k of it.  Any function m of the size changes every A_i by the same number; taking for it the
mean of v over the k arcs of s neighbouring agents keeps the terms small, so that little is lost in A_i - mean.

A mask is `high * 2^7 + low`.  A block is the 2^7 values of one `high`; its terms are added to the sums by `low`,
and together they are the sum by `high`.  The sums A_i follow from these two short vectors by folding them in half.
The sums by `low` begin anew for every part of 2^17 values, which keeps rounding errors small and is what threads
share out: every addition happens in an order that depends on k only.
"""

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

LOW_BITS = 7
PART_BITS = 17
_BLOCK = 1 << LOW_BITS
_LANE_BITS = 3
_LANES = 1 << _LANE_BITS  # doubles of one vector instruction; narrower processors take two or four for it


@intrinsic
def _add_block(typing_context, values, rows, by_low, high, members):
    """Add the terms of block `high`, a coalition of so many members, to `by_low` and return their sum.

    Written as vector instructions: a compiler may not reorder the additions of a loop, and so would take them one
    by one; allowed to, it would choose the order by the processor and by the function that calls.  Here it is fixed.
    """

    def instructions(context, builder, signature, arguments):
        vector = ir.VectorType(ir.DoubleType(), _LANES)

        def vectors(argument):
            array = context.make_array(signature.args[argument])(context, builder, arguments[argument])
            return builder.bitcast(array.data, vector.as_pointer())

        def after(pointer, index, size):
            return builder.gep(pointer, [builder.mul(arguments[index], ir.IntType(64)(size))])

        def entry(pointer, j):
            return builder.gep(pointer, [ir.IntType(64)(j)])

        def load(pointer, j):
            loaded = builder.load(entry(pointer, j))
            loaded.align = 8
            return loaded

        n_vectors = _BLOCK // _LANES
        value, row, total = after(vectors(0), 3, n_vectors), after(vectors(1), 4, 2), vectors(2)
        weights = [load(row, 2 * s) for s in range(n_vectors.bit_length())]
        means = [load(row, 2 * s + 1) for s in range(n_vectors.bit_length())]
        sums = []
        for j in range(n_vectors):
            s = j.bit_count()
            term = builder.fmul(weights[s], builder.fsub(load(value, j), means[s]))
            builder.store(builder.fadd(load(total, j), term), entry(total, j)).align = 8
            if j < 4:
                sums.append(term)
            else:  # four sums, because an addition waits for the one before it
                sums[j % 4] = builder.fadd(sums[j % 4], term)
        result = builder.fadd(builder.fadd(sums[0], sums[1]), builder.fadd(sums[2], sums[3]))
        half = _LANES // 2
        while half:
            indices = ir.VectorType(ir.IntType(32), half)
            lower = builder.shuffle_vector(result, result, ir.Constant(indices, list(range(half))))
            upper = builder.shuffle_vector(result, result, ir.Constant(indices, list(range(half, 2 * half))))
            result = builder.fadd(lower, upper)
            half //= 2
        return builder.extract_element(result, ir.IntType(32)(0))

    return types.float64(values, rows, by_low, types.int64, types.int64), instructions


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _members(mask):
    """Number of agents of a coalition: the bits of its mask, of which there are fewer than 32."""
    mask -= (mask >> 1) & 0x55555555
    mask = (mask & 0x33333333) + ((mask >> 2) & 0x33333333)
    mask = (mask + (mask >> 4)) & 0x0F0F0F0F
    return ((mask * 0x01010101) >> 24) & 0xFF


@njit(cache=True, nogil=True, error_model="numpy")
def prepare(values, k):
    """Return the arrays that the other kernels share, for k ≥ 1.

    rows : (k-3+1, 2, 2^3) the weights of u and the means m of 2^3 neighbouring masks, by the number of agents in
        the rest of the mask.
    sums : (parts, 7 + 10 bits) of the terms of a part: 2^7 sums by `low`, then one for each of 10 bits of `high`.
    totals : (parts,) sums of all terms of a part.

    With fewer agents there is less of each: one block of 2^k, or one part with fewer bits of `high`.
    """
    low_bits, lane_bits = min(k, LOW_BITS), min(k, _LANE_BITS)
    rows = np.empty((k - lane_bits + 1, 2, 1 << lane_bits))
    totals = np.empty(1 << max(0, k - PART_BITS))
    sums = np.empty((totals.shape[0], (1 << low_bits) + min(k, PART_BITS) - low_bits))
    weight, mean = np.zeros(k + 1), np.zeros(k + 1)
    everyone = (1 << k) - 1
    coalitions = 1  # C(k-1, s-1)
    for s in range(1, k + 1):
        if s < k:
            weight[s] = 1.0 / (coalitions * (k - s))
            coalitions = coalitions * (k - s) // s
        arc = (1 << s) - 1
        for _ in range(k):
            mean[s] += values[arc]
            arc = ((arc << 1) | (arc >> (k - 1))) & everyone
        mean[s] /= k
    for row in range(rows.shape[0]):
        for lane in range(rows.shape[2]):
            rows[row, 0, lane] = weight[row + _members(lane)]
            rows[row, 1, lane] = mean[row + _members(lane)]
    return rows, sums, totals


@njit(cache=True, nogil=True, error_model="numpy")
def _fold(terms, out):
    """Write Σ of the terms whose mask has bit i to out[i], for every bit; the sum of all is left in terms[0]."""
    half = terms.shape[0] // 2
    for bit in range(out.shape[0] - 1, -1, -1):
        total = 0.0
        for rest in range(half):
            total += terms[half + rest]
            terms[rest] += terms[half + rest]
        out[bit] = total
        half //= 2


@njit(cache=True, nogil=True, error_model="numpy")
def read_parts(values, first, last, rows, sums, totals):
    """Read the parts from `first` up to `last` of the table, and write the sums of their terms."""
    part_size = values.shape[0] // totals.shape[0]
    by_low = np.empty(min(part_size, _BLOCK))
    by_high = np.empty(part_size // by_low.shape[0])
    for part in range(first, last):
        if part_size < _BLOCK:
            for low in range(part_size):
                row, lane = rows[_members(low >> _LANE_BITS)], low & (_LANES - 1)
                by_low[low] = row[0, lane] * (values[low] - row[1, lane])
        else:
            for low in range(_BLOCK):
                by_low[low] = 0.0
            for block in range(by_high.shape[0]):
                high = part * by_high.shape[0] + block
                by_high[block] = _add_block(values, rows, by_low, high, _members(high))
        for low in range(by_low.shape[0]):
            sums[part, low] = by_low[low]
        _fold(by_high, sums[part, by_low.shape[0] :])
        totals[part] = by_high[0]


@njit(cache=True, nogil=True, error_model="numpy")
def finish(values, sums, totals, out):
    """Write the Shapley value to `out`; the sums of the parts are used up."""
    k = out.shape[0]
    distance = 1
    while distance < sums.shape[0]:
        for part in range(0, sums.shape[0], 2 * distance):
            for i in range(sums.shape[1]):
                sums[part, i] += sums[part + distance, i]
        distance *= 2
    low_bits, part_bits = min(k, LOW_BITS), min(k, PART_BITS)
    _fold(sums[0, : 1 << low_bits], out[:low_bits])
    for bit in range(part_bits - low_bits):
        out[low_bits + bit] = sums[0, (1 << low_bits) + bit]
    _fold(totals, out[part_bits:])
    common = 0.0
    for i in range(k):
        common += out[i]
    common /= k
    share = values[values.shape[0] - 1] / k
    for i in range(k):
        out[i] = out[i] - common + share


@njit(cache=True, nogil=True, error_model="numpy")
def shapley_from_table(values, out):
    """Write the Shapley value of the game with the 2^k given values to `out`, (k,), on one thread.

    values : (2^k,) contiguous; v(S) at the bit mask of S, bit i for agent i, and 0 for the empty set; k ≤ 24.

    One value that is not finite makes every entry of `out` not finite.  O(2^k) time; beside the table 10 kB of
    memory, and 1 kB for each 2^17 values.
    """
    if out.shape[0] > 0:
        rows, sums, totals = prepare(values, out.shape[0])
        read_parts(values, 0, totals.shape[0], rows, sums, totals)
        finish(values, sums, totals, out)
