"""The queue: in order, one at a time, cancellable, and never taken down by a failing job."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import DataError
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.queue import TrainingQueue
from relvid_core.experiments.store import RunStore

PATIENCE = 60.0


@pytest.fixture
def gate() -> threading.Event:
    """While it is not set, loading a dataset waits: a job can be held in the running state."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def queue(planted: Dataset, gate: threading.Event, tmp_path: Path) -> Iterator[TrainingQueue]:
    def load(key: str) -> Dataset:
        gate.wait(PATIENCE)
        if key != "planted":
            raise DataError(f"dataset {key!r}: not found")
        return planted

    queue = TrainingQueue(RunStore(tmp_path), load, PreparedCache())
    yield queue
    gate.set()
    queue.close()


def test_jobs_run_in_order_and_are_stored(queue: TrainingQueue, quick: ExperimentConfig, tmp_path: Path) -> None:
    first = queue.submit("planted", quick)
    second = queue.submit("planted", quick.with_values(objective__relevance_weight=1.0), "named")
    done = [queue.wait(job.job_id, PATIENCE) for job in (first, second)]
    assert [job.state for job in done] == ["done", "done"]
    assert done[0].finished_at is not None
    assert done[1].finished_at is not None
    assert done[0].finished_at <= done[1].finished_at
    store = RunStore(tmp_path)
    assert [store.info(job.run_id or "").label for job in done] == ["engagement only", "named"]
    assert sum(info.kind == "baseline" for info in store.list()[0]) >= 8
    assert done[0].losses[-1][0] == pytest.approx(quick.training.epochs)
    assert not queue.busy


def test_a_waiting_job_is_cancelled_at_once(
    queue: TrainingQueue, gate: threading.Event, quick: ExperimentConfig
) -> None:
    gate.clear()
    running, waiting = queue.submit("planted", quick), queue.submit("planted", quick)
    queue.cancel(waiting.job_id)
    assert queue.wait(waiting.job_id, PATIENCE).state == "cancelled"
    gate.set()
    assert queue.wait(running.job_id, PATIENCE).state == "done"
    queue.cancel(running.job_id)  # too late: nothing changes
    assert queue.job(running.job_id) == queue.wait(running.job_id)


def test_a_running_job_stops_and_leaves_nothing(queue: TrainingQueue, quick: ExperimentConfig, tmp_path: Path) -> None:
    job = queue.submit("planted", quick.with_values(training__epochs=10_000))
    until = time.monotonic() + PATIENCE
    while not (now := queue.job(job.job_id)) or not now.losses:
        assert time.monotonic() < until
        time.sleep(0.01)
    queue.cancel(job.job_id)
    assert queue.wait(job.job_id, PATIENCE).state == "cancelled"
    assert RunStore(tmp_path).list() == ([], [])


def test_a_failing_job_says_why_and_the_next_one_runs(queue: TrainingQueue, quick: ExperimentConfig) -> None:
    failing, working = queue.submit("elsewhere", quick), queue.submit("planted", quick)
    failed = queue.wait(failing.job_id, PATIENCE)
    assert failed.state == "failed"
    assert "'elsewhere': not found" in failed.error
    assert queue.wait(working.job_id, PATIENCE).state == "done"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the traceback is meant to show
def test_a_fault_of_ours_fails_its_job_and_not_the_queue(
    queue: TrainingQueue, quick: ExperimentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "save", broken)
        lost = queue.wait(queue.submit("planted", quick).job_id, PATIENCE)
    assert lost.state == "failed"
    assert "unexpected" in lost.error
    assert queue.wait(queue.submit("planted", quick).job_id, PATIENCE).state == "done"


def test_baselines_are_tuned_in_the_same_queue(queue: TrainingQueue, quick: ExperimentConfig, tmp_path: Path) -> None:
    job = queue.submit_tuning("planted", quick)
    assert queue.pending("planted", "tuning") == [quick]
    assert queue.pending("planted") == []  # no model of these settings is in the making
    training = queue.submit("planted", quick.with_values(training__seed=1))
    assert queue.pending("planted") == [training.config]
    assert queue.wait(job.job_id, PATIENCE).state == "done"
    assert any("EASE, tuned" in info.label for info in RunStore(tmp_path).list()[0])
    assert queue.wait(training.job_id, PATIENCE).state == "done"
    assert queue.pending("planted") == queue.pending("planted", "tuning") == []


def test_a_tuning_stops_on_request_and_keeps_what_is_whole(
    queue: TrainingQueue, quick: ExperimentConfig, tmp_path: Path
) -> None:
    job = queue.submit_tuning("planted", quick)
    until = time.monotonic() + PATIENCE
    while not (now := queue.job(job.job_id)) or now.progress is None or "Item kNN" not in now.progress.message:
        assert time.monotonic() < until
        assert now is None or now.state in ("queued", "running")
        time.sleep(0.001)
    queue.cancel(job.job_id)
    assert queue.wait(job.job_id, PATIENCE).state == "cancelled"
    infos, problems = RunStore(tmp_path).list()
    assert ([info.label for info in infos], problems) == (["Co-visit, tuned"], [])
    again = queue.submit_tuning("planted", quick)
    assert queue.wait(again.job_id, PATIENCE).state == "done"


def test_closing_stops_the_worker(queue: TrainingQueue, quick: ExperimentConfig) -> None:
    job = queue.submit("planted", quick.with_values(training__epochs=10_000))
    queue.close()
    waiting = queue.job(job.job_id)
    assert waiting is not None
    assert waiting.state == "cancelled"
    assert not any(thread is queue._worker for thread in threading.enumerate())
