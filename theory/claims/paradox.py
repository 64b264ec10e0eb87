"""The instability-consensus paradox, S7."""

from __future__ import annotations

from theory.claims.claim import RECONSTRUCTION, Claim, Hypothesis

PARADOX: tuple[Claim, ...] = (
    Claim(
        "S7",
        "mean_square_consensus_of_negative_cost",
        "If n ≥ 2, φ is concave, κ < 0, acceptance is open and a uniformly random agent moves to a uniformly random "
        "target (another coalition, or being alone unless it is), every move is always admissible, the structure is a "
        "Markov chain that ignores φ, κ and the opinions, and opinions agree in mean square and almost surely: E V "
        "falls by the factor 1 − 1/(2n) at least in each move, and lim (E V(t))^{1/t} = ρ_n from every start with "
        "V(0) > 0. Here ρ_n is the spectral radius of the linear law of the mean squares E[(c_C − c_D)²; π]; it "
        "depends on n alone, and 0 < ρ_n ≤ 1 − 1/(2n) for n ≥ 3.",
        (
            Hypothesis("n ≥ 2", r"n \ge 2"),
            Hypothesis(
                "φ is concave", r"\varphi(\lambda u + (1-\lambda) w) \ge \lambda\varphi(u) + (1-\lambda)\varphi(w)"
            ),
            Hypothesis("κ < 0", r"\kappa < 0"),
            Hypothesis("open acceptance", r"\text{every } D \text{ accepts every } i"),
            Hypothesis("a uniformly random agent moves", r"P(i) = 1/n"),
            Hypothesis("to a uniformly random target", r"P(D \mid i) = 1/(K - 1 + [|\pi(i)| \ge 2])"),
            Hypothesis("V(0) > 0, for the limit", r"V(0) > 0"),
        ),
        "E V(t+1) ≤ (1 − 1/(2n)) E V(t), V(t) → 0 almost surely; lim (E V(t))^{1/t} = ρ_n if V(0) > 0, ρ_n of n alone; "
        "ρ_2 = 0, ρ_3 = (1 + √97)/24, ρ_4 ≈ 0.62074, ρ_5 ≈ 0.70579, ρ_6 ≈ 0.75828",
        r"\mathbb E V(t+1) \le \Big(1 - \frac1{2n}\Big)\,\mathbb E V(t), \qquad "
        r"V(t) \to 0 \text{ almost surely}, \qquad "
        r"\lim_{t\to\infty} (\mathbb E V(t))^{1/t} = \rho_n \text{ of } n \text{ alone}, \qquad \rho_2 = 0,\ "
        r"\rho_3 = \frac{1 + \sqrt{97}}{24},\ \rho_4 \approx 0.62074,\ \rho_5 \approx 0.70579,\ \rho_6 \approx 0.75828",
        (
            "1/2 in 1 − 1/(2n)",
            "n in 1 − 1/(2n)",
            "1/t in (E V(t))^{1/t}",
            "ρ_2 = 0",
            "1 in ρ_3",
            "97 in ρ_3",
            "24 in ρ_3",
            "0.62074 for ρ_4",
            "0.70579 for ρ_5",
            "0.75828 for ρ_6",
        ),
        RECONSTRUCTION,
    ),
)
