"""`/phone-number` and `/v2/phone-number`: the organisation's lines, to read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .assistant_routes import moments
from .errors import bad_request, not_found
from .lines import LINES
from .requests import selected


async def listed(request: Request) -> JSONResponse:
    """Answer `GET /phone-number`, newest first."""
    return JSONResponse(selected(request, reversed(LINES.values()), moments))


async def paginated(request: Request) -> JSONResponse:
    """Answer `GET /v2/phone-number`, a page with metadata."""
    query = request.query_params
    try:
        page, limit = int(query.get("page", "1")), int(float(query.get("limit", "100")))
    except ValueError as error:
        raise bad_request(["page must be a number", "limit must be a number"]) from error
    search = query.get("search", "").lower()
    found = [line for line in LINES.values() if search in line["number"] or search in line["name"].lower()]
    found.sort(key=lambda line: str(line["createdAt"]), reverse=query.get("sortOrder", "DESC") == "DESC")
    first = (page - 1) * limit
    metadata = {"itemsPerPage": limit, "totalItems": len(found), "currentPage": page}
    return JSONResponse({"results": found[first : first + limit], "metadata": metadata})


async def read(request: Request) -> JSONResponse:
    """Answer `GET /phone-number/{id}`."""
    identifier = request.path_params["id"]
    if identifier not in LINES:
        raise not_found("Phone Number", identifier)
    return JSONResponse(LINES[identifier])


ROUTES = [
    Route("/phone-number", listed, methods=["GET"]),
    Route("/v2/phone-number", paginated, methods=["GET"]),
    Route("/phone-number/{id}", read, methods=["GET"]),
]
