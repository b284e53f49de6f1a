"""Who acts where nothing but the act matters."""

from __future__ import annotations

from autolynx.access import Actor, Role, Way

EVA = Actor("Eva", Role.ADMINISTRATOR, Way.PAGE)
TESTER = Actor("test", Role.ADMINISTRATOR, Way.COMMAND)
