"""Words that more than one sentence of the app is made of."""

from __future__ import annotations

from collections.abc import Sequence


def listed_words(parts: Sequence[str], word: str = "and") -> str:
    """Parts as people list them.

    >>> listed_words(["a", "b", "c"]), listed_words(["a"], "or")
    ('a, b and c', 'a')
    """
    return f" {word} ".join([part for part in (", ".join(parts[:-1]), *parts[-1:]) if part])
