"""What coalitions are worth and members are paid, V1 to V6."""

from __future__ import annotations

from theory.claims.claim import RECONSTRUCTION, Claim, Hypothesis

SHAPLEY = "Shapley, A value for n-person games, 1953; Aumann and Drèze, Int. J. Game Theory 3:217, 1974"
MYERSON = "Myerson, Math. Oper. Res. 2:225, 1977"

DISJOINT = Hypothesis("S and T are disjoint", r"S \cap T = \varnothing")
QUADRATIC = Hypothesis("φ = b − (u − θ)²", r"\varphi(u) = b - (u - \theta)^2")
EMPTY = Hypothesis("v(∅) = 0", r"v(\varnothing) = 0")

VALUE = (
    Claim(
        "V1",
        "superadditive_of_concave",
        "If φ is concave, the game is superadditive.",
        (
            Hypothesis(
                "φ is concave",
                r"\varphi(\lambda x + (1-\lambda) y) \ge \lambda\varphi(x) + (1-\lambda)\varphi(y), \quad "
                r"0 < \lambda < 1",
            ),
            DISJOINT,
        ),
        "v(S ∪ T) ≥ v(S) + v(T) for nonempty S and T",
        r"v(S \cup T) - v(S) - v(T) \ge 0, \qquad v(S) = |S|\,\varphi(c_S), \qquad S, T \ne \varnothing",
        ("0 as the least surplus", "exponent 1 of the scale"),
        RECONSTRUCTION,
    ),
    Claim(
        "V2",
        "subadditive_of_convex",
        "If φ is convex, the game is subadditive.",
        (
            Hypothesis(
                "φ is convex",
                r"\varphi(\lambda x + (1-\lambda) y) \le \lambda\varphi(x) + (1-\lambda)\varphi(y), \quad "
                r"0 < \lambda < 1",
            ),
            DISJOINT,
        ),
        "v(S ∪ T) ≤ v(S) + v(T) for nonempty S and T",
        r"v(S \cup T) - v(S) - v(T) \le 0, \qquad v(S) = |S|\,\varphi(c_S), \qquad S, T \ne \varnothing",
        ("0 as the largest surplus", "exponent 1 of the scale"),
        RECONSTRUCTION,
    ),
    Claim(
        "V3",
        "quadratic_payoff_closed_form",
        "For quadratic φ = b − (u − θ)² and any opinions, a member of a coalition of k is paid b − A_i, a closed form "
        "in its own y = x_i − θ, the sum t and the sum of squares q of the others (k = 2: without the last term, "
        "k = 1: A_i = y²).",
        (QUADRATIC,),
        "AD_i = b − (1/k) [y² H_k + 2yt(k−H_k)/(k−1) − q(H_k−1)/(k−1) − (t²−q)(k+1−2H_k)/((k−1)(k−2))]",
        r"AD_i = b - A_i, \qquad A_i = \frac1k\Big[y^2H_k + \frac{2yt(k-H_k)}{k-1} - \frac{q(H_k-1)}{k-1} "
        r"- \frac{(t^2-q)(k+1-2H_k)}{(k-1)(k-2)}\Big]",
        (
            "k in H_k",
            "1/k",
            "2 in 2yt",
            "the sign of q",
            "1 in H_k − 1",
            "1 in k + 1 − 2H_k",
            "2 in k + 1 − 2H_k",
        ),
        RECONSTRUCTION,
    ),
    Claim(
        "V4",
        "aumann_dreze_axioms",
        "Inside each coalition the Aumann-Drèze value, the sum of s!(k−s−1)!/k! (v(S ∪ i) − v(S)) over all S without i,"
        " is efficient, symmetric and additive, and pays null players 0, for every game.",
        (EMPTY,),
        "Σ_i AD_i = v(C); AD_i = AD_j for interchangeable i and j; AD_i = 0 if i adds nothing; "
        "AD(u + v) = AD(u) + AD(v)",
        r"\sum_{i \in C} AD_i(C) = v(C), \qquad "
        r"AD_i = \sum_{S \not\ni i} \frac{s!\,(k-s-1)!}{k!}\,\big(v(S \cup i) - v(S)\big)",
        (
            "s!(k−s−1)!/k! as the weights",
            "v(C) as the sum of the payoffs",
            "equal pay in symmetry",
            "0 for a null player",
            "the sum in additivity",
        ),
        SHAPLEY,
    ),
    Claim(
        "V5",
        "two_type_payoff_closed_form",
        "An entrant of opinion c + δ among m incumbents at c is paid the average of its contributions over the number "
        "s of incumbents before it, for every φ and every scale g with g(0) φ(c) read as 0.",
        (
            Hypothesis("all incumbents agree", r"x_j = c \text{ for all } j \ne i"),
            Hypothesis("v(S) = g(|S|) φ(c_S)", r"v(S) = g(|S|)\,\varphi(c_S)"),
            EMPTY,
        ),
        "AD = (1/(m+1)) Σ_{s=0}^{m} [g(s+1) φ(c + δ/(s+1)) − g(s) φ(c)]",
        r"AD = \frac1{m+1}\sum_{s=0}^m \big[g(s+1)\,\varphi(c + \tfrac{\delta}{s+1}) - g(s)\,\varphi(c)\big]",
        ("m as the last s", "m + 1 in 1/(m+1)", "s + 1 in δ/(s+1)", "−1 before g(s) φ(c)"),
        RECONSTRUCTION,
    ),
    Claim(
        "V6",
        "component_decomposition_on_network",
        "On a network g where a coalition is worth the sum of its connected components (v/g), an agent is paid what it "
        "is paid in its own component alone, a component shares its own worth, and deleting a link changes what its "
        "two ends are paid by the same amount, for every game v, even if v(S) depends on the links inside S.",
        (
            Hypothesis("the components of a coalition partition it", r"S = \textstyle\bigsqcup_{K \in S/g} K"),
            Hypothesis("a coalition is worth the sum of its components", r"(v/g)(S) = \textstyle\sum_{K \in S/g} v(K)"),
            Hypothesis("K is a component of C", r"K \in C/g"),
            Hypothesis("i and j are the ends of the deleted link", r"g' = g \setminus \{ij\}"),
            Hypothesis(
                "v(S) depends on S and the links inside it only",
                r"\{i, j\} \not\subseteq S \Rightarrow v_{g'}(S) = v_g(S)",
            ),
        ),
        "AD_i(C) = AD_i(K) for i in the component K of C; Σ_{i∈K} AD_i(C) = v(K); "
        "AD_i(v/g) − AD_i(v/(g∖ij)) = AD_j(v/g) − AD_j(v/(g∖ij))",
        r"AD_i(C) = AD_i(K), \qquad \sum_{i \in K} AD_i(C) = v(K), \qquad "
        r"AD_i(v/g) - AD_i(v/(g \setminus ij)) = AD_j(v/g) - AD_j(v/(g \setminus ij))",
        (
            "the Shapley value in the own component",
            "K as the own component",
            "v(K) as the sum over K",
            "1 as the ratio of the changes",
        ),
        MYERSON,
    ),
)
