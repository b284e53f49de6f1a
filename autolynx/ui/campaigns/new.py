"""The parts of the new-campaign page. Nothing is stored before Create is pressed, and then everything is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from hashlib import sha256

import streamlit as st

from autolynx import access
from autolynx.assistants.directory import list_assistants
from autolynx.campaigns import lifecycle, new
from autolynx.campaigns.phone_lines import list_phone_lines
from autolynx.contacts import time_zone_rules
from autolynx.models import (
    LONGEST_NAME,
    WEEKDAYS,
    Assistant,
    CallingHours,
    CampaignMode,
    NewCampaign,
    PhoneLine,
    User,
)
from autolynx.settings import MOST_CONCURRENT, settings
from autolynx.ui.contacts.step import ContactList
from autolynx.ui.frame import acting, chrome, edge, fields, navigation, resources
from autolynx.ui.frame.formats import MODES, plain

DAYS = {1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri", 6: "Sat", 7: "Sun"}
_EXPLAINED = {
    CampaignMode.CONTINUOUS: "A line that becomes free takes the next contact at once. The fastest way.",
    CampaignMode.BATCH: "Calls start together, one a line; the next batch starts when all have ended.",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and from where."""

    assistant: Assistant
    line: PhoneLine


@dataclass(frozen=True, slots=True)
class Way:
    """How it is called, and what the campaign is called."""

    name: fields.Field[str]
    cap: fields.Field[int]
    mode: CampaignMode
    quiet_line: bool
    hours: CallingHours | None


def leave_if_created() -> None:
    """Go to the campaign that the last run made: a second click on Create makes no second one."""
    if created := st.session_state.pop("_created_campaign", None):
        st.switch_page(navigation.CAMPAIGN, query_params={"id": created})


def caller(reader: access.Actor) -> Caller | None:
    """Assistant and phone line."""
    with st.container(border=True, key="step_caller"):
        st.markdown("### 2. Who calls")
        left, right = st.columns(2)
        with left:
            assistant = _assistant(reader)
        line: PhoneLine | None = None
        with right, edge.sentences(can_retry=True):
            line = _line(reader)
    return Caller(assistant, line) if assistant and line else None


def _assistant(reader: access.Actor) -> Assistant | None:
    listed = list_assistants(resources.database(), actor=reader, active_only=True, limit=200).items
    choices = {str(one.id): one for one in listed}
    chosen = st.selectbox(
        "Assistant", list(choices), key="assistant", format_func=lambda key: choices[key].name, index=0
    )
    if not choices:
        st.caption("No assistant is switched on.")
        st.page_link(navigation.ASSISTANTS, label="Assistants", icon=":material/arrow_forward:")
        return None
    assistant = choices[chosen]
    if first := assistant.config_json.get("firstMessage"):
        st.caption(f"“{plain(first)}”")
    return assistant


def _line(reader: access.Actor) -> PhoneLine | None:
    choices = {line.id: line for line in _lines(reader)}
    chosen = st.selectbox(
        "Phone line", list(choices), key="phone_line", format_func=lambda key: choices[key].label, index=0
    )
    if not choices:
        st.caption("Your Vapi account has no phone line; add one in its dashboard.")
        return None
    if not choices[chosen].is_active:
        st.caption(":material/warning: Vapi says this line is not active yet.")
    return choices[chosen]


@st.cache_data(ttl=30, show_spinner="Asking Vapi for the phone lines …")
def _lines(_reader: access.Actor) -> list[PhoneLine]:
    return list_phone_lines(resources.client(), settings(), actor=_reader)


def way() -> Way:
    """Name, cap and mode."""
    with st.container(border=True, key="step_way"):
        st.markdown("### 3. How")
        left, right = st.columns(2)
        name = fields.name("Campaign name", LONGEST_NAME, key="name", place=left, placeholder="Spring offer, dentists")
        cap = fields.whole_number(
            "Calls at once",
            1,
            MOST_CONCURRENT,
            settings().default_concurrency_cap,
            key="cap",
            place=right,
            help="Never exceeded.",
        )
        mode = st.segmented_control(
            "Mode",
            list(CampaignMode) if settings().feature_strict_batching else [CampaignMode.CONTINUOUS],
            default=CampaignMode.CONTINUOUS,
            format_func=lambda one: MODES[one],
            required=True,
            key="mode",
        )
        chosen = CampaignMode(mode or CampaignMode.CONTINUOUS)
        st.caption(_EXPLAINED[chosen])
        with st.expander("When and on which line it may call", icon=":material/schedule:", key="limits"):
            quiet_line = st.checkbox(
                "Wait for a quiet line",
                key="quiet_line",
                help="Dial only while no other campaign has a call on this phone line.",
            )
            hours = _hours()
    return Way(name, cap, chosen, quiet_line, hours)


