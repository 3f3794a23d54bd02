"""Nearly equal texts are found as by comparing all with all."""

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from relvid_core.data.text_pairs import distinct_pairs, pairs_within, text_pairs

WORDS = [
    f"{a}{b}" for a in ("bar", "col", "dim", "fen", "gul", "hop", "jet") for b in ("an", "ek", "ist", "or", "uth", "yp")
]


def sentences(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 14)) for _ in range(n)]


def test_text_pairs_agree_with_comparing_all_with_all() -> None:
    rng = np.random.default_rng(1)
    texts = sentences(120, seed=1)
    for i in range(60, 120):  # each a copy with 0 to 4 words replaced
        words = texts[i - 60].split()
        for place in rng.choice(len(words), i % 5, replace=False):
            words[place] = str(rng.choice(WORDS))
        texts[i] = " ".join(words)
    grams = HashingVectorizer(analyzer="char", ngram_range=(4, 4), n_features=1 << 20, norm=None, alternate_sign=False)
    vectors = sparse.csr_matrix(TfidfTransformer(sublinear_tf=True).fit_transform(grams.transform(texts)))
    cosine = np.triu((vectors @ vectors.T).toarray(), 1)
    expected = set(map(tuple, np.argwhere(cosine >= 0.95).tolist()))
    pairs, similarity = text_pairs(texts, 0.95)
    assert len(expected) >= 12
    assert set(map(tuple, pairs.tolist())) == expected
    np.testing.assert_allclose(similarity, [cosine[a, b] for a, b in pairs], atol=1e-5)


def test_texts_that_differ_in_case_and_signs_alone_are_equal() -> None:
    text = sentences(1)[0]
    pairs, similarity = text_pairs([text, *sentences(50, seed=2), text.replace(" ", "  ").upper() + "!"], 0.95)
    assert pairs.tolist() == [[0, 51]]
    np.testing.assert_allclose(similarity, [1.0], atol=1e-5)


def test_short_texts_are_no_evidence() -> None:
    assert len(text_pairs(["trailer", "trailer"], 0.9)[0]) == 0


def test_a_small_group_gives_all_pairs_and_a_large_one_a_star_and_a_chain() -> None:
    assert pairs_within([3, 1, 2]) == [(3, 1), (3, 2), (1, 2)]
    large = distinct_pairs(pairs_within(list(range(100))))
    assert len(large) == 98 + 99
    assert distinct_pairs([(2, 1), (1, 2), (0, 5)]).tolist() == [[0, 5], [1, 2]]
