"""The figures by name: the module that makes each, its title and its caption.  `figures.writing` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FigureEntry:
    """A figure: the module that makes it, its title and its caption.

    The module has ``compute() -> data`` and ``draw(data) -> Figure``; the data has ``columns()``, headings and values.
    If the figure keeps data, it is ``compute(kept=folder, progress=report)``: see `figures.kept`.
    """

    module: str
    title: str
    caption: str
    keeps_data: bool = False


FIGURES: Mapping[str, FigureEntry] = {
    "paradox": FigureEntry(
        "figures.paradox",
        "The instability-consensus paradox",
        "Ten agents with standard normal opinions, starting alone, under four switching costs κ, "
        "over 200 seeds; a run that has come to a joint equilibrium keeps its last value. Concave performance "
        "(left): with κ < 0 the agents never stop moving (S6), and just so their opinions meet; with κ > 0 they "
        "stop (S4), apart (S5); with κ = 0 they stop where every gain is a tie. Double-well performance (right): the "
        "opinions stay apart at every cost. Spread and surplus: medians, bands between quartiles; coalitions: means, "
        "and one run.",
    ),
    "phase": FigureEntry(
        "figures.phase",
        "Regimes in the switching cost and the threshold of acceptance",
        "Four agents at -1, -1/3, 1/3 and 1, quadratic performance, starting alone; a coalition lets an agent in if "
        "each member gains α at least. Cells: the regime in which most of 200 runs end, the deeper the larger their "
        "share; white: a regime of its own, nobody moves, where all runs make 0 moves. Both axes are linear up to 0.01 "
        "and logarithmic beyond. Lines are derived: the solid one bounds the regime in which nobody moves, as all "
        "alone is stable beyond it (S8, S9); beyond the dashed ones two agents alone do not merge over that "
        "gap (S1, S9); above the dotted one the fourth agent is never let in (S9). With κ < 0 and α ≤ 0 there is no "
        "joint equilibrium (S6); with κ < 0 < α every run ends with everybody alone, less than 2√α apart.",
        keeps_data=True,
    ),
    "phase_rate": FigureEntry(
        "figures.phase_rate",
        "Regimes in the switching cost and the rate of consensus",
        "The same four agents, starting alone, everybody let in; members are paid at every step of consensus, "
        "discounted by 0.9, while their opinions meet at the rate ε. Cells as above: dots are strategic unanimity, "
        "also where that is not written. Lines are derived: the smallest rate ε* at which two agents alone merge over "
        "that gap (S12); the solid one bounds the regime in which nobody moves, all runs make 0 moves (S8). "
        "Consensus that is too slow keeps alliances from forming that would form at the same cost.",
        keeps_data=True,
    ),
    "phase_spread": FigureEntry(
        "figures.phase_spread",
        "Regimes in the switching cost and the spread of opinions about the best one",
        "Five agents evenly spaced over the spread s about the best opinion θ, three of them together at the start, "
        "everybody let in. Gains of quadratic performance do not depend on θ (S1), so what matters is how far opinions "
        "spread about it. Cells as above: dots are strategic unanimity, bars segregation. Lines are derived: the "
        "switching cost from which on a first move, to one agent alone or to the three who agree, does not pay; all "
        "grow with s². The solid one, the critical cost κ* of the start, bounds the regime in which nobody moves, all "
        "runs make 0 moves (S8).",
        keeps_data=True,
    ),
    "price_of_stability": FigureEntry(
        "figures.price_of_stability",
        "What stopping costs",
        "Quadratic performance, ten agents that start alone and stop at a joint equilibrium; 2000 runs at each "
        "switching cost κ > 0. (a) Spread of opinions where they stop, with the bound of S5. (b) Number of moves "
        "before, always from one set of opinions, with the bound of S4. (c) Surplus per agent below what all "
        "together would reach, with the bound κL/ℓ that follows from S5; here L = ℓ. Lines: medians; bands: between "
        "the 0.1 and 0.9 quantiles; dots: the largest of all runs. In (a) and (c) opinions are standard normal, "
        "drawn for each run.",
    ),
    "mixing": FigureEntry(
        "figures.mixing",
        "How fast agents agree who never settle",
        "Factor ρ_n by which the mean of the disagreement V falls in one move in the long run, concave performance "
        "and any switching cost below 0 (S7), against the number n of agents: derived (line; circles: exact "
        "algebraic numbers), and measured as the ratio of the means of V after 4n and 2n moves in 100 000 runs "
        "(dots, with bars of two standard errors). Dashed: the bound that is proved for every n.",
    ),
    "alliances": FigureEntry(
        "figures.alliances",
        "Fragile alliances and the speed of consensus",
        "Quadratic performance; members are paid for their own opinion while consensus takes time, discounted by "
        "ρ = 0.8. Lines are derived from the law of ε* (S12), markers are shares of 400 simulated gaps, normal with "
        "standard deviation √2, the same at every rate, with standard errors. (a) Two agents ally if ε > ε* over the "
        "gap between them; dotted: ε* over a gap of 1, open markers: whether those two ally on either side of it (no "
        "rate is enough at κ = 0.3). (b) Two allies who agree stay together if ε ≤ ε* over the gap to four who agree: "
        "what makes alliances form makes them fragile.",
    ),
    "adaptive": FigureEntry(
        "figures.adaptive",
        "Consensus that adapts to the membership",
        "Two alliances of four agents with standard normal opinions, quadratic performance, κ = 0.02, ρ = 0.8, one "
        "tactical step between moves; 600 runs, the same for every rate. Blue: fixed rates ε. Adaptive, between 0.05 "
        "and 0.8 for each coalition: slow after its entries and exits, slow at first (0.8 - 0.75 exp(-t/10)), or both. "
        "(a) Nobody has left the first alliance. (b) The same at the end, with standard errors, against the median "
        "time to consensus. (c) Surplus, mean over 100 slow steps, less that of consensus of all at once. Slow at "
        "first beats every fixed rate that is as fast in keeping alliances, and pays for it in surplus; slowing down "
        "after moves helps only beside it, and harms alone.",
    ),
    "magnet": FigureEntry(
        "figures.magnet",
        "The magnet effect: large coalitions attract",
        "(a) Gain of joining m agents, as a fraction of what it tends to as m grows (S10), for three performance "
        "functions that are concave there; circles: mean gain of the moves made under best response, over the "
        "squared gap. (b) Fifty agents, quadratic performance, switching cost -0.05, so that every move is "
        "admissible: how many moves join a coalition of m members, for each that would if targets had equal "
        "chances. Random moves do not ask for gains (S7). By largest gain, extreme agents move first and the "
        "distance counts as well as the size. Bars: two standard errors over 60 runs. (c) Mean share of the agents "
        "that are in the largest coalition, until the spread of opinions has fallen below 0.00003; cross: best "
        "response at a cost of 0.05, where runs stop before.",
    ),
    "polarization": FigureEntry(
        "figures.polarization",
        "Strategic polarization under a double well",
        "Ten agents with standard normal opinions, starting alone. (a) One run, chosen as one that ends in two "
        "coalitions (ε = 0.2, one tactical step between moves); dotted: the wells. (b) Final opinions of 400 runs at "
        "consensus before every move, with two wells and with one. (c) Filled: share of runs that end with agents in "
        "both camps, |u| > 1/√3, where the double well is concave; open: with exactly two coalitions, the regime "
        "called polarization. Two wells part opinions at every cost, but rarely into just two coalitions: those of one "
        "camp are too near to each other to merge. With one well and κ = 1 hardly anybody moves.",
    ),
    "payments": FigureEntry(
        "figures.payments",
        "Exit costs or joining bonuses: which holds a team more cheaply",
        "Nine agents in three coalitions, quadratic performance, moves weighed at the opinions as they are. Least "
        "subsidy that makes the structure stable, (a) against the switching cost κ, up to the critical cost κ*, and "
        "(b) against the price p of an exit cost for each unit and member bound: from a program that proves it "
        "(markers), and formulas (lines). A bonus is paid to those who need it, an exit cost binds all members of "
        "the coalition. (c) Which of the two alone is cheaper by the program (markers), and the derived crossover "
        "price p*: what members need on average over what the most tempted one needs (line).",
    ),
    "barriers": FigureEntry(
        "figures.barriers",
        "Critical switching cost of a single move",
        "Gain Δ of an agent that leaves a coalition it agrees with for m incumbents at a distance δ, which is the "
        "switching cost at which the move stops being profitable. Shaded: positive costs that do not prevent the move "
        "to one incumbent. "
        "Quadratic and Gaussian performance with the incumbents at the peak; double well with the incumbents at one "
        "peak, so that the other is at δ = 2.",
    ),
    "rates": FigureEntry(
        "figures.rates",
        "Convergence rates, simulated and derived",
        "(a) Rate fitted to simulated opinions against the second largest eigenvalue modulus that the closed-form "
        "spectrum of the influence family gives (T1, T3). (b) Simulated spread of opinions against time (markers) and "
        "the derived slope (lines); numbers are derived moduli.",
    ),
    "bifurcation": FigureEntry(
        "figures.bifurcation",
        "Which structures of one team are stable, exactly",
        "Every structure of eight agents under double-well performance -(u²-1)², moves weighed at the opinions as they "
        "are; opinions -1.9, -1.8, -1.6, -1.4, 0.1, 1.5, 1.7, 1.9, agents numbered in this order. (a) Number of "
        "structures that are stable at the switching cost κ; circles: birth of the first one with 1, 2, …, 8 "
        "coalitions, bars between them. (b) Largest and smallest surplus of a stable structure; distances from the "
        "best of all structures show the prices of anarchy and of stability.",
    ),
    "stabilisation": FigureEntry(
        "figures.stabilisation",
        "What holds one structure, and what breaks it",
        "Eight agents in three coalitions at consensus, quadratic performance. (a) Least subsidy that makes the "
        "structure stable at the switching cost κ, by the coalition to whose members it is paid. (b) Fragility radius: "
        "the least Euclidean change of opinions after which somebody moves (circles, from a program that proves it), "
        "and the closed form of S14 for each pair of coalitions; solid where it decides. Both meet at the critical "
        "cost (S8).",
    ),
    "fragility": FigureEntry(
        "figures.fragility",
        "How fragile one team is",
        "Nine agents in three coalitions (shaded in turn) at consensus, with influence that weighs them differently. "
        "(a) Barrier κ - Δ of each agent's best accepted move, which is named at the right; ticks: its other moves; "
        "hatched: the least of all. (b) The nearest opinions at which the team breaks.",
    ),
}
