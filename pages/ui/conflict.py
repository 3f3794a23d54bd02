"""Whether the two losses of a run pulled its model apart, in a picture and a sentence."""

from __future__ import annotations

from typing import Final

import streamlit as st

from relvid_core.charts import conflict_curves, opening_cosines
from relvid_core.charts.layout import CONFIG
from relvid_core.experiments.run import Run
from relvid_core.training.conflict import ALL, COSINE, STRATA

_OPEN: Final = "conflict_open"
_ALIKE: Final = 0.1  # cosines nearer to 0 say that the losses mind different things
_OVERALL: Final = (COSINE + ALL, "whole model")
_PARTS: Final = {
    "content": {f"{COSINE}content": "text map"},
    "seed": {f"{COSINE}{stratum} seeds": f"{stratum} seeds" for stratum in STRATA},
    "candidate": {f"{COSINE}{stratum} candidates": f"{stratum} candidates" for stratum in STRATA},
}
_PLACES: Final = {
    f"{COSINE}content": "the text map",
    **{f"{COSINE}{stratum} seeds": f"{stratum} videos as seeds" for stratum in STRATA},
    **{f"{COSINE}{stratum} candidates": f"{stratum} videos as candidates" for stratum in STRATA},
}


@st.fragment
def show_conflict(run: Run) -> None:
    """The gradient cosines of a run; nothing where one of the losses was off. Folded, it costs nothing."""
    said = conflict_sentence(run)
    if not said:
        return
    box = st.expander("Does relevance fight engagement?", key=_OPEN, on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(said)
        st.plotly_chart(
            conflict_curves(run.history, overall=_OVERALL, parts=_PARTS),
            key=f"conflict_{run.info.run_id}", config=CONFIG,
            alt="Cosine between the gradients of the two losses by epoch, for the whole model and for its parts",
        )  # fmt: skip
        st.caption(
            "Read the first epochs. Towards the end the two must oppose each other: where a weighted sum is at its "
            "best, its gradients cancel. 1: both losses want the same step, 0: they mind different things, −1: the "
            "opposite step. Popular, middle and rare videos each end a third of all pairs."
        )


def conflict_sentence(run: Run) -> str:
    """How the two losses of a run met at the start, in words; empty where one of them was off."""
    start = opening_cosines(run.history, dict([_OVERALL]))
    if not start:
        return ""
    (cosine,) = start.values()
    if cosine < -_ALIKE:
        verdict = "they pull the model apart"
    elif cosine > _ALIKE:
        verdict = "they pull the same way"
    else:
        verdict = "they hardly touch each other"
    begin = "When this training began, from a trained run" if run.info.started_from else "In the first epoch"
    parts = opening_cosines(run.history, _PLACES)
    where = ""
    if len(parts) > 1:
        names = list(parts)
        where = (
            f" They are furthest apart in {names[0]} ({_signed(parts[names[0]])}) and nearest in {names[-1]} "
            f"({_signed(parts[names[-1]])})."
        )
    return f"{begin}, the gradients of the two losses have a cosine of **{_signed(cosine)}**: {verdict}.{where}"


def _signed(cosine: float) -> str:
    return f"{cosine:+.2f}".replace("-", "−")
