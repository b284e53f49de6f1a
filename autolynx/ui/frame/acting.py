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

#: What is to be done, given who does it.
Deed = Callable[[access.Actor], object]


def act(deed: Deed, *, moves: bool = False) -> bool:
    """Do what a button asked for; True when it was done, else the refusal is on the page.

    `moves`: the button stands where everything is redrawn by itself; there the refusal stays a while at the edge, as
    does one of the account: it is no field's fault, beside which it would be looked for.
    """
    try:
        carry_out(deed)
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


def carry_out(deed: Deed) -> None:
    """The same, for a callback, which runs before anything is drawn.

    The service that the deed calls says which right it takes. Raises Unauthorized, Forbidden, or what the deed raises.
    """
    deed(access.actor_of(guard.asked_anew()))
