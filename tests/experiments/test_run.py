"""What a run is called when nobody names it."""

from __future__ import annotations

import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.run import MAX_LABEL, default_label


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, "engagement only"),
        ({"towers__use_text": False}, "engagement only, no text"),
        ({"towers__use_id": False}, "engagement only, text only"),
        ({"towers__use_visual": True}, "engagement only, + pictures"),
        ({"towers__use_visual": True, "towers__use_id": False}, "engagement only, content only, + pictures"),
        (
            {"towers__use_visual": True, "towers__use_id": False, "towers__use_text": False},
            "engagement only, pictures only",
        ),
        ({"towers__use_visual": True, "towers__use_text": False}, "engagement only, no text, + pictures"),
        ({"towers__text_encoder": "sentence"}, "engagement only, sentences"),
        ({"towers__text_encoder": "clip", "towers__use_id": False}, "engagement only, CLIP text only"),
        ({"towers__use_visual": True, "towers__visual_encoder": "clip"}, "engagement only, + CLIP pictures"),
        ({"towers__visual_encoder": "clip"}, "engagement only"),  # pictures are not read
        ({"towers__fusion": "gated", "towers__modality_dropout": 0.3}, "engagement only, gated, dropout 0.3"),
        ({"split__cold_share": 0.1}, "engagement only, cold 10 %"),
    ],
)
def test_default_label_says_what_the_towers_read(values: dict[str, object], wanted: str) -> None:
    assert default_label(ExperimentConfig().with_values(**values)) == wanted


def test_default_label_can_be_stored_however_much_is_special() -> None:
    everything = ExperimentConfig().with_values(
        objective__relevance_weight=0.5, objective__weighting="uncertainty", objective__popularity_offset=0.5,
        objective__popularity_term=-0.5, off_policy__strength=0.4, towers__heads="split", towers__text_encoder="clip",
        towers__use_visual=True, towers__visual_encoder="clip", towers__fusion="gated", towers__modality_dropout=0.3,
        training__softmax="sampled", training__log_q=False, training__warm_start=True, split__cold_share=0.1,
    )  # fmt: skip
    label = default_label(everything)
    assert len(label) <= MAX_LABEL
    assert label.endswith("…")
