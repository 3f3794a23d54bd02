"""Sentence patterns of the sample world: titles and descriptions by format, and the words of channel names."""

from __future__ import annotations

from typing import Final

FORMATS: Final = ("guide", "story", "review", "vlog", "short", "session")

VARIED_NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "few": ("3", "4", "5", "6", "7"),
    "minutes": ("5", "8", "10", "12", "15"),
    "days": ("7", "10", "14", "30", "100"),
    "months": ("three", "six", "nine", "eighteen"),
    "seconds": ("30", "40", "45", "60"),
    "age": ("31", "38", "44", "52", "60", "67"),
}

TITLE_PATTERNS: Final[dict[str, tuple[str, ...]]] = {
    "guide": (
        "How to {action} {twist}",
        "{action}: {few} steps I wish I knew sooner",
        "{thing} for beginners: start here",
        "{thing}, explained in {minutes} minutes",
        "{few} mistakes to avoid with {thing}",
        "The simplest way to {action}",
        "{thing} from scratch, step by step",
        "What {people} get right about {thing}",
        "Stop struggling with {thing}",
        "{action} {twist}",
        "{thing}: everything I would tell a friend",
        "Before you try {thing}, watch this",
        "{action} like {people} do",
    ),
    "story": (
        "The forgotten history of {thing}",
        "Why {people} still care about {thing}",
        "What nobody tells you about {thing}",
        "The quiet obsession behind {thing}",
        "The {people} who refuse to quit",
        "{thing}: a small documentary",
        "How {thing} changed one life {place}",
        "A year of {thing} {place}",
        "They said nobody could {action} {twist}",
        "The last {people} {place}",
        "{thing}, and the people who love it",
        "A letter to {thing}",
    ),
    "review": (
        "{thing} or {other}? The honest answer",
        "{thing}: worth it after {months} months?",
        "I compared {thing} and {other} {place}",
        "{few} ways to {action}, ranked",
        "Is there a better way to {action}?",
        "Testing the internet's advice on {thing}",
        "Cheap vs careful: {thing} put to the test",
        "{thing}: what I got wrong last year",
        "{people} react to my {thing}",
        "I asked {few} {people} to {action}",
        "Overrated or not? {thing}, tested {twist}",
    ),
    "vlog": (
        "I tried to {action} every day for {days} days",
        "We tried to {action} {place}",
        "My first attempt at {thing}",
        "A slow weekend with {thing} {place}",
        "Learning to {action} at {age}",
        "Come along: {thing} {place}",
        "I failed to {action}, so you can laugh",
        "A day with {people} {place}",
        "Can a complete beginner {action}?",
        "{thing} {place}, and it rained",
        "{days} days of {thing}, one honest diary",
        "I moved away and found {thing}",
    ),
    "short": (
        "{action} in {seconds} seconds",
        "One small trick for {thing}",
        "{thing}, {twist}",
        "Wait for it: {thing} {place}",
        "Quick tip: {action} {twist}",
        "This changed how I {action}",
        "{thing} in under a minute",
        "Oddly satisfying: {thing}",
        "POV: you finally {action}",
        "{people} hate this one question about {thing}",
        "Do not {action} before you see this",
    ),
    "session": (
        "{thing}, no talking, real sound",
        "A slow evening {place}: {thing}",
        "{thing} {place} | uncut",
        "Live: {thing} and your questions",
        "Quiet company: {thing} while you work",
        "Unedited: watch me {action}",
        "The long version: {action} {twist}",
        "Full workshop: {action} with {people}",
        "Background {topic} for a rainy Sunday",
        "All night {place} with {people}",
    ),
}

