"""Pages that stand before the app and so cannot be part of it: signing in, and being shut out."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

from autolynx.errors import RETRY_AFTER_SECONDS
from autolynx.ui import ASSETS

_TEMPLATE = (ASSETS / "before.html").read_text().replace("{{icon}}", (ASSETS / "icon.svg").read_text())
_TITLES = {401: "Sign in", 403: "Not open to you yet", 429: "Sign in", 503: "AutoLynx is not ready"}


def form(
    next_path: str,
    *,
    email: str = "",
    refusal: str | None = None,
    status: int = 200,
    retry_after: int | None = None,
) -> HTMLResponse:
    """The sign-in form; what it leads to afterwards is `next_path`. `retry_after`: in so many seconds."""
    sentence = f'<p class="refusal" role="alert">{escape(refusal)}</p>' if refusal else ""
    page = _page(
        "Sign in",
        f"""<p class="lead">Your outbound calling desk.</p>{sentence}
        <form method="post" action="/sign-in">
          <input type="hidden" name="next" value="{escape(next_path)}">
          <label for="email">E-mail</label>
          <input id="email" name="email" type="email" autocomplete="username" required autofocus
                 value="{escape(email)}">
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required>
          <button type="submit">Sign in</button>
        </form>""",
        status,
    )
    if retry_after is not None:
        page.headers["Retry-After"] = str(retry_after)
    return page


def leaving() -> HTMLResponse:
    """Ask whether somebody wants to leave, who came here by a link."""
    return _page(
        "Sign out",
        """<p class="lead">Every open page of yours will be closed.</p>
        <form method="post" action="/sign-out"><button type="submit">Sign out</button></form>
        <p class="back"><a href="/">Back to the desk</a></p>""",
        200,
    )


def closed(sentence: str, status: int, *, title: str | None = None) -> HTMLResponse:
    """Say why there is nothing to see here. While something is away (503), the page tries again by itself."""
    parts = escape(sentence).split("`")
    text = "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
    again = '<p class="lead">This page tries again by itself.</p>' if status == 503 else ""
    response = _page(title or _TITLES[status], f"<p>{text}</p>{again}", status)
    if status == 503:
        response.headers["Refresh"] = response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(title: str, body: str, status: int) -> HTMLResponse:
    page = _TEMPLATE.replace("{{title}}", escape(title)).replace("{{body}}", body)
    return HTMLResponse(page, status, {"cache-control": "no-store"})
