"""What a map is of and how it is drawn: the space, the method with its settings, and a map that is being drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.frame import plain
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.projection import (
    METHODS,
    UMAP_INSTALL,
    Method,
    Projection,
    ProjectionSettings,
    Vectors,
    candidate_vectors,
    content_vectors,
    has_umap,
)
from relvid_core.experiments.projection_desk import map_key
from relvid_core.experiments.run import Run

POLL_S: Final = 1.0
CONTENT: Final = "Content"
_DEFAULT: Final = ProjectionSettings()
_SPACE_HELP: Final = (
    "A and B: the vectors that the run learned, so that videos lie together which it would show together. Content: the "
    "texts and pictures alone, before any training. Each has a map of its own; places on two maps cannot be compared."
)
_METHOD_HELP: Final = (
    "PCA is there at once and keeps large distances, but groups lie over each other. t-SNE and UMAP pull groups apart "
    "so that neighbours can be seen; they take from half a minute to some minutes the first time, and are then kept."
)
_SECONDS_A_VIDEO: Final = {"t-SNE": 0.012, "UMAP": 0.006}  # on two cores that other work shares


@dataclass(frozen=True)
class Space:
    """One set of vectors to draw."""

    source: str  # in the name of stored maps: a run's id or "content"
    words: str  # whose space it is, as markdown
    vectors: Vectors


def choose_space(a: Run, b: Run | None, prepared: Prepared) -> Space:
    """The space that `?space=…` asks for. Raises NotEnoughData where the content is empty."""
    runs = {side: run for side, run in (("A", a), ("B", b)) if run is not None}
    models = {side: run for side, run in runs.items() if run.towers is not None}
    options = [*models, CONTENT]
    if st.query_params.get("space") not in (None, *options):
        del st.query_params["space"]  # a link to run B's space, and run B has none now
    chosen = st.segmented_control(
        "Space", options, default=options[0], key="space", bind="query-params", required=True, help=_SPACE_HELP
    )
    if chosen in models:
        run = models[chosen]
        return Space(run.info.run_id, f"run {chosen}’s space (“{plain(run.info.label, 60)}”)", candidate_vectors(run))
    return Space("content", "the space of the texts and pictures", content_vectors(prepared.content))


def choose_settings() -> ProjectionSettings:
    """The method that `?method=…` asks for, and its settings below a button."""
    method: Method = st.segmented_control(
        "Method", METHODS, default="PCA", key="method", bind="query-params", required=True, help=_METHOD_HELP
    )
    if method == "PCA":
        return _DEFAULT
    perplexity, nearest, least, seed = _DEFAULT.perplexity, _DEFAULT.n_neighbours, _DEFAULT.min_dist, 0
    with st.popover("Settings", help="How the map is drawn. Every change is a new map."):
        if method == "t-SNE":
            perplexity = st.slider(
                "Perplexity",
                5,
                100,
                int(perplexity),
                key="perplexity",
                bind="query-params",
                help="About how many neighbours each video minds. Small: many small islands; large: the whole picture. "
                "Never more than a third of the videos.",
            )
        else:
            nearest = st.slider(
                "Neighbours",
                5,
                100,
                nearest,
                key="umap_neighbours",
                bind="query-params",
                help="How many neighbours each video minds. Small: fine detail; large: the whole picture.",
            )
            least = st.slider(
                "Least distance",
                0.0,
                1.0,
                least,
                0.05,
                key="min_dist",
                bind="query-params",
                help="How tightly points may be packed. Larger spreads the groups so that points can be told apart.",
            )
            seed = st.number_input(
                "Random seed",
                0,
                9999,
                0,
                key="map_seed",
                bind="query-params",
                help="The same seed draws the same map. Groups that come and go with the seed are not to be trusted.",
            )
    return ProjectionSettings(method, float(perplexity), int(nearest), float(least), int(seed))


def drawn(space: Space, settings: ProjectionSettings) -> tuple[Projection, Method]:
    """The map that was asked for; until it is drawn, the PCA map, and above it what can be done. Names the method."""
    desk = cache.projections()
    first = ProjectionSettings()
    if settings.method != "PCA":
        key = map_key(space.source, space.vectors, settings)
        found = desk.find(key, len(space.vectors))
        if found is not None:
            _say_failure(key)
            return found, settings.method
        _show_undrawn(key, space, settings)
    return desk.draw_now(map_key(space.source, space.vectors, first), space.vectors, first), first.method


def _show_undrawn(key: str, space: Space, settings: ProjectionSettings) -> None:
    if settings.method == "UMAP" and not has_umap():
        st.info(f"UMAP is not installed here. Install it with `{UMAP_INSTALL}`; below is the PCA map.")
        return
    job = cache.projections().job(key)
    if job is not None and job.busy:
        st.fragment(_show_drawing, run_every=POLL_S)(key, len(space.vectors), settings.method)
        return
    with st.container(border=True):
        words, button = st.columns([3.4, 1], vertical_alignment="center")
        if job is not None and job.state == "failed":
            words.error(plain(job.error))
        elif job is not None:
            words.markdown("You cancelled the drawing. Below is the PCA map.")
        else:
            words.markdown(
                f"This {settings.method} map was not drawn yet. It takes about "
                f"{_about(_SECONDS_A_VIDEO[settings.method] * len(space.vectors))}, can be cancelled, and is then "
                "kept. Below is the PCA map."
            )
        button.button(
            f"Draw with {settings.method}",
            type="primary",
            on_click=cache.projections().start,
            args=(key, space.vectors, settings),
            width="stretch",
        )


def _show_drawing(key: str, n_videos: int, method: Method) -> None:
    """A fragment of its own: it polls, and the map around it stays as it is."""
    job = cache.projections().job(key)
    if job is None or not job.busy or cache.projections().find(key, n_videos) is not None:
        st.rerun()  # the page around shows how it ended
    with st.container(border=True):
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.markdown(f"**Drawing with {method}.** Meanwhile, below is the PCA map.")
        button.button("Cancel", key="map_cancel", on_click=cache.projections().cancel, args=(key,), width="stretch")
        st.progress(min(job.drawing.share, 1.0), job.drawing.words)


def _say_failure(key: str) -> None:
    job = cache.projections().job(key)
    if job is not None and job.state == "failed":  # drawn, but not kept
        st.warning(plain(job.error))


def _about(seconds: float) -> str:
    return f"{max(10, 10 * round(seconds / 10))} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"
