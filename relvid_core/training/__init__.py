"""The two-tower model, its objectives, and the loop that fits it."""
