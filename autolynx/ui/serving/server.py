"""Serve the desk: `python -m autolynx.ui.serving.server`, from any folder.

Streamlit's official ASGI entry, with our gate before it and our routes beside it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import pkgutil
import sys
import tomllib
from collections.abc import AsyncIterator
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from autolynx import ui
from autolynx.logs import configure_logs
from autolynx.settings import WrongSetting, settings
from autolynx.ui.frame import edge, navigation, resources
from autolynx.ui.serving import front_page, gate, listening, signing, streams


@contextlib.asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm what pages import, and keep it out of every later garbage collection.

    Streamlit collects after each run: with what is imported frozen, a rerun takes 11 ms of CPU instead of 90.
    """
    import pandas as pd
    import plotly.graph_objects as go

    for module in pkgutil.walk_packages(ui.__path__, "autolynx.ui."):
        importlib.import_module(module.name)
    go.Figure(go.Bar(x=[1], y=["warm"])).to_json()
    pd.DataFrame({"warm": ["up"]})
    _note_navigation()
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        resources.database().close()
        resources.client().close()


def _note_navigation() -> None:
    """From now on no file in `pages/` is run directly; `guard.py` tells why it would be."""
    talkative = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    level = talkative.level
    talkative.setLevel(logging.ERROR)  # it would warn that this is no page's run
    try:
        navigation.register("hidden")
    finally:
        talkative.setLevel(level)


app = st.App(
    navigation.ROOT / "app.py",
    lifespan=lifespan,
    routes=[*signing.ROUTES, *streams.ROUTES],
    middleware=[Middleware(gate.Gate), Middleware(front_page.FrontPage)],
    on_script_error=edge.show,
)


def streamlit_options() -> dict[str, Any]:
    """`.streamlit/config.toml` of this repository, wherever we are started, and what the settings say."""
    given = tomllib.loads((navigation.ROOT / ".streamlit" / "config.toml").read_text())
    own = settings()
    return _flat(given) | {
        "server.address": own.app_host,
        "server.port": own.app_port,
        "server.maxUploadSize": own.max_upload_mb,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
    }


def _flat(options: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in options.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def main() -> int:
    """Serve until SIGTERM or Ctrl-C."""
    try:
        options = streamlit_options()
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 2
    configure_logs(settings())
    listening.use_pages_protocol()
    app.run(config=options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
