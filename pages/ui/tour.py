"""The tour: what the relevance slider buys and what it costs, told on the data at hand in steps with addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import streamlit as st

from pages.ui import cache, cards, run_lists, tour_steps, verdicts
from pages.ui.first_step import first_words, train_first
from pages.ui.frame import begin, show_error
from pages.ui.seeds import SEED_PARAMETER
from pages.ui.tour_steps import Story
from pages.ui.training import show_training
from pages.ui.widgets import choose_dataset
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RelvidError
from relvid_core.experiments.tour import tour_runs

TOUR: Final = "tour"  # ?tour=3: the third step
LEAD: Final = "A tour of some minutes on the data at hand: what does asking for relevance buy, and what does it cost?"


class Step(NamedTuple):
    """One step: its heading, and what draws it."""

    title: str
    show: Callable[[Story], None]


STEPS: Final = (
    Step("What should stand next to a video?", tour_steps.show_start),
    Step("Two models, two wishes", tour_steps.show_models),
    Step("One video, two lists", tour_steps.show_lists),
    Step("What watching alone teaches", tour_steps.show_engagement),
    Step("What relevance buys, and what it costs", tour_steps.show_trade),
    Step("Too many popular videos?", tour_steps.show_correction),
    Step("What the figures cannot say", tour_steps.show_limits),
    Step("Your turn", tour_steps.show_end),
)
STYLE: Final = """<style>
[data-testid="stMainBlockContainer"] {padding-inline: max(1rem, calc(50vw - 34rem))}
.st-key-rv-tour [data-testid="stMarkdown"] :is(p, li):not([data-testid="stCaptionContainer"] *) {
  font-size: 1.06rem; line-height: 1.6; text-wrap: pretty}
.st-key-rv-tour-steps {position: fixed; bottom: 0; left: 0; right: 0; z-index: 5; align-items: center;
  padding: .6rem max(1rem, calc(50vw - 34rem)); width: auto !important; background: light-dark(#FBFCFD, #11181F);
  border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent)}
.st-key-rv-aside-tour {max-width: 30rem; padding-bottom: 4rem}
.st-key-rv-tour .rv-heading + .rv-facts {margin-top: .6rem !important}
.rv-tour-dots {display: flex; gap: .35rem; align-items: center; font-size: .87rem; white-space: nowrap;
  font-variant-numeric: tabular-nums}
.rv-tour-dots i {width: .55rem; height: .55rem; border-radius: 50%; border: 1.5px solid #0F7490}
.rv-tour-dots i.rv-past {background: #0F7490}
@media (max-width: 640px) {.rv-tour-dots i {display: none}}
</style>"""
_NO_CHOOSER: Final = "<style>.st-key-rv-aside-tour .stSelectbox {display: none}</style>"  # chosen in the first step
# Another element for every step, so that the browser runs it again.
_TO_TOP: Final = """<script data-step="{step}">
document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
</script>"""


def asked_step() -> int:
    """The step that the address asks for, from 1; 0 outside of the tour."""
    asked = st.query_params.get(TOUR)
    if asked is None:
        return 0
    return min(max(int(asked[:3]), 1), len(STEPS)) if asked.isascii() and asked.isdecimal() else 1


def show_invitation() -> None:
    """The way into the tour."""
    with st.container(key="rv-aside-invitation", width="content"):
        st.button("Take the tour", key="tour-start", on_click=_turn, args=(1,), help=LEAD)


def show_first_step(data: Dataset) -> None:
    """What to do where nothing has been trained: two runs at once, or the tour, which trains them too."""
    st.header("Start here", anchor=False)
    if cache.queue().pending(data.key):
        st.markdown("The models are in training. What they are worth will stand here as soon as one is done.")
    else:
        st.markdown(
            f"No model has been trained on this data yet. {first_words(data)} The tour trains them too, and tells in "
            f"{len(STEPS)} steps what they show."
        )
    with st.container(horizontal=True):
        train_first(data)
        show_invitation()
    show_training(data.key, with_result=False)


def show_tour() -> None:
    """The whole page of the step that the address asks for."""
    step = asked_step()
    begin("overview", STEPS[step - 1].title, LEAD, cards.STYLE + verdicts.STYLE + run_lists.STYLE + STYLE)
    body, foot = st.container(key="rv-tour", gap="medium"), st.container(key="rv-aside-tour")
    with foot:
        if step > 1:
            st.html(_NO_CHOOSER)
        key = choose_dataset()
    try:
        data = cache.dataset(key)
        runs = tour_runs(cache.current_runs(data), fingerprint=data.fingerprint, has_topics=data.has_topics)
        if runs is None and step > 1:
            _turn(1)  # nothing to tell yet; the first step trains the models
            st.rerun()
        with body:
            STEPS[step - 1].show(Story(data, runs))
        _show_steps(step, trained=runs is not None)
        st.html(_TO_TOP.format(step=step), unsafe_allow_javascript=True)
    except RelvidError as error:
        show_error(error)
        _show_steps(step, trained=False)


def _show_steps(step: int, *, trained: bool) -> None:
    """The bar below: back, forth and out, with the arrow keys or by Tab."""
    dots = "".join(f'<i class="{"rv-past" if place <= step else ""}"></i>' for place in range(1, len(STEPS) + 1))
    with st.container(horizontal=True, horizontal_alignment="distribute", key="rv-tour-steps"):
        with st.container(key="rv-aside-leave", width="content"):
            st.button("Leave the tour", key="tour-leave", on_click=_leave, type="tertiary")
        st.html(f'<div class="rv-tour-dots">{step} of {len(STEPS)} {dots}</div>', width="content")
        with st.container(horizontal=True, width="content"):
            st.button("Back", key="tour-back", on_click=_turn, args=(step - 1,), disabled=step == 1, shortcut="Left")
            if step < len(STEPS):
                st.button(
                    "Next", key="tour-next", on_click=_turn, args=(step + 1,), disabled=not trained, type="primary",
                    shortcut="Right",
                )  # fmt: skip
            else:
                st.button("Finish", key="tour-finish", on_click=_leave, type="primary")


def _turn(step: int) -> None:
    st.query_params[TOUR] = str(step)


def _leave() -> None:
    for name in (TOUR, SEED_PARAMETER):
        if name in st.query_params:
            del st.query_params[name]
