"""Claims: the ledger of results about the exit-join model, as data.

Every claim has a label, a name made of its conclusion and its hypotheses, a statement in words, its
hypotheses one by one, its conclusion, a LaTeX formula and a reference.  ``proofs_checks`` looks for
evidence, claim by claim; nothing here says whether a claim is true.

Setting, unless a claim says otherwise.  Agents hold real opinions; under uniform influence a coalition
S agrees on the mean c_S of its members' opinions in one tactical step, and is worth v(S) = |S| φ(c_S).
A member is paid its Aumann-Drèze value: the Shapley value of the subgame on its own coalition.  Moves are
evaluated at a tactical equilibrium.  An agent of opinion c + δ leaves a coalition C that agrees on c + δ and
joins the m members of D, who agree on c; its gain Δ is its payoff after minus its payoff before.  A move
is admissible if Δ > κ, the switching cost, and the coalition accepts.  V = Σ (x_i − x̄)² is the
disagreement, H the harmonic numbers.

The model reconstructs Q. Zhu, "Multiscale Exit-Join Dynamics: Tactical Consensus and Strategic Coalition
Formation", arXiv:2606.26139, 2026, from its abstract and published summaries; claims without another
reference are this project's own statements about the reconstruction.
"""

from __future__ import annotations

from dataclasses import dataclass

RECONSTRUCTION = "this project, on a reconstruction of the model of Zhu, arXiv:2606.26139, 2026"
SHAPLEY = "Shapley, A value for n-person games, 1953; Aumann and Drèze, Int. J. Game Theory 3:217, 1974"
SENETA = "Seneta, Non-negative Matrices and Markov Chains, 2nd ed., Springer 1981"
DOBRUSHIN = "Dobrushin, Theory Probab. Appl. 1:65, 1956; Seneta 1981, chapters 3 and 4"
CIRCULANT = "Boyd, Diaconis, Xiao, SIAM Review 46:667, 2004; Diaconis, Group Representations, 1988"


@dataclass(frozen=True)
class Claim:
    """A statement about the model.

    Parameters
    ----------
    label : str
        Short label, such as "S2".
    name : str
        Conclusion and hypotheses, such as "gain_nonneg_of_concave".
    statement : str
        The claim in one or two sentences.
    hypotheses : tuple of str
        What is assumed beyond the setting of the module.
    conclusion : str
        What follows.
    latex : str
        The conclusion as a formula.
    reference : str
        Where it comes from.
    """

    label: str
    name: str
    statement: str
    hypotheses: tuple[str, ...]
    conclusion: str
    latex: str
    reference: str


