"""The store gives back what it was given, whatever happens to its files."""

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from relvid_core.encoders import shards
from relvid_core.encoders.content_hash import content_digest
from relvid_core.encoders.content_store import CARD_FILE, KEPT_CORPORA, ContentStore, read_card
from relvid_core.encoders.contract import EncoderCard
from relvid_core.encoders.sealed_file import read_sealed, write_sealed
from relvid_core.errors import EncoderError

CARD = EncoderCard("hash", "Hashes", "hash 1.2.3, seed 7", "text", 4)
NAMES = [content_digest(str(i)) for i in range(40)]
TABLE = np.arange(160, dtype=np.float32).reshape(40, 4)  # exact in half precision
HALF = TABLE.astype(np.float16)


def stored(root: Path, parts: Sequence[Sequence[int]], card: EncoderCard = CARD) -> ContentStore:
    """A store into which TABLE went in these parts, a shard each."""
    store = ContentStore(root)
    for part in parts:
        store.add(card, [NAMES[i] for i in part], TABLE[list(part)])
    return store


def shard_files(root: Path, card: EncoderCard = CARD) -> list[Path]:
    return sorted((root / card.fingerprint).glob("*.safetensors"))


def test_what_was_added_is_found_in_the_order_asked(tmp_path: Path) -> None:
    stored(tmp_path, [range(10), range(10, 20)])
    found = ContentStore(tmp_path).find(CARD, [NAMES[15], NAMES[30], NAMES[2]])
    assert found.known.tolist() == [True, False, True]
    assert np.array_equal(found.matrix, np.stack([TABLE[15], np.zeros(4), TABLE[2]]))
    assert (found.matrix.dtype, found.notes) == (np.float32, ())
    assert read_card(tmp_path / CARD.fingerprint) == CARD


def test_another_encoder_or_an_empty_folder_knows_nothing(tmp_path: Path) -> None:
    store = stored(tmp_path, [range(10)])
    other = EncoderCard("hash", "Hashes", "hash 1.2.4, seed 7", "text", 4)  # another release, and not shipped
    assert not store.find(other, NAMES).known.any()
    assert not ContentStore(tmp_path / "new").find(CARD, NAMES).known.any()
    assert store.find(CARD, []).matrix.shape == (0, 4)


def damage(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "flipped":
        data[len(data) // 2] ^= 1
    elif how == "truncated":
        del data[-7:]
    elif how == "empty":
        data.clear()
    elif how == "garbage":
        data[:] = b"\xff" * 500
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["flipped", "truncated", "empty", "garbage"])
def test_a_damaged_shard_is_deleted_and_only_its_contents_are_unknown(tmp_path: Path, how: str) -> None:
    store = stored(tmp_path, [range(10), range(10, 20)])
    victim = shard_files(tmp_path)[0]
    lost = {row.tobytes() for row in load_file(victim)["digests"]}
    damage(victim, how)
    found = store.find(CARD, NAMES[:20])
    assert [name in lost for name in NAMES[:20]] == (~found.known).tolist()
    assert "deleted" in found.notes[0]
    assert not victim.exists()
    assert store.find(CARD, NAMES[:20]).notes == ()


def test_a_shard_of_another_encoder_is_not_taken_for_ours(tmp_path: Path) -> None:
    other = EncoderCard("other", "Other", "1", "text", 4)
    store = stored(tmp_path, [range(10)], other)
    stray = shard_files(tmp_path, other)[0]
    (tmp_path / CARD.fingerprint).mkdir()
    stray.rename(tmp_path / CARD.fingerprint / stray.name)
    found = store.find(CARD, NAMES[:10])
    assert not found.known.any()
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    "arrays",
    [
        {"vectors": HALF},
        {"digests": np.zeros((40, 16), np.uint8)},
        {"digests": np.zeros((39, 16), np.uint8), "vectors": HALF},
        {"digests": np.zeros((40, 16), np.uint8), "vectors": HALF[:, :3]},
        {"digests": np.zeros((40, 16), np.uint8), "vectors": HALF[:, :, None]},
        {"digests": np.zeros((40, 16), np.uint8), "vectors": TABLE},
        {"digests": np.zeros((40, 16), np.uint8), "vectors": np.full_like(HALF, np.nan)},
    ],
)
def test_a_whole_file_of_another_make_is_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    write_sealed(tmp_path / CARD.fingerprint, "", arrays, owner=CARD.fingerprint)
    found = ContentStore(tmp_path).find(CARD, [bytes(16)])
    assert (found.known.any(), len(found.notes), shard_files(tmp_path)) == (False, 1, [])


