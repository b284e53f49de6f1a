"""The pages as files: what the conventions ask of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from rig.product import ROOT

PAGES = sorted((ROOT / "pages").glob("*.py"))
MODULES = sorted((ROOT / "autolynx" / "ui").rglob("*.py"))
WITH_KEY = {
    "button",
    "checkbox",
    "dataframe",
    "download_button",
    "file_uploader",
    "form_submit_button",
    "number_input",
    "pagination",
    "pills",
    "plotly_chart",
    "segmented_control",
    "selectbox",
    "slider",
    "text_area",
    "text_input",
    "toggle",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_it_begins_with_the_guard_when_it_is_a_page(page: Path) -> None:
    _docstring, first, second, *_ = ast.parse(page.read_text()).body
    assert ast.unparse(first) == "from autolynx.ui.frame import guard"
    assert ast.unparse(second) == "visitor = guard.require()"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_it_stays_short_when_it_is_a_page(page: Path) -> None:
    assert len(page.read_text().splitlines()) < 120


@pytest.mark.parametrize("module", [*PAGES, *MODULES], ids=lambda module: module.stem)
def test_it_names_every_widget_when_it_draws_one(module: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    drawn = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in WITH_KEY]
    assert [ast.unparse(call) for call in drawn if not any(k.arg == "key" for k in call.keywords)] == []
