"""A process that behaves as https://api.vapi.ai does, as far as we use it; see README.md beside this file.

It shares no code with our client, so that the two cannot share a mistake.
"""

from .server import create_app, run
from .store import StoreLocked

__all__ = ["StoreLocked", "create_app", "run"]
