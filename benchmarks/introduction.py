"""The words at the top of docs/results.md: command, protocol, settings, and what the tables do not show."""

from __future__ import annotations

import os
import platform


def introduction(seeds: int, folders: list[str]) -> str:
    """The opening of the results for the datasets in `folders`."""
    paths = " ".join(f"PATH/{name}" for name in folders)
    return f"""# Results

Made by one command, which anyone can repeat (the data is not in the repository; the README says where it comes from;
the rivals come with `pip install -r requirements-bench.txt`):

    python -m benchmarks.results --seeds {seeds} {paths}

{seeds} training seeds for every trained row; each seed video's value is averaged over the training seeds, and the
interval is a 95 % percentile bootstrap over seed videos. "spread" is the standard deviation of mean recall over the
training seeds. Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores. Seconds depend on the
machine and on what else it does: read ratios (`make bench` measures them side by side).

**Protocol.** Each viewer's first 80 % of engagements are history, the last 20 % are what is asked; two engagements of
one viewer at most 5 steps apart are a pair. A seed video is asked if it was engaged with in the history and has a
partner in the later part; recall is over the whole catalogue. Popularity, propensities and pairs come from the history
alone. Topic match is by primary topic; its chance level and its ceiling stand beside it. Popular share is the share of
neighbours among the 5 % most engaged videos.

**Settings.** "engagement only" has the defaults of `relvid_core/config.py`; the temperature 0.2 among them was chosen
on the validation fold of MovieLens small. For each dataset `python -m benchmarks.tune` chose, on its validation fold
and by rules that stand in that file, a relevance weight with an OPC strength and clip, and the towers with the highest
recall. `python -m benchmarks.rivals.tune` tuned every rival on the same folds. The choices are in
`benchmarks/settings.toml` and `benchmarks/rivals/tuned.toml`. The test fold of MovieLens had been looked at in earlier
versions of this file, with a temperature of 0.15 and weaker corrections; the present settings were chosen without it.
The rows "no margin" follow the same rule with its bound on the popular share taken as it is; they were added after the
rows with the margin had been seen on the test folds of MovieLens and KuaiRand.
All definitions are ours; the paper's own are not public, and its figures are not comparable with these.

**The ladder.** For each dataset the levers are added one by one at the settings of the row "+ relevance + OPC", with a
tenth of the videos hidden from all engagement and asked as cold seeds. "Tail seeds" are rarely watched seed videos (the
recall by stratum elsewhere is by target). Content is TF-IDF over titles and descriptions, and the offline descriptor of
pictures where there are any; genres and topics are never in the text.

**What these tables do not show.** Topics train the relevance loss *and* grade topic match, so its gain says that the
model learned what it was told, not that viewers would agree. Recall against a popularity-biased log punishes
correction: a drop there is not proof of worse lists, nor is the absence of one proof of better ones. Where the truth is
known, the sections "fully observed" and "Does correction truly pay?" are the better judges.
"""
