"""Deleting for good is for administrators: whoever else presses is refused, and nothing is done."""

from __future__ import annotations

from uuid import uuid4

import pytest

from autolynx import access
from autolynx.errors import Forbidden
from autolynx.models import User
from autolynx.ui.frame import acting, guard


@pytest.mark.parametrize(("role", "is_done"), [("viewer", False), ("manager", False), ("administrator", True)])
def test_it_deletes_for_administrators_alone(monkeypatch: pytest.MonkeyPatch, role: str, is_done: bool) -> None:
    visitor = User(id=uuid4(), email="eva@example.com", name="Eva", role=role)
    monkeypatch.setattr(guard, "asked_anew", lambda: visitor)
    done: list[str] = []

    if is_done:
        acting.carry_out(done.append, deletes=True)
    else:
        with pytest.raises(Forbidden):
            acting.carry_out(done.append, deletes=True)

    assert done == (["eva@example.com"] if is_done else [])
    assert access.may_delete(visitor) is is_done
