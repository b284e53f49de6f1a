"""`/api/scheduler/tick`, `/api/health` and `/metrics`."""

from __future__ import annotations

import os
import socket

from fastapi import APIRouter
from starlette.responses import Response

from autolynx.api.answers import Answer
from autolynx.api.errors import ErrorAnswer
from autolynx.api.reading import BoundedRoute
from autolynx.api.services import Use
from autolynx.api.tokens import METRICS_PATH, ShowsCronSecret, ShowsMetricsToken
from autolynx.dialing.scheduler import dialing_client
from autolynx.dialing.signs_of_life import say_alive
from autolynx.dialing.switchboard import Switchboard
from autolynx.dialing.tick import tick as dial_and_mend
from autolynx.operations.metrics import CONTENT_TYPE

router = APIRouter(tags=["operations"], route_class=BoundedRoute)


@router.post(
    "/api/scheduler/tick",
    dependencies=[ShowsCronSecret],
    responses={"default": {"model": ErrorAnswer, "description": "What went wrong"}},
)
def tick(use: Use) -> Response:
    """Claim, dial and mend once, for hosts that only have cron. Safe beside other schedulers."""
    worker = f"tick:{socket.gethostname()}:{os.getpid()}"
    say_alive(use.database, use.settings, worker, every_seconds=use.settings.default_cron_cadence)
    client = dialing_client(use.settings)
    board = Switchboard(use.database, client, use.settings, worker=worker)
    try:
        report = dial_and_mend(board, wait_for_answers=True)
    finally:
        board.close()
        client.close()
    return Answer({"tick": report.as_json()})


@router.get("/api/health", responses={503: {"description": "The database cannot be used"}})
async def health(use: Use) -> Response:
    """Say whether the product works: 503 when the database cannot be used, 200 otherwise."""
    report = await use.health.report()
    return Answer(report, 200 if report["status"] == "healthy" else 503)


@router.get(METRICS_PATH, dependencies=[ShowsMetricsToken])
async def metrics(use: Use) -> Response:
    """Answer with the figures in Prometheus' text format."""
    return Response(use.metrics.text(await use.health.figures()), media_type=CONTENT_TYPE)
