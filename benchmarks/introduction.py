"""The words at the top of docs/results.md: command, protocol, settings, and what the tables do not show."""

from __future__ import annotations

import os
import platform


def introduction(seeds: int, folders: list[str], left_out: list[str]) -> str:
    """The opening of the results for the datasets in `folders`, without the rivals in `left_out`."""
    paths = " ".join([*(f"PATH/{name}" for name in folders), *(["--leave-out", *left_out] if left_out else [])])
    return f"""# Results

Made by one command, which anyone can repeat (the data is not in the repository; the README says where it comes from;
the rivals come with `pip install -r requirements-bench.txt`):

    python -m benchmarks.results --seeds {seeds} {paths}

{seeds} training seeds for every trained row; each seed video's value is averaged over the training seeds, and the
interval is a 95 % percentile bootstrap over seed videos. "spread" is the standard deviation of mean recall over the
training seeds. Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores. Seconds and memory are
measured by `make bench`: [speed.md](speed.md).

**Protocol.** One date for everybody: the first 80 % of the log are history, what came after is asked; two engagements
of one viewer at most 5 steps apart are a pair. (KuaiRec's compact log has no times: there each viewer's engagements are
dealt at random.) A seed video is asked if it was engaged with in the history and has a partner in the later part;
recall is over the whole catalogue. Popularity, propensities and pairs come from the history alone. Topic match is by
primary topic, copies of the seed left out; its chance level and its ceiling stand beside it. Popular share is the share
of neighbours among the 5 % most engaged videos.

**Settings.** "engagement only" has the defaults of `relvid_core/config.py`; the temperature 0.2 among them was chosen
on the validation fold of MovieLens small. For each dataset `python -m benchmarks.tune` chose, on its validation fold
and by rules that stand in that file, a relevance weight with an OPC strength and clip, and the towers with the highest
recall. `python -m benchmarks.rivals.tune` tuned every rival on the same folds. The choices are in
`benchmarks/settings.toml` and `benchmarks/rivals/tuned.toml`. Earlier versions of this file split each viewer's own
history instead of one date for everybody, so that the two had some test events in common; the present settings were
chosen anew on the validation fold of the present split. (KuaiRec is split alike under both, so its choices were kept.)
The rows "no margin" follow the same rule with its bound on the popular share taken as it is; they were added after the
rows with the margin had been seen, on the test folds of MovieLens and KuaiRand under that earlier split.
All definitions are ours; the paper's own are not public, and its figures are not comparable with these.

**The ladder.** For each dataset the levers are added one by one at the settings of the row "+ relevance + OPC", with a
tenth of the videos hidden from all engagement and asked as cold seeds. "Tail seeds" are rarely watched seed videos (the
recall by stratum elsewhere is by target). Content is TF-IDF over titles and descriptions, and the offline descriptor of
pictures where there are any; genres and topics are never in the text.

**Guessed labels.** In the row "30 % of the labels hidden and guessed" a logistic regression over what towers may read
(content, and the spectral vectors of the co-engagement) learns from the known labels and says how likely each topic is
for the others; the relevance loss takes the grade that this makes one expect (`relvid_core/data/guessed_topics.py`).
Its regularisation was chosen by known labels alone. That likelihoods are used, not the likeliest topic as if it were
known, was chosen by the hidden labels' topic match on the validation folds, with one training seed.

**What these tables do not show** stands in [limits.md](limits.md). In short: topics train the relevance loss *and*
grade topic match, so its gain says that the model learned what it was told, not that viewers would agree ("Judges that
did not train it" has readings without that circle). Recall against a popularity-biased log punishes correction: a drop
there is not proof of worse lists, nor is the absence of one proof of better ones. Where the truth is known, sections
"fully observed" and "Does correction truly pay?" are the better judges.
"""
