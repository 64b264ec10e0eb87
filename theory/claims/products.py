"""Products of stochastic matrices: consensus however coalitions switch, T5 and T6."""

from __future__ import annotations

from theory.claims.claim import Claim, Hypothesis

PRODUCTS = (
    Claim(
        "T5",
        "almost_sure_consensus_iff_mean_contracts",
        "Let opinions follow x(t+1) = W(t) x(t) with independent, identically distributed W(t) from finitely many "
        "influence matrices (row-stochastic, as always) with positive diagonals. They agree almost surely, from every "
        "start, if and only if the second largest eigenvalue modulus of E[W] is below 1.",
        (
            Hypothesis("W(t) are independent", r"W(0), W(1), \dots \text{ independent}"),
            Hypothesis("W(t) are identically distributed", r"P(W(t) = A) = P(W(0) = A)"),
            Hypothesis("positive diagonals", r"W_{ii}(t) > 0 \text{ almost surely}"),
        ),
        "spread(x(t)) → 0 almost surely for every x(0) ⇔ |λ₂(E[W])| < 1",
        r"\mathrm{spread}(x(t)) \to 0 \text{ a.s. for all } x(0) \iff |\lambda_2(\mathbb E\,W)| < 1",
        ("the mean E[W]", "1 as the bound of |λ₂|"),
        "Tahbaz-Salehi and Jadbabaie, IEEE Trans. Autom. Control 53:791, 2008",
    ),
    Claim(
        "T6",
        "consensus_in_every_order_of_sia_products",
        "If every finite product of a finite set of stochastic matrices is SIA (its powers converge to equal rows), "
        "then every infinite product contracts at a common rate and opinions agree in every order. Every finite "
        "product is SIA if and only if the graph of disjoint pairs {S, T} → {F(S), F(T)} has no cycle, where F(S) are "
        "the agents that somebody in S listens to.",
        (
            Hypothesis("the set is finite", r"|\mathcal A| < \infty"),
            Hypothesis("every finite product is SIA", r"A_{w_1} \cdots A_{w_k} \text{ is SIA for every word } w"),
        ),
        "τ(A_{w₁}…A_{w_k}) ≤ (1 − ε^ν)^⌊k/ν⌋ with ε the least positive entry and ν ≤ (3ⁿ − 2ⁿ⁺¹ + 1)/2 the scrambling "
        "index (n ≥ 2); every finite product is SIA ⇔ the graph of disjoint pairs has no cycle",
        r"\tau(A_{w_1} \cdots A_{w_k}) \le (1 - \varepsilon^{\nu})^{\lfloor k/\nu \rfloor}, \quad "
        r"\nu \le \tfrac12 (3^n - 2^{n+1} + 1) \ (n \ge 2); \qquad \text{every product SIA} \iff "
        r"\{S, T\} \to \{F_A(S), F_A(T)\} \text{ has no cycle}",
        ("ν in ε^ν", "ν in ⌊k/ν⌋", "(3ⁿ − 2ⁿ⁺¹ + 1)/2", "cycles of any length"),
        "Wolfowitz, Proc. Amer. Math. Soc. 14:733, 1963; Paz, Proc. Amer. Math. Soc. 16:634, 1965; Hajnal, Proc. "
        "Cambridge Philos. Soc. 54:233, 1958",
    ),
)
