"""A stand-in for Twilio's Content API: keeps what is made, and knows what WhatsApp was asked about."""

from __future__ import annotations

import json
from typing import Any

from channels.loopback import Answer, Call, Loopback

PREFIX = "/v1/Content"


class ContentApi(Loopback):
    def __init__(self) -> None:
        super().__init__(Answer())
        self.made: dict[str, dict[str, Any]] = {}
        self.approvals: dict[str, dict[str, str]] = {}
        # WhatsApp's word on what it was asked about.
        self.status = "pending"

    def next_answer(self) -> Answer:
        return self.answers.popleft() if self.answers else self._reply(self.calls[-1])

    @property
    def posts(self) -> list[Call]:
        return [call for call in self.calls if call.method == "POST"]

    def _reply(self, call: Call) -> Answer:
        if call.path == PREFIX and call.method == "GET":
            meta = {"key": "contents", "page": 0, "page_size": 100, "url": "x", "first_page_url": "x"}
            listed = [{"sid": sid, **body} for sid, body in self.made.items()]
            return Answer.of(200, {"meta": {**meta, "next_page_url": None, "previous_page_url": None}, "contents": listed})
        if call.path == PREFIX:
            sid = f"HX{len(self.made):032x}"
            self.made[sid] = json.loads(call.body)
            return Answer.of(201, {"sid": sid, **self.made[sid]})
        sid = call.path.split("/")[3]
        if call.method == "POST":
            self.approvals[sid] = json.loads(call.body)
            return Answer.of(201, {**self.approvals[sid], "status": "received"})
        known = {"status": self.status} if sid in self.approvals else {"status": "unsubmitted"}
        return Answer.of(200, {"sid": sid, "whatsapp": known})
