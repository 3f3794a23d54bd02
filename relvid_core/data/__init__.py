"""Catalogue, log, split, co-engagement and propensity: what a model may be trained on."""
