"""`batea broadcast`: quoted, sent, looked at and stopped from a terminal."""

import json
import re

import pyotp
import pytest
from standins.population import settle_in

from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

SECRET = "a secret of the tests and long enough"
TEXT = ("--text", "Mañana hay reunión en la escuela.")


@pytest.fixture
def people(batea, tmp_path):
    """Thirty women of Tarazá by SMS, ten on Telegram, two who never agreed."""
    store = open_store(f"sqlite:///{tmp_path / 'batea.db'}", Vault(SECRET), RoundKeyFiles(tmp_path / "rounds"))
    texting = [{} for _ in range(30)]
    chatting = [{"channels": ("telegram",), "number": f"88{n}"} for n in range(10)]
    store.submit(lambda uow: settle_in(uow, [*texting, *chatting, {"agreed": False}, {"agreed": False}])).result()
    store.close()


def answered(done):
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_quote_has_the_shape_that_others_read(batea, people):
    found = answered(batea("broadcast", "quote", "--to", "community:taraza", "--text", "Reunión 🎉 mañana", "--json"))
    assert (found["people"], found["excluded"]) == (40, [{"why": "no_consent", "n": 2}])
    by = {one["channel"]: one for one in found["channels"]}
    assert (by["sms"]["people"], by["sms"]["messages"], by["sms"]["segments"], by["sms"]["minutes"]) == (30, 30, 30, 0)
    assert by["telegram"]["cost"] == {"COP": 0.0, "PEN": 0.0, "USD": 0.0}
    assert found["culprit"] == {"char": "🎉", "position": 8}
    assert found["duration_s"] > 0
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", found["prices_as_of"])
    assert found["cost"]["COP"] == by["sms"]["cost"]["COP"] > 0
    told = batea("broadcast", "quote", "--to", "all", *TEXT).stdout
    assert "40 people" in told
    assert "only estimated" in told


def test_sent_looked_at_and_stopped(batea, people):
    made = answered(
        batea("broadcast", "send", "--to", "all", *TEXT, "--at", "+2h", "--expires", "+1d", "--budget", 9000, "--json")
    )
    assert made["state"] == "scheduled"
    standing = answered(batea("broadcast", "status", made["id"], "--json"))
    assert (standing["state"], standing["queued"], standing["sent"], standing["budget_cop"]) == ("scheduled", 0, 0, 9000)
    assert {"queued", "sending", "sent", "delivered", "read", "failed", "unknown", "cancelled", "expired"} <= set(standing)
    for command, state in (("pause", "paused"), ("resume", "scheduled"), ("cancel", "cancelled")):
        assert answered(batea("broadcast", command, made["id"], "--json")) == {"id": made["id"], "state": state}
    again = batea("broadcast", "resume", made["id"])
    assert (again.returncode, again.stderr) == (2, "batea: it is cancelled: that cannot be done any more\n")
    assert [one["state"] for one in answered(batea("broadcast", "list", "--json"))] == ["cancelled"]
    assert "verified" in batea("audit", "verify").stdout or batea("audit", "verify").returncode == 0


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--to", "all", *TEXT, "--at", "2020-01-01T08:00"), "past"),
        (("--to", "all", "--template", "reunion"), "comite, cuando, lugar"),
        (("--to", "all", *TEXT, "--at", "tomorrow"), "no time"),
        (("--to", "all", *TEXT, "--purpose", "fun"), "no purpose"),
        ((*TEXT,), "say who gets it"),
        (("--to", "all", *TEXT, "--voice", "/nowhere.ogg"), "cannot be read"),
    ],
)
def test_what_cannot_be_sent_says_why_in_one_line_and_leaves_nothing(batea, people, options, reason):
    done = batea("broadcast", "send", *options)
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert answered(batea("broadcast", "list", "--json")) == []


def test_a_quote_of_nobody_shows_why_and_is_refused(batea, people):
    done = batea("broadcast", "quote", "--to", "channel:whatsapp", *TEXT, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["people"] == 0


def test_an_approved_text_is_filled_in(batea, people):
    filled = [part for slot in ("comite=de agua", "cuando=sábado", "lugar=la caseta") for part in ("--var", slot)]
    made = answered(batea("broadcast", "send", "--to", "all", "--template", "reunion", *filled, "--json"))
    assert made["to"] == "all"
    missing = batea("broadcast", "status", "nothing")
    assert (missing.returncode, missing.stderr) == (2, "batea: there is no broadcast 'nothing': see `batea broadcast list`\n")


def test_what_reaches_many_waits_for_a_second_person_here_too(batea, people):
    many = {"BATEA_APPROVE_PEOPLE": "10"}
    made = batea("broadcast", "send", "--to", "all", *TEXT, "--at", "+2h", "--json", **many)
    sent = json.loads(made.stdout)
    assert (made.returncode, sent["state"]) == (0, "waiting_approval")
    assert f"/staff/broadcasts/{sent['id']}" in made.stderr
    secrets = {}
    for email, role in (("eva@example.org", ("staff",)), ("ana@example.org", ("facilitator", "--community", "taraza"))):
        shown = batea("staff", "add", email, "--role", *role).stdout
        secrets[email] = re.search(r"secret=([A-Z2-7]+)", shown)[1]

    def approve(email, code, **more):
        return batea("broadcast", "approve", sent["id"], "--by", email, "--json", stdin=f"{code}\n", **more)

    assert "approves nothing" in approve("ana@example.org", "000000").stderr
    assert "not her code" in approve("eva@example.org", "12345").stderr
    approved = approve("eva@example.org", pyotp.TOTP(secrets["eva@example.org"]).now())
    assert json.loads(approved.stdout) == {"id": sent["id"], "state": "scheduled"}
    assert (
        answered(batea("broadcast", "send", "--to", "all", *TEXT, "--practice", "--at", "+2h", "--json", **many))["state"]
        == "scheduled"
    )
