"""The pieces that pages share, and the server that serves them."""

from pathlib import Path

#: Logo, icon, style, and the page that stands before the first answer.
ASSETS = Path(__file__).with_name("assets")
