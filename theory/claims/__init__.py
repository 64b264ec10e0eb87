"""Claims: the ledger of results about the exit-join model, as data.

Every claim has a label, a name made of its conclusion and its hypotheses, a statement in words, its
hypotheses one by one, its conclusion, a LaTeX formula, the constants in it and a reference.  ``proofs_checks`` looks
for evidence, claim by claim; nothing here says whether a claim is true.

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

from theory.claims.claim import Claim, Hypothesis
from theory.claims.gains import GAINS
from theory.claims.paradox import PARADOX
from theory.claims.products import PRODUCTS
from theory.claims.structures import STRUCTURES
from theory.claims.tactical import TACTICAL
from theory.claims.value import VALUE

__all__ = ["LEDGER", "Claim", "Hypothesis"]

_ALL = (*TACTICAL, *PRODUCTS, *VALUE, *GAINS, *STRUCTURES, *PARADOX)

LEDGER: dict[str, Claim] = {
    claim.label: claim for claim in sorted(_ALL, key=lambda claim: ("TVS".index(claim.label[0]), int(claim.label[1:])))
}
