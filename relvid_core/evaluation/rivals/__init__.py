"""Baselines with knobs: the classical ones, and other people's models; what a tuned two-tower has to beat."""
