"""`/api/scheduler/tick`, `/api/health` and `/metrics`."""

from __future__ import annotations

import os
import socket

from fastapi import APIRouter
from starlette.responses import Response

from autolynx.api.answers import Answer, text_content
from autolynx.api.answers.operations import HealthAnswer, TickAnswer
from autolynx.api.reading import BoundedRoute
from autolynx.api.routing import ERRORS
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
    response_model=TickAnswer,
    dependencies=[ShowsCronSecret],
    responses=ERRORS,
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
    return Answer(TickAnswer.model_validate({"tick": report.as_json()}))


@router.get(
    "/api/health",
    response_model=HealthAnswer,
    responses={
        503: {"model": HealthAnswer, "description": "The database cannot be used"},
        **ERRORS,
    },
)
async def health(use: Use) -> Response:
    """Say whether the product works: 503 when the database cannot be used, 200 otherwise."""
    report = await use.health.report()
    return Answer(HealthAnswer.model_validate(report), 200 if report["status"] == "healthy" else 503)


@router.get(
    METRICS_PATH,
    dependencies=[ShowsMetricsToken],
    response_class=Response,
    responses={
        200: text_content("text/plain", "The figures, a line each"),
        **ERRORS,
    },
)
async def metrics(use: Use) -> Response:
    """Answer with the figures in Prometheus' text format."""
    return Response(use.metrics.text(await use.health.figures()), media_type=CONTENT_TYPE)
