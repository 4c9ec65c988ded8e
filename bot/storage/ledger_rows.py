"""How one outbound message becomes a row of the ledger and comes out of it again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row

from bot.domain.message import Address, MessageState, OutboundMessage, Purpose, Reply
from bot.domain.person import Country
from bot.storage.tables import message
from bot.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What is sealed of a message."""

    to: Address
    reply: Reply
    purpose: Purpose = Purpose.REPLY
    country: Country | None = None
    awaited: bool = False
    patient: bool = False


_ENVELOPE: Final = TypeAdapter(_Envelope)
OPENED: Final = (
    message.c.seq,
    message.c.id,
    message.c.sealed,
    message.c.parts_sent,
    message.c.attempts,
    message.c.ephemeral,
    message.c.created_at,
    message.c.due_at,
    message.c.expires_at,
    message.c.announcement,
    message.c.broadcast_id,
)
"""The columns that `opened` wants, and the place in the queue."""


def sealed_row(tx: Transaction, new: OutboundMessage, person_id: str | None) -> dict[str, Any]:
    """The columns of a new message, as `NEW_MESSAGE` wants them."""
    return {
        "id": new.id,
        "owner": person_id,
        "state": new.state,
        "attempts": new.attempts,
        "parts_sent": new.parts_sent,
        "ephemeral": new.ephemeral,
        "simulated": new.to.simulated,
        "created_at": new.created_at,
        "changed_at": new.created_at,
        "due_at": new.not_before or new.created_at,
        "address_hash": tx.lookup.address(new.to),
        "error_code": "",
        "sealed": sealed_body(tx, new),
        "expires_at": new.expires_at,
        "announcement": (new.announcement or new.id) if new.counted else None,
    }


def sealed_body(tx: Transaction, new: OutboundMessage) -> str:
    """What it says and to whom, sealed."""
    envelope = _Envelope(new.to, new.reply, new.purpose, new.country, new.awaited, new.patient)
    return tx.vault.seal(_ENVELOPE.dump_json(envelope, exclude_defaults=True).decode())


def awaited(tx: Transaction, sealed: str) -> str:
    """The same body, of which it is known that she waits for it now."""
    envelope = replace(_ENVELOPE.validate_json(tx.vault.open(sealed)), awaited=True)
    return tx.vault.seal(_ENVELOPE.dump_json(envelope, exclude_defaults=True).decode())


def opened(tx: Transaction, row: Row[Any], state: MessageState, attempts: int) -> OutboundMessage:
    """The message in a row that still has its body."""
    envelope = _ENVELOPE.validate_json(tx.vault.open(row.sealed))
    return OutboundMessage(
        id=row.id,
        to=envelope.to,
        reply=envelope.reply,
        created_at=row.created_at,
        state=state,
        parts_sent=row.parts_sent,
        attempts=attempts,
        ephemeral=row.ephemeral,
        not_before=row.due_at if row.due_at != row.created_at else None,
        purpose=envelope.purpose,
        expires_at=row.expires_at,
        announcement=row.announcement or "",
        country=envelope.country,
        awaited=envelope.awaited,
        patient=envelope.patient,
        broadcast_id=row.broadcast_id or "",
    )
