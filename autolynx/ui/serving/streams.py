"""What is streamed past Streamlit: a campaign's results and a call's recording."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from autolynx.access import Actor, reader_of
from autolynx.analysis import exports
from autolynx.calls.recording import open_recording
from autolynx.campaigns.listing import get_campaign
from autolynx.errors import AutoLynxError
from autolynx.settings import settings
from autolynx.ui.frame import resources
from autolynx.ui.serving import gate

_STATUSES = {
    "not_found": 404,
    "invalid_input": 404,
    "provider_not_found": 404,
    "unavailable": 503,
    "forbidden": 403,
    "unauthorized": 401,
}
_PRIVATE = {"cache-control": "private, no-store"}


async def export(request: Request) -> Response:
    """A campaign's results as CSV, any size."""
    wanted = request.path_params["campaign_id"]
    try:
        exports.require_export(settings())
        reader = reader_of(gate.visitor(request.scope))
        campaign = await to_thread.run_sync(partial(get_campaign, actor=reader), resources.database(), wanted)
        lines = await to_thread.run_sync(partial(exports.export_csv, actor=reader), resources.database(), wanted)
    except AutoLynxError as error:
        return _refused(error)
    disposition = {"content-disposition": f'attachment; filename="{exports.export_file_name(campaign.name)}"'}
    return StreamingResponse(lines, media_type="text/csv", headers=disposition | _PRIVATE)


async def recording(request: Request) -> Response:
    """A call's recording, fetched from the provider as it plays: its own links are private or expire."""
    try:
        reader = reader_of(gate.visitor(request.scope))
        return await to_thread.run_sync(
            _recording, request.path_params["call_id"], request.headers.get("range"), reader
        )
    except AutoLynxError as error:
        return _refused(error)


def _recording(call_id: str, byte_range: str | None, reader: Actor) -> Response:
    stream = open_recording(resources.database(), resources.client(), call_id, actor=reader, byte_range=byte_range)
    known = {
        "accept-ranges": "bytes",
        "content-length": stream.content_length,
        "content-range": stream.content_range,
    }
    headers = {name: str(value) for name, value in known.items() if value is not None}
    return StreamingResponse(stream, stream.status_code, headers | _PRIVATE, stream.content_type)


def _refused(error: AutoLynxError) -> Response:
    return PlainTextResponse(error.message, _STATUSES.get(error.code, 502), _PRIVATE)


ROUTES = [
    Route("/export/{campaign_id}.csv", export, methods=["GET"]),
    Route("/recordings/{call_id}", recording, methods=["GET"]),
]
