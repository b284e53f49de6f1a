"""What every noun is read with."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    """What a SQL function answers; a column this release does not know is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)
