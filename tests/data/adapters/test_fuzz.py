"""Whatever small files bring, loading gives a whole Dataset or a RelvidError, and nothing else."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from relvid_core.data import adapters
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RelvidError

odd = st.sampled_from(
    [
        *("", " ", "nan", "NaT", "-1", "0", "1", "2.5", "1e400", "1e18", "-124", "0x1", "1_0", "true", "٣"),
        *("a", "a>b|c", "é", '"', '"a,b"', "\r", "\n", "\ufeff", "\x1f", "\x85", "::", "[1, 2]", "../x", "=1+1"),
        *("2024-05-31", "9999999-01-01"),
    ]
)
cells = odd | st.text(max_size=4)
likely = st.sampled_from(["1", "2", "3", "1700000000"])
rows = st.lists(st.lists(likely | cells, min_size=1, max_size=4), max_size=5)
text = st.builds(lambda table: "\n".join(",".join(row) for row in table), rows)

FILES = {
    "movielens": (("ratings.csv", "userId,movieId,rating,timestamp"), ("movies.csv", "movieId,title,genres")),
    "kuairec": (("big_matrix.csv", "user_id,video_id,watch_ratio,timestamp"), ("item_categories.csv", "video_id,feat")),
    "kuairand": (
        ("log_standard_4_08_to_4_21_pure.csv", "user_id,video_id,is_click,time_ms"),
        ("video_features_basic_pure.csv", "video_id,tag,upload_dt"),
    ),
    "pairs": (("pairs.csv", "seed_id,candidate_id,weight"), ("catalogue.csv", "video_id,topics")),
    "table": (
        ("log.csv", "user_id,video_id,timestamp,engagement"),
        ("catalogue.csv", "video_id,title,topics,published_at"),
    ),
}
WELL_FORMED_CATALOGUE = {
    "movielens": "1,x,y\n2,x,y\n3,x,y",
    "kuairec": "1,[1]\n2,[1]\n3,[1]",
    "kuairand": "1,1,\n2,1,\n3,,",
}


def load(key: str, log: bytes, catalogue: bytes) -> Dataset | RelvidError:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for (file, header), content in zip(FILES[key], (log, catalogue), strict=True):
            (folder / file).write_bytes(header.encode() + b"\n" + content)
        try:
            dataset = adapters.load(folder, key)
        except RelvidError as error:
            return error
        _ = dataset.fingerprint, dataset.catalog.text, dataset.catalog.topics.incidence()
        assert len(dataset.interactions.engagements) > 0
        return dataset


@settings(max_examples=60)
@given(st.sampled_from(sorted(FILES)), text, text)
def test_any_cells(key: str, log: str, catalogue: str) -> None:
    load(key, log.encode("utf-8", "surrogatepass"), catalogue.encode("utf-8", "surrogatepass"))


@settings(max_examples=40)
@given(st.sampled_from(sorted(WELL_FORMED_CATALOGUE)), rows)
def test_any_log_over_a_valid_catalogue(key: str, table: list[list[str]]) -> None:
    log = "\n".join(",".join((row + ["1"] * 4)[:4]) for row in table)
    load(key, log.encode("utf-8", "surrogatepass"), WELL_FORMED_CATALOGUE[key].encode())


@settings(max_examples=30)
@given(st.sampled_from(sorted(FILES)), st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes(key: str, log: bytes, catalogue: bytes) -> None:
    load(key, log, catalogue)


def test_the_fuzz_can_also_succeed() -> None:
    assert isinstance(load("table", b"u,1,1700000000,1\nv,1,1700000001,0", b"1,a,b>c,2024-05-31"), Dataset)
