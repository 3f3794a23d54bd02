"""What a dataset is good for before anything is trained on it: counts, shares, and advice in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.config import CoEngagementConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.errors import NotEnoughData
from relvid_core.evaluation.exposure import gini
from relvid_core.intake.advice import Advice, Findings, advice_on
from relvid_core.intake.clean import Cleaned
from relvid_core.intake.duplicates import near_duplicates
from relvid_core.intake.faults import faults_by_kind
from relvid_core.intake.topic_agreement import TopicAgreement, topic_agreement

__all__ = ["Advice", "HealthReport", "health_report", "near_duplicates"]

MIN_PARTNERS: Final = 5  # a seed with fewer co-engaged videos says little about what belongs next to it
N: Final = "n"
ENGAGEMENTS: Final = "engagements"
_CURVE_POINTS: Final = 200
_HEAD_SHOWN: Final = 20
_NONE: Final = float("nan")


@dataclass(frozen=True)
class HealthReport:
    """Tidy parts for charts and tables, and the advice that they lead to."""

    rows: pd.DataFrame  # of files: file, fault, done, n, cure; empty without an import
    missing: pd.DataFrame  # kind ("titles", "descriptions", "topics", "pictures"), n, share of videos that lack it
    popularity: pd.DataFrame  # metric, value: gini, top 1 %, top 5 % share of engagements, never watched
    curve: pd.DataFrame  # video_share, engagement_share: cumulative, most watched first, from (0, 0)
    head: pd.DataFrame  # video_id, title, engagements, share: the most watched videos
    topic_share: pd.DataFrame  # kind ("watched together", "by chance"), share; empty without topics or pairs
    data: pd.DataFrame  # metric, value: videos, viewers, engagements, seeds, thin seeds, viewers with one engagement
    period: tuple[pd.Timestamp, pd.Timestamp] | None  # first and last engagement, UTC
    duplicates: pd.DataFrame  # row_a, row_b, kind, similarity
    advice: list[Advice]  # problems first


def health_report(
    dataset: Dataset,
    cleaned: Cleaned | None = None,
    *,
    min_partners: int = MIN_PARTNERS,
    on_progress: Callable[[float], None] | None = None,
) -> HealthReport:
    """Everything that can be known before training. `cleaned` adds what was left out on the way in."""
    catalog, log = dataset.catalog, dataset.interactions
    n = len(catalog)
    missing = _missing(dataset)
    counts = np.sort(log.popularity)[::-1].astype(np.float64)
    total = counts.sum()
    top = {share: float(counts[: max(1, round(share * n))].sum() / total) if total else _NONE for share in (0.01, 0.05)}
    pairs = _pairs(dataset)
    partners = np.zeros(n) if pairs is None else np.diff(pairs.matrix.indptr)
    seeds = int((partners > 0).sum())
    agreement = TopicAgreement(_NONE, _NONE, 0)
    if pairs is not None and catalog.topics.n_levels:
        agreement = topic_agreement(pairs, catalog.topics)
    per_user = np.bincount(log.engagements.user, minlength=log.n_users)
    duplicates = near_duplicates(catalog, on_progress=on_progress)
    findings = Findings(
        n_videos=n,
        n_users=log.n_users,
        n_engagements=len(log.engagements),
        has_time=log.has_time,
        has_exposures=log.exposures is not None,
        missing={str(kind): float(share) for kind, share in zip(missing[c.KIND], missing[c.SHARE], strict=True)},
        gini=float(gini(counts)) if total else _NONE,
        top5=top[0.05],
        never_watched=float((counts == 0).mean()),
        agreement=agreement,
        n_seeds=seeds,
        n_thin=int(((partners > 0) & (partners < min_partners)).sum()),
        min_partners=min_partners,
        single_viewers=float((per_user == 1).sum() / max(1, (per_user > 0).sum())),
        n_duplicates=len({pair for pair in zip(duplicates["row_a"], duplicates["row_b"], strict=True)}),
        dropped=0 if cleaned is None else sum(cleaned.n_read.values()) - sum(cleaned.n_kept.values()),
        read=0 if cleaned is None else sum(cleaned.n_read.values()),
        n_faults=0 if cleaned is None else len(cleaned.faults),
        ready_pairs=dataset.pairs is not None,
    )
    popularity = {"gini": findings.gini, "top 1 % of videos": top[0.01], "top 5 % of videos": top[0.05]}
    popularity["never watched"] = findings.never_watched
    data = {"videos": n, "viewers": log.n_users, "engagements": len(log.engagements), "seeds": seeds}
    data |= {"seeds with few partners": findings.n_thin, "viewers with one engagement": int((per_user == 1).sum())}
    kinds, shares = ["watched together", "by chance"], [agreement.observed, agreement.chance]
    return HealthReport(
        rows=faults_by_kind([] if cleaned is None else cleaned.faults),
        missing=missing,
        popularity=pd.DataFrame({c.METRIC: list(popularity), c.VALUE: list(popularity.values())}),
        curve=_curve(counts),
        head=_head(dataset),
        topic_share=pd.DataFrame({c.KIND: kinds, c.SHARE: shares}).iloc[: 2 if agreement.n_pairs else 0],
        data=pd.DataFrame({c.METRIC: list(data), c.VALUE: list(data.values())}),
        period=_period(dataset),
        duplicates=duplicates,
        advice=advice_on(findings),
    )


def _missing(dataset: Dataset) -> pd.DataFrame:
    catalog = dataset.catalog
    lacking = {
        "titles": sum(not text.split("\n")[0] for text in _raw_texts(dataset)),
        "descriptions": int((catalog.frame[c.DESCRIPTION].str.strip() == "").sum()),
        "topics": sum(not paths for paths in catalog.topics.paths),
        "pictures": sum(catalog.thumbnail(row) is None for row in range(len(catalog))),
    }
    counts = np.array(list(lacking.values()))
    return pd.DataFrame({c.KIND: list(lacking), N: counts, c.SHARE: counts / len(catalog)})


def _raw_texts(dataset: Dataset) -> list[str]:
    """Title and description of every video as models read them: a title made from the id is none."""
    frame = dataset.catalog.frame
    return [
        text if str(title).strip() in text.split("\n")[0] else "\n" + text
        for text, title in zip(dataset.catalog.text, frame[c.TITLE], strict=True)
    ]


def _pairs(dataset: Dataset) -> CoEngagement | None:
    if dataset.pairs is not None:
        return dataset.pairs
    if not len(dataset.interactions.engagements):
        return None
    try:
        return CoEngagement.from_events(dataset.interactions.engagements, len(dataset.catalog), CoEngagementConfig())
    except NotEnoughData:
        return None


def _curve(counts: np.ndarray) -> pd.DataFrame:
    """Lorenz curve turned round, at 200 points, denser at its steep beginning."""
    n, total = len(counts), counts.sum()
    places = np.unique(np.concatenate([[0], np.geomspace(1, n, _CURVE_POINTS), np.linspace(0, n, 50)]).astype(np.int64))
    cumulative = np.concatenate([[0.0], np.cumsum(counts)])[places]
    shares = cumulative / total if total else np.zeros(len(places))
    return pd.DataFrame({c.VIDEO_SHARE: places / n, c.ENGAGEMENT_SHARE: shares})


def _head(dataset: Dataset) -> pd.DataFrame:
    counts = dataset.interactions.popularity
    rows = np.argsort(-counts, kind="stable")[:_HEAD_SHOWN]
    rows = rows[counts[rows] > 0]
    frame = dataset.catalog.frame.iloc[rows][[c.VIDEO_ID, c.TITLE]].reset_index(drop=True)
    return frame.assign(**{ENGAGEMENTS: counts[rows], c.SHARE: counts[rows] / max(1, counts.sum())})


def _period(dataset: Dataset) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    times = dataset.interactions.engagements.timestamp
    if times is None or not len(times):
        return None
    limit = 2**33  # beyond what Timestamp holds in nanoseconds, a log is in no unit we know
    if int(times.min()) < -limit or int(times.max()) > limit:
        return None
    return pd.Timestamp(int(times.min()), unit="s", tz="UTC"), pd.Timestamp(int(times.max()), unit="s", tz="UTC")
