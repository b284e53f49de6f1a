"""How money, lengths, moments, statuses and outcomes read, everywhere alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from autolynx.models import (
    IN_DOUBT,
    AssistantSource,
    CallOutcome,
    CallStatus,
    CampaignMode,
    CampaignStatus,
    Contact,
    ContactState,
)
from autolynx.settings import settings

NOTHING = "—"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def shows_costs() -> bool:
    """Whether this installation shows what calls cost."""
    return settings().feature_cost_tracking


def money(usd: Decimal | None, *, places: int = 2) -> str:
    """`$0.05`; pass 4 places where a single call's cost is shown."""
    return NOTHING if usd is None else f"${usd:,.{places}f}"


def duration(seconds: Decimal | float | None) -> str:
    """`45s`, `1m 23s` or `2h 5m`."""
    if seconds is None:
        return NOTHING
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60}s"
    return f"{whole // 3600}h {whole % 3600 // 60}m"


def since(start: datetime, now: datetime) -> str:
    """How long ago, as a length."""
    return duration((now - start).total_seconds())


def ago(start: datetime, now: datetime) -> str:
    """`just now`, `5 minutes ago`, `2 hours ago` or `3 days ago`."""
    seconds = (now - start).total_seconds()
    if seconds < 60:
        return "just now"
    for unit, length in (("day", 86400), ("hour", 3600)):
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return f"{counted(int(seconds // 60), 'minute')} ago"


def moment(at: datetime | None, zone: tzinfo, now: datetime) -> str:
    """`today 14:03`, `yesterday 09:30`, `3 Mar 14:03` or `3 Mar 2025 14:03`, in the reader's zone."""
    if at is None:
        return NOTHING
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"today {local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday {local:%H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def clock(at: datetime, zone: tzinfo) -> str:
    """`14:03:22` in the reader's zone."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """`1 contact`, `1,200 contacts`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def plain(text: str) -> str:
    """Text from outside for a place that takes Markdown: shown as it is, never as a link or a formula."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is shown. The words carry the meaning; the colour repeats it."""

    label: str
    color: str
    icon: str


_CAMPAIGN = {
    CampaignStatus.CREATED: Look("Ready to start", "gray", ":material/flag:"),
    CampaignStatus.QUEUED: Look("Starting", "blue", ":material/hourglass_top:"),
    CampaignStatus.DIALING: Look("Dialing", "blue", ":material/phone_forwarded:"),
    CampaignStatus.RUNNING: Look("Running", "green", ":material/phone_in_talk:"),
    CampaignStatus.PAUSED: Look("Paused", "orange", ":material/pause_circle:"),
    CampaignStatus.COMPLETED: Look("Completed", "green", ":material/check_circle:"),
    CampaignStatus.CANCELED: Look("Stopped", "gray", ":material/stop_circle:"),
    CampaignStatus.FAILED: Look("Failed", "red", ":material/error:"),
}
_CALL = {
    "WAITING": Look("Waiting", "gray", ":material/schedule:"),
    CallStatus.QUEUED: Look("Dialing", "blue", ":material/phone_forwarded:"),
    CallStatus.RINGING: Look("Ringing", "orange", ":material/ring_volume:"),
    CallStatus.IN_PROGRESS: Look("Talking", "green", ":material/phone_in_talk:"),
    CallStatus.ENDED: Look("Ended", "gray", ":material/call_end:"),
    CallStatus.FAILED: Look("Failed", "red", ":material/phone_missed:"),
    CallStatus.CANCELED: Look("Canceled", "gray", ":material/phone_disabled:"),
    CallStatus.TIMEOUT: Look("Timed out", "orange", ":material/timer_off:"),
}
#: what a status alone would mislead about
_IN_DOUBT = Look("In doubt", "orange", ":material/help:")
_NOT_KNOWN = Look("Not known", "orange", ":material/question_mark:")
_NOT_CALLED = Look("Not called", "gray", ":material/do_not_disturb_on:")
_SOURCE = {
    AssistantSource.LOCAL: Look("Yours", "green", ":material/person:"),
    AssistantSource.IMPORTED: Look("Imported", "blue", ":material/cloud_download:"),
    AssistantSource.TEMPLATE: Look("Template", "violet", ":material/auto_awesome:"),
}
_OUTCOMES = {
    CallOutcome.CONVERSATION: "Conversation",
    CallOutcome.ASSISTANT_ENDED: "Assistant ended the call",
    CallOutcome.TRANSFERRED: "Transferred",
    CallOutcome.TRANSFER_FAILED: "Transfer failed",
    CallOutcome.LINE_ENDED: "Line closed the call",
    CallOutcome.VOICEMAIL: "Voicemail",
    CallOutcome.NO_ANSWER: "No answer",
    CallOutcome.BUSY: "Busy",
    CallOutcome.WRONG_NUMBER: "Wrong number",
    CallOutcome.NOT_CONNECTED: "Could not connect",
    CallOutcome.WENT_SILENT: "Went silent",
    CallOutcome.TIME_LIMIT: "Hit the time limit",
    CallOutcome.CANCELED: "Canceled",
    CallOutcome.TECHNICAL_FAULT: "Technical fault",
    CallOutcome.SETUP_PROBLEM: "Setup problem",
    CallOutcome.ACCOUNT_LIMIT: "Account limit",
    CallOutcome.LINE_LIMIT: "Phone line limit",
    CallOutcome.REFUSED: "Refused by Vapi",
    CallOutcome.NEVER_DIALED: "Never dialed",
    CallOutcome.LOST_TRACK: "Lost track of the call",
    CallOutcome.NOT_CALLED_STOPPED: "Not called: campaign stopped",
    CallOutcome.NOT_CALLED_DO_NOT_CALL: "Not called: on the do-not-call list",
    CallOutcome.NOT_CALLED_PROVIDER_SILENT: "Not called: Vapi gave no answer",
    CallOutcome.UNKNOWN: "Unknown",
}
MODES = {
    CampaignMode.CONTINUOUS: "Continuous",
    CampaignMode.BATCH: "Strict batches",
}


def campaign_look(status: CampaignStatus) -> Look:
    """How a campaign's status is shown."""
    return _CAMPAIGN[status]


def call_look(status: str, *, dial_state: str | None = None, is_guess: bool | None = False) -> Look:
    """How a call's status is shown, or a contact's that has no call.

    Whatever stands in the row, nobody knows of a call in doubt whether it is one; and a TIMEOUT that is our guess
    says that the provider lost it, not that it took too long.
    """
    if dial_state == IN_DOUBT:
        return _IN_DOUBT
    return _NOT_KNOWN if is_guess and status == CallStatus.TIMEOUT else _CALL[status]


def contact_look(contact: Contact) -> Look:
    """How far somebody on the list is. Who was settled without a call was not canceled: nobody called."""
    if contact.state is ContactState.SETTLED and contact.call_id is None:
        return _NOT_CALLED
    return call_look(contact.status, dial_state=contact.dial_state, is_guess=contact.status_is_guess)


def outcome_words(outcome: CallOutcome) -> str:
    """What a call came to, in a salesperson's words."""
    return _OUTCOMES[outcome]


def source_look(source: AssistantSource) -> Look:
    """How an assistant's origin is shown."""
    return _SOURCE[source]


def call_statuses() -> list[Look]:
    """Every look a contact's status can have."""
    return [*_CALL.values(), _IN_DOUBT, _NOT_KNOWN, _NOT_CALLED]
