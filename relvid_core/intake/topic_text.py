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
_COMMON: Final = 0.2  # a term in more than this share of the videos names no subject
_DIM: Final = 100


def subject_terms(texts: list[str]) -> list[list[str]]:
    """The words of each text that can name a subject; of Chinese, Japanese and Korean, pairs and triples of characters.

    Left out are fillers, words of one letter, numbers, and set phrases: two neighbouring words of which at least one is
    a filler ("filmed in", "you can"), as far as many videos share them. Common pairs without a filler ("prime
    numbers") stay.
    """
    tokens = [_TOKEN.findall(text[:_LONGEST].casefold()) for text in texts]
    shared: Counter[tuple[str, str]] = Counter()
    for words in tokens:
        shared.update(set(pairwise(words)))
    least = max(_PHRASE_FROM, _PHRASE_SHARE * len(texts))
    return [_terms(words, shared, least) for words in tokens]


def _terms(words: list[str], shared: Counter[tuple[str, str]], least: float) -> list[str]:
    set_phrase = [False] * len(words)
    for place, pair in enumerate(pairwise(words)):
        if shared[pair] >= least and (pair[0] in _FILLERS or pair[1] in _FILLERS):
            set_phrase[place] = set_phrase[place + 1] = True
    terms: list[str] = []
    for word, is_set in zip(words, set_phrase, strict=True):
        if _IS_CHINESE.match(word):
            terms += [word[i : i + n] for n in (2, 3) for i in range(len(word) - n + 1)]
        elif not is_set and len(word) > 1 and word not in _FILLERS and not word.isdigit():
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
