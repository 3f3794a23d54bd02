"""Data: which datasets there are, how healthy they are, and bringing one's own."""

import streamlit as st

from pages.ui import cache, data_check, data_columns, data_health, data_sources, data_upload, groups
from pages.ui.data_check import show_check
from pages.ui.data_columns import choose_columns
from pages.ui.data_draft import draft
from pages.ui.data_health import show_existing
from pages.ui.data_sources import show_folders, show_sources
from pages.ui.data_store import show_import, show_imported
from pages.ui.data_topics import show_topics
from pages.ui.data_upload import show_uploads
from pages.ui.frame import begin, show_error
from pages.ui.widgets import choose_dataset
from relvid_core.errors import RelvidError

begin(
    "data",
    "Your data",
    "Which videos and whose watching the models learn from. Look at the datasets there are, or bring your own "
    "catalogue and watch log: every cell is checked, and you see what is wrong before anything is stored.",
    data_sources.STYLE + data_upload.STYLE + data_columns.STYLE + data_check.STYLE + data_health.STYLE + groups.STYLE,
)
st.header("Datasets", anchor=False)
chooser, _ = st.columns([1, 1])
with chooser:
    key = choose_dataset()
try:
    data = cache.dataset(key)
    show_sources(key)
    show_imported(data)
    show_existing(data)
except RelvidError as error:
    show_error(error)
    show_sources(key)
show_folders()

st.header("Bring your own", anchor=False)
bringing = draft()
try:
    show_uploads(bringing)
    if bringing.uploads:
        settings = choose_columns(bringing)
        if settings is not None and show_check(bringing, settings):
            show_topics(bringing)
            show_import(bringing)
except RelvidError as error:
    show_error(error)
