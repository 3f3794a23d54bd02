"""Inputs of the towers: masks, fusion, modality dropout, and what each input brings to a score."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch

from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.errors import EncoderError, RunError
from relvid_core.training.contributions import Explainer
from relvid_core.training.towers import Tower, inputs_of

TEXT_ON = {"towers__use_text": True, "towers__use_visual": True}


def modality(planted: Any, name: str, label: np.ndarray, present: np.ndarray | None = None) -> Modality:
    """One unit vector for each value of `label`."""
    matrix = np.eye(int(label.max()) + 1, dtype=np.float32)[label]
    there = np.ones(planted.n_videos, dtype=bool) if present is None else present
    return Modality(name, "planted", matrix * there[:, None].astype(np.float32), there)


@pytest.fixture(scope="module")
def both(planted: Any) -> ContentFeatures:
    """Text says the topic, pictures say the group; every third video has no picture."""
    seen = np.arange(planted.n_videos) % 3 > 0
    return ContentFeatures((modality(planted, "text", planted.topic), modality(planted, "visual", planted.group, seen)))


def tower(planted: Any, content: ContentFeatures, **changes: object) -> Tower:
    config = planted.config(**{**TEXT_ON, **changes}).towers
    inputs = inputs_of(config, content, planted.pairs.known)
    ids = torch.randn(planted.n_videos, 16, generator=torch.Generator().manual_seed(3)) if inputs.has_id else None
    return Tower(ids, inputs, config, torch.Generator().manual_seed(4))


def test_inputs_are_those_switched_on_that_exist(planted: Any, both: ContentFeatures) -> None:
    def names(content: ContentFeatures, **changes: object) -> tuple[str, ...]:
        return inputs_of(planted.config(**{**TEXT_ON, **changes}).towers, content, planted.pairs.known).names

    assert names(both) == ("id", "text", "visual")
    assert names(both, towers__use_text=False) == ("id", "visual")
    assert names(both, towers__use_id=False, towers__use_visual=False) == ("text",)
    empty = np.zeros(planted.n_videos, dtype=bool)
    assert names(ContentFeatures((modality(planted, "visual", planted.group, empty),))) == ("id",)
    with pytest.raises(EncoderError, match="no video has usable text and visual"):
        names(ContentFeatures(), towers__use_id=False)


@pytest.mark.parametrize("fusion", ["concat", "gated"])
def test_a_missing_modality_has_no_say(planted: Any, both: ContentFeatures, fusion: str) -> None:
    """A video without a picture is the fusion of its id and its text alone; a vector for it would be refused."""
    unseen = torch.from_numpy(~both.modalities[1].present)
    model = tower(planted, both, towers__fusion=fusion)
    alone = tower(planted, both, towers__fusion=fusion, towers__use_visual=False)
    with torch.no_grad():
        alone.maps[0].copy_(model.maps[0])
        alone.ids.copy_(model.ids)  # type: ignore[union-attr,arg-type]  # both have ids
    assert torch.allclose(model(slice(None))[0][unseen], alone(slice(None))[0][unseen], atol=1e-6)
    with pytest.raises(EncoderError, match="give them zero rows"):
        Modality("visual", "x", np.ones((planted.n_videos, 2), dtype=np.float32), both.modalities[1].present)


def test_gates_that_are_equal_give_the_plain_sum_and_others_do_not(planted: Any, both: ContentFeatures) -> None:
    plain, gated = tower(planted, both), tower(planted, both, towers__fusion="gated")
    assert torch.allclose(plain(slice(None))[0], gated(slice(None))[0], atol=1e-6)
    with torch.no_grad():
        gated.gates[2][-1] = 5.0  # the picture speaks up
    of_picture = torch.nn.functional.normalize(both_map(gated, both), dim=1)
    seen = torch.from_numpy(both.modalities[1].present)
    closeness = (gated(slice(None))[0] * of_picture).sum(dim=1)
    assert (closeness[seen] > 0.95).all()
    assert torch.allclose(plain(slice(None))[0][~seen], gated(slice(None))[0][~seen], atol=1e-6)


def both_map(model: Tower, content: ContentFeatures) -> torch.Tensor:
    return torch.from_numpy(content.modalities[1].matrix) @ model.maps[1].detach()


def test_gates_are_a_softmax_over_what_a_video_has(planted: Any, both: ContentFeatures) -> None:
    """Against a loop over videos: shares e^g / Σ e^g over its own inputs, g = part · v + b."""
    model = tower(planted, both, towers__fusion="gated")
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for gate in model.gates:
            gate.copy_(torch.randn(gate.shape, generator=generator))
    assert model.ids is not None
    text, picture = (
        torch.from_numpy(one.matrix) @ weight for one, weight in zip(both.modalities, model.maps, strict=True)
    )
    found = model.parts(slice(None))
    for video in range(planted.n_videos):
        parts = [model.ids[video], text[video]] + ([picture[video]] if both.modalities[1].present[video] else [])
        strength = torch.stack(
            [part @ gate[:-1] + gate[-1] for part, gate in zip(parts, model.gates, strict=False)]
        ).exp()
        expected = torch.stack(parts) * (strength / strength.sum())[:, None]
        assert torch.allclose(found[: len(parts), video], expected, atol=1e-5)
    assert not found[2, ~torch.from_numpy(both.modalities[1].present)].any()


def test_dropout_takes_its_share_and_never_everything(planted: Any, both: ContentFeatures) -> None:
    model = tower(planted, both, towers__modality_dropout=0.5)
    model.train()
    kept = torch.stack([(model.parts(slice(None)) != 0).any(dim=2) for _ in range(400)]).float()  # [draw, input, video]
    assert bool(kept.any(dim=1).all())
    # An input of two (of three) is left alone with chance 1/4 (1/8) to lose all, and is then given back.
    seen = torch.from_numpy(both.modalities[1].present)
    assert kept[:, 0, seen].mean() == pytest.approx(0.5 + 0.125, abs=0.02)
    assert kept[:, 0, ~seen].mean() == pytest.approx(0.5 + 0.25, abs=0.02)
    model.eval()
    assert torch.equal(model.parts(slice(None)), model.parts(slice(None)))


def test_unknown_videos_go_without_an_id_only_if_towers_learned_to(planted: Any, both: ContentFeatures) -> None:
    known = np.arange(planted.n_videos) < 40
    lone = ContentFeatures((modality(planted, "text", planted.topic, np.arange(planted.n_videos) != 47),))
    for dropout, expected in ((0.0, np.ones(48, dtype=bool)), (0.3, known | (np.arange(48) == 47))):
        config = planted.config(towers__use_text=True, towers__modality_dropout=dropout).towers
        found = inputs_of(config, lone, known)
        assert np.array_equal(found.present[:, 0].numpy(), expected)  # the last one has no text: its id must do


def test_a_cold_video_finds_its_group_by_content_after_modality_dropout(planted: Any) -> None:
    """One video of every group is in no pair; its text names the group, and only content can say so."""
    cold = np.arange(planted.n_videos) % planted.group_size == 0
    pairs = planted.pairs.without(np.flatnonzero(cold).astype(np.int32))
    content = ContentFeatures((modality(planted, "text", planted.group),))

    def share(**changes: object) -> float:
        towers, _ = planted.train(
            planted.config(**{"towers__use_text": True, "objective__relevance_weight": 0.0, **changes}),
            content=content,
            pairs=pairs,
        )
        scores = towers.heads[0].seed[cold] @ towers.heads[0].candidate.T
        scores[:, cold] = -np.inf
        top = np.argsort(-scores, axis=1)[:, : planted.group_size - 1]
        return float((planted.group[top] == planted.group[cold][:, None]).mean())

    assert share(towers__modality_dropout=0.4) > 0.95
    assert share(towers__modality_dropout=0.4) > share(towers__use_text=False) + 0.5


@pytest.mark.parametrize("fusion", ["concat", "gated"])
@pytest.mark.parametrize("heads", ["shared", "split"])
def test_contributions_add_up_to_the_score(planted: Any, both: ContentFeatures, fusion: str, heads: str) -> None:
    config = planted.config(
        **TEXT_ON, towers__fusion=fusion, towers__heads=heads, objective__relevance_weight=0.5, training__epochs=8
    )
    towers, _ = planted.train(config, content=both)
    shares = [0.3, 0.7][: len(towers.heads)]
    found = Explainer(towers, config, both, planted.pairs.known).contributions(5, np.arange(10, 20), shares)
    assert found.names == ("id", "text", "visual")
    score = sum(share * head.candidate[10:20] @ head.seed[5] for share, head in zip(shares, towers.heads, strict=True))
    assert found.values.sum(axis=1) == pytest.approx(score, abs=1e-5)


def test_contributions_are_shapley_values(planted: Any, both: ContentFeatures) -> None:
    """Against the definition: the mean gain of adding an input to the numerator, over all orders of the inputs."""
    config = planted.config(**TEXT_ON, objective__relevance_weight=0.0, training__epochs=3)
    towers, _ = planted.train(config, content=both)
    seed, candidate = 7, 13
    parts = {}
    for side in ("seed", "candidate"):
        weights = towers.parameters
        row = seed if side == "seed" else candidate
        text, picture = (one.matrix[row] @ weights[f"{side}.maps.{i}"] for i, one in enumerate(both.modalities))
        parts[side] = np.stack([weights[f"{side}.ids"][row], text, picture]).astype(np.float64)
    whole = np.linalg.norm(parts["seed"].sum(0)) * np.linalg.norm(parts["candidate"].sum(0))

    def worth(members: tuple[int, ...]) -> float:
        chosen = list(members)
        return float(parts["seed"][chosen].sum(0) @ parts["candidate"][chosen].sum(0) / whole)

    expected = np.zeros(3)
    for order in permutations(range(3)):
        for place, member in enumerate(order):
            expected[member] += (worth(order[: place + 1]) - worth(order[:place])) / 6
    found = Explainer(towers, config, both, planted.pairs.known).contributions(seed, np.array([candidate]), [1.0])
    assert found.values[0] == pytest.approx(expected, abs=1e-5)


def test_towers_of_other_content_are_refused(planted: Any, both: ContentFeatures) -> None:
    config = planted.config(**TEXT_ON, training__epochs=1)
    towers, _ = planted.train(config, content=both)
    only_text = ContentFeatures(both.modalities[:1])
    with pytest.raises(RunError, match="Train the run again"):
        Explainer(towers, config, only_text, planted.pairs.known)
