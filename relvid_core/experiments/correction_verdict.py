"""The verdict over the four runs of a `CorrectionSet`: paired gaps, one Holm family, and one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from relvid_core.evaluation import protocol
from relvid_core.evaluation.estimates import Estimate, bootstrap
from relvid_core.evaluation.metrics import STRATUM_NAMES, PerSeed
from relvid_core.experiments.compare import Verdict, check_comparable
from relvid_core.experiments.corrections import CORRECTIONS, NAMES, Method
from relvid_core.experiments.gaps import Gap, judge_gaps
from relvid_core.experiments.known_truth import TRUE_ENGAGEMENT
from relvid_core.experiments.run import Run

MEASURED: Final = (
    protocol.RECALL,
    *(protocol.stratum_recall(name) for name in STRATUM_NAMES),
    protocol.TOPIC_MATCH,
    protocol.POPULAR_SHARE,
)


@dataclass(frozen=True)
class CorrectionTable:
    """Every measure of the four runs, their gaps to no correction, and the sentence that follows."""

    k: int
    decider: str  # the measure that the sentence goes by
    estimates: dict[Method, dict[str, Estimate]]
    gaps: dict[Method, dict[str, Gap]]  # to no correction
    duels: dict[tuple[Method, Method], Gap]  # first minus second, on the decider
    winner: Method
    sentence: str


def judge_corrections(
    runs: Mapping[Method, Run], engagement: Mapping[Method, PerSeed] | None = None
) -> CorrectionTable:
    """Compare the four runs seed video by seed video. `engagement` is the `true_engagement` of each, where known.

    The decider is true engagement where it is known, else recall. One Holm family holds every gap of the table and the
    three duels between corrections, so that table and sentence never disagree. Raises RunError for runs that were not
    measured alike.
    """
    check_comparable(list(runs.values()))
    settings = runs["none"].info.config.evaluation
    values: dict[Method, dict[str, PerSeed]] = {
        method: {name: run.per_seed[name] for name in MEASURED} for method, run in runs.items()
    }
    estimates = {method: {name: run.estimates[name] for name in MEASURED} for method, run in runs.items()}
    for method, of_run in (engagement or {}).items():
        values[method][TRUE_ENGAGEMENT] = of_run
        estimates[method][TRUE_ENGAGEMENT] = bootstrap(
            of_run, replicates=settings.bootstrap_replicates, confidence=settings.confidence
        )
    decider = TRUE_ENGAGEMENT if engagement else protocol.RECALL
    names = [*([TRUE_ENGAGEMENT] if engagement else []), *MEASURED]
    asked: list[tuple[Method, Method, str]] = [(method, "none", name) for method in CORRECTIONS for name in names]
    asked += [(a, b, decider) for a, b in combinations(CORRECTIONS, 2)]
    # More true engagement is better, as more recall is.
    judged = judge_gaps(
        [(name, values[a][name], values[b][name]) for a, b, name in asked],
        settings,
    )
    gaps: dict[Method, dict[str, Gap]] = {method: {} for method in CORRECTIONS}
    duels: dict[tuple[Method, Method], Gap] = {}
    for (a, b, name), gap in zip(asked, judged, strict=True):
        if b == "none":
            gaps[a][name] = gap
        else:
            duels[a, b] = gap
    of_decider: dict[Method, Gap] = {method: gaps[method][decider] for method in CORRECTIONS}
    ordered = {method: {name: estimates[method][name] for name in names} for method in NAMES}
    said = verdict_sentence(_decider_words(decider, settings.k), of_decider, duels)
    return CorrectionTable(settings.k, decider, ordered, gaps, duels, winner(of_decider, duels), said)


def winner(gaps: Mapping[Method, Gap], duels: Mapping[tuple[Method, Method], Gap]) -> Method:
    """The best of those better than no correction, or the simplest that does as well; "none" if none is better."""
    better = _better(gaps)
    if not better:
        return "none"
    if "no_logq" in better and (better[0] == "no_logq" or not _gap_between(better[0], "no_logq", duels).evident):
        return "no_logq"
    return better[0]


def _better(gaps: Mapping[Method, Gap]) -> list[Method]:
    """The corrections that beat no correction, the best first."""
    found = [method for method in CORRECTIONS if gaps[method].verdict == "better"]
    return sorted(found, key=lambda method: -gaps[method].difference.mean)


def verdict_sentence(decider: str, gaps: Mapping[Method, Gap], duels: Mapping[tuple[Method, Method], Gap]) -> str:
    """Which of the four wins, by how much, or that nothing does; `decider` is the measure in words."""
    better, plain = _better(gaps), f"“{NAMES['no_logq']}”"
    if not better:
        return _nothing_wins(decider, gaps)
    best = better[0]
    gain = points(gaps[best].difference, signed=False)
    if best == "no_logq":
        return (
            f"{plain} wins here: it raises {decider} by {gain} over no correction and nothing beats it, so OPC is not "
            "worth its complexity."
        )
    lead = _gap_between(best, "no_logq", duels)
    if "no_logq" in better and not lead.evident:
        other = points(gaps["no_logq"].difference, signed=False)
        return (
            f"{plain} does as well as {_inside(best)} here: {decider} rises by {other} "
            f"with the one and by {gain} with the other, a difference within chance, so the correction is not worth "
            "its complexity."
        )
    ties = [_inside(other) for other in better[1:] if not _gap_between(best, other, duels).evident]
    beside = f", and {ties[0]} does as well" if ties else ""
    over = (
        f"; over {plain} it is ahead by {points(lead.difference, signed=False)}"
        if lead.evident
        else f"; its lead over {plain} is within chance"
    )
    return f"{NAMES[best]} wins here: it raises {decider} by {gain} over no correction{beside}{over}."


def _nothing_wins(decider: str, gaps: Mapping[Method, Gap]) -> str:
    worse = [method for method in CORRECTIONS if gaps[method].verdict == "worse"]
    if not worse:
        opc, plain = gaps["weights"].difference, gaps["no_logq"].difference
        return (
            f"Nothing wins here: no correction changes {decider} by more than chance would (OPC {points(opc)}, "
            f"“{NAMES['no_logq']}” {points(plain)}), so none is worth its complexity."
        )
    first, *others = (f"{_inside(method)} {{}}by {points(gaps[method].difference)}" for method in worse)
    losses = ", ".join([first.format(f"changes {decider} "), *(other.format("") for other in others)])
    rest = "" if len(worse) == len(CORRECTIONS) else "; the others change it by no more than chance would"
    return f"Leaving popularity alone wins here: {losses}{rest}."


def _inside(method: Method) -> str:
    """A method's name as it stands inside a sentence."""
    return {"weights": "OPC", "offset": "logit adjustment"}.get(method, f"“{NAMES[method]}”")


def _gap_between(first: Method, second: Method, duels: Mapping[tuple[Method, Method], Gap]) -> Gap:
    """First minus second, whichever way it was asked."""
    if (first, second) in duels:
        return duels[first, second]
    turned = duels[second, first]
    e = turned.difference
    verdicts: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}
    return Gap(Estimate(-e.mean, -e.high, -e.low, e.n), turned.p_value, verdicts.get(turned.verdict, turned.verdict))


def _decider_words(decider: str, k: int) -> str:
    return "the true engagement of the lists" if decider == TRUE_ENGAGEMENT else f"recall@{k}"


def points(gap: Estimate, *, signed: bool = True) -> str:
    """A difference of shares in percentage points with its interval.

    >>> points(Estimate(0.0056, -0.0008, 0.012, 9))
    '+0.56 points (−0.08 to +1.20)'
    """
    sign = "+" if signed else ""
    mean, low, high = (f"{100 * value:{sign}.2f}".replace("-", "−") for value in (gap.mean, gap.low, gap.high))
    return f"{mean} points ({low} to {high})"
