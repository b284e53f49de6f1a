"""Answers to Vapi, and what it sends."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class MessageAnswer(BaseModel):
    """What became of a message; it comes after the commit and only then."""

    result: Literal["applied", "duplicate", "unmatched", "unused", "unreadable"]


class Message(BaseModel):
    """A message of Vapi: those of a type that is not used are counted, and nothing else of them is read."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="such as status-update or end-of-call-report")


class MessageBody(BaseModel):
    """The body of a server message."""

    message: Message
