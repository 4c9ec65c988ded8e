"""SMS addresses that a carrier or Twilio has shut: only the person's own START there opens them (Twilio's error 21610)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select, update

from bot.domain.conversation import SMS_SHUT, State
from bot.domain.message import Address, ChannelName, MessageState
from bot.storage.tables import address as address_table
from bot.storage.tables import insert, line, message, person, profile
from bot.storage.transaction import Transaction

OPTED_OUT: Final = "opted_out"
"""Why a message that waited for a shut address is given up."""

_IS_SHUT: Final = select(address_table.c.shut_by_carrier_at).where(address_table.c.address_hash == bindparam("a"))
_OPEN: Final = (
    update(address_table).where(address_table.c.address_hash == bindparam("a")).values(shut_by_carrier_at=None, opted_out_at=None)
)
_GIVE_UP: Final = (
    update(message)
    .where(message.c.address_hash == bindparam("a"), message.c.state == MessageState.QUEUED)
    .values(
        state=MessageState.FAILED,
        due_at=None,
        address_hash=None,
        sealed=None,
        error_code=OPTED_OUT,
        changed_at=bindparam("now"),
    )
)
_there = select(address_table.c.line_id).where(address_table.c.address_hash == bindparam("a")).scalar_subquery()
_sharing = select(profile.c.person_id).where(profile.c.line_id == _there)
_writing = select(line.c.person_id).where(line.c.id == _there)
_THOSE: Final = (
    select(person.c.id, person.c.state_sealed)
    .where(or_(person.c.id.in_(_sharing), person.c.id.in_(_writing)))
    .order_by(person.c.id)
    .with_for_update()
)
_LEAVE_WORD: Final = update(person).where(person.c.id == bindparam("p")).values(state_sealed=bindparam("state"))
_hers = or_(
    address_table.c.line_id.in_(select(line.c.id).where(line.c.person_id == bindparam("p"))),
    address_table.c.line_id.in_(select(profile.c.line_id).where(profile.c.person_id == bindparam("p"))),
)
_SMS_SHUT: Final = (
    select(address_table.c.address_hash)
    .where(_hers, address_table.c.channel == ChannelName.SMS.value, address_table.c.shut_by_carrier_at.is_not(None))
    .limit(1)
)


def shut_at(tx: Transaction, address: Address) -> datetime | None:
    """Since when the carrier keeps an address shut. Costs no query right after it was met."""
    where = tx.lookup.address(address)
    if where not in tx.shut_by_carrier:
        tx.shut_by_carrier[where] = tx.run(_IS_SHUT, {"a": where}).scalar()
    return tx.shut_by_carrier[where]


def shut(tx: Transaction, address: Address, when: datetime) -> None:
    """Record it once; what is queued there is given up, and those of the line are to be told elsewhere how to open it."""
    where = tx.lookup.address(address)
    if shut_at(tx, address) is not None:
        return
    row = {
        "address_hash": where,
        "channel": address.channel.value,
        "simulated": address.simulated,
        "opted_out_at": when,
        "shut_by_carrier_at": when,
    }
    tx.run(_shut(tx.dialect), row)
    tx.run(_GIVE_UP, {"a": where, "now": when})
    for one in tx.run(_THOSE, {"a": where}).all():
        state = State.from_json(json.loads(tx.vault.open(one.state_sealed)))
        told = json.dumps(replace(state, notice=SMS_SHUT).to_json(), separators=(",", ":"))
        tx.run(_LEAVE_WORD, {"p": one.id, "state": tx.vault.seal(told)})
    tx.opted_out[where] = tx.opted_out.get(where) or when
    tx.shut_by_carrier[where] = when


def reopen(tx: Transaction, address: Address) -> None:
    """She has asked the carrier itself for messages again, and with that us."""
    where = tx.lookup.address(address)
    tx.run(_OPEN, {"a": where})
    tx.opted_out[where] = tx.shut_by_carrier[where] = None


def sms_shut(tx: Transaction, person_id: str) -> bool:
    """Whether SMS is shut on a number that she comes by."""
    return tx.run(_SMS_SHUT, {"p": person_id}).first() is not None


@cache
def _shut(dialect: str) -> Any:
    statement = insert(dialect, address_table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["address_hash"],
        set_={
            "opted_out_at": func.coalesce(address_table.c.opted_out_at, new.opted_out_at),
            "shut_by_carrier_at": new.shut_by_carrier_at,
        },
    )
