"""Which column of a file is which of ours: guessed, shown with its first values, corrected by hand."""

from __future__ import annotations

import html
from typing import Final

import numpy as np
import streamlit as st

from pages.ui import cache_intake
from pages.ui.data_draft import Draft, Settings, Upload
from pages.ui.frame import plain
from relvid_core import columns as c
from relvid_core.intake.mapping import CATALOGUE_COLUMNS, LOG_COLUMNS, REQUIRED, ColumnGuess
from relvid_core.intake.raw import Role

STYLE: Final = """<style>
.rv-samples {margin: 0 0 .45rem; padding: 0; font-size: .82rem; line-height: 1.4; opacity: .8; min-width: 0}
.rv-samples span {display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  unicode-bidi: isolate}
@media (max-width: 640px) {.rv-samples {margin-top: -.6rem}}
</style>"""
_COLUMNS: Final[dict[Role, tuple[str, ...]]] = {"catalogue": CATALOGUE_COLUMNS, "log": LOG_COLUMNS}
_HEADS: Final[dict[Role, str]] = {"catalogue": "Columns of the catalogue", "log": "Columns of the watch log"}
_NAMES: Final = {
    c.VIDEO_ID: ("Video id", "What the log calls the video by; one row each."),
    c.TITLE: ("Title", "Read by models, shown on cards. Without it the id is shown."),
    c.DESCRIPTION: ("Description", "More text for models to read."),
    c.TOPICS: ("Topics", "What is on topic. Several in a cell are taken apart (a|b, a, b or lists); a > b is a path."),
    c.CREATOR: ("Channel or creator", "Shown on cards."),
    c.DURATION_S: ("Length", "In seconds, or as 12:30. Shown on cards."),
    c.PUBLISHED_AT: ("Published", "A date. Shown on cards."),
    c.THUMBNAIL: ("Thumbnail file", "The name of a file among the thumbnails."),
    c.USER_ID: ("Viewer id", "Whoever watches two videos ties them together. A session id does as well."),
    c.TIMESTAMP: ("Time", "When. Without it the split into past and future is by chance."),
    c.ENGAGEMENT: (
        "Engagement",
        "How much: a watch ratio, a rating, a like. Rows with 0 count as shown and not watched (exposures). Without it "
        "every row counts as watched with interest.",
    ),
    c.PROPENSITY: ("Propensity", "The logged chance that the video was shown, above 0 and at most 1."),
}
_N_SAMPLES: Final = 3
_NONE: Final = ""
_LONGEST_SAMPLE: Final = 90


def choose_columns(draft: Draft) -> Settings | None:
    """The mapping that the select boxes say; None, with the reason on the page, where nothing can be checked yet."""
    st.subheader("Columns", anchor=False)
    st.html('<p class="rv-note">Guessed from names and values. Correct what is wrong; * is needed.</p>')
    roles = [role for role in _COLUMNS if role in draft.uploads]
    chosen: dict[Role, dict[str, str]] = {}
    for role, place in zip(roles, st.columns(len(roles), gap="large"), strict=True):
        with place:
            st.html(f'<h3 class="rv-group">{_HEADS[role]}</h3>')
            chosen[role] = _choose(draft, role, draft.uploads[role])
            if c.ENGAGEMENT in chosen[role]:
                _choose_threshold(draft.uploads[role], chosen[role][c.ENGAGEMENT], draft.keys(role))
    if not _usable(chosen):
        return None
    threshold = st.session_state.get(f"engaged_{draft.keys('log')}") if c.ENGAGEMENT in chosen.get("log", {}) else None
    return Settings(
        tuple((role, tuple(mapping.items())) for role, mapping in chosen.items()),
        None if threshold is None else float(threshold),
        tuple(draft.uploads[role].token for role in roles),
        None if draft.pictures is None else draft.pictures.folder,
    )


def _choose(draft: Draft, role: Role, upload: Upload) -> dict[str, str]:
    """Our column → the file's, for one file."""
    frame, chosen = upload.table.frame, {}
    options = [_NONE, *map(str, frame.columns)]  # no column of a file is called so
    guesses = cache_intake.column_guesses(upload.table, upload.token, role)
    for ours in _COLUMNS[role]:
        title, meaning = _NAMES[ours]
        guess = guesses.get(ours)
        box, samples = st.columns([3, 2], vertical_alignment="bottom")
        theirs = box.selectbox(
            f"{title} *" if ours in REQUIRED[role] else title,
            options,
            options.index(guess.theirs) if guess is not None else 0,
            format_func=_shown,
            key=f"column_{draft.keys(role)}_{ours}",
            persist_state="session",
            help=f"{meaning} {_reason(guess)}",
        )
        if theirs:
            samples.html(_samples(list(frame[theirs].head(_N_SAMPLES))))
            chosen[ours] = theirs
    return chosen


def _shown(name: str) -> str:
    return name or "– not in the file –"


def _reason(guess: ColumnGuess | None) -> str:
    if guess is None:
        return "No column of the file looks like it."
    sure = "surely" if guess.confidence >= 0.8 else "probably" if guess.confidence >= 0.5 else "perhaps"
    return f"The guess: {sure} “{plain(guess.theirs, 60)}” ({plain(guess.reason, 160)})."


def _samples(cells: list[str]) -> str:
    lines = (
        f'<span dir="auto">{html.escape(cell[:_LONGEST_SAMPLE]) or "<i>empty</i>"}</span>' for cell in map(str, cells)
    )
    return f'<p class="rv-samples">{"".join(lines)}</p>'


def _choose_threshold(upload: Upload, column: str, keys: str) -> None:
    """From which value on a row counts as an engagement, where there are more than two values."""
    values = cache_intake.sorted_numbers(upload.table, upload.token, column)
    distinct = np.unique(values)
    if len(distinct) <= 2:
        return
    threshold = st.number_input(
        "Counts as an engagement from", 0.0, float(max(distinct[-1], 0.0)), None, key=f"engaged_{keys}",
        placeholder="every value above 0", persist_state="session",
        help="Rows below it count as shown and not watched with interest. High: only what viewers really liked. Low: "
        "more pairs to learn from. For ratings of 1 to 5, 4 is usual; for a watch ratio, 0.5 to 1.",
    )  # fmt: skip
    below = np.searchsorted(values, threshold or 0.0, side="left" if threshold else "right")
    n = len(values) - int(below)
    st.html(
        f'<p class="rv-note">{n:,} of {len(values):,} rows count. Values run from {distinct[0]:g} to '
        f"{distinct[-1]:g}, {float(np.median(values)):g} in the middle.</p>"
    )


def _usable(chosen: dict[Role, dict[str, str]]) -> bool:
    """Whether the mapping can be checked; says why not."""
    for role, mapping in chosen.items():
        missing = [_NAMES[ours][0] for ours in REQUIRED[role] if ours not in mapping]
        if missing:
            st.warning(f"{_HEADS[role]}: choose the column for {' and '.join(missing)}.")
            return False
        twice = sorted({theirs for theirs in mapping.values() if list(mapping.values()).count(theirs) > 1})
        if twice:
            st.warning(f"{_HEADS[role]}: “{plain(twice[0], 60)}” is chosen for two things. It can be one of them.")
            return False
    if "catalogue" not in chosen:
        st.info("Add the catalogue too: the log alone does not say what the videos are.")
        return False
    return True
