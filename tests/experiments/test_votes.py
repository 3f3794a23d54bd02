"""The ballot box on disk: nothing is lost, nothing is counted twice, damage is skipped; and what votes say."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from pathlib import Path

import pytest

from relvid_core.errors import DataError, RunError
from relvid_core.experiments import votes as module
from relvid_core.experiments.vote_results import (
    clearest,
    krippendorff_alpha,
    result_of,
    sign_test,
    votes_csv,
    wilson,
)
from relvid_core.experiments.votes import BallotBox, Choice, Vote, voter_name

A, B = "20250101-000000-aaaaaa", "20250102-000000-bbbbbb"


@pytest.fixture
def box(tmp_path: Path) -> BallotBox:
    return BallotBox(tmp_path, A, B)


def vote(n: int, seed: str = "v1", choice: Choice = "left", voter: str = "ada", left: str = A) -> Vote:
    right = B if left == A else A
    return Vote(f"{n:08x}", seed, left, right, 6, choice, voter, 1_700_000_000.0 + n)


def path(tmp_path: Path) -> Path:
    return next((tmp_path / "votes").glob("*.jsonl"))


def test_votes_are_found_again_in_the_order_they_were_cast(box: BallotBox, tmp_path: Path) -> None:
    cast = [vote(1), vote(2, "v2", "right"), vote(3, "v3", "none", left=B)]
    for one in cast:
        box.cast(one)
    assert list(BallotBox(tmp_path, B, A).read().votes) == cast  # the pair is the same either way
    assert [one.preferred for one in cast] == [A, B, None]
    assert len(path(tmp_path).read_bytes().splitlines()) == 3


def test_the_same_click_counts_once(box: BallotBox, tmp_path: Path) -> None:
    box.cast(vote(1))
    box.cast(vote(1, choice="right"))
    assert box.read().votes == (vote(1),)
    assert len(path(tmp_path).read_bytes().splitlines()) == 1


def test_undo_takes_back_the_voters_own_last_vote_by_adding_a_line(box: BallotBox, tmp_path: Path) -> None:
    for one in (vote(1), vote(2, voter="bob"), vote(3)):
        box.cast(one)
    assert box.undo("ada") == vote(3)
    assert box.read().votes == (vote(1), vote(2, voter="bob"))
    assert len(path(tmp_path).read_bytes().splitlines()) == 4
    box.cast(vote(3, choice="right"))  # the same ballot again, answered otherwise
    assert box.read().votes[-1].choice == "right"
    assert [box.undo("ada"), box.undo("ada"), box.undo("ada")] == [vote(3, choice="right"), vote(1), None]


def test_a_line_that_a_crash_cut_short_harms_no_other(box: BallotBox, tmp_path: Path) -> None:
    box.cast(vote(1))
    box.cast(vote(2))
    whole = path(tmp_path).read_bytes()
    path(tmp_path).write_bytes(whole[:-30])
    box.cast(vote(3))
    found = box.read()
    assert found.votes == (vote(1), vote(3))
    assert found.n_damaged == 1


def changed(**values: object) -> bytes:
    return json.dumps({"kind": "vote", **vote(9).__dict__, **values}).encode()


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00",
        b"[1, 2]",
        b'"text"',
        b"[" * 3000,
        b"x" * 5000,
        changed(choice="A"),
        changed(choice=None),
        changed(left=B),  # both sides the same run
        changed(left="20250103-000000-cccccc"),
        changed(k=True),
        changed(k=0),
        changed(vote_id="../../x"),
        changed(seed_id=""),
        changed(seed_id="v" * 300),
        changed(voter="two\nlines"),
        changed(time="now"),
        changed(time=float("inf")),
        changed(time=float("nan")),
        changed(kind="else"),
    ],
)
def test_lines_that_are_no_votes_are_counted_and_left_out(line: bytes, box: BallotBox, tmp_path: Path) -> None:
    box.cast(vote(1))
    with path(tmp_path).open("ab") as file:
        file.write(line + b"\n")
    box.cast(vote(2))
    found = box.read()
    assert found.votes == (vote(1), vote(2))
    assert found.n_damaged == 1


def test_the_secret_is_drawn_once_and_differs_between_boxes(tmp_path: Path) -> None:
    first = BallotBox(tmp_path, A, B)
    secret = first.secret()
    assert BallotBox(tmp_path, B, A).secret() == secret == first.secret()
    assert BallotBox(tmp_path, A, "other").secret() != secret
    assert first.read().votes == ()
    assert first.read().n_damaged == 0


def test_a_reset_can_be_undone_even_after_new_votes(box: BallotBox) -> None:
    assert box.reset() is None
    secret = box.secret()
    box.cast(vote(1))
    name = box.reset()
    assert name is not None
    assert box.read().votes == ()
    assert box.secret() != secret
    box.cast(vote(2))
    box.restore(name)
    assert box.read().votes == (vote(1), vote(2))
    assert box.read().n_damaged == 0
    assert box.secret() == secret
    with pytest.raises(RunError, match="not among the boxes put aside"):
        box.restore(name)


@pytest.mark.parametrize("name", ["../x.jsonl", "x.jsonl", ".", ""])
def test_only_boxes_of_this_pair_come_back(name: str, box: BallotBox) -> None:
    with pytest.raises(RunError, match="not among the boxes put aside"):
        box.restore(name)


@pytest.mark.parametrize(("a", "b", "said"), [("../x", B, "run id: received"), (A, "", "run id"), (A, A, "twice")])
def test_a_box_needs_two_run_ids(a: str, b: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=said):
        BallotBox(tmp_path, a, b)


def test_a_vote_on_other_runs_is_refused(box: BallotBox) -> None:
    with pytest.raises(RunError, match="no vote on"):
        box.cast(Vote("0" * 8, "v1", A, "other", 6, "left", "ada", 0.0))


def test_a_full_disk_is_named_and_its_half_line_harms_nothing(
    box: BallotBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.cast(vote(1))
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, line: write(file, line[:20]))
        with pytest.raises(RunError, match=r"could not be written .* took only a part"):
            box.cast(vote(2))
    box.cast(vote(2))
    assert box.read().votes == (vote(1), vote(2))
    assert box.read().n_damaged == 1


def test_a_box_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "votes").write_text("in the way", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        BallotBox(tmp_path, A, B).read()


def test_a_file_that_is_too_large_is_not_read(box: BallotBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box.cast(vote(1))
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="larger than 10 bytes"):
        box.read()


def test_names_are_one_line_of_forty_signs() -> None:
    assert voter_name("x" * 99) == "x" * 40
    assert voter_name("<b>\u202eAda") == "<b> Ada"
    assert voter_name("=1+2") == "=1+2"


def test_wilson_by_the_formula() -> None:
    z = 1.959964
    found = wilson(3, 4)
    middle = (0.75 + z**2 / 8) / (1 + z**2 / 4)
    reach = z * math.sqrt(0.75 * 0.25 / 4 + z**2 / 64) / (1 + z**2 / 4)
    assert (found.mean, found.low, found.high) == pytest.approx((0.75, middle - reach, middle + reach))
    assert wilson(0, 10).low == 0
    assert wilson(0, 10).high == pytest.approx(z**2 / (10 + z**2))  # what the formula gives at 0
    assert math.isnan(wilson(0, 0).mean)
    with pytest.raises(DataError, match="received 5 of 4"):
        wilson(5, 4)


def test_wilson_covers_the_truth_as_often_as_it_says() -> None:
    n, truth = 30, 0.8
    held = sum(
        math.comb(n, k) * truth**k * (1 - truth) ** (n - k)
        for k in range(n + 1)
        if wilson(k, n).low <= truth <= wilson(k, n).high
    )
    assert 0.93 < held < 0.97


def test_sign_test_counts_outcomes() -> None:
    # 8 of 10 or further from the middle: (C(10,8) + C(10,9) + C(10,10)) · 2 / 2¹⁰
    assert sign_test(8, 2) == pytest.approx(2 * (45 + 10 + 1) / 1024)
    assert sign_test(2, 8) == sign_test(8, 2)
    assert sign_test(5, 5) == 1
    assert math.isnan(sign_test(0, 0))


def test_alpha_as_krippendorff_works_it_out() -> None:
    # Krippendorff (2011): A, two observers, binary data
    meg, owen = "0100000000", "1110010010"
    assert krippendorff_alpha(list(zip(meg, owen, strict=True)))[0] == pytest.approx(0.095, abs=5e-4)
    # the same, C: four observers with missing data, nominal
    observers = ["12332141 2   ".replace(" ", "."), "1233224125.3", ".3332342251.", "12332441251."]
    observers[0] = "123321412..."
    units = [[sign for sign in unit if sign != "."] for unit in zip(*observers, strict=True)]
    alpha, shared = krippendorff_alpha(units)
    assert alpha == pytest.approx(0.743, abs=5e-4)
    assert shared == 11


def test_alpha_at_its_ends() -> None:
    assert krippendorff_alpha([["A", "A"], ["B", "B"]]) == (1.0, 2)
    # never agreeing on two seeds: observed 4 of 4 pairs, expected 2·2·2 / 3 → 1 − 3 · 4 / 8
    assert krippendorff_alpha([["A", "B"], ["B", "A"]])[0] == pytest.approx(-0.5)
    assert math.isnan(krippendorff_alpha([["A", "A"], ["A", "A"]])[0])
    alone, n = krippendorff_alpha([["A"], ["B"], []])
    assert math.isnan(alone)
    assert n == 0


def test_a_seed_counts_once_and_the_last_word_of_a_voter_counts() -> None:
    cast = [
        vote(1, "v1", "left"),  # ada: A …
        vote(2, "v1", "right"),  # … no, B
        vote(3, "v1", "left", "bob"),  # A
        vote(4, "v1", "left", "cyd"),  # A: 2 to 1
        vote(5, "v2", "left", left=B),  # B
        vote(6, "v3", "none"),
        vote(7, "v4", "left"),  # A
        vote(8, "v4", "right", "bob"),  # B: 1 to 1
    ]
    found = result_of(cast, A)
    assert (found.tally.a, found.tally.b, found.tally.ties) == (1, 1, 2)
    assert found.tally.share.mean == 0.5
    assert found.tally.p_value == 1
    assert [(one.seed_id, one.a, one.b, one.undecided) for one in found.seeds] == [
        ("v1", 2, 1, 0),
        ("v2", 0, 1, 0),
        ("v3", 0, 0, 1),
        ("v4", 1, 1, 0),
    ]
    ada = found.by_voter["ada"]
    assert (ada.a, ada.b, ada.ties) == (1, 2, 1)
    assert list(found.by_voter) == ["ada", "bob", "cyd"]
    assert found.n_votes == 8
    assert found.n_shared == 2
    assert (found.left.mean, found.left.n) == (pytest.approx(5 / 7), 7)
    turned = result_of(cast, B).tally
    assert (turned.a, turned.b) == (1, 1)


def test_a_planted_preference_is_found() -> None:
    cast = [vote(n, f"v{n}", "left" if n % 5 else "right") for n in range(60)]  # 48 to 12
    tally = result_of(cast, A).tally
    assert tally.share.mean == 0.8
    assert tally.share.low > 0.65
    assert tally.p_value < 1e-5


def test_the_clearest_seeds_lead_by_votes() -> None:
    cast = [vote(n, f"v{n % 3}", "left", f"p{n}") for n in range(7)]  # v0 3, v1 2, v2 2
    cast += [vote(20, "v1", "none", "x"), vote(21, "v9", "right")]
    found = result_of(cast, A).seeds
    assert [one.seed_id for one in clearest(found, "A", 2)] == ["v0", "v2"]
    assert [one.seed_id for one in clearest(found, "B", 5)] == ["v9"]


def test_the_table_for_a_spreadsheet_holds_no_formula() -> None:
    cast = [vote(1, "=cmd|'/c calc'!A1", "left", "+1"), vote(2, "v,2", "none")]
    rows = list(csv.reader(io.StringIO(votes_csv(cast, {A: "@label"}))))
    assert rows[0] == [
        "time_utc", "voter", "seed_id", "preferred_run", "preferred_label", "left_run", "right_run", "k",
    ]  # fmt: skip
    assert rows[1] == ["2023-11-14T22:13:21Z", "'+1", "'=cmd|'/c calc'!A1", A, "'@label", A, B, "6"]
    assert rows[2] == ["2023-11-14T22:13:22Z", "ada", "v,2", "", "", A, B, "6"]
