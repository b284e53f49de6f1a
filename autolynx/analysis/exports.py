"""A campaign's results as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.errors import Forbidden
from autolynx.models.export_row import ExportRow
from autolynx.models.identifier import identifier
from autolynx.models.serialization import cell
from autolynx.settings import Settings

#: The first ten are a contract with other programs; what follows may grow.
EXPORT_COLUMNS = (
    "name",
    "business_name",
    "phone",
    "status",
    "ended_reason",
    "cost_usd",
    "duration_seconds",
    "recording_url",
    "success_evaluation",
    "transcript_summary",
    "outcome",
    "human_reached",
    "attempts",
    "started_at",
    "ended_at",
    "provider_call_id",
    "status_is_guess",
)
_ROWS_PER_CALL = 500
#: A spreadsheet runs a cell that begins like this as a formula; people's names reach us from outside.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FREE_TEXT = frozenset({"name", "business_name", "transcript_summary", "ended_reason"})


def require_export(settings: Settings) -> None:
    """Raise Forbidden where this installation offers no export."""
    if not settings.feature_export_functionality:
        raise Forbidden("The export is switched off on this server (FEATURE_EXPORT_FUNCTIONALITY).")


def export_file_name(campaign_name: str) -> str:
    """What a browser calls the file: safe on every system."""
    words = re.sub(r"[^a-z0-9]+", "-", campaign_name.lower()).strip("-")[:60]
    return f"{words or 'campaign'}.csv"


def export_csv(database: Database, campaign_id: str | UUID, *, actor: Actor) -> Iterator[str]:
    """A campaign's results as CSV lines, header first, a row a contact, in the order of the list.

    Reads 500 rows at a time, so that any size streams. Raises NotFound before the first line.
    """
    actor.require(Right.LOOK)
    wanted = identifier(campaign_id, "a campaign")
    rows = _export_page(database, wanted, 0)
    return _csv_lines(database, wanted, rows)


def _csv_lines(database: Database, campaign_id: str, rows: list[ExportRow]) -> Iterator[str]:
    yield _csv_line(EXPORT_COLUMNS)
    while rows:
        for row in rows:
            yield _csv_line([_cell(column, getattr(row, column)) for column in EXPORT_COLUMNS])
        if len(rows) < _ROWS_PER_CALL:
            return
        rows = _export_page(database, campaign_id, rows[-1].position)


def _export_page(database: Database, campaign_id: str, after: int) -> list[ExportRow]:
    found = database.call("export_contacts", campaign_id=campaign_id, after=after, limit=_ROWS_PER_CALL)
    return [ExportRow.model_validate(row) for row in found["rows"]]


def _cell(column: str, value: object) -> str:
    text = cell(value)
    if column in _FREE_TEXT and text.startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


def _csv_line(cells: tuple[str, ...] | list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
