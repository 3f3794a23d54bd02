"""How a run can be judged, as named protocols: what is held back, what counts as right, and what to mind.

Four decide what a model may learn from and what it is asked (`settings` of the config's split). Two ask more of any run
where a dataset knows more than its log: they add measures and change nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.fully_observed import MEAN_EXCESS, RELATED_ENGAGEMENT
from relvid_core.experiments.known_truth import RANDOM_ENGAGEMENT, TRUE_ENGAGEMENT

ProtocolName = Literal["global", "per_user", "cold", "fully_observed", "random_exposure", "planted_truth"]
COLD_SHARE: Final = 0.1


@dataclass(frozen=True)
class Protocol:
    """One way to judge, which explains itself."""

    name: ProtocolName
    title: str
    asks: str  # what is held back, and what a list is asked
    mind: str  # what its figures can and cannot say
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))  # for `with_values`
    measures: tuple[str, ...] = ()  # what it adds to the measures of every run

    @property
    def splits(self) -> bool:
        """Whether it decides what is learned from; the others read runs that were split by one that does."""
        return bool(self.settings)


def _split(kind: str, cold_share: float = 0.0) -> Mapping[str, object]:
    return MappingProxyType({"split__kind": kind, "split__cold_share": cold_share})


_ALL: Final = (
    Protocol(
        "global",
        "One date for everybody",
        "Everything after one date is hidden. A model learns from the log before it, and a list is right as far as "
        "viewers watched its videos together with the seed after it.",
        "Nothing of the future can leak into what is learned, as in a real launch; the log itself still favours what "
        "its recommender chose to show.",
        _split("global"),
    ),
    Protocol(
        "per_user",
        "Each viewer’s last watches",
        "The last watches of every viewer are hidden, each at a date of their own, so that everybody is asked about.",
        "Kinder than one date for all: what others watched later, after a viewer’s own cut, may have been learned "
        "from. Use it for short logs, or to compare with work that splits so.",
        _split("per_user"),
    ),
    Protocol(
        "cold",
        "New videos",
        "One date for everybody; beside it a random tenth of the videos is hidden from all that is learned, and lists "
        "are asked for these as if they were new.",
        "Only titles, texts and pictures can help here, so it shows what content is worth. The other measures rest on "
        "a smaller log than those of a plain date, and stand beside runs of this protocol only.",
        _split("global", COLD_SHARE),
    ),
    Protocol(
        "fully_observed",
        "Viewers who saw everything",
        "The whole log may be learned from. Half of the viewers to whom every one of some videos was shown decide what "
        "is right: what those who love the seed love more often than chance and equal activity explain.",
        "No recommender has a say in this truth. It knows its own videos only, so lists are made from them alone, and "
        "it speaks of the better loved ones; the other half of the viewers is kept for tuning.",
        _split("fully_observed"),
        (RELATED_ENGAGEMENT, MEAN_EXCESS),
    ),
    Protocol(
        "random_exposure",
        "Shown at random",
        "A part of the log was shown by lot. Where the lot fell on a video of a list, before a viewer of its seed, "
        "what came of it is a fair draw of what the list would earn; recall is not asked here.",
        "Free of the recommender’s taste, but few such draws fall into any one list: read the effective sample size "
        "before the difference.",
        measures=(RANDOM_ENGAGEMENT,),
    ),
    Protocol(
        "planted_truth",
        "Planted truth",
        "The viewers of this world are made up, so the chance that a viewer of the seed engages with a video of its "
        "list is known, and is averaged over the list.",
        "No log and no popularity is in it: it is the last word here, and the one that no real data has.",
        measures=(TRUE_ENGAGEMENT,),
    ),
)
PROTOCOLS: Final[Mapping[ProtocolName, Protocol]] = MappingProxyType({one.name: one for one in _ALL})


def protocol_of(config: ExperimentConfig) -> Protocol:
    """The protocol that split a run's data.

    >>> protocol_of(ExperimentConfig()).name, protocol_of(ExperimentConfig().with_values(split__cold_share=0.2)).name
    ('global', 'cold')
    """
    if config.split.cold_share > 0:
        return PROTOCOLS["cold"]
    return PROTOCOLS[config.split.kind]


def why_not(protocol: Protocol, dataset: Dataset) -> str | None:
    """Why a protocol cannot be used on a dataset, in words; None where it can.

    A dataset without times can be split by any: it is dealt at random then, which its notes and the report say.
    """
    if protocol.name == "fully_observed" and dataset.truth_kind != "fully observed":
        return "no viewers of this dataset were shown everything"
    if protocol.name == "random_exposure" and dataset.truth_kind != "shown at random":
        return "nothing of this dataset was shown at random"
    if protocol.name == "planted_truth" and dataset.planted is None:
        return "only a made-up world knows its truth"
    return None


def splits_of(dataset: Dataset) -> list[Protocol]:
    """The protocols that a run on this dataset can be split by, the default first."""
    return [one for one in _ALL if one.splits and why_not(one, dataset) is None]


def readings_of(dataset: Dataset) -> list[Protocol]:
    """The protocols that measure every run on this dataset by more than its log."""
    return [one for one in _ALL if not one.splits and why_not(one, dataset) is None]
