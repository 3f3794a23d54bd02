"""Text vectors that need no weights: TF-IDF of words and character n-grams, reduced by SVD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sklearn
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union
from sklearn.preprocessing import normalize

from relvid_core.encoders.contract import EncoderCard, Matrix
from relvid_core.errors import EncoderError
from relvid_core.runtime import seed_for

MAX_CHARACTERS = 5_000  # of one text; a longer one is cut, so that no single video can stall the encoder


@dataclass(frozen=True)
class TfidfEncoder:
    """Latent semantic vectors (Deerwester et al. 1990) of title and description.

    Words carry Western titles; character n-grams of 2 to 4 carry scripts without spaces and spelling variants. Which
    terms count, and how much, is learnt from all texts together.
    """

    dim: int  # the most; smaller where the vocabulary is
    seed: int = seed_for(0, "text")  # the same in every run, so that vectors can be kept and shipped

    def __post_init__(self) -> None:
        if self.dim < 1:
            raise EncoderError(f"tfidf-svd: received dim {self.dim}; give at least 1")

    @property
    def card(self) -> EncoderCard:
        """Who this is."""
        return EncoderCard(
            "tfidf-svd",
            "TF-IDF of words and characters",
            f"1, seed {self.seed} (scikit-learn {sklearn.__version__})",
            "text",
            self.dim,
        )

    def encode_corpus(self, contents: Sequence[str]) -> Matrix:
        """`[len(contents), ≤ dim]`: unit rows, zero rows for texts without a usable term.

        Where too little text is usable to learn from, a single column of zeros.
        """
        cut = [text[:MAX_CHARACTERS] for text in contents]
        nothing = np.zeros((len(cut), 1), np.float32)
        present = np.array([bool(text.strip()) for text in cut], dtype=bool)
        if present.sum() < 2:
            return nothing
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
            return nothing
        rank = min(self.dim, min(terms.shape) - 1)
        # float32 and two power iterations: several times faster than the defaults, for a little less variance
        reduced = TruncatedSVD(max(1, rank), n_iter=2, random_state=self.seed).fit_transform(terms)
        matrix = np.ascontiguousarray(normalize(reduced), dtype=np.float32)
        matrix[~present] = 0
        return matrix


def readable(text: str) -> str:
    """A text as tokenizers take it: cut, and lone surrogates, which have no encoding, replaced."""
    return text[:MAX_CHARACTERS].encode("utf-8", errors="replace").decode("utf-8")
