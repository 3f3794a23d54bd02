"""What stored runs and logs were found to say, kept so that a page need not ask twice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

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
from relvid_core.experiments import standings
from relvid_core.experiments.compare import paired_table
from relvid_core.experiments.confirm import Confirmation, NoiseFloor, confirm, noise_floor
from relvid_core.experiments.correction_verdict import CorrectionTable, judge_corrections
from relvid_core.experiments.corrections import Method, fitted_of, predicted_of, true_engagement
from relvid_core.experiments.datasets import SAMPLE, runs_home
from relvid_core.experiments.ladder_reading import LadderReading
from relvid_core.experiments.preview import Preview, View
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.simulation.loader import load_truth
from relvid_core.simulation.truth import Probabilities

_LARGEST_PICTURE: Final = 1_000_000  # bytes; a page holds some forty of them


def paired(a: str, b: str) -> pd.DataFrame:
    """`compare.paired_table` of two stored runs; half a second of resampling the first time. Raises RunError."""
    return _paired(a, b, str(cache.store().root), cache.store().info(a).created_at, cache.store().info(b).created_at)


@st.cache_data(show_spinner="Comparing the runs …", max_entries=64)
def _paired(a: str, b: str, home: str, made_a: float, made_b: float) -> pd.DataFrame:
    return paired_table(cache.run(a), cache.run(b))


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
    first = runs["none"]
    if first.info.dataset_key != SAMPLE:
        return judge_corrections(runs)
    related = _related(first.info.evaluation_key, first)
    return judge_corrections(runs, {method: true_engagement(one, related) for method, one in runs.items()})


@st.cache_resource(show_spinner="Asking the sample world what its viewers truly like …", max_entries=1)
def _related(evaluation_key: str, _run: Run) -> Probabilities:
    """What viewers of each seed video would make of every video; the same for all runs with this evaluation key."""
    return load_truth().related_engagement(_run.seeds)


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
    made = (a.info.created_at, b.info.created_at)
    return _difference(a.info.run_id, b.info.run_id, metric, str(cache.store().root), made, a, b)


@st.cache_data(show_spinner=False, max_entries=256)
def _difference(
    a: str, b: str, metric: str, home: str, made: tuple[float, float], _run_a: Run, _run_b: Run
) -> Estimate:
    return standings.difference(_run_a, _run_b, metric)
