"""The weekly table of who is on duty, and where each member of the team is alerted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any, Final

from sqlalchemy import Row, delete, select

from bot.domain.duty import MOST_SHIFTS, Shift
from bot.domain.message import Address, ChannelName
from bot.storage.help_tables import duty_shift, staff_contact
from bot.storage.staff_tables import staff_member
from bot.storage.tables import upsert
from bot.storage.transaction import Transaction

_SHIFTS: Final = (
    select(duty_shift)
    .join(staff_member, staff_member.c.id == duty_shift.c.member_id)
    .where(staff_member.c.disabled_at.is_(None))
    .order_by(duty_shift.c.weekday, duty_shift.c.begins, duty_shift.c.id)
)


class SqlRoster:
    """`bot.domain.duty.Roster` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def shifts(self, community_id: str | None = None) -> Sequence[Shift]:
        """The shifts of one community, or all, by day and hour; those of accounts that were disabled are left out."""
        wanted = _SHIFTS if community_id is None else _SHIFTS.where(duty_shift.c.community_id == community_id)
        return [_shift(row) for row in self._tx.run(wanted).all()]

    def add(self, shift: Shift) -> bool:
        """Add a shift; False where the same person has one there that overlaps, or there are too many."""
        there = self.shifts(shift.community_id)
        overlaps = any(
            (each.member_id, each.weekday) == (shift.member_id, shift.weekday)
            and each.begins < shift.ends
            and shift.begins < each.ends
            for each in there
        )
        if overlaps or len(there) >= MOST_SHIFTS:
            return False
        times = {"begins": f"{shift.begins:%H:%M}", "ends": f"{shift.ends:%H:%M}"}
        row = {"id": shift.id, "community_id": shift.community_id, "member_id": shift.member_id, "weekday": shift.weekday}
        self._tx.run(duty_shift.insert(), row | times)
        return True

    def drop(self, shift_id: str) -> Shift | None:
        """Take a shift away; gives it, None where there is none."""
        row = self._tx.run(select(duty_shift).where(duty_shift.c.id == shift_id)).first()
        self._tx.run(delete(duty_shift).where(duty_shift.c.id == shift_id))
        return None if row is None else _shift(row)

    def contact(self, member_id: str) -> Address | None:
        """Where a member of the team is alerted; None where she did not say, or her account was disabled."""
        found = (
            select(staff_contact)
            .join(staff_member, staff_member.c.id == staff_contact.c.member_id)
            .where(staff_contact.c.member_id == member_id, staff_member.c.disabled_at.is_(None))
        )
        row = self._tx.run(found).first()
        return None if row is None else Address(ChannelName(row.channel), self._tx.vault.open(row.sealed), row.simulated)

    def set_contact(self, member_id: str, address: Address | None) -> None:
        """Alert her there from now on; None: nowhere."""
        if address is None:
            self._tx.run(delete(staff_contact).where(staff_contact.c.member_id == member_id))
            return
        sealed = self._tx.vault.seal(address.value)
        row = {"member_id": member_id, "channel": address.channel.value, "simulated": address.simulated, "sealed": sealed}
        self._tx.run(upsert(self._tx.dialect, staff_contact), row)


def _shift(row: Row[Any]) -> Shift:
    times = (time.fromisoformat(row.begins), time.fromisoformat(row.ends))
    return Shift(row.id, row.community_id, row.member_id, row.weekday, *times)
