"""What every fork finds imported; the process that they are forks of imports this module first.

The pages' own modules are only tried and then forgotten: what Streamlit notes of them, it shall note in the program.
"""

from __future__ import annotations

import gc
import logging
import pkgutil
import sys
from importlib import import_module
from types import ModuleType

import pandas as pd
import plotly.graph_objects as go

from autolynx import commands, simulator, ui
from autolynx.http.certificates import trusted_certificates

_PROGRAMS = ("webhook_server", "scheduler", "autolynx.simulator.__main__", "streamlit.__main__")


def _import_all(package: ModuleType) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)


def _forget(name: str) -> None:
    for module in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[module]


logging.disable(logging.WARNING)  # Streamlit would warn that no server runs here
for program in _PROGRAMS:
    import_module(program)
for package in (commands, simulator, ui):
    _import_all(package)
trusted_certificates()
go.Figure(go.Bar(x=[1], y=["warm"])).to_json()
pd.DataFrame({"warm": ["up"]})
logging.disable(logging.NOTSET)
for name in ("autolynx.ui", *_PROGRAMS):
    _forget(name)
gc.collect()
gc.freeze()  # a collection in a fork would write into all of it, and each page that is written to is copied
