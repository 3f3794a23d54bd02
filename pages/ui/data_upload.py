"""Taking files in: a catalogue, a log, and thumbnails as an archive or a folder. Each is read as soon as it comes."""

from __future__ import annotations

import html
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache_intake
from pages.ui.data_draft import PICTURES, Draft, Pictures, Upload, ending, write_own
from pages.ui.frame import plain, show_error
from relvid_core.errors import DataError, RelvidError
from relvid_core.intake.archive import unpack_pictures
from relvid_core.intake.raw import IntakeLimits, Role, read_raw

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

STYLE: Final = """<style>
.rv-file {border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .5rem;
  padding: .55rem .8rem .6rem}
.rv-file b {overflow-wrap: anywhere; unicode-bidi: isolate}
.rv-file small {display: block; opacity: .78; font-size: .84rem; font-variant-numeric: tabular-nums}
</style>"""
_TYPES: Final = ["csv", "tsv", "txt", "gz", "parquet"]
_PROBLEMS: Final = "upload_problems"  # slot → the error of the file that was tried last
_TITLES: Final[dict[Role, str]] = {"catalogue": "Catalogue", "log": "Watch log (optional)"}
_HELPS: Final[dict[Role, str]] = {
    "catalogue": "One video a row. An id is all it needs; titles, descriptions and topics are what models read and are "
    "judged by.",
    "log": "One view a row: who watched what, best with when. Without it nothing can be learned about engagement: the "
    "catalogue can be looked at and sorted into topics, but no model can be trained.",
}
_PICTURES_HELP: Final = (
    "Buys: faces for the cards, and a picture side to the models. A zip of pictures, or a folder of them; the "
    "catalogue’s thumbnail column names the files, or they are called like the videos’ ids."
)


def limits_words() -> str:
    """What an upload may hold."""
    megabytes, limits = int(st.get_option("server.maxUploadSize")), IntakeLimits()
    return (
        f"CSV, TSV or Parquet, text also as .gz: up to {megabytes:,} MB a file, {limits.max_rows / 1e6:,.0f} million "
        f"rows and {limits.max_columns:,} columns. Of a zip: JPEG, PNG, WebP, GIF and BMP files. Nothing leaves this "
        "computer, and nothing is stored until you press Import."
    )


def show_uploads(draft: Draft) -> None:
    """The three places for files."""
    st.html(f'<p class="rv-note">{limits_words()}</p>')
    left, middle, right = st.columns(3, gap="medium")
    _table_slot(left, draft, "catalogue")
    _table_slot(middle, draft, "log")
    _picture_slot(right, draft)
    _warn_of_roles(draft)


def _table_slot(place: DeltaGenerator, draft: Draft, role: Role) -> None:
    with place:
        upload = draft.uploads.get(role)
        if upload is None:
            sent = st.file_uploader(_TITLES[role], _TYPES, key=f"up_{draft.keys(role)}", help=_HELPS[role])
            if sent is not None:
                _take_table(draft, role, sent)
        else:
            n_rows, n_columns = upload.table.frame.shape
            _file(_TITLES[role], upload.called, f"{n_rows:,} rows, {n_columns} columns, {_size(upload.n_bytes)}")
            st.button("Take another", key=f"drop_{role}", on_click=draft.drop, args=(role,))
        _show_problem(role)


def _picture_slot(place: DeltaGenerator, draft: Draft) -> None:
    with place:
        if draft.pictures is not None:
            _file("Thumbnails", draft.pictures.called, draft.pictures.said)
            _show_left_out(draft.pictures.left_out)
            st.button("Take others", key="drop_pictures", on_click=draft.set_pictures, args=(None,))
        else:
            key = f"up_{draft.keys(PICTURES)}"
            sent = st.file_uploader("Thumbnails (optional)", ["zip"], key=key, help=_PICTURES_HELP)
            if sent is not None:
                _take_archive(draft, sent)
            st.text_input(
                "or the path of their folder", key="picture_folder", placeholder="a folder on this computer",
                on_change=_take_folder, args=(draft,), persist_state="session",
            )  # fmt: skip
        _show_problem(PICTURES)


