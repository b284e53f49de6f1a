"""Passwords that cost next to nothing to check, here or in the pages' server, for tests of all else about signing in.

With those of the product a test of thirty refusals is ten seconds of argon2 and scrypt and little else.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from unittest import mock

from argon2 import PasswordHasher

from autolynx.access import passwords

#: The module that serves the pages so.
PAGES = "tests.support.cheap_passwords"


def cheaply() -> AbstractContextManager[object]:
    """Within it this process hashes at the least cost there is; what is done around that stays."""
    return mock.patch.multiple(
        passwords,
        _HASHER=PasswordHasher(memory_cost=8, time_cost=1, parallelism=1),
        _SCRYPT=(2, 1, 1),
        _NO_ARGON2=f"$argon2id$v=19$m=8,t=1,p=1${'A' * 22}${'A' * 43}",
        _NO_SCRYPT=f"scrypt$2$1$1${'A' * 22}==${'A' * 43}=",
    )


if __name__ == "__main__":
    from autolynx.ui.serving.server import main

    with cheaply():
        sys.exit(main())
