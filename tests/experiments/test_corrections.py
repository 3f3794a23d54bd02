"""The four runs of a comparison, and what is read off them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from relvid_core.config import ExperimentConfig, OffPolicyConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import ConfigError, RunError
from relvid_core.experiments.corrections import CorrectionSet, fitted_of, predicted_of
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache, cut
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.runtime import drain

BASE = ExperimentConfig().with_values(off_policy__strength=0.5, off_policy__clip=7.0, training__epochs=3)


@pytest.fixture(scope="module")
def trained(planted: Dataset, quick: ExperimentConfig) -> Run:
    return drain(train_run(planted, quick, cache=PreparedCache()))


def test_the_four_differ_in_nothing_but_the_correction() -> None:
    four = CorrectionSet.around(BASE, 0.3214).configs
    assert four["weights"] == BASE
    plain = BASE.with_values(off_policy__strength=0.0, off_policy__clip=math.e**3)
    assert four["none"] == plain
    assert four["offset"] == plain.with_values(objective__popularity_offset=0.321)
    assert four["no_logq"] == plain.with_values(training__softmax="sampled", training__log_q=False)


def test_a_correction_that_the_base_brings_along_is_left_out_of_the_others() -> None:
    base = BASE.with_values(objective__popularity_offset=0.7, training__log_q=False, off_policy__gamma=2.0)
    four = CorrectionSet.around(base, 0.3).configs
    assert [four[m].objective.popularity_offset for m in ("none", "weights", "offset", "no_logq")] == [0, 0, 0.3, 0]
    assert [four[m].training.log_q for m in ("none", "weights", "offset", "no_logq")] == [True, True, True, False]
    assert four["none"].off_policy == OffPolicyConfig()


@pytest.mark.parametrize(("effective", "offset"), [(1.4, 1.0), (-0.2, 0.0), (math.nan, 0.0), (0.98765, 0.988)])
def test_the_offset_stays_in_its_range(effective: float, offset: float) -> None:
    assert CorrectionSet.around(BASE, effective).configs["offset"].objective.popularity_offset == offset


def test_names_say_the_settings() -> None:
    assert CorrectionSet.around(BASE, 0.3).labels == {
        "none": "No correction",
        "weights": "OPC β 0.5, clip 7",
        "offset": "Logit adjustment λ 0.3",
        "no_logq": "No logQ, no OPC",
    }


def test_strength_zero_is_no_comparison() -> None:
    with pytest.raises(ConfigError, match="choose a strength above 0"):
        CorrectionSet.around(ExperimentConfig(), 0.0)


def test_stored_finds_runs_of_the_same_config_and_data_only() -> None:
    four = CorrectionSet.around(BASE, 0.3)

    def info(run_id: str, config: ExperimentConfig, fingerprint: str) -> RunInfo:
        return RunInfo(run_id, run_id, "model", 0.0, "d", "D", fingerprint, "key", config, 6, 1.0)

    infos = [info("a", four.configs["none"], "now"), info("b", four.configs["offset"], "before")]
    assert {method: found.run_id for method, found in four.stored(infos, "now").items()} == {"none": "a"}


def test_predictions_by_hand(planted: Dataset) -> None:
    parts = cut(planted, ExperimentConfig())

    def predicted(**values: object) -> float:
        return predicted_of(ExperimentConfig().with_values(**values), parts, planted.catalog)

    assert predicted() == 1.0
    assert predicted(objective__popularity_offset=0.4, objective__popularity_term=0.1) == pytest.approx(0.7)
    assert predicted(training__softmax="sampled", training__log_q=False) == 0.0
    assert predicted(training__log_q=False) == 1.0  # the whole catalogue is in the softmax: nothing to correct
    strong = predicted(off_policy__strength=0.5, off_policy__clip=1e9)
    clipped = predicted(off_policy__strength=0.5, off_policy__clip=1.2)
    assert strong == pytest.approx(0.5, abs=0.1)  # π here is the watch count, near the marginal of the pairs
    assert strong < clipped < 1.0


def test_the_fitted_exponent_is_read_off_the_engagement_head(trained: Run, planted: Dataset) -> None:
    parts = cut(planted, trained.info.config)
    fitted = fitted_of(trained, parts)
    assert fitted.low < fitted.mean < fitted.high
    assert 0.3 < fitted.mean < 1.3
    raised = replace(trained.info, config=trained.info.config.with_values(objective__popularity_term=0.5))
    assert fitted_of(replace(trained, info=raised), parts).mean > fitted.mean + 0.2
    with pytest.raises(RunError, match="a baseline has no vectors"):
        fitted_of(replace(trained, towers=None), parts)
