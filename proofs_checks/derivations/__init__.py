"""Derivations: what `theory` derives for a claim, function by function, against brute force from the definitions.

The studies of the claims prove statements; these checks make sure that the functions of `theory` which print, compile
and draw those statements say the same, in every branch.  They use exact rational arithmetic and the oracles, and no
route of `theory` that is checked.  `proofs_checks.mutation` measures what they let pass.
"""

from __future__ import annotations

from importlib import import_module

from proofs_checks.check import Check

DERIVATIONS: dict[str, tuple[str, ...]] = {
    "T1": ("agreement",),
    "T2": ("agreement",),
    "T3": ("families", "spectra"),
    "V3": ("sampling",),
    "V4": ("payoffs", "conditions"),
    "V5": ("payoffs", "gains"),
    "S1": ("gains", "conditions"),
    "S2": ("bounds",),
    "S3": ("bounds", "curvature", "enclosures", "jets"),
    "S4": ("bounds", "conditions"),
    "S5": ("bounds", "curvature"),
    "S7": ("rates",),
    "S8": ("critical",),
    "S9": ("gains",),
    "S10": ("limits", "bounds"),
    "S12": ("discounting",),
    "S13": ("sizes",),
    "S14": ("bounds",),
}


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of what `theory` derives for a claim; none for most.

    Examples
    --------
    >>> checks_of("V1")
    ()
    """
    found: list[Check] = []
    for name in DERIVATIONS.get(label, ()):
        found += import_module(f"proofs_checks.derivations.{name}").checks_of(label)
    return tuple(found)
