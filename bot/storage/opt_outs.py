"""Addresses that said BAJA, and those that a carrier has shut."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, select, update

from bot.domain.message import Address, ChannelName
from bot.storage import carrier
from bot.storage.tables import address as address_table
from bot.storage.tables import insert
from bot.storage.transaction import Transaction

_OPTED_OUT: Final = select(address_table.c.opted_out_at).where(address_table.c.address_hash == bindparam("a"))
_SHUT_LINE: Final = (
    update(address_table)
    .where(
        address_table.c.channel == bindparam("c"),
        address_table.c.line_id
        == select(address_table.c.line_id).where(address_table.c.address_hash == bindparam("a")).scalar_subquery(),
    )
    .values(opted_out_at=bindparam("when"))
)


class OptOuts:
    """The part of `bot.domain.store.People` that is about who is not to be written to."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def opted_out(self, address: Address) -> bool:
        """Whether this address said BAJA. Costs no query right after `meet`."""
        return self.opted_out_at(address) is not None

    def opted_out_at(self, address: Address) -> datetime | None:
        """When this address said BAJA; None where it did not, or came back since."""
        where = self._tx.lookup.address(address)
        if where not in self._tx.opted_out:
            self._tx.opted_out[where] = self._tx.run(_OPTED_OUT, {"a": where}).scalar()
        return self._tx.opted_out[where]

    def set_opted_out(self, address: Address, when: datetime | None) -> None:
        """Record or lift an opt-out of one address, known or not; lifting is None."""
        where = self._tx.lookup.address(address)
        row = {
            "address_hash": where,
            "channel": address.channel.value,
            "simulated": address.simulated,
            "opted_out_at": when,
        }
        self._tx.run(_opt_out(self._tx.dialect), row)
        if address.channel is ChannelName.WHATSAPP:
            # A number and its business-scoped id are one account: who left by one is not written to by the other.
            self._tx.run(_SHUT_LINE, {"a": where, "c": address.channel.value, "when": when})
        self._tx.opted_out[where] = when

    def shut_by_carrier(self, address: Address) -> bool:
        """Whether the carrier holds an opt-out of this address. Costs no query right after `meet`."""
        return carrier.shut_at(self._tx, address) is not None

    def set_shut_by_carrier(self, address: Address, when: datetime | None) -> None:
        """Record or lift an opt-out that the carrier holds: it is one here too, and those of the line are to be told."""
        if when is None:
            carrier.reopen(self._tx, address)
        else:
            carrier.shut(self._tx, address, when)

    def sms_shut(self, person_id: str) -> bool:
        """Whether a carrier keeps SMS shut on a number that she comes by."""
        return carrier.sms_shut(self._tx, person_id)


@cache
def _opt_out(dialect: str) -> Any:
    statement = insert(dialect, address_table)
    return statement.on_conflict_do_update(
        index_elements=["address_hash"], set_={"opted_out_at": statement.excluded.opted_out_at}
    )
