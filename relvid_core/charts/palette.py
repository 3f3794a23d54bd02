"""The colours of every figure: the same six as in .streamlit/config.toml, readable on light and dark (3:1 or more)."""

from typing import Final

COLOURS: Final = ("#0F7490", "#DD6B32", "#805AD9", "#AF4036", "#6A92D4", "#92908C")
RUN_A: Final = COLOURS[0]  # teal, in every picture that shows two runs
RUN_B: Final = COLOURS[1]  # orange
QUIET: Final = COLOURS[5]  # reference lines and baselines
GRID: Final = "rgba(128, 138, 148, 0.22)"

# Few popular videos → many: teal over grey to orange, all above 3:1 on both backgrounds.
POPULARITY_SCALE: Final = ((0.0, COLOURS[0]), (0.5, COLOURS[5]), (1.0, COLOURS[1]))
