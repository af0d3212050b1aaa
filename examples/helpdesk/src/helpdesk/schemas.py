"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["open", "waiting", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]


class TicketDraft(BaseModel):
    """A ticket that does not exist yet."""

    customer_id: int
    subject: str = Field(min_length=3, max_length=200)
    body: str = Field(max_length=20_000)


class TicketView(BaseModel):
    """A ticket as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    customer_id: int
    subject: str
    body: str
    status: Status
    priority: Priority
    created_at: datetime


class StatusChange(BaseModel):
    """The new status of a ticket."""

    status: Status


class TicketIds(BaseModel):
    """Several tickets."""

    ids: list[int]


class Question(BaseModel):
    """What a person asks the assistant."""

    text: str = Field(min_length=1, max_length=4_000)


class Translation(BaseModel):
    """A text, and the language that it should be in."""

    text: str = Field(min_length=1, max_length=4_000)
    language: str = Field(pattern="^[a-z]{2}$")


class Refund(BaseModel):
    """Money that goes back to a customer."""

    customer_id: int
    cents: int = Field(gt=0, le=100_000)


class Upload(BaseModel):
    """An attachment, its content in base64."""

    name: str = Field(max_length=200)
    content: str = Field(max_length=1_000_000)


class ExportOrder(BaseModel):
    """An export that somebody wants."""

    format: Literal["csv", "xlsx"] = "csv"
