"""Second opinions can contradict: a false sentence is refuted, a true twin noticed."""

from dataclasses import replace

import pytest

from proofs_checks.check import run
from proofs_checks.studies import opinions
from proofs_checks.studies.opinions import SENTENCES, opinions_of


@pytest.mark.parametrize("label", SENTENCES)
def test_a_false_sentence_is_refuted_and_a_true_twin_is_noticed(label, monkeypatch):
    for check in opinions_of(label):  # that the sentences hold is verified with the claims
        for sentence in SENTENCES[label]:
            false = replace(sentence, conclusion=sentence.twin)
            assert run(replace(check, instances=lambda false=false: [false])).counterexample
            blunt = replace(sentence, twin=sentence.conclusion)
            with monkeypatch.context() as patch:
                patch.setattr(opinions, "SEARCH_SECONDS", 0.02)  # a search for what does not exist takes all its time
                assert run(replace(check, instances=lambda blunt=blunt: [blunt])).counterexample
