"""Which structures are stable, S6, S8 and S11 to S14."""

from __future__ import annotations

from theory.claims.claim import RECONSTRUCTION, Claim, Hypothesis

_QUADRATIC = Hypothesis("φ = b − (u − θ)²", r"\varphi(u) = b - (u - \theta)^2")
_OPEN = r"\text{every entrant is accepted}"

STRUCTURES = (
    Claim(
        "S6",
        "no_equilibrium_of_negative_cost",
        "If φ is concave, κ < 0, n ≥ 2 and acceptance is open, no joint equilibrium exists.",
        (
            Hypothesis(
                "φ is concave",
                r"\varphi(\lambda u + (1-\lambda) w) \ge \lambda \varphi(u) + (1-\lambda) \varphi(w)",
            ),
            Hypothesis("κ < 0", r"\kappa < 0"),
            Hypothesis("n ≥ 2", r"n \ge 2"),
            Hypothesis("open acceptance", _OPEN),
        ),
        "every tactical equilibrium has an admissible move",
        r"\kappa < 0 \Rightarrow \max \Delta \ge 0 > \kappa",
        ("0 as the least gain",),
        RECONSTRUCTION,
    ),
    Claim(
        "S8",
        "critical_cost_of_structure_quadratic",
        "For quadratic φ and open acceptance, a structure is stable against single moves at its tactical equilibrium "
        "iff κ is at least its critical cost, the largest gain; that of the grand coalition of n ≥ 2 is 0.",
        (_QUADRATIC, Hypothesis("open acceptance", _OPEN), Hypothesis("n ≥ 2", r"n \ge 2")),
        "stable iff κ ≥ κ*, κ* = max over C ≠ D of δ² (1 − H_{|D|+1}/(|D|+1)), 0 for the grand coalition",
        r"\pi \text{ stable} \iff \kappa \ge \kappa^*, \quad "
        r"\kappa^* = \max_{C \ne D} \delta^2\Big(1 - \frac{H_{|D|+1}}{|D|+1}\Big), \quad \kappa^*(\{N\}) = 0",
        (
            "2 in δ²",
            "1 before the harmonic number",
            "|D| for all C ≠ D",
            "1 in |D| + 1",
            "0 for the grand coalition",
            "≥ in κ ≥ κ*",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "S11",
        "every_structure_stable_of_convex",
        "If φ is convex and κ ≥ 0, no structure has an admissible move at its tactical equilibrium: segregation "
        "persists.",
        (
            Hypothesis(
                "φ is convex",
                r"\varphi(\lambda u + (1-\lambda) w) \le \lambda \varphi(u) + (1-\lambda) \varphi(w)",
            ),
            Hypothesis("κ ≥ 0", r"\kappa \ge 0"),
        ),
        "max Δ ≤ 0 ≤ κ",
        r"\kappa \ge 0 \Rightarrow \max \Delta \le 0 \le \kappa",
        ("0 as the largest gain",),
        RECONSTRUCTION,
    ),
    Claim(
        "S12",
        "slow_consensus_breaks_coalitions",
        "If members are paid φ, quadratic, of their own opinion at every tactical step t = 0, 1, …, with weight "
        "(1−ρ)ρ^t, while lazy uniform influence of rate ε brings them to their mean, the gain is "
        "(1−β) δ² (1 − H_{m+1}/(m+1)), where β = (1−ρ)/(1−ρ(1−ε)²), and that of founding alone 0. With "
        "r = κ/(δ² (1 − H_{m+1}/(m+1))): for 0 < r < ρ the move pays iff ε > ε* = 1 − √((ρ−r)/(ρ(1−r))), which lies "
        "in (0, 1); for r ≥ ρ it pays at no rate, for r ≤ 0 at every rate.",
        (
            _QUADRATIC,
            Hypothesis("lazy uniform influence", r"W_S = (1-\varepsilon) I + \varepsilon\, 11^{\top}/|S|"),
            Hypothesis(
                "weight (1−ρ)ρ^t at step t",
                r"v(S) = (1-\rho) \textstyle\sum_{t \ge 0} \rho^t \sum_{i \in S} \varphi(x_i(t))",
            ),
            Hypothesis("ε > 0", r"\varepsilon > 0"),
            Hypothesis("ε ≤ 1", r"\varepsilon \le 1"),
            Hypothesis("ρ > 0", r"\rho > 0"),
            Hypothesis("ρ < 1", r"\rho < 1"),
            Hypothesis("δ ≠ 0", r"\delta \ne 0"),
        ),
        "Δ = (1−β) G, G = δ² (1 − H_{m+1}/(m+1)), β = (1−ρ)/(1−ρ(1−ε)²), founding alone gains 0; with r = κ/G: for "
        "0 < r < ρ, Δ > κ iff ε > ε* = 1 − √((ρ−r)/(ρ(1−r))), 0 < ε* < 1; for r ≥ ρ, Δ ≤ κ at every ε; for r ≤ 0, "
        "Δ > κ at every ε",
        r"\Delta = (1-\beta)\,G, \quad G = \delta^2\Big(1 - \frac{H_{m+1}}{m+1}\Big), \quad "
        r"\beta = \frac{1-\rho}{1-\rho(1-\varepsilon)^2}, \quad \text{founding: } 0; \quad r = \frac{\kappa}{G}: \quad "
        r"0 < r < \rho \Rightarrow \Big(\Delta > \kappa \iff "
        r"\varepsilon > \varepsilon^* = 1 - \sqrt{\frac{\rho-r}{\rho(1-r)}}\Big),\ 0 < \varepsilon^* < 1, \quad "
        r"r \ge \rho \Rightarrow \Delta \le \kappa, \quad r \le 0 \Rightarrow \Delta > \kappa",
        (
            "1 − β in the gain",
            "2 in (1−ε)²",
            "1 − ρ above the line of β",
            "ρ inside 1 − ρ(1−ε)²",
            "2 in δ²",
            "1 before H_{m+1}",
            "m + 1 in H_{m+1}",
            "0 for founding",
            "ρ − r under the root",
            "ρ(1−r) under the root",
            "the root in ε*",
            "> in ε > ε*",
            "ρ as the least r at which no rate pays",
            "0 as the largest r at which every rate pays",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "S13",
        "size_game_of_tactical_unanimity",
        "At tactical unanimity with scale s^γ, moving from a coalition of k to join m gains "
        "φ(c)((m+1)^{γ−1} − k^{γ−1}), m = 0 for founding alone. With φ(c) > 0, open acceptance and n ≥ 2: strategic "
        "unanimity is stable iff κ ≥ φ(c)(1 − n^{γ−1}); at κ = 0 it is the only stable structure if γ > 1, and all "
        "agents alone is the only one if γ < 1.",
        (
            Hypothesis("all agents agree", r"x_1 = \dots = x_n = c"),
            Hypothesis("g(s) = s^γ for s ≥ 1", r"g(s) = s^\gamma"),
            Hypothesis("φ(c) > 0 for the conditions", r"\varphi(c) > 0"),
            Hypothesis("open acceptance for the conditions", _OPEN),
            Hypothesis("n ≥ 2 for the conditions", r"n \ge 2"),
        ),
        "Δ = φ(c)((m+1)^{γ−1} − k^{γ−1}); {N} stable iff κ ≥ φ(c)(1 − n^{γ−1}); at κ = 0 only {N} is stable if γ > 1, "
        "only all agents alone if γ < 1",
        r"\Delta = \varphi(c)\big((m+1)^{\gamma-1} - k^{\gamma-1}\big), \quad "
        r"\{N\} \text{ stable} \iff \kappa \ge \varphi(c)(1 - n^{\gamma-1}); \quad \kappa = 0: \quad "
        r"\gamma > 1 \Rightarrow (\pi \text{ stable} \iff \pi = \{N\}), \quad "
        r"\gamma < 1 \Rightarrow (\pi \text{ stable} \iff |\pi| = n)",
        (
            "1 in m + 1",
            "1 in γ − 1",
            "1 before n^{γ−1}",
            "0 as the cost at which one structure is stable",
            "1 as the γ above which it is {N}",
            "1 as the γ below which it is all alone",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "S14",
        "fragility_radius_of_one_move",
        "For quadratic φ and κ ≥ 0 let δ* = √(κ/(1 − H_{m+1}/(m+1))), m = |D|. Of the changes of the opinions of C "
        "and D, made before the coalitions reach consensus, that make the move from C to D profitable, the infimum "
        "of the Euclidean norms is (δ* − |δ|)/√(1/|C| + 1/|D|) if |δ| ≤ δ*, and κ is then the largest gain of a "
        "change of that norm, reached along the gap; it is 0 if |δ| > δ*, where the move pays already.",
        (
            _QUADRATIC,
            Hypothesis("κ ≥ 0", r"\kappa \ge 0"),
            Hypothesis(
                "the opinions change before consensus",
                r"\delta = \tfrac{1}{|C|}\textstyle\sum_{C} (x_i + e_i) - \tfrac{1}{|D|}\sum_{D} (x_i + e_i)",
            ),
        ),
        "inf ‖e‖ = (δ* − |δ|)/√(1/|C| + 1/|D|) if |δ| ≤ δ*, and κ is the largest gain at that distance; 0 if |δ| > δ*",
        r"R = \inf_{\Delta > \kappa} \|e\| = \frac{\max(\delta^* - |\delta|,\, 0)}{\sqrt{1/|C| + 1/|D|}}, \quad "
        r"\delta^* = \sqrt{\frac{\kappa}{1 - H_{m+1}/(m+1)}}, \quad m = |D|, \quad "
        r"|\delta| \le \delta^* \Rightarrow \max_{\|e\| = R} \Delta = \kappa",
        (
            "m + 1 in H_{m+1}",
            "the root in δ*",
            "the root of 1/|C| + 1/|D|",
            "+ in 1/|C| + 1/|D|",
            "|δ| without its sign",
            "0 if |δ| > δ*",
            "κ as the largest gain at that distance",
        ),
        RECONSTRUCTION,
    ),
)
