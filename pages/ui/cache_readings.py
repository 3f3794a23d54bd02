"""What stored runs and logs were found to say, kept so that a page need not ask twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.ui import cache
from relvid_core.config import ExperimentConfig
from relvid_core.data.propensity import Propensity
from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.joint import JointMean, joint_mean
from relvid_core.evaluation.protocol import RECALL, TOPIC_MATCH
from relvid_core.evaluation.quality import QualityReading, read_quality
from relvid_core.experiments import standings, typical
from relvid_core.experiments.compare import paired_table
from relvid_core.experiments.confirm import (
    Confirmation,
    NoiseFloor,
    Overlap,
    confirm,
    measured_overlap,
    noise_floor,
)
from relvid_core.experiments.correction_verdict import CorrectionTable, judge_corrections
from relvid_core.experiments.corrections import Method, fitted_of, predicted_of
from relvid_core.experiments.datasets import runs_home
from relvid_core.experiments.known_truth import true_engagement
from relvid_core.experiments.ladder_reading import LadderReading
from relvid_core.experiments.list_change import ListChange, Twins, Whose, list_change
from relvid_core.experiments.logged_value import LoggedValue
from relvid_core.experiments.measure_table import measure_table
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.preview import Preview, View
from relvid_core.experiments.run import Run
from relvid_core.experiments.slices import SeedSlices, popularity_slices, slice_table
from relvid_core.experiments.store import RunStore
from relvid_core.report.words import MEASURES

Stamps = tuple[tuple[str, str, float], ...]


def measures(runs: Mapping[str, Run]) -> pd.DataFrame:
    """`measure_table` of stored runs by letter, for all measures with words; a second of resampling the first time.

    Raises RunError.
    """
    return _measures(tuple(runs), _stamps(*runs.values()), runs)


@st.cache_data(show_spinner="Comparing the runs, seed video by seed video …", max_entries=64)
def _measures(sides: tuple[str, ...], stamps: Stamps, _runs: Mapping[str, Run]) -> pd.DataFrame:
    return measure_table(_runs, MEASURES)


def _stamps(*runs: Run) -> Stamps:
    """What a reading of stored runs is kept by: where they lie, their ids, and when they were made."""
    home = str(cache.store().root)
    return tuple((home, run.info.run_id, run.info.created_at) for run in runs)


def topic_slices(a: Run, b: Run, metric: str, level: int, least: int) -> pd.DataFrame:
    """`slice_table` of two stored runs by the seeds' main topics."""
    return _topic_slices(_stamps(a, b), metric, level, least, a, b)


@st.cache_data(show_spinner=False, max_entries=64)
def _topic_slices(stamps: Stamps, metric: str, level: int, least: int, _a: Run, _b: Run) -> pd.DataFrame:
    return slice_table(_a, _b, metric, seed_topics(_a, level), least=least)


def seed_topics(run: Run, level: int) -> SeedSlices:
    """Which main topic each seed of a stored run has. Raises DataError where its dataset is gone."""
    return _seed_topics(run.info.evaluation_key, level, run)


@st.cache_resource(show_spinner=False, max_entries=16)
def _seed_topics(evaluation_key: str, level: int, _run: Run) -> SeedSlices:
    return SeedSlices.by_topic(cache.dataset(_run.info.dataset_key).catalog.topics, _run.seeds, level)


def by_popularity(a: Run, b: Run, metric: str, prepared: Prepared) -> pd.DataFrame:
    """`popularity_slices` of two stored runs. Raises RunError."""
    return _by_popularity(_stamps(a, b), metric, prepared.key, a, b, prepared)


@st.cache_data(show_spinner="Comparing by popularity …", max_entries=64)
def _by_popularity(stamps: Stamps, metric: str, key: str, _a: Run, _b: Run, _prepared: Prepared) -> pd.DataFrame:
    return popularity_slices(_a, _b, metric, _prepared)


def change(a: Run, b: Run, twins: Twins) -> ListChange:
    """`list_change` of two stored runs. Raises RunError."""
    first, second = cache.run(twins.first.run_id), cache.run(twins.second.run_id)
    return _change(_stamps(a, b, first, second), twins.whose, a, b, (first, second))


@st.cache_data(show_spinner=False, max_entries=64)
def _change(stamps: Stamps, whose: Whose, _a: Run, _b: Run, _twins: tuple[Run, Run]) -> ListChange:
    return list_change(_a, _b, _twins, whose)


def lists_in_common(a: Run, b: Run) -> Overlap:
    """`confirm.measured_overlap` of two stored runs."""
    return _lists_in_common(_stamps(a, b), a, b)


@st.cache_data(show_spinner=False, max_entries=64)
def _lists_in_common(stamps: Stamps, _a: Run, _b: Run) -> Overlap:
    return measured_overlap(_a, _b)


def logged() -> dict[tuple[object, ...], list[LoggedValue]]:
    """The off-policy values that were asked for, by what they were read from."""
    return _logged(str(runs_home().resolve()))


@st.cache_resource(show_spinner=False)
def _logged(home: str) -> dict[tuple[object, ...], list[LoggedValue]]:
    return {}


def paired(a: str, b: str) -> pd.DataFrame:
    """`compare.paired_table` of two stored runs; half a second of resampling the first time. Raises RunError."""
    first, second = cache.run(a), cache.run(b)
    return _paired(_stamps(first, second), first, second)


@st.cache_data(show_spinner="Comparing the runs …", max_entries=64)
def _paired(stamps: Stamps, _a: Run, _b: Run) -> pd.DataFrame:
    return paired_table(_a, _b)


def recall_and_topic_match(run_id: str) -> JointMean:
    """Both means of a stored run with their noise together; reads two columns of its values. Raises RunError."""
    return _recall_and_topic_match(run_id, str(cache.store().root), cache.store().info(run_id).created_at)