def test_the_seal_by_hand(tmp_path: Path) -> None:
    path = write_sealed(tmp_path, "x-", {"a": TABLE}, owner="me")
    seal = hashlib.sha256(b"me\0" + path.read_bytes()).hexdigest()[:32]
    assert path.name == f"x-{seal}.safetensors"
    assert np.array_equal(read_sealed(path, owner="me")["a"], TABLE)
    with pytest.raises(EncoderError, match="not the ones once written"):
        read_sealed(path, owner="you")


def test_many_small_shards_become_few_and_nothing_is_lost(tmp_path: Path) -> None:
    store = stored(tmp_path, [range(i, i + 2) for i in range(20)])  # neighbours overlap
    assert len(shard_files(tmp_path)) == 20
    assert store.find(CARD, NAMES[:21]).known.all()
    assert len(shard_files(tmp_path)) == 1
    found = store.find(CARD, NAMES)
    assert found.known.tolist() == [True] * 21 + [False] * 19
    assert np.array_equal(found.matrix[:21], TABLE[:21])


def test_merging_leaves_a_damaged_shard_to_be_reported(tmp_path: Path) -> None:
    store = stored(tmp_path, [range(i, i + 1) for i in range(20)])
    damage(shard_files(tmp_path)[3], "flipped")
    found = store.find(CARD, NAMES[:20])
    assert (int(found.known.sum()), len(found.notes)) == (19, 1)


def test_a_merged_shard_that_equals_one_of_its_parts_stays(tmp_path: Path) -> None:
    order = sorted(range(20), key=NAMES.__getitem__)
    store = stored(tmp_path, [order, *(range(i, i + 1) for i in range(20))])
    assert store.find(CARD, NAMES[:20]).known.all()
    assert len(shard_files(tmp_path)) == 1


def test_shards_merged_by_another_reader_are_found_in_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stored(tmp_path, [range(i, i + 1) for i in range(10)])
    read = shards._read_shard

    def read_after_a_merge(path: Path, owner: str, dim: int) -> tuple[list[bytes], np.ndarray]:
        monkeypatch.setattr(shards, "_read_shard", read)
        monkeypatch.setattr(shards, "MERGE_ABOVE", 1)
        shards.merge_small_shards(tmp_path / CARD.fingerprint, owner, dim)
        return read(path, owner, dim)

    monkeypatch.setattr(shards, "_read_shard", read_after_a_merge)
    found = store.find(CARD, NAMES[:10])
    assert len(shard_files(tmp_path)) == 1
    assert (found.known.all(), found.notes) == (True, ())


def test_merged_shards_have_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "MERGED_SHARD", 10 * (8 + 16))  # ten vectors with their digests
    store = stored(tmp_path, [range(i, i + 1) for i in range(25)])
    assert store.find(CARD, NAMES[:25]).known.all()
    assert sorted(len(load_file(path)["vectors"]) for path in shard_files(tmp_path)) == [5, 10, 10]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_still_answers(tmp_path: Path) -> None:
    store = stored(tmp_path, [range(i, i + 1) for i in range(20)])
    (tmp_path / CARD.fingerprint).chmod(0o500)
    assert store.find(CARD, NAMES[:20]).known.all()
    with pytest.raises(OSError, match="denied"):
        store.add(CARD, NAMES[:1], TABLE[:1])


def test_writing_where_a_file_stands_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    store = ContentStore(tmp_path / "taken")
    with pytest.raises(OSError, match="taken"):
        store.add(CARD, NAMES[:1], TABLE[:1])
    assert not store.find(CARD, NAMES).known.any()
    assert (store.size_bytes(), store.clear(), store.prune(unused_since=0)) == (0, 0, 0)
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(data[:10])
        raise OSError(28, "No space left on device")

    store = stored(tmp_path, [range(3)])
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        store.add(CARD, NAMES[3:5], TABLE[3:5])
    assert {path.name for path in (tmp_path / CARD.fingerprint).iterdir()} == {
        CARD_FILE,
        shard_files(tmp_path)[0].name,
    }


