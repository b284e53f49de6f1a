"""What became of a contact list."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from autolynx.contacts.reading import NewContact
from autolynx.models.import_report import WHITE_SPACE_TOLD, ImportReport, called_in, shortened
from autolynx.ui.frame.formats import counted, plain

_SHOWN = 200


def figures(report: ImportReport) -> None:
    """How many rows there are, and how many can be called."""
    with st.grid(3, min_column_width=120):
        st.metric("Rows", f"{report.total_rows:,}", border=True)
        st.metric("Can be called", f"{report.accepted - report.do_not_call:,}", border=True)
        st.metric("Skipped", f"{len(report.skipped):,}", border=True)


def countries(report: ImportReport, *, key: str = "countries") -> None:
    """How many numbers of which country are called."""
    with st.container(key=key):
        if report.countries:
            st.markdown(f":material/public: **{plain(called_in(report.countries))}.**")
        if report.do_not_call:
            st.markdown(f":material/phone_disabled: {report.do_not_call_told}")


def encoding(report: ImportReport, *, key: str = "encoding") -> None:
    """As what the file was read, where that may be wrong."""
    if report.encoding_told:
        with st.container(key=key):
            st.warning(plain(report.encoding_told), icon=":material/translate:")


def skipped(report: ImportReport, *, key: str) -> None:
    """The skipped rows, each with its reason."""
    if not report.skipped:
        st.success("Every row can be called.", icon=":material/check_circle:")
        return
    shown = report.skipped[:_SHOWN]
    rows = [
        {"Row": row.row, "Reason": row.reason, "As it was": " · ".join(filter(None, row.data.values()))}
        for row in shown
    ]
    st.container(key=key).dataframe(
        pd.DataFrame(rows),
        key=f"{key}_table",
        hide_index=True,
        column_config={
            "Row": st.column_config.NumberColumn(width=60, help="Counted from 1 below the header."),
            "Reason": st.column_config.TextColumn(width=640),
        },
        alt="Rows that were skipped, with the reason",
    )
    if len(report.skipped) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {counted(len(report.skipped), 'skipped row')}.")


def accepted(contacts: list[NewContact], *, key: str) -> None:
    """The beginning of the list as it will be called."""
    rows = [{"Name": c.name, "Business": c.business_name, "Phone": c.phone} for c in contacts[:_SHOWN]]
    place = st.container(key=key)
    place.dataframe(pd.DataFrame(rows), key=f"{key}_table", hide_index=True, alt="Contacts that can be called")
    if len(contacts) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {counted(len(contacts), 'contact')}.")


def treatment(report: ImportReport, *, key: str) -> None:
    """What the columns are used as, and every value that is not stored as it was written."""
    if not (report.changes or report.white_space_is_left_out or report.ignored_columns or report.renamed):
        return
    told = [counted(len(report.changes), "value") + " changed"] if report.changes else []
    told += ["white space left out"] if report.white_space_is_left_out else []
    told += [counted(len(report.ignored_columns), "column") + " not used"] if report.ignored_columns else []
    told += [counted(len(report.renamed), "column") + " renamed"] if report.renamed else []
    with st.expander(f"How it is read: {', '.join(told)}", icon=":material/edit_note:", key=key):
        _changes(report, key=f"{key}_changes")
        if report.white_space_is_left_out:
            st.markdown(WHITE_SPACE_TOLD)
        for column in report.ignored_columns:
            st.markdown(f"**{plain(column.title)}** is not used. {column.reason}")
        if report.renamed:
            st.caption("How the assistant's texts name the columns")
            titles = [{"Column": one.title, "Used as": one.used_as} for one in report.columns]
            place = st.container(key=f"{key}_columns")
            place.dataframe(
                pd.DataFrame(titles), key=f"{key}_columns_table", hide_index=True, alt="What each column is used as"
            )


def _changes(report: ImportReport, *, key: str) -> None:
    if not report.changes:
        return
    rows = [
        {
            "Row": change.row,
            "Column": change.column or "",
            "As it was": shortened(change.was),
            "As it is used": shortened(change.now),
            "Why": change.reason,
        }
        for change in report.changes[:_SHOWN]
    ]
    st.container(key=key).dataframe(
        pd.DataFrame(rows), key=f"{key}_table", hide_index=True, alt="Values that were changed, with the reason"
    )
    if len(report.changes) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {counted(len(report.changes), 'changed value')}.")
