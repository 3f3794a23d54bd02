"""Rivals for the benchmarks alone, what rivals cost, and their tuning beside ours; the others are in the core."""
