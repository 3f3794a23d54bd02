"""What lists of neighbours are worth: metrics by seed video, estimates with intervals, the protocol, and baselines."""
