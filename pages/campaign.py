"""One campaign: it moves by itself until it is over."""

from autolynx.ui.frame import guard

visitor = guard.require()

import streamlit as st

from autolynx.access import reader_of
from autolynx.campaigns.listing import get_campaign
from autolynx.models import User
from autolynx.models.import_report import ImportReport
from autolynx.settings import settings
from autolynx.ui.calls import drawer
from autolynx.ui.campaigns import contact_table, controls, deleting, explanation, progress
from autolynx.ui.contacts import import_report
from autolynx.ui.frame import chrome, live, navigation, resources

st.page_link(navigation.CAMPAIGNS, label="All campaigns", icon=":material/arrow_back:")
campaign_id = st.query_params.get("id")
if not campaign_id:
    chrome.empty("Which campaign?", "Choose one from the list.", ":material/campaign:")
    st.stop()

opened = get_campaign(resources.database(), campaign_id, actor=reader_of(visitor))
is_moving = progress.is_moving(opened)


def head(visitor: User) -> None:
    """What moves every second."""
    reader = reader_of(visitor)
    campaign = get_campaign(resources.database(), opened.id, actor=reader)
    if is_moving and not progress.is_moving(campaign):
        st.rerun()
    left, right = st.columns([3, 1.2], vertical_alignment="top")
    with left:
        progress.title(campaign)
    with right:
        controls.buttons(campaign, visitor)
    explanation.panel(campaign, reader)
    progress.progress(campaign)
    progress.lines_and_outcomes(campaign)


def people(visitor: User) -> None:
    """The list, with what came of each."""
    reader = reader_of(visitor)
    contact_table.draw(get_campaign(resources.database(), opened.id, actor=reader), reader)


live.redrawn(head, every_seconds=1.0 if is_moving else None)

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.header("Contacts", width="content", anchor=False)
    if settings().feature_export_functionality:
        chrome.download("Export CSV", f"/export/{opened.id}.csv")
live.redrawn(people, every_seconds=2.0 if is_moving else None)

if opened.import_report:
    report = ImportReport.model_validate(opened.import_report)
    with st.expander("Import report", icon=":material/fact_check:", key="import_report"):
        import_report.figures(report)
        import_report.encoding(report)
        import_report.countries(report)
        import_report.skipped(report, key="skipped_rows")
        import_report.treatment(report, key="treatment")

deleting.ways(opened, visitor)
controls.ask_to_stop(opened)
drawer.show_chosen(reader_of(visitor))
