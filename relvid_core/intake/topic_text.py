"""What a catalogue's texts say about subjects, without the phrases that its titles and descriptions share."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Final

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.preprocessing import normalize

from relvid_core.data.catalog import Catalog
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.errors import NotEnoughData
from relvid_core.runtime import seed_for

_CHINESE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"  # scripts that are read by character
_TOKEN: Final = re.compile(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+")
_IS_CHINESE: Final = re.compile(rf"[{_CHINESE}]")
_FILLERS: Final = ENGLISH_STOP_WORDS | {
    "video",
    "videos",
    "episode",
    "watch",
    "official",
    "http",
    "https",
    "www",
    "com",
}
_LONGEST: Final = 2_000  # characters of one text
_PHRASE_FROM: Final = 10  # videos that share a phrase before it counts as a set one …
_PHRASE_SHARE: Final = 0.002  # … or this share of the catalogue, if that is more
_PHRASE_MOSTLY: Final = 0.4  # and of the videos with its word, at least this share have the phrase
_COMMON: Final = 0.5  # a term in more than this share of the videos names no subject
_DIM: Final = 100


def subject_terms(texts: list[str]) -> list[list[str]]:
    """The words of each text that can name a subject; of Chinese, Japanese and Korean, pairs and triples of characters.

    Left out are fillers, words of one letter, numbers, and set phrases: a word beside a filler ("filmed in"), if many
    videos have this pair and the word often stands in it. A subject stands beside many fillers ("of sailing", "about
    sailing"), and pairs without a filler ("prime numbers") stay.
    """
    tokens = [_TOKEN.findall(text[:_LONGEST].casefold()) for text in texts]
    pairs: Counter[tuple[str, str]] = Counter()
    words: Counter[str] = Counter()
    for text in tokens:
        pairs.update(set(pairwise(text)))
        words.update(set(text))
    least = max(_PHRASE_FROM, _PHRASE_SHARE * len(texts))
    set_phrases = {
        (first, second)
        for (first, second), n in pairs.items()
        if n >= least
        and (first in _FILLERS or second in _FILLERS)
        and n >= _PHRASE_MOSTLY * words[second if first in _FILLERS else first]
    }
    return [_terms(text, set_phrases) for text in tokens]


def _terms(words: list[str], set_phrases: set[tuple[str, str]]) -> list[str]:
    is_set = [False] * len(words)
    for place, pair in enumerate(pairwise(words)):
        if pair in set_phrases:
            is_set[place] = is_set[place + 1] = True
    terms: list[str] = []
    for word, left_out in zip(words, is_set, strict=True):
        if _IS_CHINESE.match(word):
            terms += [word[i : i + n] for n in (2, 3) for i in range(len(word) - n + 1)]
        elif not left_out and len(word) > 1 and word not in _FILLERS and not word.isdigit():
            terms.append(word)
    return terms


def is_chinese(term: str) -> bool:
    """Whether a term is a piece of text in a script without spaces."""
    return _IS_CHINESE.match(term) is not None


def topic_features(catalog: Catalog, *, seed: int = 0) -> ContentFeatures:
    """Vectors to find topics by: latent semantic analysis (Deerwester et al. 1990) of the subject terms alone.

    On the sample world, whose texts are made from phrases, groups by these vectors agree with the true topics far
    better than by vectors of the whole texts. Raises NotEnoughData where no two videos share a term.
    """
    texts = subject_terms(catalog.text)
    smallest = 2 if sum(map(bool, texts)) >= 50 else 1
    vectoriser = TfidfVectorizer(
        analyzer=_as_they_are, sublinear_tf=True, min_df=smallest, max_df=_COMMON, dtype=np.float32
    )
    try:
        table = vectoriser.fit_transform(texts)
    except ValueError as error:  # scikit-learn's word for "no term is left"
        raise NotEnoughData(
            "topics: no two videos share a word that could name a subject. Add descriptions, or set topics by hand."
        ) from error
    rank = min(_DIM, min(table.shape) - 1)
    if rank < 1:
        raise NotEnoughData("topics: there are too few words to group videos by. Add titles or descriptions.")
    reduced = TruncatedSVD(rank, random_state=seed_for(seed, "topic text")).fit_transform(table)
    length = np.linalg.norm(reduced, axis=1)
    present = length > 1e-6
    matrix = np.ascontiguousarray(np.where(present[:, None], normalize(reduced), 0.0), dtype=np.float32)
    return ContentFeatures((Modality("text", f"subject terms, LSA {rank}", matrix, present),))


def _as_they_are(terms: list[str]) -> list[str]:
    return terms