def _hours() -> CallingHours | None:
    """The hours in which people may be called, by the clock where they are; None for any time."""
    if not st.checkbox("Keep to calling hours", key="keeps_hours", help="By the clock where the contact is."):
        return None
    left, middle, right = st.columns(3)
    start = left.time_input("From", time(9), key="hours_from")
    end = middle.time_input("Until", time(18), key="hours_until")
    zones = time_zone_rules.names()
    here = str(resources.zone())
    zone = right.selectbox(
        "Clock for numbers that tell no place",
        zones,
        index=zones.index(here if here in zones else "UTC"),
        key="hours_zone",
        help="Any other number is called only inside these hours in every time zone that it may lie in.",
    )
    days = st.pills(
        "Days",
        list(DAYS),
        default=WEEKDAYS,
        selection_mode="multi",
        format_func=DAYS.__getitem__,
        key="hours_days",
    )
    return CallingHours.model_validate(
        {"from": f"{start:%H:%M}", "until": f"{end:%H:%M}", "days": sorted(days), "time_zone": zone}
    )


def buttons(contacts: ContactList | None, caller: Caller | None, way: Way, visitor: User) -> None:
    """Create, or create and start."""
    refusals, is_seen = st.container(), has_seen(contacts, way.hours)
    with st.container(horizontal=True, vertical_alignment="center"):
        can = access.may_change(visitor)
        start = st.button(
            "Create and start",
            key="create_and_start",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not can,
        )
        create = st.button("Create", key="create", icon=":material/add:", disabled=not can)
        st.caption("Nothing is dialed before a campaign is started.")
    if create or start:
        with refusals:
            _create(contacts, caller, way, is_seen=is_seen, is_started=start)


def has_seen(contacts: ContactList | None, hours: CallingHours | None) -> bool:
    """Whether the page has shown before who will be called: nobody presses Create on what was not seen."""
    if contacts is None:
        return False
    shown = (sha256(contacts.content).hexdigest(), contacts.region, hours)
    is_seen: bool = st.session_state.get("_callees_seen") == shown
    st.session_state["_callees_seen"] = shown
    return is_seen


def _create(contacts: ContactList | None, caller: Caller | None, way: Way, *, is_seen: bool, is_started: bool) -> None:
    if problem := what_is_missing(contacts, caller, way, is_seen=is_seen):
        st.error(plain(problem), icon=":material/error:")
    elif contacts and caller and acting.act(lambda actor: _store(contacts, caller, way, actor)):
        created = st.session_state["_created_campaign"]
        if is_started and not acting.act(
            lambda actor: lifecycle.start_campaign(resources.database(), created, actor=actor)
        ):
            chrome.notice("The campaign is created and was not started.")
        leave_if_created()


def what_is_missing(contacts: ContactList | None, caller: Caller | None, way: Way, *, is_seen: bool) -> str | None:
    """What keeps the campaign from being created, in a sentence."""
    if contacts is None:
        return "Upload a contact list first."
    if caller is None:
        return "Choose an assistant and a phone line first."
    if problem := way.name.problem or way.cap.problem:
        return problem
    if not way.name.value:
        return "Give the campaign a name first."
    return None if is_seen else "Look at who will be called, which has just changed, and press again."


def asked_for(contacts: ContactList, caller: Caller, way: Way) -> NewCampaign:
    """What the three steps say together."""
    return NewCampaign(
        name=way.name.value or "",
        assistant_id=str(caller.assistant.id),
        phone_number_id=caller.line.id,
        region=contacts.region,
        cap=way.cap.value,
        mode=way.mode,
        quiet_line=way.quiet_line,
        calling_hours=way.hours,
    )


def _store(contacts: ContactList, caller: Caller, way: Way, actor: access.Actor) -> None:
    created = new.create_campaign(
        resources.database(),
        resources.client(),
        settings(),
        asked_for(contacts, caller, way),
        contacts.content,
        actor=actor,
    )
    # at once: the next line of the page may be interrupted by a second click
    st.session_state["_created_campaign"] = str(created.campaign.id)
