"""The colours of every figure: the same six as in .streamlit/config.toml, readable on light and dark (3:1 or more)."""

from typing import Final

COLOURS: Final = ("#0F7490", "#DD6B32", "#805AD9", "#AF4036", "#6A92D4", "#92908C")
RUN_A: Final = COLOURS[0]  # teal, in every picture that shows two runs
RUN_B: Final = COLOURS[1]  # orange
# Further runs: purple and blue, 0.09 or more apart in OKLab from all others also as colour-blind people see them. Not
# the red of the six: next to orange it says "worse".
RUN_C: Final = COLOURS[2]
RUN_D: Final = COLOURS[4]
RUN_COLOURS: Final = {"A": RUN_A, "B": RUN_B, "C": RUN_C, "D": RUN_D}
# The same hues behind white letters: 4.5:1 or more.
BADGES: Final = {"A": RUN_A, "B": "#B5521F", "C": "#7048CC", "D": "#3F69B3"}
# What a verdict says in a figure, as in tables; "no evidence" has none.
VERDICT_COLOURS: Final = {
    "better": COLOURS[0],
    "worse": COLOURS[3],
    "less popular": COLOURS[2],
    "more popular": COLOURS[2],
    "higher": COLOURS[2],
    "lower": COLOURS[2],
}
QUIET: Final = COLOURS[5]  # reference lines and baselines
GRID: Final = "rgba(128, 138, 148, 0.22)"

# Few popular videos → many: teal over grey to orange, all above 3:1 on both backgrounds.
POPULARITY_SCALE: Final = ((0.0, COLOURS[0]), (0.5, COLOURS[5]), (1.0, COLOURS[1]))


def faint(colour: str, opacity: float) -> str:
    """A colour (#rrggbb or rgb()) that lets through what lies below.

    >>> faint("#0F7490", 0.4), faint("rgb(1, 2, 3)", 0.4)
    ('rgba(15, 116, 144, 0.4)', 'rgba(1, 2, 3, 0.4)')
    """
    inks = colour[4:-1] if colour.startswith("rgb(") else ", ".join(str(ink) for ink in bytes.fromhex(colour[1:]))
    return f"rgba({inks}, {opacity})"
