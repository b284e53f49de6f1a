"""The first step of a new campaign: the list, how its numbers are read, and who will be called."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from autolynx.access import Actor
from autolynx.campaigns.phone_lines import country_of_line
from autolynx.contacts.callees import who_is_called
from autolynx.contacts.reading import ContactImport, read_contacts
from autolynx.errors import AutoLynxError
from autolynx.models import CallingHours, PhoneLine
from autolynx.regions import NO_REGION, country_name, in_country, region_of_list, regions_by_name
from autolynx.settings import settings
from autolynx.ui.contacts import import_report
from autolynx.ui.frame import edge, navigation, resources
from autolynx.ui.frame.formats import counted

_SAMPLE = navigation.ROOT / "samples" / "contacts.csv"


@dataclass(frozen=True, slots=True)
class ContactList:
    """What was uploaded, how its numbers are read, and what became of it."""

    content: bytes
    #: as `NewCampaign` takes it
    region: str
    read: ContactImport
    #: where on the page it says who will be called, once the calling hours are known
    place: DeltaGenerator


def contact_list(line: PhoneLine | None) -> ContactList | None:
    """The upload, and how its numbers are read."""
    with st.container(border=True, key="step_contacts"):
        st.markdown("### 1. Who is called")
        left, right = st.columns([3, 1], vertical_alignment="center")
        given = left.file_uploader(
            "Contact list (CSV)", type=["csv"], key="contacts", max_upload_size=settings().max_upload_mb
        )
        with right:
            st.caption("A header row with name, business name and phone. Other columns are for the assistant to use.")
            st.download_button(
                "Sample list",
                _SAMPLE.read_bytes(),
                file_name="contacts.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key="sample",
            )
        region = _region(line)
        return _read(given.getvalue(), region) if given else None


def _region(line: PhoneLine | None) -> str:
    """The country of numbers without a country code: the phone line's, unless the visitor chooses another."""
    own = country_of_line(line) if line else None
    if "region" not in st.session_state or not st.session_state.get("_region_is_chosen"):
        st.session_state["_region_is_chosen"] = False
        st.session_state["region"] = own or settings().default_phone_region or NO_REGION
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    chosen: str = left.selectbox(
        "Numbers without a country code are in",
        [NO_REGION, *regions_by_name()],
        key="region",
        format_func=lambda one: "No country: only numbers with +" if one == NO_REGION else country_name(one),
        on_change=_remember_choice,
    )
    right.markdown(_explained(chosen, own))
    return chosen


def _remember_choice() -> None:
    st.session_state["_region_is_chosen"] = True


def _explained(region: str, own: str | None) -> str:
    if region == NO_REGION:
        return "Only numbers that begin with **+** and a country code are read. Rows with any other are skipped."
    why = ", where the phone line is" if region == own else ""
    return (
        f"A number without a country code is read as one in **{in_country(region)}**{why}. "
        "Where that is not certain, its row is skipped."
    )


def _read(content: bytes, region: str) -> ContactList | None:
    try:
        read = _contacts(content, region)
    except AutoLynxError as error:
        edge.show(error)
        return None
    return ContactList(content, region, read, st.container())


def who_will_be_called(contacts: ContactList | None, hours: CallingHours | None, reader: Actor) -> None:
    """The report of the list, in its place; here, how many these hours never reach."""
    if contacts is None:
        return
    called = contacts.read
    with edge.sentences():
        called = who_is_called(resources.database(), contacts.read, hours, actor=reader)
        if lost := len(called.report.skipped) - len(contacts.read.report.skipped):
            st.warning(
                f"{counted(lost, 'more row')} will be skipped: these calling hours never reach "
                f"{'it' if lost == 1 else 'them'}. The list above says why.",
                icon=":material/schedule:",
            )
    with contacts.place:
        _show(called)


def _show(read: ContactImport) -> None:
    report = read.report
    import_report.figures(report)
    import_report.encoding(report)
    import_report.countries(report)
    if report.skipped:
        st.markdown(f"**{counted(len(report.skipped), 'row')} will be skipped**")
    import_report.skipped(report, key="preview_skipped")
    import_report.treatment(report, key="preview_treatment")
    with st.expander("The contacts of the campaign", icon=":material/contacts:", key="preview"):
        import_report.accepted(read.contacts, key="preview_accepted")


# These are whole lists of people: no more of them, and for no longer, than somebody takes to fill in the page.
@st.cache_data(ttl=300, max_entries=4, show_spinner="Reading the list …")
def _contacts(content: bytes, region: str) -> ContactImport:
    return read_contacts(
        content,
        max_rows=settings().max_campaign_size,
        max_bytes=settings().max_upload_mb * 1024**2,
        region=region_of_list(region, None),
    )
