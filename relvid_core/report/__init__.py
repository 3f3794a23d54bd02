"""A standalone HTML report of runs: one file that needs no network, no server and no program."""
