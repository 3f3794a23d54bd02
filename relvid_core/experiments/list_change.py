"""How far B's lists are from A's, beside how far two trainings are apart that differ only in their random seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from relvid_core.evaluation.estimates import PairedDifference, paired_difference
from relvid_core.evaluation.rank_overlap import shared_share
from relvid_core.experiments.compare import SIDE_A, SIDE_B, check_comparable
from relvid_core.experiments.confirm import Overlap, but_seed, measured_overlap, seed_twins
from relvid_core.experiments.run import Run, RunInfo

Whose = Literal["a", "b", "other"]  # the settings of A, of B, or of neither


@dataclass(frozen=True)
class Twins:
    """Two trainings with the same settings and different random seeds."""

    first: RunInfo
    second: RunInfo
    whose: Whose


@dataclass(frozen=True)
class ListChange:
    """What the lists of A and B have in common, and what those of the twins have."""

    pair: Overlap
    floor: Overlap
    closer: PairedDifference  # share in common of the twins − of A and B, by seed video
    twins: Twins
    are_twins: bool  # A and B are themselves trainings of one setting
    confidence: float

    def sentence(self, letter: str = SIDE_B) -> str:
        """What it comes to; `letter` is what the page calls B."""
        if self.are_twins:
            return (
                f"A and {letter} differ only in their random seed: what differs between their lists is the noise of "
                "training, whatever it looks like."
            )
        whose = {"a": SIDE_A, "b": letter, "other": "another setting"}[self.twins.whose]
        evident = self.closer.p_value < 1 - self.confidence and self.closer.difference.mean > 0
        more = "more" if evident else "no more"
        return (
            f"{letter}’s lists differ from A’s {more} than two trainings of {whose} differ: "
            f"{100 * self.pair.shared:.0f} % of a list is shared, and {100 * self.floor.shared:.0f} % between those."
        )


def find_twins(a: RunInfo, b: RunInfo, infos: list[RunInfo]) -> Twins | None:
    """The pair to hold A and B against: of A's settings, else of B's, else of any; None if there is no such pair.

    `infos` is newest first.
    """
    sides: tuple[tuple[Whose, RunInfo], ...] = (("a", a), ("b", b))
    found = [(whose, info, seed_twins(info.config, info.dataset_fingerprint, infos)) for whose, info in sides]
    for whose, info, pair in found:
        if info.kind == "model" and pair is not None and but_seed(pair[0].config) == but_seed(info.config):
            return Twins(*pair, whose)
    pair = found[0][2]
    return None if pair is None else Twins(*pair, "other")


def list_change(a: Run, b: Run, twins: tuple[Run, Run], whose: Whose) -> ListChange:
    """Both overlaps on the same seed videos. Raises RunError for runs that were not measured alike."""
    check_comparable((a, b, *twins))
    settings = a.info.config.evaluation
    lists = [run.neighbours.rows[run.seeds, : settings.k] for run in (a, b, *twins)]
    closer = paired_difference(
        shared_share(*lists[2:]),
        shared_share(*lists[:2]),
        replicates=settings.bootstrap_replicates,
        confidence=settings.confidence,
    )
    first, second = a.info.config, b.info.config
    again = first.training.seed != second.training.seed and but_seed(first) == but_seed(second)
    return ListChange(
        measured_overlap(a, b),
        measured_overlap(*twins),
        closer,
        Twins(twins[0].info, twins[1].info, whose),
        a.info.kind == b.info.kind == "model" and again,
        settings.confidence,
    )
