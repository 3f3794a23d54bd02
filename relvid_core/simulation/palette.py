"""The colours of every leaf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from relvid_core.simulation.sketch import Colour, mix, rgb, shift


@dataclass(frozen=True)
class Palette:
    """Background from `top` to `bottom`, and two colours for what is drawn on it."""

    top: Colour
    bottom: Colour
    main: Colour
    accent: Colour

    def varied(self, rng: np.random.Generator) -> Palette:
        """A neighbour of this palette: ground and figure turned and lightened a little, each on its own."""
        turn, light = rng.normal(0, 0.045), rng.normal(0, 0.055)
        return Palette(
            shift(self.top, hue=turn, light=light),
            shift(self.bottom, hue=turn + rng.normal(0, 0.02), light=light),
            shift(self.main, hue=rng.normal(0, 0.06), light=rng.normal(0, 0.03)),
            shift(self.accent, hue=rng.normal(0, 0.06)),
        )

    @property
    def middle(self) -> Colour:
        """Half way down the background."""
        return mix(self.top, self.bottom, 0.5)


_HEX: Final = {
    "Baking": "f6d7a7 e9a15b c27a3a 7b3f1d",
    "Weeknight Dinners": "f7b267 d95d39 2f3e46 f4e04d",
    "Street Food": "3b1f5b b5305f ffb400 ff5d5d",
    "Coffee": "e8d9c5 a67c52 5a3522 d9483b",
    "Pickles & Ferments": "d7e8ba 7fa650 b33951 f2c14e",
    "Chocolate & Sweets": "f9c6d3 d16a8c 5b2a1c f7e1a0",
    "Hiking": "ffd9a0 6ea8c9 3f6f6b e4572e",
    "Camping": "1d2b53 3f6f7f f28f3b ffd166",
    "Gardening": "d8f0c0 79b473 2f7d4f d7263d",
    "Birdwatching": "c9e7f2 8fbf9f 2a6f97 f4a259",
    "Ocean Life": "48b8d0 0b4f7d ff7f66 ffe066",
    "Mushrooms & Foraging": "c9b78c 4f5d3a c8302b f6ead0",
    "Woodworking": "f0dcc0 b98b5e 8a4f27 3f6c8a",
    "Knitting": "f6c9c0 c86b85 7a3e65 ffe3b3",
    "Pottery": "e6dccf b39c86 b5583a 4f7f86",
    "Painting": "fff0d6 f2b8a0 3066be e84855",
    "Origami": "dff3f0 7cc6c3 ef476f ffd166",
    "Photography": "d7dbe0 76828f 2b303a e9b44c",
    "Guitar": "f4c06a a63d2f c5742d 3b1c14",
    "Piano": "c8b6e2 4b3f72 f8f4ee e0aaff",
    "Synthesisers": "241047 a5308f 2fe6de ff4fa3",
    "Drums": "ffcf56 e4572e b3182d f7efe2",
    "Singing": "ff9ea2 7a2a6d f6f1f1 ffd166",
    "Strings & Orchestra": "7d1d2f 34101d c4682c f0c987",
    "Programming": "1f2a44 0f5e6e 7bdff2 f7b801",
    "Electronics": "0f5c4a 0a2f35 2ecc71 f4d35e",
    "Robots": "bfe3f0 5f8bb0 6b7f99 ff6b35",
    "3D Printing": "f3f0ff 9d8df1 37324f 22c7a9",
    "Retro Computing": "2d1b69 e0457b d9cfb4 43e97b",
    "Cybersecurity": "101820 26413c 28c76f ffd23f",
    "Astronomy": "0b1033 3a2a6a e9b872 8ecae6",
    "Chemistry": "d9f7f0 4fb0ae 1f7a8c ff70a6",
    "Dinosaurs": "f4d58d 8f6b3d 5a8f5c bf3100",
    "Mathematics": "1f4037 2c6e5c f5f1e3 ffb703",
    "Weather": "8fa9c4 3b4a6b eef3f9 ffd23f",
    "Human Body": "ffd8cc e07a7a c4374f 4a6fa5",
    "Running": "ffe45e ff7a3d 2b2d6e f72585",
    "Cycling": "c7f0db 4aa3a2 e63946 25344f",
    "Football": "7ed06f 2a7f3f ffffff ffd60a",
    "Climbing": "ffcdb2 b5656f 6d6875 06d6a0",
    "Swimming": "8fe3f5 1c8fc7 ff595e ffca3a",
    "Yoga & Mobility": "fde2e4 b8a1d9 6a4c93 ffb5a7",
    "Trains": "cfe6f5 7fa8a0 c1121f f2c14e",
    "Islands": "aef1f0 2fb8c4 ffd98e 2c8c4b",
    "City Walks": "ff9a8b 4a3b78 2e2a4f ffd166",
    "Ancient Ruins": "ffe0a3 d9925a efe3c8 8d5a3b",
    "Road Trips": "ffb36b c8553d 2a9d8f f1faee",
    "Sailing": "d6efff 4f9fd8 f8f4ea e63946",
}
PALETTES: Final = {name: Palette(*(rgb(part) for part in text.split())) for name, text in _HEX.items()}
