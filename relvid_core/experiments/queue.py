"""One worker in the background and a queue before it: trainings and tunings outlive the page that started them."""

from __future__ import annotations

import atexit
import itertools
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Literal

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import Cancelled, RelvidError
from relvid_core.experiments.pipeline import Progress, baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import default_label
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.tuned_baselines import tune_baselines

JobKind = Literal["training", "tuning"]
JobState = Literal["queued", "running", "done", "cancelled", "failed"]
UNFINISHED: tuple[JobState, ...] = ("queued", "running")
KEPT_JOBS = 50


@dataclass(frozen=True)
class Job:
    """A snapshot of one request; the queue replaces it, nobody changes it."""

    job_id: int
    label: str
    dataset_key: str
    config: ExperimentConfig
    submitted_at: float
    kind: JobKind = "training"  # of a model; or "tuning": of the baselines beside models of this config
    again: bool = False  # of a tuning: also what was tuned before
    state: JobState = "queued"
    progress: Progress | None = None
    losses: tuple[tuple[float, dict[str, float]], ...] = field(default=())  # (epoch reached, mean losses)
    run_id: str | None = None  # once the run is stored; baselines may still be in the making
    error: str = ""
    finished_at: float | None = None


class TrainingQueue:
    """Does one job at a time, in the order of submission, and stores what comes out.

    `load` turns a dataset key into a Dataset (it may cache). All methods may be called from any thread.
    """

    def __init__(self, store: RunStore, load: Callable[[str], Dataset], cache: PreparedCache) -> None:
        self._store, self._load, self._cache = store, load, cache
        self._changed = threading.Condition()
        self._jobs: dict[int, Job] = {}
        self._cancelled: set[int] = set()
        self._closing = False
        self._numbers = itertools.count(1)
        self._start_worker()
        atexit.register(self.close)  # a torch thread that is still at work when the process ends would abort it

    def submit(self, dataset_key: str, config: ExperimentConfig, label: str = "") -> Job:
        """Queue a training and return its job."""
        return self._queue(label or default_label(config), dataset_key, config, "training")

    def submit_tuning(self, dataset_key: str, config: ExperimentConfig, *, again: bool = False) -> Job:
        """Queue the tuning of the baselines that stand beside models of this config, and return its job.

        `again` searches anew what was tuned before.
        """
        return self._queue("Tuning the baselines", dataset_key, config, "tuning", again=again)

    def _queue(
        self, label: str, dataset_key: str, config: ExperimentConfig, kind: JobKind, *, again: bool = False
    ) -> Job:
        with self._changed:
            job = Job(next(self._numbers), label, dataset_key, config, time.time(), kind, again)
            self._jobs[job.job_id] = job
            finished = [number for number, old in self._jobs.items() if old.state not in UNFINISHED]
            for number in finished[: max(0, len(self._jobs) - KEPT_JOBS)]:
                del self._jobs[number]
            self._changed.notify_all()
            return job

    def jobs(self) -> list[Job]:
        """All remembered jobs, newest first."""
        with self._changed:
            return list(reversed(self._jobs.values()))

    def pending(self, dataset_key: str, kind: JobKind = "training") -> list[ExperimentConfig]:
        """The configs that are being worked on, or wait for it, on one dataset."""
        return [
            job.config
            for job in self.jobs()
            if job.state in UNFINISHED and job.kind == kind and job.dataset_key == dataset_key
        ]

    def job(self, job_id: int) -> Job | None:
        """One job, or None if it is not remembered."""
        with self._changed:
            return self._jobs.get(job_id)

    @property
    def busy(self) -> bool:
        """Whether anything is queued or running."""
        return any(job.state in UNFINISHED for job in self.jobs())

    def cancel(self, job_id: int) -> None:
        """Stop a job: at once if it waits, at its next step if it runs. A finished job stays as it is."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is None or job.state not in UNFINISHED:
                return
            self._cancelled.add(job_id)
            if job.state == "queued":
                self._jobs[job_id] = replace(job, state="cancelled", finished_at=time.time())
                self._changed.notify_all()

    def wait(self, job_id: int, timeout: float | None = None) -> Job:
        """Block until a job has ended, or the timeout has; returns its snapshot then."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs[job_id].state not in UNFINISHED, timeout)
            return self._jobs[job_id]

    def close(self, timeout: float = 20.0) -> None:
        """Cancel everything and wait for the worker to stop. The queue takes no further work."""
        with self._changed:
            self._closing = True
            for job_id in list(self._jobs):
                self.cancel(job_id)
            self._changed.notify_all()
        self._worker.join(timeout)
        atexit.unregister(self.close)

    def _start_worker(self) -> None:
        self._worker = threading.Thread(target=self._work, name="training", daemon=True)
        self._worker.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._settle(job)
            finally:
                with self._changed:
                    lost = self._jobs[job.job_id].state in UNFINISHED
                if lost:  # a fault of ours: its traceback goes to the terminal, and the next job must not wait for ever
                    self._update(job.job_id, state="failed", error="unexpected error; the terminal shows where")
                    self._start_worker()

    def _settle(self, job: Job) -> None:
        try:
            if job.kind == "training":
                self._train(job)
            else:
                self._tune(job)
            self._update(job.job_id, state="done")
        except Cancelled:
            self._update(job.job_id, state="cancelled")
        except (RelvidError, MemoryError, OSError, RuntimeError) as error:  # torch raises RuntimeError
            self._update(job.job_id, state="failed", error=str(error) or type(error).__name__)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._closing:
                waiting = [job for job in self._jobs.values() if job.state == "queued"]
                if waiting:
                    self._jobs[waiting[0].job_id] = started = replace(waiting[0], state="running")
                    return started
                self._changed.wait()
            return None

    def _train(self, job: Job) -> None:
        dataset = self._load(job.dataset_key)
        self._check(job)
        losses: list[tuple[float, dict[str, float]]] = []
        training = train_run(dataset, job.config, cache=self._cache, label=job.label, earlier=self._store)
        try:
            while True:
                progress = next(training)
                if progress.training is not None:
                    reached = progress.training.fraction * progress.training.n_epochs
                    losses.append((reached, progress.training.losses))
                self._update(job.job_id, progress=progress, losses=tuple(losses))
                self._check(job)
        except StopIteration as finished:
            self._store.save(finished.value)
            self._update(job.job_id, run_id=finished.value.info.run_id)
        finally:
            training.close()
        self._follow(job, baseline_runs(dataset, job.config, cache=self._cache, store=self._store))

    def _tune(self, job: Job) -> None:
        dataset = self._load(job.dataset_key)
        self._check(job)
        self._follow(job, tune_baselines(dataset, job.config, cache=self._cache, store=self._store, again=job.again))

    def _follow(self, job: Job, work: Generator[Progress, None, list[str]]) -> None:
        """Run what stores its own results, until it is done or the job is cancelled."""
        with closing(work):
            for progress in work:
                self._update(job.job_id, progress=progress)
                self._check(job)

    def _check(self, job: Job) -> None:
        with self._changed:
            if job.job_id in self._cancelled:
                raise Cancelled(f"{job.label}: stopped on request")

    def _update(self, job_id: int, **changes: object) -> None:
        with self._changed:
            job = replace(self._jobs[job_id], **changes)  # type: ignore[arg-type]  # names are checked by replace
            if job.state not in UNFINISHED:
                job = replace(job, finished_at=time.time())
                self._cancelled.discard(job_id)
            self._jobs[job_id] = job
            self._changed.notify_all()
