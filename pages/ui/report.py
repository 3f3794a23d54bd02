"""A comparison as one file to keep or to send."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from pages.ui import cache
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run
from relvid_core.report.material import Material, baselines_beside
from relvid_core.report.page import report_html


def show_download(runs: Sequence[Run], prepared: Prepared) -> None:
    """A button that makes the report of runs, the first that the others are held against, when it is pressed."""

    def made() -> str:
        return report_html(material_of(runs, prepared), made_at=time.time())

    st.download_button(
        "Download report",
        made,
        file_name=f"report-{runs[-1].info.run_id}.html",
        mime="text/html",
        on_click="ignore",
        key="report",
        help="All of this comparison in one HTML file: data, protocol, settings, measures, charts, some lists and how "
        "to repeat it. It opens without this program and without a network. About 5 MB, made in some seconds; the "
        "pictures and titles of the videos in it are in the file.",
    )


def material_of(runs: Sequence[Run], prepared: Prepared) -> Material:
    """The runs of the page with their baselines; without the dataset where it does not fit them any more."""
    baselines = baselines_beside(cache.store(), [run.info.run_id for run in runs])
    if prepared.key != runs[0].info.evaluation_key:
        return Material(tuple(runs), baselines, missing="the runs were measured by another version of the program.")
    return Material(tuple(runs), baselines, prepared)
