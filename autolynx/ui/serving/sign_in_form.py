"""What somebody has typed on the sign-in page: read from anybody, so within bounds and without a file."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from autolynx.errors import RETRY_AFTER_SECONDS
from autolynx.http import bodies

_LARGEST = 8192  # bytes
_KIND = "application/x-www-form-urlencoded"
_NOT_OURS = "Sign in on AutoLynx's own page."
_NOT_HERE = "The form did not arrive."
_TOO_MUCH = "Too many forms arrive just now. Try again in a few seconds."
_forms = bodies.Unproven()


async def read(request: Request) -> dict[str, str]:
    """The fields by their names. Raises HTTPException for what cannot be our form, and for one that does not arrive."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise HTTPException(415, _NOT_OURS)
    body = await _body(request)
    return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))


async def _body(request: Request) -> bytes:
    """At most `_LARGEST` bytes, whatever the head says of their length."""
    try:
        if bodies.announced_bytes(request.scope["headers"]) > _LARGEST:
            raise bodies.BodyTooLarge
        return await _forms.read(request.receive, _LARGEST)
    except bodies.BadLength as error:
        raise HTTPException(400, bodies.BadLength.MESSAGE) from error
    except bodies.BodyTooLarge as error:
        raise HTTPException(413, _NOT_OURS) from error
    except (bodies.BodyTooSlow, bodies.SenderGone) as error:
        raise HTTPException(408, _NOT_HERE) from error
    except bodies.PutAside as error:
        raise HTTPException(503, _TOO_MUCH, {"retry-after": str(RETRY_AFTER_SECONDS)}) from error
