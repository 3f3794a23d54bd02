"""What a reader must keep in mind before acting on a report, as far as it applies to these runs."""

from __future__ import annotations

from collections.abc import Iterator

from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.estimates import FEW_SEEDS
from relvid_core.evaluation.protocol import TOPIC_MATCH
from relvid_core.experiments.alike import without_seed
from relvid_core.experiments.circularity import circularity
from relvid_core.experiments.run import Run
from relvid_core.experiments.wording import listed_words
from relvid_core.report.markup import escaped
from relvid_core.report.material import Material
from relvid_core.report.words import MEASURES


def caveats(material: Material) -> Iterator[str]:
    """One HTML sentence or two each, the gravest first."""
    models = [run for run in material.runs if run.info.kind == "model"]
    by_topic = [letter for letter, _, run in material.lettered if circularity(run.info, TOPIC_MATCH) is not None]
    if by_topic:
        yield (
            f"<b>Topics train and grade.</b> Run{'s' if len(by_topic) > 1 else ''} {listed_words(by_topic)} learned "
            "from the same topics that topic match is measured by, so a higher topic match shows that training did "
            "what it was told, not that viewers find the lists more relevant."
        )
    yield from _judges_that_trained(material)
    yield (
        "<b>Recall favours what was shown.</b> It counts what viewers watched in a log of a system that favours some "
        "videos, mostly popular ones. A model that corrects for popularity can lose recall and still serve viewers "
        "better; only an experiment or a log with random exposure can tell."
    )
    yield from _chance_of_training(models)
    n_seeds = len(material.first.seeds)
    few = (
        " That is little: intervals of recall are too narrow with so few, and only large differences can be seen."
        if n_seeds < FEW_SEEDS
        else ""
    )
    yield (
        f"<b>{n_seeds:,} seed videos.</b> All intervals and verdicts rest on them; each counts once, however often it "
        f"is watched.{few}"
    )
    if any(run.info.config.split.fold == "validation" for run in material.runs):
        yield (
            "<b>Validation window.</b> These figures are from the window that tuning looks at. The last word belongs "
            "to the test window."
        )
    if any(run.info.started_from is not None for run in models):
        yield "<b>Warm start.</b> A run that began from another one cannot be repeated without it."
    yield (
        "<b>Our own definitions.</b> The task follows “Balancing Semantic Relevance and Engagement in Related Video "
        "Recommendations” (Jaspal et al., 2025), whose definitions are not public: these figures are not comparable "
        "with that paper’s."
    )


def _judges_that_trained(material: Material) -> Iterator[str]:
    """The other measures that grade what trained a run, in one sentence."""
    said = [
        f"“{escaped(MEASURES[metric].title_at(material.k))}” of run {listed_words(letters)}"
        for metric in MEASURES
        if metric != TOPIC_MATCH
        and (
            letters := [
                letter
                for letter, _, run in material.lettered
                if metric in run.estimates and circularity(run.info, metric) is not None
            ]
        )
    ]
    if said:
        yield (
            f"<b>Other judges that were in training.</b> {listed_words(said)}: graded by what the training of that run "
            "saw or was weighted by, so high values there are no evidence."
        )


def _chance_of_training(models: list[Run]) -> Iterator[str]:
    if not models:
        return
    groups: dict[ExperimentConfig, set[int]] = {}
    for run in models:
        groups.setdefault(without_seed(run.info.config), set()).add(run.info.config.training.seed)
    if all(len(seeds) > 1 for seeds in groups.values()):
        yield (
            "<b>Several random seeds.</b> Every setting was trained more than once; differences between such twins are "
            "chance, and no smaller difference means anything."
        )
        return
    some = "" if len(groups) == len(models) else " for some settings"
    yield (
        f"<b>One random seed{some}.</b> Training again with another seed gives somewhat other lists. The intervals do "
        "not hold that chance; train twins that differ in their random seed only to see how large it is."
    )