_CLAIMS = (
    Claim(
        "T1",
        "consensus_at_perron_weights_of_primitive",
        "If the influence matrix W of a coalition is primitive, its opinions converge to the Perron average w·x, with "
        "w > 0 the left Perron vector, at the rate slem(W) < 1.",
        ("W is row-stochastic", "W is primitive"),
        "W^t x tends to (w·x) 1, and W^t − 1wᵀ = (W − 1wᵀ)^t has the spectral radius slem(W)^t",
        r"W^t x \to (w \cdot x)\,\mathbf 1, \qquad \rho(W - \mathbf 1 w^\top) = \mathrm{slem}(W) < 1",
        f"DeGroot, J. Amer. Statist. Assoc. 69:118, 1974; {SENETA}",
    ),
    Claim(
        "T2",
        "spread_contracts_by_ergodicity_coefficient",
        "The ergodicity coefficient τ contracts the spread, is submultiplicative, and bounds the slem.",
        ("U, V, W are row-stochastic",),
        "spread(Wx) ≤ τ(W) spread(x); τ(UV) ≤ τ(U) τ(V); slem(W) ≤ τ(W)",
        r"\mathrm{spread}(Wx) \le \tau(W)\,\mathrm{spread}(x),\quad \tau(UV) \le \tau(U)\tau(V),\quad "
        r"\mathrm{slem}(W) \le \tau(W)",
        DOBRUSHIN,
    ),
    Claim(
        "T3",
        "spectra_of_influence_families",
        "The closed-form eigenvalues of the influence families are the spectrum of the matrix, with multiplicities.",
        ("W belongs to a family with a closed form: uniform, lazy uniform, ring, path, star, hypercube and so on",),
        "tr(W^p) = Σ λ_j^p for every p, with λ_j the closed form",
        r"\operatorname{tr} W^p = \sum_j \lambda_j^p, \quad p = 1, \dots, n",
        CIRCULANT,
    ),
    Claim(
        "T4",
        "perron_weights_are_degrees_of_symmetric",
        "On a symmetric network the Perron weights are the degrees divided by the volume.",
        ("A is symmetric with positive row sums d", "W = A / d"),
        "w_j = d_j / vol satisfies wᵀW = wᵀ",
        r"w_j = d_j / \mathrm{vol}, \qquad w^\top W = w^\top",
        "Levin, Peres, Wilmer, Markov Chains and Mixing Times, AMS 2009, section 1.6",
    ),
    Claim(
        "V1",
        "superadditive_of_concave",
        "If φ is concave, the game is superadditive.",
        ("φ is concave", "S and T are disjoint"),
        "v(S ∪ T) ≥ v(S) + v(T)",
        r"v(S \cup T) \ge v(S) + v(T)",
        RECONSTRUCTION,
    ),
    Claim(
        "V2",
        "subadditive_of_convex",
        "If φ is convex, the game is subadditive.",
        ("φ is convex", "S and T are disjoint"),
        "v(S ∪ T) ≤ v(S) + v(T)",
        r"v(S \cup T) \le v(S) + v(T)",
        RECONSTRUCTION,
    ),
    Claim(
        "V3",
        "quadratic_payoff_closed_form",
        "For quadratic φ = b − (u − θ)² and any opinions, a member of a coalition of k is paid b − A_i, a closed form "
        "in its own y_i = x_i − θ, the sum t and the sum of squares q of the others.",
        ("φ = b − (u − θ)²",),
        "AD_i = b − (1/k) [y² H_k + 2yt(k−H_k)/(k−1) − q(H_k−1)/(k−1) − (t²−q)(k+1−2H_k)/((k−1)(k−2))]",
        r"A_i = \frac1k\Big[y^2H_k + \frac{2yt(k-H_k)}{k-1} - \frac{q(H_k-1)}{k-1} "
        r"- \frac{(t^2-q)(k+1-2H_k)}{(k-1)(k-2)}\Big]",
        RECONSTRUCTION,
    ),
    Claim(
        "V4",
        "aumann_dreze_axioms",
        "Inside each coalition the Aumann-Drèze value is efficient, symmetric and additive, and pays null players 0.",
        ("any game with v(∅) = 0",),
        "efficiency, symmetry, null player and additivity",
        r"\sum_{i \in C} AD_i(C) = v(C)",
        SHAPLEY,
    ),
    Claim(
        "V5",
        "two_type_payoff_closed_form",
        "An entrant of opinion c + δ among m incumbents at c is paid the average of its contributions over the number "
        "s of incumbents before it, for every φ and every scale g with g(0) φ(c) read as 0.",
        ("all incumbents agree", "v(S) = g(|S|) φ(c_S), v(∅) = 0"),
        "AD = (1/(m+1)) Σ_{s=0}^{m} [g(s+1) φ(c + δ/(s+1)) − g(s) φ(c)]",
        r"AD = \frac1{m+1}\sum_{s=0}^m \big[g(s+1)\,\varphi(c + \tfrac{\delta}{s+1}) - g(s)\,\varphi(c)\big]",
        RECONSTRUCTION,
    ),
    Claim(
        "S1",
        "quadratic_gain_closed_form",
        "For quadratic φ the gain of joining m incumbents at a gap δ depends on δ and m only; founding alone gains 0.",
        ("φ = b − (u − θ)²",),
        "Δ = δ² (1 − H_{m+1}/(m+1)); founding: 0",
        r"\Delta = \delta^2\Big(1 - \frac{H_{m+1}}{m+1}\Big)",
        RECONSTRUCTION,
    ),
    Claim(
        "S2",
        "gain_nonneg_of_concave",
        "If φ is concave no agent loses by joining any coalition; if φ is convex none gains.",
        ("φ is concave (convex) between the opinions",),
        "Δ ≥ 0 (Δ ≤ 0)",
        r"\varphi \text{ concave} \Rightarrow \Delta \ge 0, \qquad \varphi \text{ convex} \Rightarrow \Delta \le 0",
        RECONSTRUCTION,
    ),
    Claim(
        "S3",
        "gain_bounded_by_disagreement_drop",
        "If φ'' ≥ −L between the opinions, L > 0, the gain is at most L/2 times the disagreement that the move "
        "removes, δ² m/(m+1).",
        ("φ'' ≥ −L between c and c + δ", "L > 0"),
        "V_before − V_after = δ² m/(m+1) and Δ ≤ (L/2)(V_before − V_after)",
        r"\Delta \le \frac L2 (V_{\text{before}} - V_{\text{after}}) = \frac L2 \frac{m}{m+1}\delta^2",
        RECONSTRUCTION,
    ),
    Claim(
        "S4",
        "finitely_many_moves_of_positive_cost",
        "With κ > 0 and φ'' ≥ −L, L > 0, the coupled dynamics stop after at most L V(x(0))/(2κ) moves, fewer unless "
        "V = 0, whatever the schedule and the acceptance rule; so a joint equilibrium exists.",
        ("κ > 0", "φ'' ≥ −L on the interval of the opinions", "L > 0"),
        "number of moves ≤ L V(x(0)) / (2κ)",
        r"\#\text{moves} \le \frac{L\,V(x(0))}{2\kappa}",
        RECONSTRUCTION,
    ),
    Claim(
        "S5",
        "spread_bounded_at_equilibrium_of_strongly_concave",
        "If φ'' ≤ −ℓ < 0 and acceptance is open, at every joint equilibrium the spread is at most √(8κ/ℓ).",
        ("φ'' ≤ −ℓ < 0 between the opinions", "open acceptance", "joint equilibrium (κ > 0)"),
        "spread² ≤ 8κ/ℓ",
        r"\mathrm{spread}(x) \le \sqrt{8\kappa/\ell}",
        RECONSTRUCTION,
    ),
    Claim(
        "S6",
        "no_equilibrium_of_negative_cost",
        "If φ is concave, κ < 0, n ≥ 2 and acceptance is open, no joint equilibrium exists.",
        ("φ is concave", "κ < 0", "n ≥ 2", "open acceptance"),
        "every tactical equilibrium has an admissible move",
        r"\kappa < 0 \Rightarrow \max \Delta \ge 0 > \kappa",
        RECONSTRUCTION,
    ),
    Claim(
        "S8",
        "critical_cost_of_structure_quadratic",
        "For quadratic φ and open acceptance, a structure is stable against single moves at its tactical equilibrium "
        "iff κ is at least its critical cost, the largest gain; that of the grand coalition of n ≥ 2 is 0.",
        ("φ = b − (u − θ)²", "open acceptance", "n ≥ 2"),
        "κ* = max over C ≠ D of δ² (1 − H_{|D|+1}/(|D|+1)), 0 for the grand coalition",
        r"\kappa^* = \max_{C \ne D} \delta^2\Big(1 - \frac{H_{|D|+1}}{|D|+1}\Big)",
        RECONSTRUCTION,
    ),
    Claim(
        "S9",
        "incumbents_gain_of_quadratic",
        "For quadratic φ every incumbent gains δ² (H_{m+1} − 1)/(m(m+1)) ≥ 0 from the entrant, at most δ²/(2(m+1)): "
        "unanimous acceptance with α ≤ 0 never binds, with α > 0 it never accepts once m + 1 > δ²/(2α).",
        ("φ = b − (u − θ)²",),
        "Δ_j = δ² (H_{m+1} − 1)/(m(m+1)), 0 ≤ Δ_j ≤ δ²/(2(m+1))",
        r"0 \le \Delta_j = \delta^2\frac{H_{m+1}-1}{m(m+1)} \le \frac{\delta^2}{2(m+1)}",
        RECONSTRUCTION,
    ),
    Claim(
        "S10",
        "gain_increases_to_squared_gap",
        "For quadratic φ and δ ≠ 0 the gain increases strictly with m towards δ²: large coalitions attract.",
        ("φ = b − (u − θ)²", "δ ≠ 0"),
        "Δ(m) < Δ(m+1) < δ², and δ² − Δ(m) ≤ 2δ²/√(m+1)",
        r"\Delta(m) < \Delta(m+1) < \delta^2, \qquad \Delta(m) \to \delta^2",
        RECONSTRUCTION,
    ),
    Claim(
        "S11",
        "every_structure_stable_of_convex",
        "If φ is convex and κ ≥ 0, no structure has an admissible move at its tactical equilibrium: segregation "
        "persists.",
        ("φ is convex", "κ ≥ 0"),
        "max Δ ≤ 0 ≤ κ",
        r"\kappa \ge 0 \Rightarrow \max \Delta \le \kappa",
        RECONSTRUCTION,
    ),
    Claim(
        "S13",
        "size_game_of_tactical_unanimity",
        "At tactical unanimity with scale s^γ, moving from a coalition of k to join m gains "
        "φ(c)((m+1)^{γ−1} − k^{γ−1}). With φ(c) > 0, open acceptance and n ≥ 2: strategic unanimity is stable iff "
        "κ ≥ φ(c)(1 − n^{γ−1}); at κ = 0 it is the only stable structure if γ > 1, and all agents alone is the only "
        "one if γ < 1.",
        ("all agents agree", "g(s) = s^γ for s ≥ 1", "φ(c) > 0 for the conditions", "open acceptance"),
        "Δ = φ(c)((m+1)^{γ−1} − k^{γ−1})",
        r"\Delta = \varphi(c)\big((m+1)^{\gamma-1} - k^{\gamma-1}\big)",
        RECONSTRUCTION,
    ),
)

LEDGER: dict[str, Claim] = {claim.label: claim for claim in _CLAIMS}
