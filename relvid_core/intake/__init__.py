"""Taking in a user's own files: read leniently, every fault named once, checked for health, stored as a dataset."""
