"""Trainings as they run, and what came out: the same panel on every page, fed by the one queue of the process."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.frame import page, plain, show_error
from pages.ui.words import CHANCE, INTERVAL, MEASURES
from relvid_core.charts import loss_curves
from relvid_core.charts.layout import CONFIG
from relvid_core.errors import RelvidError
from relvid_core.evaluation import protocol
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.queue import UNFINISHED, Job
from relvid_core.experiments.run import RunInfo, history_frame
from relvid_core.experiments.standings import difference, reference_for

POLL_S: Final = 1.0
_SHOWN: Final = (protocol.RECALL, protocol.TOPIC_MATCH, protocol.POPULAR_SHARE)
_STAGE_SHARE: Final = {"prepare": 0.02, "train": 0.05, "retrieve": 0.86, "evaluate": 0.9, "baselines": 0.94}


def show_training(dataset_key: str, *, with_result: bool = True) -> None:
    """The queue, live while anything runs, and the newest result of the dataset."""
    polling = cache.queue().busy
    st.fragment(_show_queue, run_every=POLL_S if polling else None)(polling)
    if with_result:
        models = [info for info in cache.runs_of(dataset_key) if info.kind == "model"]
        if models:
            show_result(models[0], models)


def _show_queue(polling: bool) -> None:
    jobs = cache.queue().jobs()
    unfinished = [job for job in reversed(jobs) if job.state in UNFINISHED]
    if polling and not unfinished:
        st.rerun()  # the page around shows the results, and polls no longer
    for place, job in enumerate(unfinished):
        if job.state == "running":
            _show_running(job)
        else:
            _show_waiting(job, place)
    if not unfinished and jobs:
        _show_ending(jobs[0])


def _show_running(job: Job) -> None:
    progress = job.progress
    with st.container(border=True):
        name, button = st.columns([4, 1], vertical_alignment="center")
        name.markdown(f"**Training: {plain(job.label)}**")
        if button.button("Cancel", key=f"cancel_{job.job_id}", width="stretch"):
            cache.queue().cancel(job.job_id)
        if progress is None:
            st.progress(0.0, "Starting")
            return
        share, said = _STAGE_SHARE[progress.stage], progress.message
        if progress.training is not None:
            share += 0.8 * progress.training.fraction
            said += f" · about {_seconds(progress.training.eta_s)} of training left"
        st.progress(min(share, 1.0), plain(said))
        if job.losses:
            epochs = job.config.training.epochs
            st.plotly_chart(
                loss_curves(history_frame(list(job.losses)), n_epochs=epochs, height=220),
                key=f"losses_{job.job_id}", config=CONFIG, alt="Mean losses of the training so far, by epoch",
            )  # fmt: skip
            st.caption("The two losses that the weights balance; both should fall and then level off.")


def _show_waiting(job: Job, place: int) -> None:
    with st.container(border=True):
        name, button = st.columns([4, 1], vertical_alignment="center")
        name.markdown(f"{plain(job.label)}: waiting, number {place + 1} in the queue")
        if button.button("Cancel", key=f"cancel_{job.job_id}", width="stretch"):
            cache.queue().cancel(job.job_id)
            st.rerun(scope="fragment")


def _show_ending(job: Job) -> None:
    if job.state == "cancelled" and job.run_id is None:
        st.info(f"“{plain(job.label)}” was cancelled; nothing of it was kept.")
    elif job.state == "failed":
        st.error(f"“{plain(job.label)}” failed: {plain(job.error, 1000)}")


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def show_result(info: RunInfo, infos: list[RunInfo]) -> None:
    """A run's three main measures against its reference, with a way into the lists."""
    reference = reference_for(info, infos)
    try:
        run = cache.run(info.run_id)
        other = None if reference is None else cache.run(reference.run_id)
    except RelvidError as error:
        show_error(error)
        return
    st.subheader(f"Newest result: {plain(info.label, 60)}", anchor=False)
    for column, key in zip(st.columns(len(_SHOWN)), _SHOWN, strict=True):
        measure, estimate = MEASURES[key], run.estimates[key]
        gap = None if other is None else difference(run, other, key)
        column.metric(
            measure.title_at(info.config.evaluation.k),
            measure.text(estimate.mean),
            None if gap is None else points(gap),
            delta_color=_colour(key, gap),
            delta_arrow="off",
            help=measure.help,
            border=True,
        )
        column.caption(measure.interval(estimate) + _chance_text(key, run.estimates.get(CHANCE)))
    if reference is not None:
        st.caption(
            f"Below each number: the difference to “{plain(reference.label, 60)}” in percentage points, paired by seed "
            f"video, with its interval. {INTERVAL}"
        )
    where = {"data": info.dataset_key, "a": info.run_id} | ({} if reference is None else {"b": reference.run_id})
    st.page_link(page("browse"), label="**Compare in Browse** →", query_params=where)


def points(gap: Estimate) -> str:
    """A difference of shares in percentage points with its interval, signed.

    >>> points(Estimate(0.012, 0.008, 0.016, 9))
    '+1.2 (+0.8 to +1.6)'
    """
    mean, low, high = (f"{100 * value:+.1f}" for value in (gap.mean, gap.low, gap.high))
    return f"{mean} ({low} to {high})"


def _colour(key: str, gap: Estimate | None) -> str:
    """Green or red only for a difference beyond its interval; a popular share has no good direction of its own."""
    clear = gap is not None and (gap.low > 0 or gap.high < 0)
    return "normal" if clear and key != protocol.POPULAR_SHARE else "off"


def _chance_text(key: str, chance: Estimate | None) -> str:
    return f", chance {MEASURES[key].text(chance.mean)}" if key == protocol.TOPIC_MATCH and chance else ""
