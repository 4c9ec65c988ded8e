"""Those who agreed to be compared from round to round: their answers under a key of their own, for a year at most.

What is told of them is a table of change, before by after; it is made when the later round closes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from bot.domain.poll import PANEL_LASTS, PanelConsent
from bot.storage.rounds import Ballot, RoundKey
from bot.storage.tables import ballot, panel_answer, panel_consent, participation, poll_change, poll_round, upsert
from bot.storage.transaction import Transaction

_KEY: Final = "panel:"
TOGETHER: Final = "+"
"""What stands between several options of one answer in a table of change."""


def key_name(poll_id: str) -> str:
    """The name of the key of a poll's panel."""
    return _KEY + poll_id


def is_key(name: str) -> bool:
    """Whether a key is a panel's."""
    return name.startswith(_KEY)


def over(tx: Transaction, name: str, now: datetime) -> bool:
    """Whether nothing needs a panel's key any more; what it would open and is a year old is deleted."""
    poll_id = name.removeprefix(_KEY)
    of_poll = select(poll_round.c.id).where(poll_round.c.poll_id == poll_id, poll_round.c.panel.is_(True))
    kept = (
        select(func.min(poll_round.c.opens_at))
        .join(panel_answer, panel_answer.c.round_id == poll_round.c.id)
        .where(poll_round.c.poll_id == poll_id)
    )
    first = tx.run(kept).scalar()
    if first is not None:
        if now - first < PANEL_LASTS:
            return False
        tx.run(delete(panel_answer).where(panel_answer.c.round_id.in_(of_poll)))
        return True
    return tx.run(of_poll.where(poll_round.c.closed_at.is_(None)).limit(1)).first() is None


def close(tx: Transaction, row: Row[Any]) -> None:
    """Keep what those who agreed have answered in this round, and count how they moved since the rounds before it."""
    key = tx.round_keys.get(row.id)
    if key is None:
        return
    name = key_name(row.poll_id)
    tx.round_keys.make(name)  # the year of the one before may be over
    panel_key = tx.round_keys.get(name)
    if panel_key is None:
        return
    people = tx.run(select(participation.c.person_id).where(participation.c.round_id == row.id)).scalars().all()
    agreed = [hers for hers in (_hers(tx, row.id, key, panel_key, person_id) for person_id in people) if hers]
    if agreed:
        tx.run(panel_answer.insert(), sorted(agreed, key=lambda hers: hers["link_hash"]))
    now = _answers(tx, row.id, panel_key)
    earlier = select(poll_round.c.id).where(
        poll_round.c.poll_id == row.poll_id, poll_round.c.panel.is_(True), poll_round.c.closed_at.is_not(None)
    )
    for before_id in tx.run(earlier.order_by(poll_round.c.id)).scalars().all():
        before = _answers(tx, before_id, panel_key)
        moved = Counter((before[link], now[link]) for link in before.keys() & now.keys())
        rows = [{"round_a": before_id, "round_b": row.id, "before": b, "after": a, "n": n} for (b, a), n in moved.items()]
        if rows:
            tx.run(poll_change.insert(), rows)


def consent(tx: Transaction, person_id: str, given: PanelConsent) -> None:
    """Keep the proof; after a no nothing of hers is left to compare."""
    row = {
        "person_id": person_id,
        "agreed": given.agreed,
        "text_version": given.text_version,
        "given_at": given.given_at,
        "channel": given.channel,
        "message_ref_sealed": tx.vault.seal(given.message_ref),
    }
    tx.run(upsert(tx.dialect, panel_consent), row)
    if not given.agreed:
        forget(tx, person_id)


def forget(tx: Transaction, person_id: str) -> None:
    """Delete what a person answered as one of a panel."""
    for key in _keys(tx):
        tx.run(delete(panel_answer).where(panel_answer.c.link_hash == key.link(person_id)))


def pass_on(tx: Transaction, gone: str, keep: str) -> None:
    """Two persons are one: what she who stays has answered herself goes first."""
    for key in _keys(tx):
        old, new = key.link(gone), key.link(keep)
        hers = set(tx.run(select(panel_answer.c.round_id).where(panel_answer.c.link_hash == new)).scalars())
        for row in tx.run(select(panel_answer).where(panel_answer.c.link_hash == old)).all():
            tx.run(delete(panel_answer).where(panel_answer.c.round_id == row.round_id, panel_answer.c.link_hash == old))
            if row.round_id not in hers:
                locked = key.lock(new, key.unlock(old, row.locked))
                tx.run(panel_answer.insert(), {"round_id": row.round_id, "link_hash": new, "locked": locked})
    mine = select(panel_consent.c.person_id).where(panel_consent.c.person_id == keep)
    if tx.run(mine).first() is None:
        tx.run(update(panel_consent).where(panel_consent.c.person_id == gone).values(person_id=keep))


def _keys(tx: Transaction) -> Sequence[RoundKey]:
    polls = select(poll_round.c.poll_id).where(poll_round.c.panel.is_(True)).distinct()
    found = (tx.round_keys.get(key_name(poll_id)) for poll_id in tx.run(polls).scalars().all())
    return [key for key in found if key is not None]


def _hers(tx: Transaction, round_id: str, key: RoundKey, panel_key: RoundKey, person_id: str) -> dict[str, str] | None:
    link = key.link(person_id)
    locked = tx.run(select(ballot.c.locked).where(ballot.c.round_id == round_id, ballot.c.link_hash == link)).scalar()
    cast = key.unlock(link, locked) if locked else None
    if cast is None or not cast.counts or not cast.panel:
        return None
    known = panel_key.link(person_id)
    return {"round_id": round_id, "link_hash": known, "locked": panel_key.lock(known, Ballot(cast.options, cast.day))}


def _answers(tx: Transaction, round_id: str, key: RoundKey) -> dict[str, str]:
    rows = tx.run(select(panel_answer).where(panel_answer.c.round_id == round_id)).all()
    return {row.link_hash: TOGETHER.join(sorted(key.unlock(row.link_hash, row.locked).options)) for row in rows}
