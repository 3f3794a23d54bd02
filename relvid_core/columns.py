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
