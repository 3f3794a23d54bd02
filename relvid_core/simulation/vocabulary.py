"""The taxonomy of the sample world (8 top topics of 6 leaves) and which leaves go together across top topics."""

from __future__ import annotations

from typing import Final

from relvid_core.simulation import leaves_ideas, leaves_senses
from relvid_core.simulation.leaf import Leaf

LEAVES: Final[tuple[Leaf, ...]] = leaves_senses.LEAVES + leaves_ideas.LEAVES
TOPS: Final[tuple[str, ...]] = tuple(dict.fromkeys(leaf.top for leaf in LEAVES))

# Planted "watch next" structure that no taxonomy shows: viewers of the one are likely to like the other too.
COMPLEMENTS: Final[tuple[tuple[str, str], ...]] = (
    ("Baking", "Chemistry"),
    ("Baking", "Pottery"),
    ("Weeknight Dinners", "Gardening"),
    ("Weeknight Dinners", "Yoga & Mobility"),
    ("Street Food", "City Walks"),
    ("Street Food", "Trains"),
    ("Coffee", "Cycling"),
    ("Coffee", "Programming"),
    ("Pickles & Ferments", "Mushrooms & Foraging"),
    ("Pickles & Ferments", "Human Body"),
    ("Chocolate & Sweets", "Piano"),
    ("Chocolate & Sweets", "Islands"),
    ("Hiking", "Photography"),
    ("Hiking", "Climbing"),
    ("Camping", "Astronomy"),
    ("Camping", "Road Trips"),
    ("Gardening", "Weather"),
    ("Birdwatching", "Photography"),
    ("Birdwatching", "Painting"),
    ("Ocean Life", "Sailing"),
    ("Ocean Life", "Swimming"),
    ("Mushrooms & Foraging", "Dinosaurs"),
    ("Woodworking", "Guitar"),
    ("Woodworking", "Sailing"),
    ("Knitting", "Singing"),
    ("Knitting", "Islands"),
    ("Pottery", "Ancient Ruins"),
    ("Painting", "Strings & Orchestra"),
    ("Origami", "Mathematics"),
    ("Origami", "3D Printing"),
    ("Guitar", "Road Trips"),
    ("Piano", "Mathematics"),
    ("Synthesisers", "Electronics"),
    ("Synthesisers", "Retro Computing"),
    ("Drums", "Football"),
    ("Drums", "Robots"),
    ("Singing", "Yoga & Mobility"),
    ("Strings & Orchestra", "City Walks"),
    ("Programming", "Climbing"),
    ("Electronics", "Weather"),
    ("Robots", "Human Body"),
    ("3D Printing", "Dinosaurs"),
    ("Retro Computing", "Trains"),
    ("Cybersecurity", "Mathematics"),
    ("Cybersecurity", "Ancient Ruins"),
    ("Astronomy", "Swimming"),
    ("Chemistry", "Running"),
    ("Running", "Human Body"),
    ("Football", "Street Food"),
)
