"""The error tree as drawn in the module's docstring is the error tree there is."""

import inspect

import pytest

from relvid_core import errors

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, BaseException)
}  # fmt: skip


def _drawn_parents(drawing: str) -> dict[str, str]:
    """Child → parent, read from the indentation of the tree."""
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in drawing.splitlines():
        bare = line.lstrip(" │├└─")
        name = bare.split(" ")[0]
        if not line.startswith("    ") or not name.isidentifier():
            continue
        indent = len(line) - len(bare)
        path = [(depth, above) for depth, above in path if depth < indent]
        parents[name] = path[-1][1] if path else ""
        path.append((indent, name))
    return parents


def test_reading_a_drawing() -> None:
    drawing = "Words.\n\n    A\n    ├── B    text\n    │   └── C    text\n    └── D    text\n\nMore words."
    assert _drawn_parents(drawing) == {"A": "", "B": "A", "C": "B", "D": "A"}


def test_docstring_draws_every_class_below_its_parent() -> None:
    there = {name: value.__base__.__name__ for name, value in CLASSES.items()}
    assert there.pop("RelvidError") == "Exception"
    drawn = _drawn_parents(errors.__doc__ or "")
    assert drawn.pop("RelvidError") == ""
    assert drawn == there


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_class_says_what_it_is_for(name: str) -> None:
    assert (CLASSES[name].__doc__ or "").strip()
    assert CLASSES[name].__doc__ != errors.RelvidError.__doc__ or name == "RelvidError"


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_one_except_catches_all_and_keeps_the_message(name: str) -> None:
    with pytest.raises(errors.RelvidError, match=r"^what was wrong$"):
        raise CLASSES[name]("what was wrong")


def test_unknown_video_is_bad_data_and_nothing_else() -> None:
    assert issubclass(errors.UnknownVideo, errors.DataError)
    assert not issubclass(errors.ConfigError, errors.DataError)
    assert not issubclass(errors.RelvidError, ValueError | OSError)
