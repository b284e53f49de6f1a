"""Why is it not dialing? - in the words of the scheduler's own rules."""

from __future__ import annotations

import streamlit as st

from autolynx.access import Actor
from autolynx.campaigns.explanations import explain_campaign, explain_contact
from autolynx.models import Campaign, Contact, Explanation, Reason
from autolynx.ui.frame import resources
from autolynx.ui.frame.formats import moment, outcome_words, plain

#: what a healthy campaign says of itself: no more than a caption's worth
_CALM = {"campaign_cap", "finishing", "batch", "held"}
#: said by the page already: the badge, the banner of the pause
_SAID_ALREADY = {"not_started", "paused", "over"}


def panel(campaign: Campaign, reader: Actor) -> None:
    """What keeps a live campaign from dialing now, or nothing."""
    if not campaign.status.is_live:
        if campaign.resume_at:
            at = moment(campaign.resume_at, resources.zone(), resources.now())
            st.caption(f":material/update: It goes on by itself {at}.")
        return
    explanation = explain_campaign(resources.database(), campaign.id, actor=reader)
    reasons = [reason for reason in explanation.reasons if reason.code not in _SAID_ALREADY]
    loud = [reason for reason in reasons if reason.code not in _CALM]
    calm = [reason for reason in reasons if reason.code in _CALM]
    if loud:
        lines = "\n".join(f"- {sentence(reason)}" for reason in loud)
        st.info(f"**Why it is not dialing**\n{lines}", icon=":material/help:")
    for reason in calm:
        st.caption(f":material/info: {sentence(reason)}")


def of_contact(contact: Contact, reader: Actor) -> str:
    """Why somebody has not been called, in one sentence."""
    explanation: Explanation = explain_contact(resources.database(), contact.id, actor=reader)
    if not explanation.reasons:
        return f"{contact.name} is called next."
    return f"{contact.name} is not being called. {words(explanation.reasons[0])}"


def words(reason: Reason) -> str:
    """A reason without its times; of a contact that is settled what its call came to."""
    return f"{outcome_words(reason.outcome)}." if reason.outcome else reason.text


def sentence(reason: Reason) -> str:
    """A reason with its times, in the reader's zone, safe for Markdown."""
    zone, now = resources.zone(), resources.now()
    told = plain(words(reason))
    if reason.since and reason.code != "held":
        told += f" Since {moment(reason.since, zone, now)}."
    if reason.until and reason.until > now:
        told += f" Until {moment(reason.until, zone, now)}."
    return told
