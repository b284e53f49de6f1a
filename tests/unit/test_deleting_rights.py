"""Deleting for good is for administrators: whoever else presses is refused, and nothing is done."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from autolynx import access
from autolynx.campaigns.deleting import delete_campaign
from autolynx.contacts.erasing import erase_person
from autolynx.errors import Forbidden
from autolynx.models import User
from autolynx.ui.frame import acting, guard


class Asked(Exception):
    """The database was asked."""


class Database:
    def call(self, function: str, **arguments: Any) -> Any:
        raise Asked(function, arguments["actor"])


DEEDS: dict[str, acting.Deed] = {
    "delete_campaign": lambda actor: delete_campaign(Database(), uuid4(), actor=actor),
    "erase_person": lambda actor: erase_person(Database(), "+14155550123", actor=actor),
}


@pytest.fixture(params=["viewer", "manager", "administrator"])
def visitor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> User:
    """Who is at a page that was drawn for an administrator."""
    now = User(id=uuid4(), email="eva@example.com", name="Eva", role=request.param)
    monkeypatch.setattr(guard, "asked_anew", lambda: now)
    monkeypatch.setattr(guard, "admitted", lambda: now.model_copy(update={"role": access.Role.ADMINISTRATOR}))
    return now


@pytest.mark.parametrize("name", DEEDS)
def test_it_deletes_for_administrators_alone(visitor: User, name: str) -> None:
    is_done = visitor.role is access.Role.ADMINISTRATOR

    with pytest.raises(Asked if is_done else Forbidden) as raised:
        acting.carry_out(DEEDS[name])

    refusal = ("Only an administrator may delete for good.",)
    assert raised.value.args == ((name, "eva@example.com") if is_done else refusal)
    assert access.may_delete(visitor) is is_done
