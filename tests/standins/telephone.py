"""A telephone, and Twilio behind it: rings, is rung, follows the documents, fetches and decodes each clip, presses keys."""

from __future__ import annotations

import base64
import io
import itertools
import json
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

import av
from twilio.request_validator import RequestValidator

from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL

OURS = "+15005550008"
CALL = PUBLIC_URL + "/webhooks/twilio/call"
NUMBERS = itertools.count(1)
SHORTEST_S = 0.3


@dataclass(frozen=True)
class Heard:
    """One clip that played: its file, how it is coded, how long it lasts in seconds."""

    clip: str
    coding: tuple[str, int, int]
    seconds: float


@dataclass
class Handset:
    """One person's telephone. `heard` and `read` are what the last document played and had read out; `over`: the call ended.

    `recording`: how it is being recorded, None where it is not.
    """

    server: str
    vendor: Any
    number: str
    sid: str = ""
    ours_first: bool = False
    over: bool = True
    keys: int = 1
    heard: list[Heard] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    document: str = ""
    recording: dict[str, str] | None = None
    _action: str = ""
    _silence: str = ""
    _stored: str = ""
    _last: tuple[str, dict[str, str]] | None = None
    _call: dict[str, str] = field(default_factory=dict)
    _known: int = 0

    def ring(self, **facts: str) -> ET.Element:
        """Ring Batea."""
        self.sid = f"CA{next(NUMBERS):032d}"
        self.ours_first = False
        return self._ask(CALL, CallStatus="ringing", **facts)

    def rung(self, seconds: float = 0.0) -> dict[str, str] | None:
        """The call that Batea has asked for since the last one, None where there is none within that time."""
        until = time.monotonic() + seconds
        while True:
            calls = [fields for path, fields in list(self.vendor.calls) if path.endswith("/Calls.json")]
            mine = [fields for fields in calls if fields.get("To") == self.number]
            if len(mine) > self._known:
                self._known += 1
                self._call = mine[self._known - 1]
                return self._call
            if time.monotonic() >= until:
                return None
            time.sleep(0.05)

    def pick_up(self, answered_by: str = "human") -> ET.Element:
        """Take the call that Batea makes."""
        self.sid, self.ours_first = self._call["sid"], True
        self.status("ringing")
        return self._ask(self._call["Url"], CallStatus="in-progress", AnsweredBy=answered_by)

    def press(self, keys: str) -> ET.Element:
        """Press a key while it speaks."""
        assert not self.over, "the call is over"
        assert len(keys) <= self.keys, "the first key is taken at once"
        return self._ask(self._action, CallStatus="in-progress", Digits=keys)

    def keep_silent(self) -> ET.Element:
        """Press nothing: what follows the Gather."""
        assert not self.over, "the call is over"
        return self._ask(self._silence, CallStatus="in-progress")

    def speak(self, sound: bytes, seconds: int, ends_with: str = "#") -> str:
        """Say that after the beep, end it with a key (or time, or `hangup`), and have Twilio keep it; gives its SID."""
        assert self.recording is not None, "nothing is recorded now"
        sid = f"RE{next(NUMBERS):032x}"
        self.vendor.recordings[sid] = sound
        facts = {**self.recorded(sid, seconds), **({"Digits": ends_with} if ends_with else {})}
        if ends_with == "hangup":
            self.over = True
            assert self._post(self._action, self._form(CallStatus="completed", **facts)) == (204, b"")
        else:
            self._ask(self._action, CallStatus="in-progress", **facts)
        return sid

    def stored(self, sid: str, seconds: int) -> None:
        """Twilio tells that a recording can be fetched. Of the two ends of the call it says nothing."""
        form = {"CallSid": self.sid, "AccountSid": ACCOUNT, "RecordingStatus": "completed", "RecordingSource": "RecordVerb"}
        assert self._post(self._stored, {**form, **self.recorded(sid, seconds)}) == (204, b"")

    def recorded(self, sid: str, seconds: int) -> dict[str, str]:
        """What Twilio says of a recording."""
        url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}"
        return {"RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": str(seconds)}

    def again(self) -> ET.Element:
        """Twilio repeats its last request."""
        assert self._last
        return self._ask(self._last[0], **self._last[1])

    def hang_up(self, status: str = "completed") -> None:
        """End the call, or (busy, no-answer, failed) never take it."""
        self.over = True
        self.status(status)

    def status(self, word: str) -> None:
        """What Twilio tells of the call on the way."""
        where = self._call.get("StatusCallback", CALL) if self.ours_first or not self.sid else CALL
        self.sid = self.sid or self._call["sid"]
        code, _ = self._post(where, self._form(CallStatus=word, CallbackSource="call-progress-events", SequenceNumber="0"))
        assert code == 204

    def never_took(self, status: str) -> None:
        """The call that Batea makes is not taken."""
        self.sid, self.ours_first = self._call["sid"], True
        self.hang_up(status)

    def _form(self, **facts: str) -> dict[str, str]:
        ends = {"From": OURS, "To": self.number} if self.ours_first else {"From": self.number, "To": OURS}
        direction = "outbound-api" if self.ours_first else "inbound"
        return {"CallSid": self.sid, "AccountSid": ACCOUNT, **ends, "Direction": direction, "ApiVersion": "2010-04-01", **facts}

    def _ask(self, url: str, **facts: str) -> ET.Element:
        self._last = (url, facts)
        code, body = self._post(url, self._form(**facts))
        assert code == 200, (code, body)
        self.document = body.decode()
        root = ET.fromstring(self.document)
        assert root.tag == "Response"
        self.heard = [self._listen(play.text or "") for play in root.iter("Play")]
        self.read = [say.text or "" for say in root.iter("Say")]
        gather, redirect, record = root.find("Gather"), root.find("Redirect"), root.find("Record")
        self.over = gather is None and record is None
        self.recording = None if record is None else dict(record.attrib)
        if record is not None:
            assert redirect is not None
            self._action, self._silence = record.get("action", ""), redirect.text or ""
            self._stored = record.get("recordingStatusCallback", "")
        if gather is not None:
            self.keys = int(gather.get("numDigits", ""))
            assert (gather.get("finishOnKey"), gather.get("input")) == ("#" if self.keys > 1 else "", "dtmf")
            assert not root.findall("Play"), "a key must interrupt what is said"
            assert redirect is not None
            self._action, self._silence = gather.get("action", ""), redirect.text or ""
        return root

    def _listen(self, url: str) -> Heard:
        assert url.startswith(PUBLIC_URL + "/media/"), url
        path = urlsplit(url).path
        with urllib.request.urlopen(self.server + path, timeout=30) as response:
            assert response.headers["content-type"] == "audio/wav"
            data = response.read()
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.audio[0]
            coding = (stream.codec_context.name, stream.codec_context.sample_rate, stream.codec_context.layout.nb_channels)
            samples = sum(frame.samples for frame in container.decode(stream))
        return Heard(clip_in(path), coding, samples / coding[1])

    def _post(self, url: str, form: dict[str, str]) -> tuple[int, bytes]:
        parts = urlsplit(url)
        signature = RequestValidator(AUTH_TOKEN).compute_signature(url, form)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        where = self.server + parts.path + (f"?{parts.query}" if parts.query else "")
        request = urllib.request.Request(where, data=urlencode(form).encode(), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


def clip_in(path: str) -> str:
    """The file that a signed address stands for: the signature hides nothing."""
    payload = path.rpartition("/")[2].partition(".")[0]
    compressed = path.rpartition("/")[2].startswith(".")
    if compressed:
        payload = path.rpartition("/")[2][1:].partition(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return str(json.loads(zlib.decompress(raw) if compressed else raw)[1]).rpartition("/")[2]