DESCRIPTION_PATTERNS: Final[dict[str, tuple[str, ...]]] = {
    "guide": (
        "A plain walk through {thing}, with the parts that usually go wrong.",
        "We {action} {twist}, one step at a time.",
        "Questions from {people} that I keep hearing, answered with examples.",
        "You need very little: patience and a free afternoon.",
        "Chapters: what to get, how to start, what to do when it fails.",
        "This is the version I wanted when I started with {thing}.",
    ),
    "story": (
        "A film about {people}, {thing} and the work that nobody sees.",
        "Shot over {months} months {place}.",
        "It began with {thing} and a question no one could answer.",
        "Told by the {people} who were there.",
        "Letters, old footage and long talks with {people}.",
    ),
    "review": (
        "Side by side: {thing} against {other}, same conditions, no favourites.",
        "I paid for everything myself and used it {twist}.",
        "After {months} months my opinion of {thing} has changed.",
        "Three {people} scored the results without knowing which was which.",
    ),
    "vlog": (
        "The plan was to {action} {place}; the plan did not survive breakfast.",
        "A diary of {thing}, with every mistake left in.",
        "Thanks to the {people} who let me tag along.",
        "Two friends, one borrowed car and a plan to {action}.",
        "What I packed, what I forgot and what {thing} taught me.",
        "I had never done this before, and by the end it shows a little less.",
    ),
    "short": (
        "{thing}, nothing else.",
        "One idea about {thing} you can use today.",
        "Filmed in one take {place}.",
        "The long version is on the channel.",
        "Try it {twist} and tell me how it went.",
    ),
    "session": (
        "No cuts and no voice-over, only {thing} {place}.",
        "Put it on, turn it down, get something done.",
        "We {action} {twist} and answer questions as they come.",
        "Recorded in one sitting with {people}.",
    ),
}

DETOUR_PATTERNS: Final = (
    "With a detour into {topic}: {thing}.",
    "Halfway through it turns into a story about {thing}.",
    "Also in this one: {people} and {thing}.",
    "Stay for the part where we {action}.",
    "Half of it is really about {topic}, and about {thing}.",
)

CHANNEL_FIRST: Final = (
    "Copper", "Juniper", "Slow", "Crooked", "Velvet", "Paper", "Amber", "Hollow", "Little", "Northern", "Salt", "Lantern",
    "Quiet", "Brass", "Wandering", "Plain", "Marigold", "Second", "Midnight", "Pocket", "Tin", "Honest", "Willow", "Late",
    "Spare", "Gentle", "Clover", "Rusty", "Sunday", "Seven", "Foggy", "Outer", "Tall", "Blue", "Kind", "Restless",
)  # fmt: skip
CHANNEL_SECOND: Final = (
    "Kettle", "Otter", "Harbour", "Fox", "Thread", "Compass", "Pear", "Heron", "Window", "Anvil", "Badger", "Comet",
    "Orchard", "Button", "Ladder", "Moth", "Teapot", "Magpie", "Bridge", "Acorn", "Signal", "Hedgehog", "Pebble", "Candle",
    "Sparrow", "Drawer", "Meadow", "Anchor", "Turnip", "Beetle", "Chimney", "Goose", "Tangle", "Lemon", "Bobbin", "Ferry",
)  # fmt: skip
CHANNEL_LAST: Final[dict[str, tuple[str, ...]]] = {
    "Food": ("Kitchen", "Table", "Larder", "Suppers", "Cooks"),
    "Outdoors": ("Outdoors", "Trails", "Field Notes", "Wilds", "Hedgerow"),
    "Making": ("Workshop", "Makes", "Studio", "Bench", "By Hand"),
    "Music": ("Sessions", "Music Room", "Notes", "Sounds", "Rehearsals"),
    "Technology": ("Lab", "Bits", "Machines", "Tinkers", "Circuits"),
    "Science": ("Explains", "Questions", "Observatory", "Science Hour", "Theory"),
    "Sport": ("Moves", "Training", "Club", "Laps", "Athletics"),
    "Travel": ("Travels", "Elsewhere", "Routes", "Journeys", "Postcards"),
}
