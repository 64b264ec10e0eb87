"""Claim: a statement about the model, with its hypotheses and constants as data."""

from __future__ import annotations

from dataclasses import dataclass

RECONSTRUCTION = "this project, on a reconstruction of the model of Zhu, arXiv:2606.26139, 2026"


@dataclass(frozen=True)
class Hypothesis:
    """Something that a claim assumes beyond the setting.

    Parameters
    ----------
    words : str
        In words, as mutants name it.
    latex : str
        As a formula.
    """

    words: str
    latex: str


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
    hypotheses : tuple of Hypothesis
        What is assumed beyond the setting of the package.
    conclusion : str
        What follows.
    latex : str
        The conclusion as a formula.
    constants : tuple of str
        The numbers, signs and indices of the conclusion that could have been others.
    reference : str
        Where it comes from.
    """

    label: str
    name: str
    statement: str
    hypotheses: tuple[Hypothesis, ...]
    conclusion: str
    latex: str
    constants: tuple[str, ...]
    reference: str

    @property
    def guarded(self) -> tuple[str, ...]:
        """The hypotheses and constants: each must be seen to be needed, by a mutant that is refuted."""
        return tuple(hypothesis.words for hypothesis in self.hypotheses) + self.constants
