"""Answers about calls and the lines they are made on."""

from __future__ import annotations

from pydantic import BaseModel

from autolynx.api.answers import Pagination
from autolynx.models import Call, PhoneLine


class CallAnswer(BaseModel):
    """A call."""

    call: Call


class PhoneNumbersAnswer(BaseModel):
    """A page of the account's phone numbers."""

    phone_numbers: list[PhoneLine]
    pagination: Pagination
