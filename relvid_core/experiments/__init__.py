"""Runs: the only place where data, content, training, retrieval and evaluation meet."""
