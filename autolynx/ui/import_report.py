"""What became of a contact list."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from autolynx.contacts import ImportReport, NewContact
from autolynx.ui.formats import counted

_SHOWN = 200


def figures(report: ImportReport) -> None:
    """How many rows there are, and how many can be called."""
    with st.grid(3, min_column_width=120):
        st.metric("Rows", f"{report.total_rows:,}", border=True)
        st.metric("Can be called", f"{report.accepted:,}", border=True)
        st.metric("Skipped", f"{len(report.skipped):,}", border=True)


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
            "Reason": st.column_config.TextColumn(width="large"),
        },
        alt="Rows that were skipped, with the reason",
    )
    if len(report.skipped) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {counted(len(report.skipped), 'skipped row')}.")


def accepted(contacts: list[NewContact], *, key: str) -> None:
    """The beginning of the list as it will be called."""
    rows = [{"Name": c.name, "Business": c.business_name, "Phone": c.phone} for c in contacts[:_SHOWN]]
    place = st.container(key=key)
    place.dataframe(
        pd.DataFrame(rows), key=f"{key}_table", hide_index=True, alt="Contacts that can be called"
    )
    if len(contacts) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {counted(len(contacts), 'contact')}.")
