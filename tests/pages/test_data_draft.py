"""What the Data page stands on: files kept for one visit, and waiting for a computation."""

from __future__ import annotations

import gc

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.data_draft import Draft, ending
from relvid_core.errors import DataError


def test_the_folder_of_a_draft_goes_with_it() -> None:
    draft = Draft()
    path = draft.own_path("catalogue.csv")
    path.write_text("x")
    folder = draft.folder
    assert folder is not None
    assert path.is_relative_to(folder)
    del draft
    gc.collect()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("called", "known"), [("A.CSV", ".csv"), ("x.tsv.GZ", ".tsv.gz"), ("../y.parquet", ".parquet")]
)
def test_endings(called: str, known: str) -> None:
    assert ending(called) == known


@pytest.mark.parametrize("called", ["csv", "a.xlsx", "a.gz", ""])
def test_other_endings_are_refused(called: str) -> None:
    with pytest.raises(DataError, match="not a kind of table"):
        ending(called)


def _waiting_page() -> None:
    import time

    import streamlit as st

    from pages.ui.waiting import Meter, wait_for
    from relvid_core.errors import DataError

    meter = Meter()

    def count() -> int:
        for step in range(5):
            time.sleep(0.1)
            meter.move(step / 4)
        return 42

    def refuse() -> int:
        raise DataError("no such thing")

    st.text(f"found {wait_for(count, 'Counting', key='one', meter=meter)}")
    try:
        wait_for(refuse, "Refusing", key="two")
    except DataError as error:
        st.text(f"refused: {error}")


def test_waiting_returns_what_was_found_and_raises_what_was_raised() -> None:
    page = AppTest.from_function(_waiting_page, default_timeout=60).run()
    assert not page.exception
    assert [text.value for text in page.text] == ["found 42", "refused: no such thing"]
    assert not page.button  # the box is gone
