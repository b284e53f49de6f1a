"""`/docs`: every route with its fields, to read and to try.

People paste their token into this page, so that all of it comes from this installation, and nothing else may run on it.
Swagger UI is taken from the files of the package fastapi-standalone-docs, none of whose code is used.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

router = APIRouter(include_in_schema=False)

_SWAGGER = Path(str(files("fastapi_standalone_docs"))) / "static" / "swagger"
_OURS = Path(__file__).with_name("assets")
_FILES = {
    "swagger-ui-bundle.js": (_SWAGGER, "text/javascript"),
    "swagger-ui.css": (_SWAGGER, "text/css"),
    "docs.js": (_OURS, "text/javascript"),
    "docs.css": (_OURS, "text/css"),
    "icon.svg": (_OURS.parents[1] / "ui" / "assets", "image/svg+xml"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@router.get("/docs")
async def docs() -> FileResponse:
    """Show the page."""
    return FileResponse(_OURS / "docs.html", media_type="text/html", headers=_HEADERS)


@router.get("/docs/{name}")
async def docs_file(name: str) -> FileResponse:
    """Send one of the files that the page is made of."""
    if name not in _FILES:
        raise HTTPException(404)
    folder, media_type = _FILES[name]
    return FileResponse(folder / name, media_type=media_type, headers=_HEADERS)
