"""Nothing is encoded twice, nothing is lost, and the result does not depend on what was known before."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relvid_core.encoders.content_store import ContentStore
from relvid_core.encoders.contract import EncoderCard, Matrix
from relvid_core.encoders.encode import EncodingJob, encode, encode_all
from relvid_core.encoders.encoding_progress import EncodingProgress
from relvid_core.errors import EncoderError

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
DIM = 6
TEXTS = [f"video {i}" for i in range(25)]


def vector(content: object) -> Matrix:
    """One unit row from the hash of a content, zero for an empty one."""
    if not content:
        return np.zeros(DIM, np.float32)
    seed = int.from_bytes(hashlib.sha256(repr(content).encode()).digest()[:8], "big")
    row = np.random.default_rng(seed).normal(size=DIM)
    return (row / np.linalg.norm(row)).astype(np.float32)


def naive(contents: Sequence[object]) -> Matrix:
    """What `encode` should give: the rows, in half precision."""
    return np.stack([vector(content) for content in contents]).astype(np.float16).astype(np.float32)


class HashEncoder:
    """Vectors by hashing; counts what it was asked, and may take its time."""

    def __init__(self, batch_size: int = 4, pause_s: float = 0.0, version: str = "1") -> None:
        self.card = EncoderCard("hash", "Hashes", version, "text", DIM)
        self.batch_size = batch_size
        self.asked: list[object] = []
        self._pause_s = pause_s

    def encode(self, batch: Sequence[object]) -> Matrix:
        assert 0 < len(batch) <= self.batch_size
        time.sleep(self._pause_s)
        self.asked += batch
        return np.stack([vector(content) for content in batch])


class MeanEncoder:
    """A corpus encoder: where each content stands from the middle of all."""

    def __init__(self) -> None:
        self.card = EncoderCard("mean", "From the middle", "1", "text", DIM + 3)
        self.calls = 0

    def encode_corpus(self, contents: Sequence[str]) -> Matrix:
        self.calls += 1
        rows = np.stack([vector(content) for content in contents])
        rows = rows - rows.mean(axis=0)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def run(steps: Generator[EncodingProgress, None, T]) -> tuple[T, list[EncodingProgress]]:
    """What an encoding returns, and all it reported."""
    reports = []
    while True:
        try:
            reports.append(next(steps))
        except StopIteration as finished:
            return finished.value, reports


def test_without_a_store_every_row_is_its_own_vector() -> None:
    modality, reports = run(encode(HashEncoder(), ["a", "", "b", "a"], store=None))
    assert np.array_equal(modality.matrix, naive(["a", "", "b", "a"]))
    assert modality.present.tolist() == [True, False, True, True]
    assert (modality.name, modality.encoder) == ("text", "hash 1")
    last = reports[-1]
    assert (last.modality, last.title, last.done, last.total, last.reused) == ("text", "Hashes", 4, 4, 0)
    assert (last.eta_s, last.notes) == (0.0, ())


def test_the_second_run_encodes_nothing_and_gives_the_same_bits(tmp_path: Path) -> None:
    fresh, _ = run(encode(HashEncoder(), TEXTS, store=ContentStore(tmp_path)))
    again = HashEncoder(batch_size=7)
    cached, reports = run(encode(again, TEXTS, store=ContentStore(tmp_path)))
    assert again.asked == []
    assert fresh.matrix.tobytes() == cached.matrix.tobytes() == naive(TEXTS).tobytes()
    assert (reports[-1].reused, reports[-1].done) == (25, 25)


def test_one_changed_video_is_one_encoding_and_equal_ones_are_one(tmp_path: Path) -> None:
    run(encode(HashEncoder(), TEXTS, store=ContentStore(tmp_path)))
    changed = [*TEXTS[:7], "new", *TEXTS[8:], "new"]
    encoder = HashEncoder()
    modality, reports = run(encode(encoder, changed, store=ContentStore(tmp_path)))
    assert encoder.asked == ["new"]
    assert np.array_equal(modality.matrix, naive(changed))
    assert (reports[-1].reused, reports[-1].total) == (24, 26)


def test_another_version_encodes_anew(tmp_path: Path) -> None:
    run(encode(HashEncoder(), TEXTS, store=ContentStore(tmp_path)))
    encoder = HashEncoder(version="2")
    run(encode(encoder, TEXTS, store=ContentStore(tmp_path)))
    assert encoder.asked == TEXTS


def test_pictures_are_known_by_their_bytes(tmp_path: Path) -> None:
    for name, data in {"a": b"1", "b": b"2", "c": b"1"}.items():
        (tmp_path / name).write_bytes(data)
    contents = [(tmp_path / "a",), (tmp_path / "b",), (tmp_path / "c",), ()]
    encoder, store = HashEncoder(), ContentStore(tmp_path / "store")
    modality, _ = run(encode(encoder, contents, store=store))
    assert encoder.asked == [contents[0], contents[1], ()]
    assert modality.present.tolist() == [True, True, True, False]
    (tmp_path / "b").write_bytes(b"3")
    encoder = HashEncoder()
    run(encode(encoder, contents, store=store))
    assert encoder.asked == [contents[1]]


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([*TEXTS[:8], ""]), max_size=12), st.integers(1, 5), st.integers(0, 6)),
        max_size=5,
    )
)
def test_whatever_was_encoded_before_and_wherever_it_was_stopped(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[list[str], int, int]]
) -> None:
    store = ContentStore(tmp_path_factory.mktemp("store"))
    for contents, batch_size, stop_after in history:
        steps = encode(HashEncoder(batch_size), contents, store=store, report_every_s=0, keep_every_s=0)
        for _ in zip(range(stop_after), steps, strict=False):
            pass
        steps.close()
    texts = [*TEXTS[:8], "", TEXTS[0]]
    modality, reports = run(encode(HashEncoder(3), texts, store=store))
    assert np.array_equal(modality.matrix, naive(texts))
    assert reports[-1].notes == ()


def test_closing_stops_at_once_and_keeps_what_was_encoded(tmp_path: Path) -> None:
    encoder = HashEncoder(batch_size=4)
    steps = encode(encoder, TEXTS, store=ContentStore(tmp_path), report_every_s=0)
    while next(steps).done < 8:
        pass
    steps.close()
    assert encoder.asked == TEXTS[:8]
    rest = HashEncoder()
    _, reports = run(encode(rest, TEXTS, store=ContentStore(tmp_path)))
    assert rest.asked == TEXTS[8:]
    assert reports[-1].reused == 8


def test_progress_grows_and_estimates_what_is_left(tmp_path: Path) -> None:
    run(encode(HashEncoder(), TEXTS[:5], store=ContentStore(tmp_path)))
    encoder = HashEncoder(batch_size=2, pause_s=0.01)
    _, reports = run(encode(encoder, TEXTS, store=ContentStore(tmp_path), report_every_s=0))
    done = [report.done for report in reports]
    assert done == sorted(done)
    assert {5, 7, 9, 25} <= set(done)
    assert all(report.reused == 5 for report in reports if report.done)
    halfway = next(report for report in reports if report.done == 15)
    assert 0.05 <= halfway.eta_s <= halfway.elapsed_s  # 10 of 20 encoded: as long again, five pauses of 10 ms or more
    assert reports[-1].elapsed_s >= 0.1


def test_reports_come_no_more_often_than_asked() -> None:
    _, reports = run(encode(HashEncoder(batch_size=1), TEXTS, store=None, report_every_s=60))
    assert [report.done for report in reports] == [0, 25]


def test_no_videos_at_all(tmp_path: Path) -> None:
    modality, reports = run(encode(HashEncoder(), [], store=ContentStore(tmp_path)))
    assert modality.matrix.shape == (0, DIM)
    assert modality.present.shape == (0,)
    assert (reports[-1].done, reports[-1].total) == (0, 0)


def test_a_corpus_encoder_runs_when_anything_changed(tmp_path: Path) -> None:
    encoder, store = MeanEncoder(), ContentStore(tmp_path)
    first, _ = run(encode(encoder, TEXTS, store=store))
    again, reports = run(encode(encoder, TEXTS, store=store))
    assert encoder.calls == 1
    assert first.matrix.tobytes() == again.matrix.tobytes()
    assert first.matrix.shape == (25, DIM), "narrower than the card's most"
    assert reports[-1].reused == 25
    other, reports = run(encode(encoder, TEXTS[::-1], store=store))
    assert encoder.calls == 2
    assert np.allclose(other.matrix, first.matrix[::-1], atol=1e-3)
    assert reports[-1].reused == 0


def test_a_damaged_file_is_encoded_again_and_said(tmp_path: Path) -> None:
    for encoder in (HashEncoder(), MeanEncoder()):
        store = ContentStore(tmp_path)
        first, _ = run(encode(encoder, TEXTS, store=store))
        victim = next((tmp_path / encoder.card.fingerprint).glob("*.safetensors"))
        data = victim.read_bytes()
        for broken in (data[:-1], b"", b"\0" * 100, data[:-1] + bytes([data[-1] ^ 1])):
            victim.write_bytes(broken)
            again, reports = run(encode(encoder, TEXTS, store=store))
            assert again.matrix.tobytes() == first.matrix.tobytes()
            assert "damaged" in reports[-1].notes[0]
        assert run(encode(encoder, TEXTS, store=store))[1][-1].notes == ()


@pytest.mark.parametrize("encoder", [HashEncoder(), MeanEncoder()], ids=["items", "corpus"])
def test_a_disk_that_refuses_costs_a_note_and_not_the_result(
    tmp_path: Path, encoder: HashEncoder | MeanEncoder
) -> None:
    (tmp_path / "taken").write_text("mine")
    modality, reports = run(encode(encoder, TEXTS, store=ContentStore(tmp_path / "taken"), keep_every_s=0))
    assert modality.present.all()
    assert len(reports[-1].notes) == 1
    assert "could not be kept" in reports[-1].notes[0]


def test_a_catalogue_above_the_limit_keeps_its_own_vectors_and_drops_others(tmp_path: Path) -> None:
    run(encode(HashEncoder(version="old"), TEXTS, store=ContentStore(tmp_path)))
    for path in tmp_path.rglob("*.safetensors"):
        os.utime(path, (1000, 1000))
    store = ContentStore(tmp_path, limit_bytes=1)
    run(encode(HashEncoder(batch_size=1), TEXTS, store=store, keep_every_s=0))
    again = HashEncoder()
    run(encode(again, TEXTS, store=store))
    assert again.asked == []
    assert not (tmp_path / HashEncoder(version="old").card.fingerprint).exists()


class BrokenEncoder(HashEncoder):
    """Returns what it was made with."""

    def __init__(self, answer: object) -> None:
        super().__init__(batch_size=2)
        self.answer = answer

    def encode(self, batch: Sequence[object]) -> Matrix:
        return np.asarray(self.answer)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.zeros((2, DIM + 1)), r"Hashes: returned an array \(2, 7\); expected \(2, 6\)"),
        (np.zeros((1, DIM)), r"\(1, 6\); expected \(2, 6\)"),
        (np.zeros(DIM), r"\(6,\)"),
        (np.full((2, DIM), np.nan), "Hashes: returned NaN or infinite numbers for 2 of 2"),
        (np.full((2, DIM), np.inf), "infinite"),
        (np.full((2, DIM), 1.0), r"rows of length 2\.45"),
    ],
)
def test_an_encoder_that_breaks_its_word_is_named(tmp_path: Path, answer: Matrix, words: str) -> None:
    with pytest.raises(EncoderError, match=words):
        run(encode(BrokenEncoder(answer), ["a", "b"], store=ContentStore(tmp_path)))
    assert ContentStore(tmp_path).size_bytes() == 0


class FailingEncoder(HashEncoder):
    """Gives up at one content."""

    def encode(self, batch: Sequence[object]) -> Matrix:
        if "video 10" in batch:
            raise EncoderError("video 10: cannot be encoded")
        return super().encode(batch)


def test_what_was_encoded_before_an_error_is_kept(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="video 10"):
        run(encode(FailingEncoder(batch_size=2), TEXTS, store=ContentStore(tmp_path)))
    encoder = HashEncoder()
    run(encode(encoder, TEXTS, store=ContentStore(tmp_path)))
    assert encoder.asked == TEXTS[10:]


def test_several_modalities_are_one_progress(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    run(encode(HashEncoder(), TEXTS[:5], store=store))
    jobs = [EncodingJob(HashEncoder(), TEXTS), EncodingJob(MeanEncoder(), TEXTS[:10])]
    content, reports = run(encode_all(jobs, store=store, report_every_s=0))
    assert [modality.encoder for modality in content.modalities] == ["hash 1", "mean 1"]
    assert [len(modality.matrix) for modality in content.modalities] == [25, 10]
    assert {report.total for report in reports} == {35}
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert (reports[-1].done, reports[-1].reused, reports[-1].title) == (35, 5, "From the middle")
    steps = encode_all(jobs, store=None, report_every_s=0)
    next(steps)
    steps.close()


def child(root: Path, first: int, last: int, pause_s: float) -> subprocess.Popen[str]:
    """This file as a program of its own: encodes videos `first` to `last`, and says how far it is."""
    arguments = [str(root), str(first), str(last), str(pause_s)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def main(root: str, first: str, last: str, pause_s: str) -> None:
    encoder = HashEncoder(batch_size=2, pause_s=float(pause_s))
    contents = [f"video {i}" for i in range(int(first), int(last))]
    for report in encode(encoder, contents, store=ContentStore(Path(root)), report_every_s=0, keep_every_s=0):
        print(report.done, *report.notes, flush=True)


def test_a_killed_process_loses_only_its_last_batch(tmp_path: Path) -> None:
    process = child(tmp_path, 0, 100, 0.02)
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            if int(line) >= 20:
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
    contents = [f"video {i}" for i in range(100)]
    encoder = HashEncoder()
    modality, reports = run(encode(encoder, contents, store=ContentStore(tmp_path)))
    assert 20 <= reports[-1].reused < 100
    assert encoder.asked == contents[reports[-1].reused :]
    assert np.array_equal(modality.matrix, naive(contents))
    assert reports[-1].notes == ()


def test_two_processes_share_one_store(tmp_path: Path) -> None:
    processes = [child(tmp_path, 0, 80, 0.001), child(tmp_path, 40, 120, 0.001)]
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert out.splitlines()[-1] == "80"
    encoder = HashEncoder()
    contents = [f"video {i}" for i in range(120)]
    modality, reports = run(encode(encoder, contents, store=ContentStore(tmp_path)))
    assert (encoder.asked, reports[-1].notes) == ([], ())
    assert np.array_equal(modality.matrix, naive(contents))


if __name__ == "__main__":
    main(*sys.argv[1:])
