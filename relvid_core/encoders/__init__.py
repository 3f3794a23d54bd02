"""Content of videos as vectors."""
