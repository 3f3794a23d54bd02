"""The catalogue in two dimensions: PCA at once, t-SNE or UMAP in a process of its own that can be stopped.

No two dimensions can keep all distances of fifty. PCA keeps the directions in which videos differ most; t-SNE (van der
Maaten & Hinton 2008) and UMAP (McInnes et al. 2018) keep who is near whom, and neither the size of groups nor the
distance between them. `trustworthiness` says how much of the nearness on the map is real.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from relvid_core.errors import ConfigError, MissingDependency, NotEnoughData, RunError
from relvid_core.runtime import generator, seed_for

if TYPE_CHECKING:  # the child process draws maps and must not wait for torch
    from relvid_core.encoders.features import ContentFeatures
    from relvid_core.experiments.run import Run

Vectors = npt.NDArray[np.float32]
Method = Literal["PCA", "t-SNE", "UMAP"]

METHODS: Final[tuple[Method, ...]] = ("PCA", "t-SNE", "UMAP")
UMAP_INSTALL: Final = "pip install -r requirements-map.txt"
MIN_VIDEOS: Final = 8
STEPS: Final = 1000  # of t-SNE, as scikit-learn has it
_FIRST_DIMS: Final = 50  # t-SNE and UMAP start from that many principal components at most
_SAMPLE, _NEAREST = 1500, 15  # videos asked for the trustworthiness, and neighbours of each
_ROOT: Final = Path(__file__).resolve().parents[2]
_IN, _OUT = "vectors.npz", "points.npz"
_POLL_S: Final = 0.2
_LAST_WORDS: Final = 2000  # characters of a failed process
_STEP_OF: Final = {
    "t-SNE": re.compile(r"Iteration (\d+):"),
    "UMAP": re.compile(r"Epochs completed:\s+(\d+)%"),
}


@dataclass(frozen=True)
class ProjectionSettings:
    """How a map is drawn; equal settings and vectors give equal maps on one machine."""

    method: Method = "PCA"
    perplexity: float = 30.0  # t-SNE: about how many neighbours a video minds; cut to a third of the catalogue
    n_neighbours: int = 15  # UMAP: the same
    min_dist: float = 0.1  # UMAP: how tightly points may be packed
    seed: int = 0  # UMAP: PCA and t-SNE, which starts from PCA, draw nothing by chance

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(f"map: received method {self.method!r}; use one of {', '.join(METHODS)}")
        if not 2 <= self.perplexity <= 200:
            raise ConfigError(f"map: received perplexity {self.perplexity!r}; use 2 to 200")
        if not 2 <= self.n_neighbours <= 200 or not 0 <= self.min_dist <= 1:
            raise ConfigError(
                f"map: received {self.n_neighbours!r} neighbours and a least distance of {self.min_dist!r}; "
                "use 2 to 200 neighbours and a distance of 0 to 1"
            )
        if not 0 <= self.seed < 2**31:
            raise ConfigError(f"map: received seed {self.seed!r}; use 0 to {2**31 - 1}")

    @property
    def decisive(self) -> ProjectionSettings:
        """The same map with what the method does not read at its default: PCA has no settings at all."""
        if self.method == "PCA":
            return ProjectionSettings()
        if self.method == "t-SNE":
            return ProjectionSettings("t-SNE", perplexity=self.perplexity)
        return ProjectionSettings("UMAP", n_neighbours=self.n_neighbours, min_dist=self.min_dist, seed=self.seed)


@dataclass(frozen=True)
class Projection:
    """A finished map."""

    points: Vectors  # [n_videos, 2]
    trustworthiness: float  # in [0, 1]; NaN for fewer than 6 videos
    explained: float  # share of the variance that the two axes hold; NaN but for PCA


@dataclass(frozen=True)
class Drawing:
    """How far a map is."""

    share: float
    words: str


def candidate_vectors(run: Run) -> Vectors:
    """What a run holds of every video as a candidate: `[n_videos, dim]`, heads mixed as its stored lists mix them.

    Raises RunError for a baseline, which has no vectors.
    """
    from relvid_core.retrieval.blend import shares_of

    if run.towers is None:
        raise RunError(f"run {run.info.label!r} is a baseline and has no vectors to draw. Choose a trained model.")
    heads = run.towers.heads
    shares = shares_of(len(heads), run.info.config.objective.blend)
    parts = [np.float32(share**0.5) * head.candidate for share, head in zip(shares, heads, strict=True)]
    return np.hstack(parts)


def content_vectors(content: ContentFeatures) -> Vectors:
    """Texts and pictures side by side, `[n_videos, Σ dim]`. Raises NotEnoughData where no video has either."""
    matrices = [modality.matrix for modality in content.modalities if modality.present.any()]
    if not matrices:
        raise NotEnoughData("map: no video has a text or a picture that could be drawn. Look at a run's space instead.")
    return np.hstack(matrices)


def has_umap() -> bool:
    """Whether umap-learn is installed; looks without importing it, which takes ten seconds."""
    return importlib.util.find_spec("umap") is not None


def project(vectors: Vectors, settings: ProjectionSettings) -> Generator[Drawing, None, Projection]:
    """Draw the map; yields how far it is several times a second, and closing the generator stops at once.

    t-SNE and UMAP work in a process of their own. Raises NotEnoughData for a handful of videos, MissingDependency for
    UMAP where it is not installed, RunError where the process fails.
    """
    if len(vectors) < MIN_VIDEOS:
        raise NotEnoughData(f"map: received {len(vectors)} videos; a map takes at least {MIN_VIDEOS}")
    if settings.method == "UMAP" and not has_umap():
        raise MissingDependency(f"map: UMAP is not installed here. Install it with: {UMAP_INSTALL}")
    if not np.isfinite(vectors).all():
        raise RunError("map: the vectors hold NaN or infinite values. Train the run again.")
    unit = _unit(vectors)
    if settings.method == "PCA":
        points, explained = pca(unit, 2)
        return Projection(points, _trust(unit, points), explained)
    first, _ = pca(unit, _FIRST_DIMS)
    points = yield from _in_a_process(first, settings)
    yield Drawing(1.0, "Measuring how far it can be trusted")
    return Projection(points, _trust(unit, points), float("nan"))


def pca(vectors: Vectors, n_dims: int) -> tuple[Vectors, float]:
    """The first principal components `[n_videos, n_dims]` and the share of the variance that they hold.

    The sign of each is such that its largest loading is positive. Directions beyond the rank are zero; for vectors
    with fewer than `n_dims` columns and `n_dims` > 2 there are only as many.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    directions = directions[:, ::-1][:, :n_dims]
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.where(directions[largest, np.arange(directions.shape[1])] < 0, -1.0, 1.0)
    points = (centred @ directions).astype(np.float32)
    if points.shape[1] < 2:
        points = np.hstack([points, np.zeros((len(points), 2 - points.shape[1]), dtype=np.float32)])
    total = float(variances.sum())
    return points, float(variances[::-1][:n_dims].sum()) / total if total > 0 else float("nan")


