"""Whether weights belong to an architecture, told from the shapes of the tensors before any model is built."""

from __future__ import annotations

from typing import Any, Final

from relvid_core.data.files import listed
from relvid_core.encoders.clip_weights import WeightsFound, architecture_of, architectures
from relvid_core.encoders.weights_file import Shapes, shapes_of
from relvid_core.errors import EncoderError

Build = dict[str, int]  # the measures of a model, those that are known

_BLOCK: Final = "resblocks."
_PICTURE_TOWERS: Final = ("visual.", "image_encoder.")  # open_clip's, and Apple's, which it converts


def check_fit(found: WeightsFound) -> None:
    """Raise EncoderError if the weights are clearly of another architecture, and say which ones they would fit.

    Only plain transformers and embedding sizes are compared; what else does not fit shows when it is loaded.
    """
    shapes = shapes_of(found.path)
    if not any(name.startswith(_PICTURE_TOWERS) for name in shapes):
        raise EncoderError(
            f"{found.path.name}: these weights hold no picture tower of OpenCLIP, so they are not of {found.model}, "
            f"which was asked for; found {listed(list(shapes)[:3])} and so on. Choose weights in open_clip's format."
        )
    held = _build_of_shapes(shapes)
    wanted = _build_of_config(found.architecture)
    differ = [name for name in wanted if name in held and held[name] != wanted[name]]
    if not differ:
        return
    parts = "; ".join(f"{name} {held[name]}, not {wanted[name]}" for name in differ)
    fitting = [name for name in architectures() if _fits(_build_of_config(architecture_of(name)), held)]
    hint = f"They would fit {listed(fitting[:4])}: choose it, or" if fitting and found.origin != "folder" else "Choose"
    raise EncoderError(
        f"{found.path.name}: these weights are not of {found.model}, which was asked for ({parts}). "
        f"{hint} weights that were trained as {found.model}."
    )


def _fits(wanted: Build, held: Build) -> bool:
    return len(wanted) > 1 and all(held.get(name) == size for name, size in wanted.items())


def _build_of_config(config: dict[str, Any]) -> Build:
    """The measures as open_clip's CLIPVisionCfg and CLIPTextCfg have them, their defaults filled in."""
    build: Build = {"vector size": config["embed_dim"]}
    vision, text = config["vision_cfg"], config["text_cfg"]
    if "timm_model_name" not in vision and isinstance(vision.get("layers", 12), int):
        build["picture width"] = vision.get("width", 768)
        build["patch"] = vision.get("patch_size", 16)
        build["picture layers"] = vision.get("layers", 12)
    if "hf_model_name" not in text:
        build["text width"] = text.get("width", 512)
        build["text layers"] = text.get("layers", 12)
    return build


def _build_of_shapes(shapes: Shapes) -> Build:
    build: Build = {}
    patches = shapes.get("visual.conv1.weight", ())
    if len(patches) == 4 and "visual.class_embedding" in shapes:  # a ResNet has a conv1 too
        build["picture width"], build["patch"] = patches[0], patches[-1]
        build["picture layers"] = _layers(shapes, "visual.transformer.")
    for prefix in ("", "text."):
        words = shapes.get(f"{prefix}token_embedding.weight", ())
        if len(words) == 2:
            build["text width"] = words[1]
            build["text layers"] = _layers(shapes, f"{prefix}transformer.")
        projection = shapes.get(f"{prefix}text_projection", ())
        if len(projection) == 2:
            build["vector size"] = projection[1]
    return build


def _layers(shapes: Shapes, prefix: str) -> int:
    start = prefix + _BLOCK
    return len({name[len(start) :].split(".")[0] for name in shapes if name.startswith(start)})
