"""Symbols: one name and one set of assumptions for every quantity of the model.

Import them from here and nowhere else make them, so that expressions derived in different modules
combine: sympy treats ``Symbol("m")`` and ``Symbol("m", integer=True)`` as different things.
"""

from __future__ import annotations

from sympy import Function, Symbol

# Opinions and performance
u = Symbol("u", real=True)  # a consensus opinion, the argument of the performance function φ
phi = Function("phi", real=True)  # an unspecified performance function
theta = Symbol("theta", real=True)  # the best opinion
b = Symbol("b", real=True)  # the best performance
sigma = Symbol("sigma", positive=True)  # width of a Gaussian performance

# Sizes and scale
s = Symbol("s", positive=True)  # number of members of a coalition, the argument of the scale g
a = Symbol("a", positive=True)  # total weight of a coalition, the second argument of the scale g
g = Function("g", real=True)  # an unspecified scale
gamma = Symbol("gamma", positive=True)  # exponent of the scale s**gamma
k = Symbol("k", integer=True, positive=True)  # members of the coalition that is left
m = Symbol("m", integer=True, positive=True)  # incumbents of the coalition that is joined
n = Symbol("n", integer=True, positive=True)  # agents

# A move at a tactical equilibrium
c = Symbol("c", real=True)  # consensus of the incumbents
delta = Symbol("delta", real=True)  # opinion gap, entrant minus incumbents
kappa = Symbol("kappa", real=True)  # switching cost
alpha = Symbol("alpha", real=True)  # acceptance threshold
L = Symbol("L", positive=True)  # φ'' ≥ -L
ell = Symbol("ell", positive=True)  # φ'' ≤ -ℓ

# Consensus
eps = Symbol("epsilon", positive=True)  # rate of lazy uniform influence, in (0, 1]
h = Symbol("h", positive=True)  # probability of listening to a neighbour in a lazy walk, in (0, 1]
w = Symbol("w", nonnegative=True)  # self-weight of complete influence, A = J + (w-1) I
d = Symbol("d", integer=True, positive=True)  # dimension of a hypercube, n = 2^d
p = Symbol("p", integer=True, positive=True)  # agents on one side of a complete bipartite network
p_other = Symbol("q", integer=True, positive=True)  # agents on the other side

# Discounted consensus
rho = Symbol("rho", nonnegative=True)  # discount factor of a tactical step, in [0, 1)
beta = Symbol("beta", positive=True)  # slow share of payoffs
ratio = Symbol("r", real=True)  # switching cost over the gain of patient agents
X = Symbol("X", real=True)  # the sum of the opinions of all members
Q = Symbol("Q", real=True)  # the sum of their squares

# A member among k: its opinion and the sums over the others (opinions measured from theta)
y = Symbol("y", real=True)  # the member's own opinion
t = Symbol("t", real=True)  # the sum of the others' opinions
q = Symbol("q", real=True)  # the sum of the squares of the others' opinions

# What an adaptive acceptance rule remembers
entries = Symbol("entries", nonnegative=True)  # agents that have joined the coalition
exits = Symbol("exits", nonnegative=True)  # agents that have left it
moves = Symbol("moves", nonnegative=True)  # moves of all agents
steps = Symbol("steps", nonnegative=True)  # slow steps

# Bounds of the dynamics
V = Symbol("V", nonnegative=True)  # disagreement Σ (x_i - x̄)²

# Indices of sums and of modes
j = Symbol("j", integer=True, positive=True)
r = Symbol("r", integer=True, nonnegative=True)


def coordinates(dimension: int) -> tuple[Symbol, ...]:
    """Return the coordinates of an opinion, the arguments of φ: (u,) in one dimension, otherwise (u1, …, ud).

    Examples
    --------
    >>> coordinates(1), coordinates(2)
    ((u,), (u1, u2))
    """
    return (u,) if dimension == 1 else tuple(Symbol(f"u{i}", real=True) for i in range(1, dimension + 1))