def _unit(vectors: Vectors) -> Vectors:
    """Rows of length 1 (zero rows stay): then the nearest by distance is the nearest by cosine."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return unit


def _trust(vectors: Vectors, points: Vectors) -> float:
    """Trustworthiness (Venna & Kaski 2001) over 15 neighbours, among up to 1,500 videos drawn at random."""
    from sklearn.manifold import trustworthiness

    n_nearest = min(_NEAREST, (len(vectors) - 1) // 2)
    if n_nearest < 2:
        return float("nan")
    kept = np.arange(len(vectors))
    if len(kept) > _SAMPLE:
        kept = np.sort(generator(0, "trustworthiness").choice(kept, _SAMPLE, replace=False))
    return float(trustworthiness(vectors[kept], points[kept], n_neighbors=n_nearest))


def _in_a_process(vectors: Vectors, settings: ProjectionSettings) -> Generator[Drawing, None, Vectors]:
    with tempfile.TemporaryDirectory(prefix="relvid-map-") as folder:
        np.savez(Path(folder, _IN), vectors=vectors)
        search = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        command = [sys.executable, "-u", "-m", __name__, folder]
        process = subprocess.Popen(
            [*command, json.dumps(asdict(settings))],
            stdin=subprocess.PIPE,  # never written to: it closes when this process ends, and then the other ends too
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": search},
        )
        assert process.stdout is not None  # a pipe was asked for
        heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        listener = threading.Thread(target=_listen, args=(process.stdout.fileno(), heard), daemon=True)
        listener.start()
        said, words = "", Drawing(0.0, "Looking up who is near whom")
        try:
            while (new := _next(heard)) is not None:
                said = (said + new)[-_LAST_WORDS:]
                words = _drawing(said, settings.method) or words
                yield words
            code = process.wait()
        finally:
            process.kill()
            process.wait()
            listener.join()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if code != 0:
            last = " ".join(said.split())[-300:]
            raise RunError(f"map: drawing with {settings.method} failed (code {code}): {last or 'no message'}")
        with np.load(Path(folder, _OUT), allow_pickle=False) as found:
            points: Vectors = found["points"]
        return points


def _listen(pipe: int, heard: queue.SimpleQueue[str | None]) -> None:
    while data := os.read(pipe, 4096):
        heard.put(data.decode("utf-8", "replace"))
    heard.put(None)


def _next(heard: queue.SimpleQueue[str | None]) -> str | None:
    """What was said within a moment, "" for nothing, None at the end."""
    try:
        return heard.get(timeout=_POLL_S)
    except queue.Empty:
        return ""


def _drawing(said: str, method: Method) -> Drawing | None:
    """How far the process is, by the last step that it spoke of."""
    steps = _STEP_OF[method].findall(said)
    if not steps:
        return None
    if method == "UMAP":
        return Drawing(int(steps[-1]) / 100, f"{steps[-1]} % of the rounds")
    return Drawing(int(steps[-1]) / STEPS, f"Step {int(steps[-1]):,} of {STEPS:,}")


def _draw(vectors: Vectors, settings: ProjectionSettings) -> Vectors:
    """The slow part, in the process of its own."""
    seed = seed_for(settings.seed, settings.method)
    n_videos = len(vectors)
    if settings.method == "UMAP":
        umap = importlib.import_module("umap")  # optional, and ten seconds to import
        nearest = min(settings.n_neighbours, n_videos - 1)
        drawn = umap.UMAP(
            n_neighbors=nearest, min_dist=settings.min_dist, random_state=seed, n_jobs=1, verbose=True
        ).fit_transform(vectors)
    else:
        from sklearn.manifold import TSNE

        perplexity = min(settings.perplexity, (n_videos - 1) / 3)
        drawn = TSNE(perplexity=perplexity, max_iter=STEPS, random_state=seed, init="pca", verbose=2).fit_transform(
            vectors
        )
    return np.ascontiguousarray(drawn, dtype=np.float32)


def _main(folder: Path, settings: ProjectionSettings) -> None:
    def end_with_the_app() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=end_with_the_app, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)  # pages must stay quick meanwhile
    with np.load(folder / _IN, allow_pickle=False) as given:
        vectors: Vectors = given["vectors"]
    np.savez(folder / _OUT, points=_draw(vectors, settings))
    os._exit(0)  # the thread that waits for the end of the app would hold the interpreter


if __name__ == "__main__":
    _main(Path(sys.argv[1]), ProjectionSettings(**json.loads(sys.argv[2])))
