"""Other people's recommenders, and the classical ones with their knobs, tuned as ours are: on the validation fold."""
