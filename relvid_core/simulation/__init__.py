"""The sample world: made-up videos and viewers whose true tastes are known, so that every method can be scored."""
