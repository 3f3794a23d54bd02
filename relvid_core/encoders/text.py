"""Text vectors that need no weights: TF-IDF of words and character n-grams, reduced by SVD."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sklearn
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union
from sklearn.preprocessing import normalize

from relvid_core.encoders.features import Modality

MAX_CHARACTERS = 5_000  # of one text; a longer one is cut, so that no single video can stall the encoder


def encode_text(texts: Sequence[str], *, dim: int, seed: int) -> Modality:
    """Latent semantic vectors (Deerwester et al. 1990) of title and description: `[n_videos, ≤ dim]`, unit rows.

    Words carry Western titles; character n-grams of 2 to 4 carry scripts without spaces and spelling variants.
    Videos without usable text get a zero row and `present = False`. The dimension is smaller than asked for where the
    vocabulary is.
    """
    cut = [text[:MAX_CHARACTERS] for text in texts]
    present = np.array([bool(text.strip()) for text in cut])
    name = f"tfidf-svd-{dim} (scikit-learn {sklearn.__version__})"
    if present.sum() < 2:
        return Modality("text", name, np.zeros((len(cut), 1), np.float32), np.zeros(len(cut), bool))
    smallest = 2 if present.sum() >= 50 else 1  # a term that one video alone uses relates it to nothing
    union = make_union(
        TfidfVectorizer(
            sublinear_tf=True, min_df=smallest, max_features=50_000, token_pattern=r"(?u)\b\w+\b", dtype=np.float32
        ),
        TfidfVectorizer(
            sublinear_tf=True,
            min_df=smallest,
            max_features=50_000,
            analyzer="char_wb",
            ngram_range=(2, 4),
            dtype=np.float32,
        ),
    )
    try:
        terms = union.fit_transform(cut)
    except ValueError as error:  # scikit-learn's word for "nothing but punctuation, or no term is used twice"
        if "vocabulary" not in str(error) and "no terms remain" not in str(error).lower():
            raise
        return Modality("text", name, np.zeros((len(cut), 1), np.float32), np.zeros(len(cut), bool))
    rank = min(dim, min(terms.shape) - 1)
    # float32 and two power iterations: several times faster than the defaults, for a little less variance
    reduced = TruncatedSVD(max(1, rank), n_iter=2, random_state=seed).fit_transform(terms)
    matrix = np.ascontiguousarray(normalize(reduced), dtype=np.float32)
    return Modality("text", name, matrix, present & (np.abs(matrix).sum(axis=1) > 0))
