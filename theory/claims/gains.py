"""What a move gains, and what that forces, S1 to S5, S9 and S10."""

from __future__ import annotations

from theory.claims.claim import RECONSTRUCTION, Claim, Hypothesis

QUADRATIC = Hypothesis("φ = b − (u − θ)²", r"\varphi(u) = b - (u - \theta)^2")
WEIGHTS = Hypothesis("positive weights a_j (uniform: 1)", r"a_j > 0")
SCALE = Hypothesis("the scale a(S) = Σ a_j (uniform: |S|)", r"g(S) = \sum_{j \in S} a_j")
BOUND = Hypothesis("L ≥ 0", r"L \ge 0")
BETWEEN = r"\text{ on } [\min(c, c+\delta), \max(c, c+\delta)]"
OPEN = Hypothesis("open acceptance", r"\text{every entrant is accepted}")

GAINS = (
    Claim(
        "S1",
        "quadratic_gain_closed_form",
        "For quadratic φ the gain of joining m incumbents at a gap δ depends on δ and m only; founding alone gains 0.",
        (QUADRATIC,),
        "Δ = δ² (1 − H_{m+1}/(m+1)); founding: 0",
        r"\Delta = \delta^2\Big(1 - \frac{H_{m+1}}{m+1}\Big), \qquad \text{founding: } \Delta = 0",
        (
            "the exponent 2 of δ",
            "the index m + 1 of H",
            "the denominator m + 1",
            "1 in 1 − H_{m+1}/(m+1)",
            "the sign of Δ",
            "0 for founding",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "S2",
        "gain_nonneg_of_concave",
        "If φ is concave no agent loses by joining any coalition; if φ is convex none gains. Founding alone gains 0, "
        "whatever φ.",
        (
            Hypothesis("φ is concave between c and c + δ, for Δ ≥ 0", r"\varphi \text{ concave}" + BETWEEN),
            Hypothesis("φ is convex between c and c + δ, for Δ ≤ 0", r"\varphi \text{ convex}" + BETWEEN),
        ),
        "Δ ≥ 0 (Δ ≤ 0); founding: 0",
        r"\varphi \text{ concave} \Rightarrow \Delta \ge 0, \qquad \varphi \text{ convex} \Rightarrow \Delta \le 0, "
        r"\qquad \text{founding: } \Delta = 0",
        ("0 as the least gain of concave φ", "0 as the largest gain of convex φ", "0 for founding"),
        RECONSTRUCTION,
    ),
    Claim(
        "S3",
        "gain_bounded_by_disagreement_drop_weighted",
        "Under weighted influence A[i,j] = a_j > 0, with the scale a(S) = Σ a_j and V = Σ a_i (x_i − x̄)² about the "
        "weighted mean, an entrant of weight a removes δ² aA/(a+A) from V by joining incumbents of total weight A. If "
        "φ'' ≥ −L between the opinions, L ≥ 0, its gain is at most L/2 times that. Uniform influence is a_j = 1: the "
        "move removes δ² m/(m+1).",
        (
            WEIGHTS,
            SCALE,
            Hypothesis("φ'' ≥ −L between c and c + δ", r"\varphi'' \ge -L" + BETWEEN),
            BOUND,
        ),
        "V_before − V_after = δ² aA/(a+A), uniform: δ² m/(m+1), and Δ ≤ (L/2)(V_before − V_after)",
        r"\Delta \le \frac L2 (V_{\text{before}} - V_{\text{after}}) = \frac L2 \frac{aA}{a+A}\delta^2, \qquad "
        r"\text{uniform: } \frac L2 \frac{m}{m+1}\delta^2",
        (
            "1/2 in (L/2)(V_before − V_after)",
            "a A/(a + A) in the drop (uniform: m/(m+1))",
            "the exponent 2 of δ",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "S4",
        "finitely_many_moves_of_positive_cost",
        "Under uniform or weighted influence (V and the scale as in S3), which agrees in one tactical step, so any "
        "number T ≥ 1 of steps between moves is as good as infinitely many, let every switching cost be at least κ > 0 "
        "and φ'' ≥ −L, L ≥ 0. Then the coupled dynamics stop after at most L V(x(0))/(2κ) moves, fewer unless "
        "L V(x(0)) = 0, whatever the acceptance rule and whatever the schedule that makes admissible moves only (not "
        "logit, which also makes moves that do not pay); so a joint equilibrium exists.",
        (
            WEIGHTS,
            SCALE,
            Hypothesis("κ > 0", r"\kappa > 0"),
            Hypothesis("only moves that pay are made: Δ > the cost", r"\Delta > \text{cost of the move} \ge \kappa"),
            Hypothesis(
                "φ'' ≥ −L on the interval of the opinions", r"\varphi'' \ge -L \text{ on } [\min_i x_i, \max_i x_i]"
            ),
            BOUND,
        ),
        "number of moves ≤ L V(x(0)) / (2κ)",
        r"\#\text{moves} \le \frac{L\,V(x(0))}{2\kappa}",
        (
            "1/2 in (1/2) L V(x(0))/κ",
            "V(x(0)), a sum and not a mean",
            "equality only if L V(x(0)) = 0",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "S5",
        "spread_bounded_at_equilibrium_of_strongly_concave",
        "If φ'' ≤ −ℓ, ℓ > 0, acceptance is open and κ ≥ 0, at every joint equilibrium spread² is at most 8κ/ℓ. "
        "Two single agents with φ = b − (ℓ/2)(u − θ)² attain it for every κ.",
        (
            Hypothesis("φ'' ≤ −ℓ between the opinions", r"\varphi'' \le -\ell \text{ on } [\min_i x_i, \max_i x_i]"),
            Hypothesis("ℓ > 0", r"\ell > 0"),
            Hypothesis("κ ≥ 0", r"\kappa \ge 0"),
            OPEN,
            Hypothesis(
                "joint equilibrium: no admissible move", r"x = W(\pi)x, \quad \Delta \le \kappa \text{ for all moves}"
            ),
        ),
        "spread² ≤ 8κ/ℓ, and 8 is best",
        r"\mathrm{spread}(x)^2 \le \frac{8\kappa}{\ell}, \qquad \text{with equality for } n = 2, \ "
        r"\varphi = b - \tfrac{\ell}{2}(u-\theta)^2, \ \kappa = \tfrac{\ell}{8}\delta^2",
        ("8 in 8κ/ℓ",),
        RECONSTRUCTION,
    ),
    Claim(
        "S9",
        "incumbents_gain_of_quadratic",
        "For quadratic φ each of m ≥ 1 incumbents gains δ² (H_{m+1} − 1)/(m(m+1)) ≥ 0 from the entrant, at most "
        "δ²/(2(m+1)): unanimous acceptance with α ≤ 0 never binds, with α > 0 it never accepts once m + 1 > δ²/(2α).",
        (QUADRATIC,),
        "Δ_j = δ² (H_{m+1} − 1)/(m(m+1)), 0 ≤ Δ_j ≤ δ²/(2(m+1)), m ≥ 1; α ≤ 0 accepts, 2α(m+1) > δ² refuses",
        r"0 \le \Delta_j = \delta^2\frac{H_{m+1}-1}{m(m+1)} \le \frac{\delta^2}{2(m+1)}, \ m \ge 1; \quad "
        r"\alpha \le 0 \Rightarrow \Delta_j \ge \alpha; \quad 2\alpha(m+1) > \delta^2 \Rightarrow \Delta_j < \alpha",
        (
            "H_{m+1} − 1 in the numerator",
            "m(m+1) below",
            "the exponent 2 of δ",
            "0 as the least gain",
            "2 in δ²/(2(m+1))",
            "α ≤ 0 never binds",
            "2 in δ²/(2α)",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "S10",
        "gain_grows_with_incumbents_of_concave",
        "If φ is concave the gain does not fall as m grows: large coalitions attract. If moreover φ'' ≥ −L, it tends "
        "to the tangent gap G = φ(c) + δφ'(c) − φ(c+δ) from below, and G − Δ ≤ Lδ²/√(m+1). For quadratic φ and δ ≠ 0 "
        "it grows strictly, and G = δ².",
        (
            Hypothesis("φ is concave between c and c + δ", r"\varphi \text{ concave}" + BETWEEN),
            Hypothesis("φ'' ≥ −L between c and c + δ, for the limit", r"\varphi'' \ge -L" + BETWEEN),
            Hypothesis("φ = b − (u − θ)², for strict growth", QUADRATIC.latex),
            Hypothesis("δ ≠ 0, for strict growth", r"\delta \ne 0"),
        ),
        "Δ(m) ≤ Δ(m+1); 0 ≤ G − Δ(m) ≤ (L/2) δ² H_{m+1}/(m+1) ≤ Lδ²/√(m+1); quadratic: Δ(m) < Δ(m+1) < δ²",
        r"\Delta(m) \le \Delta(m+1), \quad 0 \le G - \Delta(m) \le \frac{L\delta^2}{2}\frac{H_{m+1}}{m+1} "
        r"\le \frac{L\delta^2}{\sqrt{m+1}}; \quad \text{quadratic: } \Delta(m) < \Delta(m+1) < \delta^2",
        (
            "G as the limit",
            "1/2 in (L/2) δ² H_{m+1}/(m+1)",
            "1 in 1·Lδ²/√(m+1)",
            "1 in Δ(m+1) < 1·δ² for quadratic φ",
        ),
        RECONSTRUCTION,
    ),
)
