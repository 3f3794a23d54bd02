"""A small valid folder of each format, to be read as it is or with one file spoilt."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Write = Callable[[str, str | bytes], Path]

FOLDERS: Mapping[str, Mapping[str, str]] = {
    "movielens": {
        "ratings.csv": (
            "userId,movieId,rating,timestamp\r\n"
            "1,10,4.0,1000\r\n1,20,3.5,2000\r\n2,10,5.0,3000\r\n2,30,3.0,4000\r\n3,20,4.5,5000\r\n"
        ),
        "movies.csv": (
            'movieId,title,genres\r\n10,"Heat, The (1995)",Action|Crime\r\n20,Sabrina (1995),Comedy\r\n'
            "30,Nothing (2000),(no genres listed)\r\n"
        ),
        "tags.csv": (
            "userId,movieId,tag,timestamp\r\n1,10,Noir,1500\r\n2,10,noir ,1600\r\n2,10,LA,1700\r\n3,10,late,9000\r\n"
        ),
    },
    "movielens 1M": {
        "ratings.dat": "1::10::4::1000\n1::20::3::2000\n2::10::5::3000\n",
        "movies.dat": '10::Heat, The (1995)::Action|Crime\n20::Sabrina: a "story" (1995)::Comedy\n',
    },
    "kuairec": {
        "big_matrix.csv": (
            "user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio\n"
            "1,0,9,3,2020-07-05 00:08:23.438,20200705,1593878903.438,3.0\n"
            "1,1,6,3,2020-07-05 00:09:23.438,20200705,1593878963.438,2.0\n"
            "2,0,1,3,2020-07-05 00:10:23.438,20200705,1593879023.438,0.3\n"
        ),
        "small_matrix.csv": (
            "user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio\n"
            "7,1,9,3,2020-07-05 00:08:23.438,20200705.0,1593878903.438,2.5\n7,2,1,3,,,,0.5\n"
        ),
        "kuairec_caption_category.csv": (
            "video_id,manual_cover_text,caption,topic_tag,first_level_category_id,first_level_category_name,"
            "second_level_category_id,second_level_category_name,third_level_category_id,third_level_category_name\n"
            '0,Cover,A caption\rof two lines,"[soup,bread]",12,Food,153,Baking,1460,Bread\n'
            "1,Only a cover,UNKNOWN,[],11,Life,-124,UNKNOWN,-124,UNKNOWN\n"
            "2,UNKNOWN,,[],-124,UNKNOWN,-124,UNKNOWN,-124,UNKNOWN\n"
        ),
        "item_categories.csv": 'video_id,feat\n0,[8]\n1,"[27, 9]"\n2,"[27, 9]"\n',
    },
    "kuairec compact": {
        "big_matrix_watch_ratio_gt_2.csv.gz": "user_id,video_id,n_views_watch_ratio_gt_2\n1,0,1\n1,1,4\n2,0,2\n",
        "small_matrix_watch_ratio_gt_2.csv.gz": "user_id,video_id\n7,1\n",
        "small_matrix_users.csv.gz": "user_id\n7\n8\n",
        "small_matrix_videos.csv.gz": "video_id\n1\n2\n",
        "item_categories.csv.gz": 'video_id,feat\n0,[8]\n1,"[27, 9]"\n2,[]\n',
    },
    "kuairand": {
        "log_standard_4_08_to_4_21_pure.csv": (
            "user_id,video_id,date,hourmin,time_ms,is_click,long_view\n"
            "0,10,20220408,1800,1650000001999,1,0\n0,10,20220408,1800,1650000001999,1,0\n"
            "0,11,20220408,1800,1650000005000,0,1\n"
        ),
        "log_standard_4_22_to_5_08_pure.csv": (
            "user_id,video_id,date,hourmin,time_ms,is_click,long_view\n5,12,20220422,1800,1651000000000,1,1\n"
        ),
        "log_random_4_22_to_5_08_pure.csv": (
            "user_id,video_id,date,hourmin,time_ms,is_click,long_view\n"
            "9,11,20220422,1800,1651000000000,1,0\n9,12,20220422,1800,1651000001000,0,1\n"
        ),
        "video_features_basic_pure.csv": (
            "video_id,author_id,video_type,upload_dt,video_duration,tag\n"
            '10,77,NORMAL,2022-04-10,87433.0,39\n11,77,NORMAL,,,"20,43"\n12,78,AD,2022-04-09,1000.0,\n'
        ),
    },
    "pairs": {
        "pairs.csv": "seed_id,candidate_id,weight\na,b,2\nb,a,1\na,b,3\nc,c,5\n",
        "catalogue.csv": (
            "video_id,title,topics\na,Apple pie,Food > Baking\nb,Bread,Food > Baking | Craft\nc,Cycling,Sport\n"
        ),
    },
    "table": {
        "catalogue.csv": (
            "video_id,title,description,topics,creator,duration_s,published_at,thumbnail\n"
            "a,Apple pie,with cinnamon,Food > Baking,ann,60,2024-01-02,a.png\nb,Bread,,Food > Baking | Craft,bob,,,\n"
        ),
        "log.csv": "user_id,video_id,timestamp,engagement,propensity\nu,a,1700000000,1,0.5\nu,b,1700000010,0,0.25\n",
    },
}


@pytest.fixture
def folder(write: Write, tmp_path: Path) -> Callable[..., Path]:
    """Write a valid folder, with some files replaced: `folder("pairs", {"pairs.csv": "…"})`; None leaves a file out."""

    def make(name: str, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
        for file, content in {**FOLDERS[name], **(changes or {})}.items():
            if content is not None:
                write(file, content)
        return tmp_path

    return make
