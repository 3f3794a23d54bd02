"""TF-IDF + SVD text vectors: close texts are close, other scripts work, nothing breaks on odd input."""

import numpy as np
import pytest

from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.encoders.text import TfidfEncoder
from relvid_core.errors import EncoderError

TEXTS = [
    "sourdough bread baking at home",
    "baking rye bread with sourdough",
    "fixing a bicycle chain",
    "how to fix the chain of a bicycle",
    "烘焙面包的家庭教程",
    "家庭烘焙面包",
    "",
]


def test_texts_on_one_subject_are_closest_to_each_other_in_any_script() -> None:
    matrix = TfidfEncoder(8, 0).encode_corpus(TEXTS)
    similarity = matrix @ matrix.T
    np.fill_diagonal(similarity, -1)
    assert similarity.argmax(axis=1)[:6].tolist() == [1, 0, 3, 2, 5, 4]


def test_rows_are_unit_or_absent() -> None:
    matrix = TfidfEncoder(8, 0).encode_corpus(TEXTS)
    assert matrix.any(axis=1).tolist() == [True] * 6 + [False]
    assert np.linalg.norm(matrix, axis=1) == pytest.approx([1.0] * 6 + [0.0], abs=1e-5)
    assert matrix.shape[1] <= 8
    assert matrix.dtype == np.float32


def test_the_same_seed_gives_the_same_vectors() -> None:
    assert np.array_equal(TfidfEncoder(4, 1).encode_corpus(TEXTS), TfidfEncoder(4, 1).encode_corpus(TEXTS))


def test_the_card_tells_settings_apart() -> None:
    cards = [TfidfEncoder(*settings).card for settings in ((4, 1), (4, 2), (8, 1))]
    assert len({card.fingerprint for card in cards}) == 3
    assert {(card.name, card.modality) for card in cards} == {("tfidf-svd", "text")}
    assert cards[2].dim == 8
    with pytest.raises(EncoderError, match="received dim 0"):
        TfidfEncoder(0, 1)


@pytest.mark.parametrize("texts", [[], ["", " ", "\n"], ["one text"], ["", "alone"], ["...", "?!"]])
def test_too_little_text_is_absence_not_an_error(texts: list[str]) -> None:
    matrix = TfidfEncoder(4, 0).encode_corpus(texts)
    assert not matrix.any()
    assert matrix.shape == (len(texts), 1)


def test_hostile_texts_encode() -> None:
    texts = [
        "<script>alert(1)</script>",
        "=cmd()",
        "\u202eright to left\u202c",
        "a" * 100_000,
        "🙂 🙂",
        "\x00\x01",
        "...",
        "$$x$$",
        "half a pair \ud83d",
    ]
    assert np.isfinite(TfidfEncoder(4, 0).encode_corpus(texts)).all()


def test_a_matrix_that_does_not_fit_its_mask_is_refused() -> None:
    with pytest.raises(EncoderError, match="do not fit"):
        Modality("text", "x", np.zeros((3, 2), np.float32), np.zeros(2, bool))
    with pytest.raises(EncoderError, match="NaN"):
        Modality("text", "x", np.full((2, 2), np.nan, np.float32), np.zeros(2, bool))
    assert ContentFeatures().named("text") is None
