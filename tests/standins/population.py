"""People for broadcasts, written straight into the tables: many of them, in no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.message import Address, ChannelName
from bot.domain.person import Person, Role, Sex
from bot.storage.about import sealed_about
from bot.storage.tables import address, community, consent, line, person

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def settle_in(uow: Any, people: list[dict[str, Any]]) -> list[str]:
    """One person for each, by the facts that differ from those of a woman of Tarazá with an SMS number who reads; their ids."""
    tx = uow.people._tx
    ids = [facts.get("id", f"{number:032x}") for number, facts in enumerate(people, 1)]
    rows: dict[Any, list[dict[str, Any]]] = {person: [], line: [], address: [], consent: []}
    state = tx.vault.seal("{}")
    for number, (one, facts) in enumerate(zip(ids, people, strict=True), 1):
        about = Person(one, NOW, sex=facts.get("sex", Sex.WOMAN), role=facts.get("role", Role.PANNER))
        rows[person].append(
            {
                "id": one,
                "created_at": NOW,
                "country": facts.get("country", "CO"),
                "mode": facts.get("mode", "read"),
                "adult": facts.get("adult", True),
                "community_id": facts.get("community", "taraza"),
                "language": facts.get("language", "es"),
                "slow": False,
                "state_sealed": state,
                "about_sealed": sealed_about(tx.vault, about) if facts.get("about", True) else None,
            }
        )
        rows[line].append({"id": one, "person_id": one, "shared": False})
        for channel in facts.get("channels", ("sms",)):
            to = Address(ChannelName(channel), facts.get("number", f"+57300{number:07d}"), facts.get("simulated", False))
            rows[address].append(
                {
                    "address_hash": tx.lookup.address(to),
                    "line_id": one,
                    "channel": channel,
                    "simulated": to.simulated,
                    "value_sealed": tx.vault.seal(to.value),
                    "opted_out_at": NOW if channel in facts.get("out", ()) else None,
                    "last_inbound_at": facts.get("wrote"),
                    "failures": facts.get("failures", 0),
                    "dead_at": facts.get("dead"),
                }
            )
        agreed = {"text_version": "1", "given_at": NOW, "channel": "sms", "message_ref_sealed": state, "purpose": "x"}
        if facts.get("agreed", True):
            rows[consent].append({"person_id": one, **agreed, "revoked_at": None})
        if facts.get("left"):
            rows[consent].append({"person_id": one, **agreed, "revoked_at": NOW + timedelta(seconds=1)})
    known = set(tx.run(community.select()).scalars())
    if "taraza" not in known:
        places = [("taraza", "CO", "bajo-cauca"), ("zaragoza", "CO", "bajo-cauca"), ("ananea", "PE", "puno")]
        tx.run(community.insert(), [{"id": i, "name": i.title(), "country": c, "territory": t} for i, c, t in places])
    for table, found in rows.items():
        if found:
            tx.connection.execute(table.insert(), found)
    return ids
