"""Settings of what the towers read of a video's content, and of how they put it together."""

from __future__ import annotations

from typing import Final, Literal

from pages.ui import cache
from pages.ui.content_weights import choose_weights
from pages.ui.groups import group, only_if
from pages.ui.words import FUSIONS, TEXT_ENCODERS, VISUAL_ENCODERS
from relvid_core.config import ExperimentConfig, TextEncoder, VisualEncoder
from relvid_core.data.dataset import Dataset
from relvid_core.encoders.sentence import is_installed

_PLAIN: Final = ExperimentConfig().towers
_BIND: Final[Literal["query-params"]] = "query-params"


def text_encoders(data: Dataset) -> list[TextEncoder]:
    """What can read the texts of this dataset here, the usual one first."""
    has: dict[TextEncoder, bool] = {
        "tfidf": True,
        "sentence": is_installed(),
        "clip": True,
        "file": "text" in data.vectors,
    }
    return [encoder for encoder in TEXT_ENCODERS if has[encoder]]


def visual_encoders(data: Dataset) -> list[VisualEncoder]:
    """What can look at the pictures of this dataset; empty where there are none, and no vectors of them either."""
    pictures = cache.has_pictures(data)
    has: dict[VisualEncoder, bool] = {"descriptor": pictures, "clip": pictures, "file": "visual" in data.vectors}
    return [encoder for encoder in VISUAL_ENCODERS if has[encoder]]


def content_settings(data: Dataset, *, reads_id: bool, reads_text: bool, reads_pictures: bool) -> dict[str, object]:
    """Group Content, by the dotted names of `with_values`: settings that have an effect beside what the towers read."""
    several = reads_id + reads_text + reads_pictures > 1
    visual = visual_encoders(data)
    places = group("Content", 4)
    text = next(places).selectbox(
        "Texts are read as", text_encoders(data), format_func=TEXT_ENCODERS.__getitem__, key="words", bind=_BIND,
        disabled=not reads_text,
        help="Words and letters: quick, any language, blind to meaning. Sentences: finds the same meaning in other "
        "words; English only, about 300 texts a second (offered once requirements-text.txt is installed). CLIP: "
        "texts as captions of pictures; needs weights, about 30 to 120 texts a second. A file: text_vectors.parquet in "
        "the data folder, as good as the encoder that made it.",
    )  # fmt: skip
    look = next(places).selectbox(
        "Pictures are seen as", visual or ["descriptor"], format_func=VISUAL_ENCODERS.__getitem__, key="sees",
        bind=_BIND, disabled=not reads_pictures,
        help="Colours, edges and texture: no weights needed, sees likeness and not what is shown. CLIP: sees what is "
        "shown; needs weights and time, about 20 to 80 pictures a second on two cores, once for each catalogue. A "
        "file: visual_vectors.parquet in the data folder.",
    )  # fmt: skip
    fusion = next(places).selectbox(
        "Inputs are joined", list(FUSIONS), format_func=FUSIONS.__getitem__, key="fusion", bind=_BIND,
        disabled=not several,
        help="Side by side: one mix for all videos. Weighted for each video: a gate decides how much to trust the id, "
        "the text and the picture of this one. Buys: other mixes for known and for rare videos. Costs: more to learn, "
        "so more data.",
    )  # fmt: skip
    dropout = next(places).number_input(
        "Hide an input at random", 0.0, 0.6, _PLAIN.modality_dropout, 0.1, key="dropout", bind=_BIND,
        disabled=not several,
        help="In each step this share of videos goes without its id, its text or its picture (modality dropout). "
        "Buys: lists for new videos, since content must do without the id. Costs: recall for videos with a long "
        "history.",
    )  # fmt: skip
    looks = look if reads_pictures else ""
    clip = choose_weights(pooling=looks == "clip") if "clip" in (text if reads_text else "", looks) else {}
    return {
        **only_if(reads_text, towers__text_encoder=text),
        **only_if(reads_pictures, towers__visual_encoder=look),
        **only_if(several, towers__fusion=fusion, towers__modality_dropout=dropout),
        **clip,
    }
