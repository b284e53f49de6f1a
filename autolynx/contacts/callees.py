"""Who of a list will be called: not whom calling hours never reach, nor who is on the do-not-call list."""

from __future__ import annotations

from dataclasses import replace

from autolynx.access.actor import Actor, Right
from autolynx.contacts.reading import ContactImport, NewContact
from autolynx.database import Database
from autolynx.models import CallingHours
from autolynx.models.import_report import SkippedRow, counted_by_country


def who_is_called(
    database: Database, found: ContactImport, hours: CallingHours | None, *, actor: Actor
) -> ContactImport:
    """The same list without those whom these hours never reach, its countries counted without the do-not-call list.

    Who is on that list now stays a contact: the campaign shows that they were not called. Raises what `within_reach`
    does.
    """
    actor.require(Right.LOOK)
    found = within_reach(database, found, hours, actor=actor)
    known = database.call("find_do_not_call", phones=[contact.phone for contact in found.contacts])["phones"]
    if not known:
        return found
    called = counted_by_country(found.regions[one.phone] for one in found.contacts if one.phone not in set(known))
    report = found.report.model_copy(update={"countries": called, "do_not_call": len(known)})
    return replace(found, report=report)


def within_reach(
    database: Database, found: ContactImport, hours: CallingHours | None, *, actor: Actor
) -> ContactImport:
    """Skip, with the reason, everybody whom these hours cannot reach within a year; None: any time will do.

    Raises InvalidInput where the hours cannot be kept, Conflict while the database knows no time zones.
    """
    actor.require(Right.LOOK)
    if hours is None:
        return found
    never = _never_reached(database, found.contacts, hours)
    beyond = [contact for contact in found.contacts if contact.time_zones in never]
    skipped = [_skipped(contact, found, hours) for contact in beyond]
    lost = {row.row for row in skipped}
    within = [contact for contact in found.contacts if contact.time_zones not in never]
    report = found.report.model_copy(
        update={
            "accepted": len(within),
            "skipped": sorted([*found.report.skipped, *skipped], key=lambda each: each.row),
            "countries": counted_by_country(found.regions[contact.phone] for contact in within),
            "changes": [change for change in found.report.changes if change.row not in lost],
            "numbers": found.report.numbers | {str(found.rows[one.phone]): one.phone for one in beyond},
        }
    )
    return replace(found, contacts=within, report=report)


def _never_reached(database: Database, contacts: list[NewContact], hours: CallingHours) -> set[tuple[str, ...]]:
    """Sets of time zones: a list has few of them."""
    sets = sorted({contact.time_zones for contact in contacts})
    found = database.call("find_calling_times", calling_hours=hours.model_dump(by_alias=True), zone_sets=sets)
    return {zones for zones, at in zip(sets, found["times"], strict=True) if at is None}


def _skipped(contact: NewContact, found: ContactImport, hours: CallingHours) -> SkippedRow:
    reason = (
        f"The number may lie in {len(contact.time_zones)} time zones that share no time of {hours.from_} to "
        f"{hours.until} on the calling days: it would never be called."
    )
    shown = {"name": contact.name, "business_name": contact.business_name, "phone": contact.phone}
    return SkippedRow(row=found.rows[contact.phone], reason=reason, data=shown)
