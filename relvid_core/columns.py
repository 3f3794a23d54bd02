"""Names of the columns that frames share. Logic never spells a column name itself."""

from typing import Final

# Catalog
VIDEO_ID: Final = "video_id"
TITLE: Final = "title"
DESCRIPTION: Final = "description"
TOPICS: Final = "topics"
CREATOR: Final = "creator"
DURATION_S: Final = "duration_s"
PUBLISHED_AT: Final = "published_at"
THUMBNAIL: Final = "thumbnail"

# Logs
USER_ID: Final = "user_id"
TIMESTAMP: Final = "timestamp"
ENGAGEMENT: Final = "engagement"
PROPENSITY: Final = "propensity"

# Pair lists and rating files
SEED_ID: Final = "seed_id"
CANDIDATE_ID: Final = "candidate_id"
WEIGHT: Final = "weight"
GRADE: Final = "grade"

# Tidy result frames
RUN: Final = "run"
METRIC: Final = "metric"
MEAN: Final = "mean"
LOW: Final = "low"
HIGH: Final = "high"
N_SEEDS: Final = "n_seeds"
VALUE: Final = "value"
EPOCH: Final = "epoch"
TERM: Final = "term"
RANK: Final = "rank"
SCORE: Final = "score"

# Weight histograms: bins from left to right, before and after clipping
STAGE: Final = "stage"
LEFT: Final = "left"
RIGHT: Final = "right"
SHARE: Final = "share"
BEFORE: Final = "before clipping"  # values of `stage`
AFTER: Final = "after clipping"

# Candidates for the clip of the weights
CLIP: Final = "clip"
ESTIMATE: Final = "estimate"
BIAS: Final = "bias"
BIAS_BOUND: Final = "bias_bound"
VARIANCE: Final = "variance"
ERROR: Final = "error"
CHOSEN: Final = "chosen"

# Popularity exponents
KIND: Final = "kind"
PREDICTED: Final = "predicted"  # values of `kind`
FITTED: Final = "fitted"

# Ladders: what the gap to the rung below means
VERDICT: Final = "verdict"

# Popularity curves: cumulative shares in [0, 1], most watched videos first
VIDEO_SHARE: Final = "video_share"
ENGAGEMENT_SHARE: Final = "engagement_share"
