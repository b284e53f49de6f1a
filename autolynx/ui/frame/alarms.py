"""What somebody should look at, above every page: the newest alarm, and the others behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from autolynx import access
from autolynx.errors import AutoLynxError
from autolynx.models import Alarm, User
from autolynx.operations import alarms as kept_alarms
from autolynx.operations.alarms import list_alarms
from autolynx.ui.frame import acting, edge, live, resources
from autolynx.ui.frame.formats import ago, plain

_LOOKS_EVERY_SECONDS = 10.0  # on idle pages, too; all visitors share the answer
_FRESH_SECONDS = 5
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Group:
    """Alarms that say the same, of one call each in one campaign."""

    newest: Alarm
    alarms: list[Alarm]

    @property
    def needs_somebody(self) -> bool:
        """False where it is over when its cause is."""
        return self.newest.id is not None

    @property
    def told(self) -> str:
        """What they say, and of whom."""
        others = len(self.alarms) - 1
        newest = self.newest
        if not others or newest.contact_name is None:
            return newest.told
        return newest.model_copy(update={"contact_name": f"{newest.contact_name} and {others:,} more"}).told


def draw() -> None:
    """Show what is open, now and from time to time."""
    live.redrawn(_draw, every_seconds=_LOOKS_EVERY_SECONDS)


def grouped(alarms: list[Alarm]) -> list[Group]:
    """Those first that somebody must look at, then the newest; what says the same is one."""
    alike: dict[tuple[str, str, str | None], list[Alarm]] = {}
    for alarm in sorted(alarms, key=lambda alarm: alarm.created_at, reverse=True):
        alike.setdefault((alarm.code, alarm.text, alarm.campaign_name), []).append(alarm)
    groups = [Group(found[0], found) for found in alike.values()]
    return sorted(groups, key=lambda group: not group.needs_somebody)


@st.cache_data(ttl=_FRESH_SECONDS, show_spinner=False)
def _open(_reader: access.Actor) -> list[Alarm]:
    return list_alarms(resources.database(), actor=_reader)


def _draw(visitor: User) -> None:
    if error := st.session_state.pop("_alarm_not_cleared", None):
        edge.show(error)
    groups = grouped(_open(access.reader_of(visitor)))
    if not groups:
        return
    with st.container(key="alarms", gap="small"):
        _alarm(groups[0], visitor)
        if others := groups[1:]:
            with st.expander(f"and {len(others)} more", key="more_alarms", icon=":material/notifications:"):
                for group in others[:_MOST_SHOWN]:
                    _alarm(group, visitor)
                if len(others) > _MOST_SHOWN:
                    st.caption(f"{len(others) - _MOST_SHOWN} older ones are shown when these have been seen.")


def _alarm(group: Group, visitor: User) -> None:
    alarm = group.newest
    told = f"**{_when(group)}** · {plain(group.told)}"
    with st.container(
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        gap="small",
        key=f"alarm_{alarm.id or alarm.code}",
    ):
        if group.needs_somebody:
            st.error(told, icon=":material/notification_important:")
        else:
            st.warning(told, icon=":material/notifications:")
        if group.needs_somebody and access.may_change(visitor):
            st.button("Seen", key=f"seen_{alarm.id}", on_click=partial(_clear, group.alarms), icon=":material/check:")


def _when(group: Group) -> str:
    told, count = ago(group.newest.created_at, resources.now()), len(group.alarms)
    return told.capitalize() if count == 1 else f"{count:,} times, last {told}"


def _clear(alarms: list[Alarm]) -> None:
    """Before the next drawing, which says so where it did not work."""
    try:
        acting.carry_out(lambda actor: _mark_seen(alarms, actor))
    except AutoLynxError as error:
        st.session_state["_alarm_not_cleared"] = error
    _open.clear()


def _mark_seen(alarms: list[Alarm], actor: access.Actor) -> None:
    for alarm in alarms:
        if alarm.id is not None:
            kept_alarms.clear_alarm(resources.database(), alarm.id, actor=actor)
