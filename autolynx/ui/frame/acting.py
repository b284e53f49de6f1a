"""Every act of a page goes through here: who does it is asked at the moment it is done.

A page, and above all an open dialog, remembers whom it was drawn for. Meanwhile that account may have been switched
off, lowered or signed out, so what was remembered decides what is shown and never what is done.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from autolynx import access
from autolynx.errors import AutoLynxError, Forbidden, Unauthorized
from autolynx.ui.frame import edge, guard
from autolynx.ui.frame.formats import plain

#: What is to be done, given the name by which the audit log calls who does it.
Deed = Callable[[str], object]


def act(deed: Deed, *, moves: bool = False, deletes: bool = False) -> bool:
    """Do what a button asked for; True when it was done, else the refusal is on the page.

    `moves`: the button stands where everything is redrawn by itself; there the refusal stays a while at the edge, as
    does one of the account: it is no field's fault, beside which it would be looked for.
    `deletes`: for good, so that only an administrator may.
    """
    try:
        carry_out(deed, deletes=deletes)
    except Unauthorized as error:
        guard.show_out(error, add="Nothing was changed. ")
        return False
    except AutoLynxError as error:
        if moves or isinstance(error, Forbidden):
            st.toast(plain(error.message), icon=":material/error:", duration="long")
        else:
            edge.show(error)
        return False
    return True


def carry_out(deed: Deed, *, deletes: bool = False) -> None:
    """The same, for a callback, which runs before anything is drawn.

    Raises Unauthorized, Forbidden, or what the deed raises.
    """
    visitor = guard.asked_anew()
    (access.require_delete_right if deletes else access.require_change_right)(visitor)
    deed(access.actor(visitor))
