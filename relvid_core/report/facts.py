"""The figures of a dataset, in the words of the app."""

from __future__ import annotations

from typing import Final

import numpy as np

from relvid_core.data.dataset import Dataset

FACT_HELP: Final = {
    "Engagements": "Somebody watched a video with interest.",
    "Exposures": "A video was shown to somebody, watched or not. With them, how likely a video was to be shown can "
    "be estimated; without them, watch counts have to stand in.",
    "Topics": "How many different subjects the videos have. On several levels, every coarse one has finer ones below.",
}


def dataset_facts(data: Dataset) -> dict[str, str]:
    """Name → figure as text; nothing in it comes from the data as text."""
    log, topics = data.interactions, data.catalog.topics
    levels = f" on {topics.n_levels} levels" if topics.n_levels > 1 else ""
    return {
        "Videos": f"{len(data.catalog):,}",
        "Viewers": f"{log.n_users:,}" if data.pairs is None else "not recorded",
        "Engagements": f"{len(log.engagements):,}",
        "Exposures": "not recorded" if log.exposures is None else f"{len(log.exposures):,}",
        "Period": _period(data),
        "Topics": f"{len(topics.names()):,}{levels}" if topics.n_levels else "none",
    }


def _period(data: Dataset) -> str:
    times = data.interactions.engagements.timestamp
    if times is None or not len(times):
        return "not recorded"
    first, last = (np.datetime64(int(time), "s").astype("datetime64[D]") for time in (times.min(), times.max()))
    days = int((last - first).astype(int)) + 1
    return f"{days:,} day{'s' if days > 1 else ''} from {first}"
