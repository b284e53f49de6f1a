"""The pages' port: who keeps it waiting is cut off as at the webhook server's, and live connections last."""

from __future__ import annotations

from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from autolynx.http.listening import Protocol


class PagesProtocol(Protocol):
    """Reads nothing from a live connection before the application asks for it: not from who waits at the gate.

    Else a frame of 200 MB, the most that Streamlit takes, would be kept of anybody (uvicorn 0.54, read on from the
    head's end). Its protocol reads on by itself at the first `receive`.
    """

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, unread."""
        super().handle_websocket_upgrade()
        live = self.transport.get_protocol()
        if isinstance(live, WebSocketsSansIOProtocol) and not self.transport.is_closing():
            live.read_paused = True
            self.transport.pause_reading()


def use_pages_protocol() -> None:
    """Let the server that Streamlit is about to start in this process use it.

    Streamlit 1.67 (starlette_server.py, `_get_uvicorn_config_kwargs`) takes no option for it and passes no `http`, so
    uvicorn 0.54 looks up "auto" in this table.
    """
    HTTP_PROTOCOLS["auto"] = f"{PagesProtocol.__module__}:{PagesProtocol.__name__}"
