"""What the load says: signed Twilio webhooks of many people who talk with Batea, seven short answers to three sentences."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.nlu import misspelling, training_data

ACCOUNT: Final = "AC" + "0" * 32
AUTH_TOKEN: Final = "12345"  # noqa: S105 - made for the benchmark
PUBLIC_URL: Final = "https://bot.example.org"
PATH: Final = "/webhooks/twilio/messages"
SENDER: Final = "+15005550006"
# From the welcome through consent, age and way of reading to the menu.
ENROLMENT: Final = ("hola", "1", "1", "1", "1")
# What people press: onwards through lessons and quizzes, the menu, again, back.
SHORT: Final = ("9", "1", "9", "2", "9", "1", "0", "1", "9", "3", "9", "1", "8", "9", "2", "6", "9", "1")
# Seven short answers to three sentences.
RHYTHM: Final = (False, False, True, False, False, True, False, False, True, False)
# A person who leaves would make every later turn of hers cheap.
_GOODBYES: Final = frozenset({"opt_out", "opt_in", "delete_my_data", "out_of_scope"})


@dataclass(slots=True)
class Person:
    """Somebody who writes; remembers how far her conversation went."""

    number: str
    turns: int = 0
    short: int = field(default=0)


class Talk:
    """Makes webhooks. Sentences are training sentences misspelt anew each time, so that no cache can know them."""

    def __init__(self, intents_dir: Path, *, seed: int = 1) -> None:
        self._luck = random.Random(seed)  # noqa: S311 - no secret
        self._sentences = [e.text for e in training_data.read(intents_dir).examples if e.intent not in _GOODBYES]
        self._luck.shuffle(self._sentences)
        self._validator = RequestValidator(AUTH_TOKEN)
        self._ids = itertools.count(self._luck.getrandbits(60))
        self._misspellings = itertools.count(seed)

    def people(self, count: int, *, first: int = 0) -> list[Person]:
        """Colombian mobile numbers, one a person."""
        return [Person(f"+57310{number:07d}") for number in range(first, first + count)]

    def enrolment(self, person: Person) -> list[bytes]:
        """What brings her to the menu."""
        return [self.request(person, body) for body in ENROLMENT]

    def next_turn(self, person: Person) -> bytes:
        """The next thing that she says, as an HTTP request."""
        free = RHYTHM[person.turns % len(RHYTHM)]
        person.turns += 1
        if free:
            return self.request(person, self.sentence())
        person.short += 1
        return self.request(person, SHORT[(person.short - 1) % len(SHORT)])

    def round_robin(self, people: list[Person]) -> Iterator[bytes]:
        """One turn of each person after the other, for ever."""
        for person in itertools.cycle(people):
            yield self.next_turn(person)

    def sentence(self) -> str:
        """A sentence of the training data with spelling errors."""
        text = self._sentences[next(self._misspellings) % len(self._sentences)]
        return misspelling.misspell(text, next(self._misspellings))

    def request(self, person: Person, body: str) -> bytes:
        """A signed webhook as Twilio posts it, on a connection that stays open."""
        sid = f"SM{next(self._ids):032x}"
        fields = {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": sid,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": "CO",
            "To": SENDER,
            "ToZip": "",
            "NumSegments": "1",
            "MessageSid": sid,
            "AccountSid": ACCOUNT,
            "From": person.number,
            "ApiVersion": "2010-04-01",
        }
        signature = self._validator.compute_signature(PUBLIC_URL + PATH, fields)
        content = urlencode(fields).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nhost: bot.example.org\r\ncontent-type: application/x-www-form-urlencoded\r\n"
            f"x-twilio-signature: {signature}\r\nuser-agent: TwilioProxy/1.1\r\naccept: */*\r\n"
            f"content-length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content