def test_a_corpus_is_kept_whole_and_older_ones_go(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    corpora = [f"{i:032x}" for i in range(KEPT_CORPORA + 2)]
    for age, corpus in enumerate(corpora):
        store.add_corpus(CARD, corpus, TABLE[: age + 1, :3])
        path = next((tmp_path / CARD.fingerprint).glob(f"{corpus}-*"))
        os.utime(path, (1000 + age, 1000 + age))
    kept = [corpus for corpus in corpora if store.find_corpus(CARD, corpus)[0] is not None]
    assert kept == corpora[2:]
    matrix, notes = store.find_corpus(CARD, corpora[-1])
    assert np.array_equal(matrix, TABLE[: KEPT_CORPORA + 2, :3])
    assert notes == ()
    damage(next((tmp_path / CARD.fingerprint).glob(f"{corpora[-1]}-*")), "flipped")
    assert store.find_corpus(CARD, corpora[-1])[0] is None
    assert not store.find(CARD, NAMES).notes, "corpora are no shards"


def test_shipped_vectors_are_found_across_releases_and_never_written(tmp_path: Path) -> None:
    shipped = stored(tmp_path / "shipped", [range(10)]).root
    ContentStore(shipped).add_corpus(CARD, "0" * 32, TABLE)
    before = {path: path.read_bytes() for path in shipped.rglob("*") if path.is_file()}
    newer = EncoderCard("hash", "Other words", "hash 1.10.0rc1+cpu, seed 7", "text", 4)
    store = ContentStore(tmp_path / "own", (tmp_path / "nowhere", shipped))
    found = store.find(newer, NAMES[:10])
    assert found.known.all()
    assert found.notes == (
        "Other words: ready-made vectors of hash 1.2.3, seed 7 stand in for those of hash 1.10.0rc1+cpu, seed 7.",
    )
    assert np.array_equal(store.find_corpus(newer, "0" * 32)[0], TABLE)
    assert store.find(CARD, NAMES[:10]).notes == ()
    for other in (
        EncoderCard("hash", "Hashes", "hash 1.2.3, seed 8", "text", 4),
        EncoderCard("hash", "Hashes", "hash 1.2.3, seed 7", "visual", 4),
        EncoderCard("hash", "Hashes", "hash 1.2.3, seed 7", "text", 3),
        EncoderCard("hush", "Hashes", "hash 1.2.3, seed 7", "text", 4),
    ):
        assert not store.find(other, NAMES[:10]).known.any()
        assert store.find_corpus(other, "0" * 32) == (None, ())
    assert (store.clear(), store.prune(unused_since=1e12)) == (0, 0)
    assert {path: path.read_bytes() for path in shipped.rglob("*") if path.is_file()} == before


def test_our_own_vectors_go_before_shipped_ones_and_a_damaged_shipped_file_stays(tmp_path: Path) -> None:
    shipped = ContentStore(tmp_path / "shipped")
    shipped.add(CARD, NAMES[:10], TABLE[:10] + 0.5)
    stored(tmp_path / "own", [range(3)])
    store = ContentStore(tmp_path / "own", (shipped.root,))
    assert np.array_equal(store.find(CARD, NAMES[:10]).matrix, np.concatenate([TABLE[:3], TABLE[3:10] + 0.5]))
    victim = shard_files(shipped.root)[0]
    damage(victim, "flipped")
    found = store.find(CARD, NAMES[:10])
    assert found.known.tolist() == [True] * 3 + [False] * 7
    assert "ready-made" in found.notes[0]
    assert victim.exists()


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[]", '{"name": 1}', '{"dim": "4"}', "[" * 100_000),
        json.dumps({**vars(CARD), "version": "hash 9.9.9, seed 7"}),
    ],
)
def test_a_shipped_card_of_nonsense_is_passed_over(tmp_path: Path, text: str) -> None:
    stored(tmp_path / "shipped", [range(10)])
    (tmp_path / "shipped" / CARD.fingerprint / CARD_FILE).write_text(text)
    found = ContentStore(tmp_path / "own", (tmp_path / "shipped",)).find(CARD, NAMES)
    assert (found.known.any(), found.notes) == (False, ())


