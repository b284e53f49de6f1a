"""The part of LiquidJS templates that prompts use: `{{ name }}`, `{{ customer.name }}`, `| default: "x"`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TAG = re.compile(r"\{\{-?\s*([\w.]+)\s*(?:\|\s*default:\s*(?:\"([^\"]*)\"|'([^']*)')\s*)?-?\}\}")


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """Return the template with its variables filled in; an unknown one becomes empty, as in Liquid."""

    def fill(tag: re.Match[str]) -> str:
        found = _looked_up(tag[1], values)
        if found is None or found == "":
            return tag[2] or tag[3] or ""
        return str(found)

    return _TAG.sub(fill, template)


def _looked_up(path: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
