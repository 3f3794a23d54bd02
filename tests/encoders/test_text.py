"""TF-IDF + SVD text vectors: close texts are close, other scripts work, nothing breaks on odd input."""

import numpy as np
import pytest

from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.encoders.text import encode_text
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
    modality = encode_text(TEXTS, dim=8, seed=0)
    similarity = modality.matrix @ modality.matrix.T
    np.fill_diagonal(similarity, -1)
    assert similarity.argmax(axis=1)[:6].tolist() == [1, 0, 3, 2, 5, 4]


def test_rows_are_unit_or_absent() -> None:
    modality = encode_text(TEXTS, dim=8, seed=0)
    assert modality.present.tolist() == [True] * 6 + [False]
    assert np.linalg.norm(modality.matrix, axis=1) == pytest.approx([1.0] * 6 + [0.0], abs=1e-5)
    assert modality.matrix.shape[1] <= 8


def test_the_same_seed_gives_the_same_vectors() -> None:
    assert np.array_equal(encode_text(TEXTS, dim=4, seed=1).matrix, encode_text(TEXTS, dim=4, seed=1).matrix)


@pytest.mark.parametrize("texts", [["", " ", "\n"], ["one text"], ["", "alone"]])
def test_too_little_text_is_absence_not_an_error(texts: list[str]) -> None:
    modality = encode_text(texts, dim=4, seed=0)
    assert not modality.present.any()
    assert modality.matrix.shape[0] == len(texts)


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
    ]
    modality = encode_text(texts, dim=4, seed=0)
    assert np.isfinite(modality.matrix).all()


def test_a_matrix_that_does_not_fit_its_mask_is_refused() -> None:
    with pytest.raises(EncoderError, match="do not fit"):
        Modality("text", "x", np.zeros((3, 2), np.float32), np.zeros(2, bool))
    with pytest.raises(EncoderError, match="NaN"):
        Modality("text", "x", np.full((2, 2), np.nan, np.float32), np.zeros(2, bool))
    assert ContentFeatures().named("text") is None