def test_pruning_takes_the_longest_unused_first_and_spares_what_is_in_use(tmp_path: Path) -> None:
    cards = [EncoderCard("hash", "Hashes", str(i), "text", 4) for i in range(4)]
    for age, card in enumerate(cards):
        stored(tmp_path, [range(10)], card)
        os.utime(shard_files(tmp_path, card)[0], (1000 + age, 1000 + age))
    size = shard_files(tmp_path, cards[0])[0].stat().st_size
    store = ContentStore(tmp_path)
    store.limit_bytes = store.size_bytes() - 1
    assert store.prune(unused_since=1004) == size
    assert [(tmp_path / card.fingerprint).exists() for card in cards] == [False, True, True, True]
    store.find(cards[1], NAMES[:10])  # now the youngest
    store.limit_bytes = 0
    assert store.prune(unused_since=1003) == size
    assert [len(shard_files(tmp_path, card)) for card in cards] == [0, 1, 0, 1]


def test_old_drafts_are_swept_and_strangers_stay(tmp_path: Path) -> None:
    store = stored(tmp_path, [range(3)])
    folder = tmp_path / CARD.fingerprint
    for name, age in (".draft-old", 1000), (".draft-new", None), ("thesis.txt", 1000):
        (folder / name).write_text("x")
        if age is not None:
            os.utime(folder / name, (age, age))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.safetensors").write_text("mine")
    assert store.prune(unused_since=0) == 1
    assert not (folder / ".draft-old").exists()
    assert (folder / ".draft-new").exists()
    assert store.clear() > 0
    assert store.size_bytes() == 0
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*") if path.is_file()) == [
        f"{CARD.fingerprint}/thesis.txt",
        "photos/holiday.safetensors",
    ]


def test_threads_that_add_find_merge_and_clear_at_once(tmp_path: Path) -> None:
    """Whatever is found is right, and nothing raises; what is missing would be encoded again."""
    failures: list[str] = []

    def work(seed: int) -> None:
        store, rng = ContentStore(tmp_path), np.random.default_rng(seed)
        for turn in range(30):
            rows = rng.choice(40, 3, replace=False)
            store.add(CARD, [NAMES[i] for i in rows], TABLE[rows])
            found = store.find(CARD, NAMES)
            if not np.array_equal(found.matrix[found.known], TABLE[found.known]) or found.notes:
                failures.append(f"{seed} {turn}: {found}")
            if turn == 20 and seed == 0:
                store.clear()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


STEPS = st.one_of(
    st.tuples(st.just("add"), st.sets(st.integers(0, 39), min_size=1, max_size=5)),
    st.tuples(st.sampled_from(["flipped", "truncated", "garbage", "delete"]), st.integers(0, 100)),
    st.tuples(st.sampled_from(["find", "prune", "clear", "foreign"]), st.just(0)),
)


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=25))
def test_after_any_history_what_is_found_is_what_was_added(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, object]]
) -> None:
    root = tmp_path_factory.mktemp("store")
    store, added, certain = ContentStore(root), set[int](), set[int]()
    for kind, value in steps:
        files = shard_files(root)
        if kind == "add":
            rows = sorted(value)
            store.add(CARD, [NAMES[i] for i in rows], TABLE[rows])
            added |= value
            certain |= value
        elif kind == "find":
            store.find(CARD, NAMES)
        elif kind == "prune":
            store.prune(unused_since=0)
        elif kind == "clear":
            store.clear()
            added, certain = set(), set()
        elif kind == "foreign":
            (root / CARD.fingerprint).mkdir(exist_ok=True)
            save_file({"vectors": TABLE}, root / CARD.fingerprint / f"{'0' * 32}.safetensors")
        elif files:
            victim = files[value % len(files)]
            if kind == "delete":
                victim.unlink()
            else:
                damage(victim, kind)
            certain = set()
    found = store.find(CARD, NAMES)
    assert certain <= set(np.flatnonzero(found.known).tolist()) <= added
    assert np.array_equal(found.matrix[found.known], TABLE[found.known])
    assert store.find(CARD, NAMES).notes == ()
