"""Which CLIP model: its architecture and weights, whether they are on this disk, and a download for who asks for it."""

from __future__ import annotations

import time
from typing import Final, Literal

import streamlit as st

from pages.ui import cache
from pages.ui.content_download import DownloadStatus
from pages.ui.frame import plain
from pages.ui.groups import group
from pages.ui.training import ENDING_SHOWN_S
from pages.ui.words import POOLINGS
from relvid_core.config import ExperimentConfig
from relvid_core.encoders.clip_weights import find_weights
from relvid_core.errors import RelvidError

_PLAIN: Final = ExperimentConfig().towers
_BIND: Final[Literal["query-params"]] = "query-params"
_POLL_S: Final = 0.5
_MEGABYTE: Final = 1_000_000
DEFAULT_TAG: Final = "laion2b_s34b_b79k"  # of ViT-B-32, the default architecture
_SILENCE_S: Final = 20


def choose_weights(*, pooling: bool) -> dict[str, object]:
    """Architecture and weights, by their dotted names, with what is on this disk below them. Downloads nothing.

    `pooling`: CLIP looks at pictures, so that several of one video are to become one vector.
    """
    places = group("CLIP", 2 + pooling)
    model = next(places).text_input(
        "CLIP architecture", _PLAIN.clip_model, max_chars=100, key="clipmodel", bind=_BIND,
        help="As open_clip calls it: ViT-B-32 is a good start; ViT-L-14 sees more and takes ten times as long.",
    )  # fmt: skip
    weights = next(places).text_input(
        "CLIP weights", _PLAIN.clip_weights, max_chars=500, key="clipweights", bind=_BIND,
        placeholder="any that were downloaded",
        help="A file (.safetensors, .pt, .bin), local-dir:FOLDER, or the name of published weights (a tag) that were "
        "downloaded before. Empty: any of this architecture on this disk.",
    )  # fmt: skip
    settings: dict[str, object] = {}
    if pooling:
        settings["towers__frame_pooling"] = next(places).selectbox(
            "Several pictures become", list(POOLINGS), format_func=POOLINGS.__getitem__, key="pooling", bind=_BIND,
            help="Of one video. Their mean: every picture counts the same. Mostly the typical ones: a picture unlike "
            "the others, such as a title card, counts less. Without effect where videos have one picture.",
        )  # fmt: skip
    model, weights = model.strip() or _PLAIN.clip_model, weights.strip()
    try:
        with st.spinner("Looking for the weights on this disk …", show_time=True):
            found = find_weights(model, weights or None)
        size = found.path.stat().st_size / _MEGABYTE
        named = f"{plain(found.model, 60)}{f', {plain(found.tag, 60)}' if found.tag else ''}"
        st.caption(f"On this disk: {named}, {size:,.0f} MB, vectors of {found.embed_dim:,} numbers.")
    except (RelvidError, OSError) as error:
        st.warning(f"Not ready: {plain(str(error), 600)}")
    show_download(model)
    return settings | {"towers__clip_model": model, "towers__clip_weights": weights}


def show_download(model: str) -> None:
    """Fetching published weights, in words, with a button; live while it runs."""
    running = cache.weights_download().status().state == "running"
    with st.expander("Download weights"):
        st.markdown(
            "Published weights come from the model hub (huggingface.co), some hundred megabytes. Nothing is sent but "
            "the name of the file. Trainings go on meanwhile."
        )
        tag = st.text_input(
            "Name of the weights (tag)", DEFAULT_TAG, max_chars=100, key="cliptag", disabled=running,
            help="As open_clip calls them; each architecture has its own.",
        )  # fmt: skip
        silence = st.number_input(
            "Give up after this many silent seconds", 5, 600, _SILENCE_S, 5, key="clipsilence", disabled=running,
            help="A slow network may need more. While bytes arrive, it goes on.",
        )  # fmt: skip
        if not running and st.button("Download", key="clipdownload"):
            cache.weights_download().start(model, tag.strip(), float(silence))
            st.rerun()
    # Outside of the expander, so that nobody has to open it to see how the download ended.
    st.fragment(_show_progress, run_every=_POLL_S if running else None)(running)


def _show_progress(polling: bool) -> None:
    status = cache.weights_download().status()
    if polling and status.state != "running":
        st.rerun()  # the page around looks for the weights again, and polls no longer
    what = f"{plain(status.model, 60)}, {plain(status.tag, 60)}"
    if status.state == "running":
        share = min(status.received / status.total, 1.0) if status.total else 0.0
        st.progress(share, f"{what}: {progress_words(status)}")
        if st.button("Cancel the download", key="clipcancel"):
            cache.weights_download().cancel()
            st.caption("Stopping …")
    elif time.time() - status.ended > ENDING_SHOWN_S:
        return
    elif status.state == "done":
        st.success(f"{what}: downloaded. They are found where “CLIP weights” is empty or names them.")
    elif status.state == "cancelled":
        st.info(f"{what}: stopped; nothing of it was kept.")
    elif status.state == "failed":
        st.error(plain(status.error, 1000))


def progress_words(status: DownloadStatus) -> str:
    """How far a download is.

    >>> progress_words(DownloadStatus("running", received=25_000_000, total=605_000_000, began=time.time()))
    '25 of 605 MB'
    """
    if not status.received and status.total is None:
        return f"asking the hub, {max(0, time.time() - status.began):.0f} s"
    total = f" of {status.total / _MEGABYTE:.0f}" if status.total else ""
    return f"{status.received / _MEGABYTE:.0f}{total} MB"
