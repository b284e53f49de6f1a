"""`campaign …`: what a sales manager does in the browser, for scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from autolynx.analysis import exports
from autolynx.campaigns import lifecycle
from autolynx.campaigns.deleting import delete_campaign
from autolynx.campaigns.explanations import explain_campaign
from autolynx.campaigns.listing import get_campaign
from autolynx.campaigns.new import create_campaign
from autolynx.commands import new_campaign
from autolynx.commands.terminal import actor, add_json, client_of, database_of, print_json
from autolynx.errors import InvalidInput
from autolynx.models import Campaign
from autolynx.operations.provider import get_provider_health
from autolynx.settings import Settings

_CHANGES: dict[str, tuple[Callable[..., Campaign], str]] = {
    "start": (lifecycle.start_campaign, "dial"),
    "pause": (lifecycle.pause_campaign, "take no new calls"),
    "resume": (lifecycle.resume_campaign, "dial on after a pause"),
    "stop": (lifecycle.stop_campaign, "end a campaign for good"),
}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group."""
    group = commands.add_parser("campaign", help="create, start, pause, resume, stop, status, export, delete")
    verbs = group.add_subparsers(metavar="<verb>", required=True)
    _register_create(verbs)
    for verb, (_, what) in _CHANGES.items():
        change = _with_id(verbs.add_parser(verb, help=what), _change)
        change.set_defaults(verb=verb)
        add_json(change)
        if verb == "stop":
            change.add_argument("--hang-up", action="store_true", help="end the calls under way as well")
    add_json(_with_id(verbs.add_parser("status", help="show how far a campaign has come"), _status))
    delete = _with_id(verbs.add_parser("delete", help="delete a campaign that is over, with all its calls"), _delete)
    delete.add_argument("--confirm", required=True, metavar="NAME", help="the campaign's name: what is deleted is gone")
    add_json(delete)
    export = _with_id(verbs.add_parser("export", help="write the results as CSV"), _export)
    export.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")


def _register_create(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    create = verbs.add_parser("create", help="create a campaign from a CSV of contacts; prints its id")
    create.add_argument("file", type=Path, metavar="FILE", help="CSV with name, business name and phone")
    new_campaign.add_options(create)
    create.set_defaults(run=_create)
    add_json(create)


def _with_id(
    parser: argparse.ArgumentParser, run: Callable[[argparse.Namespace, Settings], None]
) -> argparse.ArgumentParser:
    parser.add_argument("id", metavar="ID")
    parser.set_defaults(run=run)
    return parser


def _create(options: argparse.Namespace, settings: Settings) -> None:
    content = _content(options.file)
    with database_of(settings) as database, client_of(settings) as client:
        created = create_campaign(
            database,
            client,
            settings,
            new_campaign.asked_for(options),
            content,
            actor=actor(),
        )
    report = created.import_report
    if options.json:
        print_json({"campaign": created.campaign, "import_report": report})
        return
    for sentence in report.sentences():
        print(sentence, file=sys.stderr)
    print(created.campaign.id)


def _change(options: argparse.Namespace, settings: Settings) -> None:
    change, _ = _CHANGES[options.verb]
    others = {"hang_up": True} if options.verb == "stop" and options.hang_up else {}
    with database_of(settings) as database:
        _show(change(database, options.id, actor=actor(), **others), options)


def _status(options: argparse.Namespace, settings: Settings) -> None:
    with database_of(settings) as database:
        campaign = get_campaign(database, options.id, actor=actor())
        explanation = explain_campaign(database, options.id, actor=actor())
        provider = get_provider_health(database, actor=actor())
    if options.json:
        print_json({**dict(campaign), "explanation": explanation, "provider": provider})
        return
    _show(campaign, options)
    for reason in explanation.reasons:
        is_ahead = reason.until is not None and reason.until > datetime.now(UTC)
        until = f" Until {reason.until:%Y-%m-%d %H:%M:%S} UTC." if is_ahead else ""
        print(f"- {reason.text}{until}")


def _delete(options: argparse.Namespace, settings: Settings) -> None:
    with database_of(settings) as database:
        erasure = delete_campaign(database, options.id, actor=actor(), confirmation=options.confirm)
    if options.json:
        print_json({"deleted": options.id, "erasure": erasure})
        return
    print(erasure.told)


def _export(options: argparse.Namespace, settings: Settings) -> None:
    exports.require_export(settings)
    with database_of(settings) as database:
        lines = exports.export_csv(database, options.id, actor=actor())
        if options.output is None:
            sys.stdout.reconfigure(newline="", encoding="utf-8")  # type: ignore[union-attr]
            sys.stdout.writelines(lines)
            return
        try:
            with options.output.open("w", newline="", encoding="utf-8") as file:
                file.writelines(lines)
        except OSError as error:
            raise InvalidInput(f"{options.output} cannot be written: {error.strerror}.") from error


def _show(campaign: Campaign, options: argparse.Namespace) -> None:
    if options.json:
        print_json(campaign)
        return
    progress = campaign.progress
    reason = f" ({campaign.status_reason})" if campaign.status_reason else ""
    print(f"{campaign.name}: {campaign.status}{reason}")
    in_doubt = f"{progress.in_doubt} in doubt, " if progress.in_doubt else ""
    awaited = f"{progress.awaiting_result} awaiting results, " if progress.awaiting_result else ""
    cost = "" if progress.cost_usd is None else f"; {progress.cost_usd} USD"
    print(
        f"{progress.settled} of {progress.total} contacts settled, {progress.on_line} on the line, {in_doubt}{awaited}"
        f"{progress.waiting} waiting; {progress.humans_reached} people reached{cost}"
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from error