@st.cache_data(show_spinner=False, max_entries=500)
def _recall_and_topic_match(run_id: str, home: str, created_at: float) -> JointMean:
    values = RunStore(Path(home)).per_seed(run_id, (RECALL, TOPIC_MATCH))
    if len(values) < 2:
        raise RunError(f"run {run_id}: its values by seed video lack recall or topic match. Train it again.")
    return joint_mean(values[RECALL], values[TOPIC_MATCH])


def propensity(dataset_key: str, config: ExperimentConfig) -> Propensity:
    """How often each video was shown, by the config's source. Raises DataError where the log cannot say."""
    asked = config.off_policy
    decisive = ExperimentConfig(split=config.split, coengagement=config.coengagement).with_values(
        off_policy__propensity=asked.propensity, off_policy__gamma=asked.gamma, off_policy__smoothing=asked.smoothing
    )
    return _propensity(dataset_key, cache.dataset(dataset_key).fingerprint, decisive.to_toml())


@st.cache_resource(show_spinner=False, max_entries=64)
def _propensity(dataset_key: str, fingerprint: str, config: str) -> Propensity:
    asked = ExperimentConfig.from_toml(config)
    return Propensity.from_log(
        cache.cut_of(dataset_key, asked).history, asked.off_policy, cache.dataset(dataset_key).catalog
    )


def quality(dataset_key: str, config: ExperimentConfig) -> QualityReading:
    """Whether popularity is luck or quality in what the config would learn from."""
    return _quality(dataset_key, cache.dataset(dataset_key).fingerprint, ExperimentConfig(split=config.split).to_toml())


@st.cache_resource(show_spinner=False, max_entries=16)
def _quality(dataset_key: str, fingerprint: str, config: str) -> QualityReading:
    return read_quality(cache.cut_of(dataset_key, ExperimentConfig.from_toml(config)).history)


def exponents(run_id: str) -> tuple[float, Estimate]:
    """The net popularity exponent of a stored model, predicted and fitted. Raises RunError."""
    info = cache.store().info(run_id)
    return _exponents(run_id, str(cache.store().root), info.created_at, info.dataset_fingerprint)


@st.cache_resource(show_spinner=False, max_entries=200)
def _exponents(run_id: str, home: str, created_at: float, fingerprint: str) -> tuple[float, Estimate]:
    found = cache.run(run_id)
    key, config = found.info.dataset_key, found.info.config
    parts = cache.cut_of(key, config)
    return predicted_of(config, parts, cache.dataset(key).catalog), fitted_of(found, parts)


def corrections(run_ids: dict[Method, str]) -> CorrectionTable:
    """The verdict over the four stored runs of a comparison; a few seconds the first time. Raises RunError."""
    made = tuple(cache.store().info(run_id).created_at for run_id in run_ids.values())
    return _corrections(tuple(run_ids.items()), str(cache.store().root), made)


@st.cache_resource(show_spinner="Comparing the runs, seed video by seed video …", max_entries=16)
def _corrections(run_ids: tuple[tuple[Method, str], ...], home: str, made: tuple[float, ...]) -> CorrectionTable:
    runs = {method: cache.run(run_id) for method, run_id in run_ids}
    world = cache.dataset(runs["none"].info.dataset_key).planted
    if world is None:
        return judge_corrections(runs)
    return judge_corrections(runs, {method: true_engagement(one, world) for method, one in runs.items()})


def confirmation(preview: Preview, view: View, retrained_id: str) -> Confirmation:
    """`confirm.confirm` against a stored run; resampling takes a moment the first time. Raises RunError."""
    position, home = view.position, str(cache.store().root)
    return _confirmation(preview, view, preview.info.run_id, position.omega, position.kappa, retrained_id, home)


@st.cache_data(show_spinner=False, max_entries=64)
def _confirmation(
    _preview: Preview, _view: View, run_id: str, omega: float, kappa: float, retrained_id: str, home: str
) -> Confirmation:
    return confirm(_preview, _view, cache.run(retrained_id))


def noise(a: str, b: str) -> NoiseFloor:
    """`confirm.noise_floor` of two stored runs. Raises RunError."""
    return _noise(a, b, str(cache.store().root))


@st.cache_data(show_spinner=False, max_entries=16)
def _noise(a: str, b: str, home: str) -> NoiseFloor:
    return noise_floor(cache.run(a), cache.run(b))


def ladder_readings() -> dict[tuple[object, ...], LadderReading]:
    """The last ladders that were read, by what they were read from: a page looks here before it takes the time."""
    return _ladder_readings(str(runs_home().resolve()))


@st.cache_resource(show_spinner=False)
def _ladder_readings(home: str) -> dict[tuple[object, ...], LadderReading]:
    return {}


def difference(a: Run, b: Run, metric: str) -> Estimate:
    """`standings.difference` of two stored runs."""
    return _difference(_stamps(a, b), metric, a, b)


@st.cache_data(show_spinner=False, max_entries=256)
def _difference(stamps: Stamps, metric: str, _a: Run, _b: Run) -> Estimate:
    return standings.difference(_a, _b, metric)


def typical_seed(runs: Sequence[Run], prepared: Prepared, k: int) -> int:
    """`typical.typical_seed` of stored runs. Raises RunError."""
    return _typical_seed(_stamps(*runs), prepared.key, k, runs, prepared)


@st.cache_data(show_spinner=False, max_entries=256)
def _typical_seed(stamps: Stamps, key: str, k: int, _runs: Sequence[Run], _prepared: Prepared) -> int:
    return typical.typical_seed(_runs, _prepared.judge, k)
