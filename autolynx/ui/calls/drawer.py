"""One call in a drawer: what was said, what it came to, what happened when."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from autolynx import access
from autolynx.calls import hanging_up
from autolynx.calls.reading import get_call
from autolynx.models import IN_DOUBT, Call, User
from autolynx.ui.calls import doubt
from autolynx.ui.frame import acting, edge, live, resources
from autolynx.ui.frame.formats import (
    NOTHING,
    call_look,
    clock,
    duration,
    moment,
    money,
    outcome_words,
    plain,
    shows_costs,
)

_EVENTS = {
    "status-update": "Status",
    "end-of-call-report": "Report",
    "reconcile": "Asked Vapi",
}
_SPEAKERS = {"assistant": ":material/support_agent:", "user": ":material/person:"}
_EVALUATION = {True: "Yes", False: "No", None: NOTHING}


def show_chosen(reader: access.Actor) -> None:
    """Open the drawer if the address names a call."""
    if call_id := st.query_params.get("call"):
        with edge.sentences():
            call = get_call(resources.database(), call_id, actor=reader)
            _open(call)


def _close() -> None:
    st.query_params.pop("call", None)
    st.session_state["_drawers_closed"] = st.session_state.get("_drawers_closed", 0) + 1


def _open(call: Call) -> None:
    """The drawer's title is the person; what is in it moves until the report is there."""

    @st.dialog(plain(call.contact.name), width="medium", position="right", icon=":material/call:", on_dismiss=_close)
    def drawer() -> None:
        live.redrawn(lambda visitor: _draw(str(call.id), visitor), every_seconds=None if call.report_at else 2.0)

    drawer()


def _draw(call_id: str, visitor: User) -> None:
    call = get_call(resources.database(), call_id, actor=access.reader_of(visitor))
    _heading(call)
    _hang_up(call, visitor)
    _figures(call)
    _recording(call)
    _conversation(call)
    _timeline(call)


def _heading(call: Call) -> None:
    look = call_look(call.status, dial_state=call.dial_state, is_guess=call.status_is_guess)
    st.caption(f"{plain(call.contact.business_name)} · {plain(call.contact.phone)}")
    with st.container(horizontal=True, gap="small"):
        st.badge(look.label, icon=look.icon, color=look.color)  # type: ignore[arg-type]
        if call.outcome and call.dial_state != IN_DOUBT:
            st.badge(plain(outcome_words(call.outcome)), icon=":material/flag:", color="gray")
        if call.success_evaluation is not None:
            is_good = call.success_evaluation
            st.badge("Success" if is_good else "No success", color="green" if is_good else "gray")
    if remark := doubt.of_call(call, resources.zone(), resources.now()):
        tell = st.info if doubt.is_known(call) else st.warning
        tell(plain(remark), icon=look.icon)


def _hang_up(call: Call, visitor: User) -> None:
    if not call.status.is_active:
        return
    if call.hang_up_by:
        when = ", as soon as it is found" if call.dial_state == IN_DOUBT else ""
        st.caption(f":material/call_end: Being hung up{when}, asked for by {plain(call.hang_up_by)}.")
    elif access.may_change(visitor) and st.button("Hang up", key="hang_up_call", icon=":material/call_end:"):
        acting.act(lambda actor: hanging_up.hang_up_call(resources.database(), call.id, actor=actor), moves=True)


def _figures(call: Call) -> None:
    length = duration(call.duration_seconds) if call.started_at else NOTHING
    with st.grid(3, min_column_width=110):
        st.metric("Length", length, border=True)
        if shows_costs():
            st.metric("Cost", plain(money(call.cost_usd, places=4)), border=True)
        st.metric("Success", _EVALUATION[call.success_evaluation], border=True)
    zone, now = resources.zone(), resources.now()
    told = [f"Attempt {call.attempt}", f"dialed {moment(call.dialed_at, zone, now)}"]
    if call.ended_at and doubt.is_known(call):
        told.append(f"ended {moment(call.ended_at, zone, now)}")
    st.caption(" · ".join(told))
    if call.ended_reason and call.provider_call_id and not call.ended_reason.startswith("autolynx-"):
        st.caption(f"Ended reason, as Vapi says it: `{call.ended_reason.replace('`', '')}`")


def _recording(call: Call) -> None:
    st.markdown("#### Recording")
    if call.recording_url:
        st.audio(f"{_origin()}/recordings/{call.id}", alt=f"Recording of the call with {call.contact.name}")
    elif call.report_at is None:
        st.caption("It comes with the report, when the call is over.")
    elif doubt.is_known(call):
        st.caption("There is no recording of this call.")
    else:
        st.caption("Not known.")


def _origin() -> str:
    """Where the browser is: a player takes whole addresses only."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}"


def _conversation(call: Call) -> None:
    transcript = call.transcript_json or {}
    if summary := transcript.get("summary"):
        st.markdown("#### Summary")
        st.text(summary)
    st.markdown("#### Conversation")
    turns = [turn for turn in transcript.get("messages") or [] if turn.get("role") in _SPEAKERS]
    if turns:
        for turn in turns:
            _turn(turn)
    elif text := transcript.get("text"):
        st.text(text)
    elif call.report_at is None:
        st.caption("It comes with the report, when the call is over.")
    elif doubt.is_known(call):
        st.caption("Nothing was said.")
    else:
        st.caption("Not known.")


def _turn(turn: dict[str, Any]) -> None:
    with st.chat_message(turn["role"], avatar=_SPEAKERS[turn["role"]]):
        st.text(turn["message"])
        at = turn.get("seconds_from_start")
        if at is not None:
            st.caption(f"{int(at) // 60}:{int(at) % 60:02}")


def _timeline(call: Call) -> None:
    with st.expander("Timeline", icon=":material/timeline:", key="timeline"):
        if not call.events:
            st.caption(f"Vapi has not reported anything{'' if call.report_at else ' yet'}.")
        zone = resources.zone()
        for event in call.events:
            reason = f" · `{event.ended_reason.replace('`', '')}`" if event.ended_reason else ""
            kind = _EVENTS.get(event.type, plain(event.type))
            st.markdown(f"`{clock(event.created_at, zone)}` {kind}: **{call_look(event.status).label}**{reason}")
        st.caption(f"Vapi's call id: `{call.provider_call_id or NOTHING}`")
