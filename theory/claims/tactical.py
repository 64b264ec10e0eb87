"""Consensus inside one coalition, T1 to T4 and T7."""

from __future__ import annotations

from theory.claims.claim import Claim, Hypothesis

SENETA = "Seneta, Non-negative Matrices and Markov Chains, 2nd ed., Springer 1981"
DOBRUSHIN = "Dobrushin, Theory Probab. Appl. 1:65, 1956; Seneta 1981, chapters 3 and 4"
CIRCULANT = "Boyd, Diaconis, Xiao, SIAM Review 46:667, 2004; Diaconis, Group Representations, 1988"
STUBBORN = (
    "Friedkin, Johnsen, J. Math. Sociology 15:193, 1990; Parsegov et al., IEEE Trans. Autom. Control 62:2270, 2017"
)

ROW_STOCHASTIC = Hypothesis("W is row-stochastic", r"W \ge 0,\quad W \mathbf 1 = \mathbf 1")

TACTICAL = (
    Claim(
        "T1",
        "consensus_at_perron_weights_of_primitive",
        "If the influence matrix W of a coalition is primitive, its opinions converge to the Perron average w·x, with "
        "w > 0 the left Perron vector of sum 1, the only one, at the rate slem(W) < 1.",
        (ROW_STOCHASTIC, Hypothesis("W is primitive", r"W^p > 0 \text{ for some } p")),
        "W^t x tends to (w·x) 1 with wᵀW = wᵀ > 0, and for t ≥ 1 W^t − 1wᵀ = (W − 1wᵀ)^t has the spectral radius "
        "slem(W)^t",
        r"W^t x \to (w \cdot x)\,\mathbf 1, \qquad W^t - \mathbf 1 w^\top = (W - \mathbf 1 w^\top)^t"
        r"\quad (t \ge 1), \qquad "
        r"\rho(W - \mathbf 1 w^\top) = \mathrm{slem}(W) < 1",
        (
            "w as the left eigenvector",
            "1 as the factor of 1wᵀ",
            "the modulus in slem",
            "slem as the rate",
            "t as the exponent of slem",
        ),
        f"DeGroot, J. Amer. Statist. Assoc. 69:118, 1974; {SENETA}",
    ),
    Claim(
        "T2",
        "spread_contracts_by_ergodicity_coefficient",
        "The ergodicity coefficient τ(W) = ½ max_{i,j} Σ_k |W_ik − W_jk| contracts the spread, is submultiplicative, "
        "and bounds the slem, the largest modulus among the eigenvalues but one 1; entries may be negative, and V is "
        "any matrix.",
        (Hypothesis("the rows of U and W sum to 1", r"U \mathbf 1 = \mathbf 1,\quad W \mathbf 1 = \mathbf 1"),),
        "spread(Wx) ≤ τ(W) spread(x); τ(UV) ≤ τ(U) τ(V); slem(W) ≤ τ(W)",
        r"\mathrm{spread}(Wx) \le \tau(W)\,\mathrm{spread}(x),\quad \tau(UV) \le \tau(U)\tau(V),\quad "
        r"\mathrm{slem}(W) \le \tau(W) = \tfrac12 \max_{i,j} \sum_k |W_{ik} - W_{jk}|",
        (
            "½ in τ",
            "max over pairs of rows in τ",
            "τ in τ(W) spread(x)",
            "exponent 1 of τ(V)",
            "exponent 1 of τ in slem ≤ τ",
        ),
        DOBRUSHIN,
    ),
    Claim(
        "T3",
        "spectra_of_influence_families",
        "The closed-form eigenvalues of ten families are the spectrum of the matrix, with multiplicities: uniform, "
        "lazy uniform and rank-one influence, complete influence with a self-weight w, and walks that listen to a "
        "random neighbour with probability h on complete networks, rings, paths, stars, complete bipartite networks "
        "and hypercubes; walks have n ≥ 2 agents (rings n ≥ 3), and n − 1 + w > 0.",
        (
            Hypothesis(
                "W belongs to one of the ten families",
                r"W \in \{\tfrac1n J,\ (1-\varepsilon) I + \tfrac\varepsilon n J,\ \mathbf 1 a^\top,\ "
                r"\tfrac{J + (w-1) I}{n-1+w},\ (1-h) I + h D^{-1} A\},\quad \textstyle\sum a = 1,\quad n - 1 + w > 0,"
                r"\quad A \text{ of } K_n, C_n, P_n, K_{1,n-1}, K_{p,q}, Q_d\ (n \ge 2;\ C_n\colon n \ge 3)",
            ),
        ),
        "1 once, and n − 1 times: uniform and rank one 0; lazy 1 − ε; self-weight (w−1)/(n−1+w); complete 1 − hn/(n−1);"
        " or for 0 < j < n once: ring 1 − h + h cos(2πj/n); path 1 − h + h cos(πj/(n−1)); or: star and bipartite "
        "1 − 2h once, 1 − h n − 2 times; hypercube 1 − 2hj/d, C(d, j) times for 0 < j ≤ d",
        r"1 \text{ and, } \lambda^{(m)} \text{ being } m \text{ times } \lambda\colon\ "
        r"\tfrac1n J, \mathbf 1 a^\top\colon 0^{(n-1)};\ "
        r"(1-\varepsilon) I + \tfrac\varepsilon n J\colon (1-\varepsilon)^{(n-1)};\ "
        r"\tfrac{J + (w-1) I}{n-1+w}\colon \big(\tfrac{w-1}{n-1+w}\big)^{(n-1)};\ "
        r"K_n\colon \big(1 - \tfrac{hn}{n-1}\big)^{(n-1)};\ "
        r"C_n\colon 1 - h + h\cos\tfrac{2\pi j}n,\ 0 < j < n;\ "
        r"P_n\colon 1 - h + h\cos\tfrac{\pi j}{n-1},\ 0 < j < n;\ "
        r"K_{1,n-1}, K_{p,q}\colon 1 - 2h,\ (1-h)^{(n-2)};\ "
        r"Q_d\colon \big(1 - \tfrac{2hj}d\big)^{(\binom dj)},\ 0 < j \le d",
        (
            "0 for uniform influence",
            "0 for rank one",
            "1 − ε for lazy uniform influence",
            "w − 1 over n − 1 + w for self-weight w",
            "1 − hn/(n−1) for the complete network",
            "2πj/n in the ring",
            "πj/(n−1) in the path",
            "1 − 2h in bipartite networks",
            "1 − 2hj/d in the hypercube",
            "C(d, j) as the multiplicity in the hypercube",
        ),
        CIRCULANT,
    ),
    Claim(
        "T4",
        "perron_weights_are_degrees_of_symmetric",
        "On a connected symmetric network the Perron weights are the degrees divided by the volume.",
        (
            Hypothesis("A is symmetric", r"A^\top = A"),
            Hypothesis("A is non-negative", r"A_{ij} \ge 0"),
            Hypothesis("the row sums d of A are positive", r"d_i = \textstyle\sum_j A_{ij} > 0"),
            Hypothesis("W = A / d", r"W_{ij} = A_{ij}/d_i"),
            Hypothesis("the network is connected", r"(I + |A|)^n > 0"),
        ),
        "w = d / vol, vol = Σ d, is positive, sums to 1 and is the only such w with wᵀW = wᵀ",
        r"w_j = d_j / \mathrm{vol} > 0, \qquad \mathrm{vol} = \textstyle\sum_i d_i, \qquad w^\top W = w^\top",
        ("d in d / vol", "exponent 1 of d", "vol = Σ d"),
        "Levin, Peres, Wilmer, Markov Chains and Mixing Times, AMS 2009, section 1.6",
    ),
    Claim(
        "T7",
        "friedkin_johnsen_limit",
        "Agents who give their first opinions the weight 1 − λ_i for good settle at (I − ΛW)⁻¹(I − Λ) x(0), if a path "
        "of influence leads from everyone to a stubborn agent; every limit opinion is an average of first opinions.",
        (
            ROW_STOCHASTIC,
            Hypothesis("Λ is diagonal with entries λ ≥ 0", r"\Lambda = \mathrm{diag}(\lambda), \quad \lambda_i \ge 0"),
            Hypothesis("λ ≤ 1", r"\lambda_i \le 1"),
            Hypothesis(
                "from every agent a path of influence leads to an agent with λ < 1",
                r"\forall i\ \exists t \ge 0, k:\ (W^t)_{ik} > 0,\ \lambda_k < 1",
            ),
        ),
        "‖(ΛW)^n‖_∞ < 1, so ρ(ΛW) < 1, and x(t+1) = ΛW x(t) + (I − Λ) x(0) tends to the only fixed point "
        "(I − ΛW)⁻¹(I − Λ) x(0), whose matrix is row-stochastic",
        r"\|(\Lambda W)^n\|_\infty < 1, \quad \rho(\Lambda W) < 1, \qquad "
        r"x(t+1) = \Lambda W x(t) + (I - \Lambda)\, x(0) \to x^* = M x(0), \qquad "
        r"M = (I - \Lambda W)^{-1} (I - \Lambda) \ge 0, \quad M \mathbf 1 = \mathbf 1, \qquad "
        r"y = \Lambda W y + (I - \Lambda)\, x(0) \iff y = x^*",
        (
            "I − Λ in the limit",
            "x(0) as what agents hold on to",
            "ΛW in the inverse",
            "n as the number of steps that contract",
        ),
        STUBBORN,
    ),
)
