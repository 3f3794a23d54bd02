"""RelVid Lab: related-video retrieval experiments without a user interface."""

__version__ = "0.1.0"
