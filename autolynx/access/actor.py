"""Who acts, by which way, and the one statement of who may what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from autolynx.errors import Forbidden
from autolynx.models import Role, User


class Way(StrEnum):
    """By which way somebody came."""

    PAGE = "page"
    API_TOKEN = "API token"
    COMMAND = "command"
    SCHEDULER = "scheduler"


class Right(Enum):
    """What a service may ask for: the roles that hold it, and what anybody else is told."""

    LOOK = (
        (Role.VIEWER, Role.MANAGER, Role.ADMINISTRATOR),
        "Your account may not look at this; ask an administrator.",
    )
    CHANGE = (
        (Role.MANAGER, Role.ADMINISTRATOR),
        "Your account may look at everything and change nothing; ask an administrator.",
    )
    DELETE = ((Role.ADMINISTRATOR,), "Only an administrator may delete for good.")
    ADMINISTER = ((Role.ADMINISTRATOR,), "Only an administrator may do this.")

    def __init__(self, roles: tuple[Role, ...], refusal: str) -> None:
        self.roles = roles
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: made at the edge, and handed to every service that changes or reveals something.

    `name` is what the audit log and a campaign's reason call them.
    """

    name: str
    role: Role
    way: Way

    def may(self, right: Right) -> bool:
        """True for who holds the right. A role that nobody knows holds none."""
        return self.role in right.roles

    def require(self, right: Right) -> None:
        """Raise Forbidden for who does not hold the right: the first act of every service."""
        if not self.may(right):
            raise Forbidden(right.refusal)


def actor_of(visitor: User) -> Actor:
    """A page's visitor as who acts. Only as good as the moment at which the visitor was looked up."""
    return Actor(visitor.email or visitor.name, visitor.role, Way.PAGE)


def reader_of(visitor: User) -> Actor:
    """A page's visitor as who looks at it, and may do no more in any service: a page remembers whom it is drawn for."""
    return Actor(visitor.email or visitor.name, Role.VIEWER, Way.PAGE)


def may_change(visitor: User) -> bool:
    """Whether to offer a visitor what changes something; the service decides."""
    return actor_of(visitor).may(Right.CHANGE)


def may_delete(visitor: User) -> bool:
    """Whether to offer a visitor what deletes for good; the service decides."""
    return actor_of(visitor).may(Right.DELETE)
