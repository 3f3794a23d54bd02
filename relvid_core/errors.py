"""The one error tree. Catch `RelvidError` to catch everything that is the caller's to mend.

    RelvidError
    ├── ConfigError          a setting is out of range, of the wrong type, or unknown
    ├── DataError            a file or frame cannot be read as what it claims to be
    │   ├── UnknownVideo     an id that the catalogue does not hold
    │   └── NotEnoughData    readable, but too little to do what was asked
    ├── RunError             a stored run is missing, unreadable, or made from other data
    ├── EncoderError         content cannot be encoded (no weights, wrong shape)
    ├── Cancelled            the user stopped it; nothing was kept
    └── MissingDependency    an optional package is not installed

Every message says what was wrong, what was received, and what to do about it.
"""


class RelvidError(Exception):
    """Base of every error that RelVid Lab raises on purpose."""


class ConfigError(RelvidError):
    """A setting is out of range, of the wrong type, or unknown."""


class DataError(RelvidError):
    """A file or frame cannot be read as what it claims to be."""


class UnknownVideo(DataError):
    """An id that the catalogue does not hold."""


class NotEnoughData(DataError):
    """The data is readable, but there is too little of it to do what was asked."""


class RunError(RelvidError):
    """A stored run is missing, unreadable, or made from other data."""


class EncoderError(RelvidError):
    """Content cannot be encoded."""


class Cancelled(RelvidError):
    """The user stopped the work; nothing of it was kept."""


class MissingDependency(RelvidError):
    """An optional package is not installed."""