def _show_left_out(sentences: tuple[str, ...]) -> None:
    if sentences:
        n = len(sentences)
        with st.expander("1 entry was left out" if n == 1 else f"{n} entries were left out"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))


def _file(title: str, called: str, said: str) -> None:
    st.html(
        f'<div class="rv-file"><small>{title}</small><b dir="auto">{html.escape(called[:120])}</b>'
        f"<small>{html.escape(said)}</small></div>"
    )


def _take_table(draft: Draft, role: Role, sent: UploadedFile) -> None:
    """Write an upload to a place of ours under a name of ours, and read it."""
    try:
        path = draft.own_path(role + ending(sent.name))
        with st.spinner("Reading the file …", show_time=True):
            write_own(sent, path)
            try:
                table = read_raw(path, name=_name(draft, role, sent.name))
            finally:
                shutil.rmtree(path.parent, ignore_errors=True)  # the table is in memory now
    except RelvidError as error:
        _keep_problem(role, error)
        draft.attempted(role)
    else:
        draft.put(role, Upload(sent.name, sent.size, table))
    st.rerun()


def _name(draft: Draft, role: Role, called: str) -> str:
    """What messages call the file: as its owner does, told from the other one where both have one name."""
    name = called[-60:]
    taken = [upload.table.name for other, upload in draft.uploads.items() if other != role]
    return f"{role}: {name}" if name in taken else name


def _take_archive(draft: Draft, sent: UploadedFile) -> None:
    try:
        archive = draft.own_path("pictures.zip")
        with st.spinner("Unpacking the pictures …", show_time=True):
            write_own(sent, archive)
            into = archive.with_name("pictures")
            into.mkdir()
            unpacked = unpack_pictures(archive, into)
            archive.unlink()
    except RelvidError as error:
        _keep_problem(PICTURES, error)
        draft.attempted(PICTURES)
    else:
        found = f"{unpacked.n_pictures:,} pictures, {_size(unpacked.n_bytes)}"
        draft.set_pictures(Pictures(into, sent.name, found, tuple(unpacked.left_out), own=True))
    st.rerun()


def _take_folder(draft: Draft) -> None:
    typed = st.session_state["picture_folder"].strip().strip("\"'")
    if not typed:
        return
    try:
        draft.set_pictures(Pictures(_folder(typed), typed, "a folder on this computer"))
        st.session_state["picture_folder"] = ""
    except DataError as error:
        _keep_problem(PICTURES, error)


def _folder(typed: str) -> Path:
    """The folder at a typed path. Raises DataError."""
    said = repr(typed[:60])
    try:
        folder = Path(typed).expanduser().resolve()
        if folder.is_dir():
            return folder
    except (OSError, RuntimeError, ValueError) as error:  # too long, a loop of links, an unknown ~user, a NUL
        raise DataError(f"folder of thumbnails: {said} is no usable path ({error}). Check its spelling.") from error
    raise DataError(f"folder of thumbnails: {said} is not a folder on this computer. Check its spelling.")


def _warn_of_roles(draft: Draft) -> None:
    """Say so where a file looks like what belongs into the other place."""
    swapped = [
        role
        for role, upload in draft.uploads.items()
        if cache_intake.table_role(upload.table, upload.token) not in (role, None)
    ]
    if swapped:
        other = "a watch log" if swapped[0] == "catalogue" else "a catalogue"
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.warning(f"The file in “{_TITLES[swapped[0]]}” looks like {other}.")
        button.button("Swap them", on_click=draft.swap, width="stretch")


def _keep_problem(slot: str, error: RelvidError) -> None:
    st.session_state.setdefault(_PROBLEMS, {})[slot] = error


def _show_problem(slot: str) -> None:
    problem = st.session_state.get(_PROBLEMS, {}).pop(slot, None)
    if problem is not None:
        show_error(problem)


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{max(1, round(n_bytes / 1e3))} kB"
