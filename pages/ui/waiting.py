"""Waiting for a computation that takes seconds, with its progress shown and a Cancel that is heard at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Final, TypeVar

import streamlit as st

ResultT = TypeVar("ResultT")
_TICK_S: Final = 0.2
# The box may lie below the edge of the window; the number makes it another element for every wait.
_INTO_VIEW: Final = """<script data-wait="{number}">
{{
  const box = document.querySelector("[class*=st-key-waiting-]");
  if (box) setTimeout(() => box.scrollIntoView({{block: "nearest"}}), 50);
}}
</script>"""


class Meter:
    """How far a computation is; it moves the hand, the page reads it."""

    def __init__(self) -> None:
        self.share = 0.0

    def move(self, share: float) -> None:
        """Set the share that is done, from 0 to 1."""
        self.share = min(1.0, max(0.0, share))


def wait_for(work: Callable[[], ResultT], said: str, *, key: str, meter: Meter | None = None) -> ResultT:
    """What `work` returns or raises. It runs beside the page, so it must not draw, and must change nothing outside.

    A click on Cancel, or any other, ends the script here; `work` then runs to its end unheard, and its result is
    dropped. `said` is our own words; a bar is drawn where there is a meter.
    """
    place = st.empty()
    with place.container(border=True, key=f"waiting-{key}"):
        words, button = st.columns([4, 1], vertical_alignment="center")
        line = words.empty()
        line.markdown(f"**{said}**")
        button.button("Cancel", key=key, width="stretch")
        bar = None if meter is None else st.progress(0.0)
        st.html(_INTO_VIEW.format(number=time.monotonic_ns()), unsafe_allow_javascript=True)
    pool = ThreadPoolExecutor(1, thread_name_prefix="waiting")
    future = pool.submit(work)
    began = time.monotonic()
    try:
        while not wait([future], timeout=_TICK_S).done:
            line.markdown(f"**{said}** · {time.monotonic() - began:.0f} s")  # a click on Cancel ends the script here
            if bar is not None and meter is not None:
                bar.progress(meter.share)
    finally:
        pool.shutdown(wait=False)
    place.empty()
    return future.result()
