"""Handing messages and calls to Twilio through its own client."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from twilio.http.response import Response  # type: ignore[import-untyped]

from bot.channels.surroundings import Surroundings
from bot.channels.twilio_errors import classify
from bot.channels.twilio_http import AimedHttpClient, code_in
from bot.domain.errors import PassingSendError, SenderConfigurationError, SendError
from bot.settings import Settings

T = TypeVar("T")
# Source: https://www.twilio.com/docs/api/errors/20404
_NOT_FOUND: Final = "20404"
# Newest first: more than so many messages to one person since then there are not.
_LOOKED_THROUGH: Final = 40
_NEVER_ARRIVED: Final = frozenset({"failed", "undelivered", "canceled"})
_CLOCKS_DIFFER: Final = timedelta(minutes=1)
_UNAUTHORISED: Final = frozenset({401, 403})


class TwilioSender:
    """One account. Made at the first message; safe to use from several threads."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._account = settings.twilio_account_sid
        self._token = settings.twilio_auth_token
        self._http = AimedHttpClient(settings.twilio_api_url)
        self._notebook = surroundings.notebook
        self._lock = threading.Lock()
        self._client: Any = None

    def message(self, params: dict[str, object]) -> str:
        """Create a message with the parameters of twilio's `messages.create`; returns its SID. Raises a SendError."""
        return self._create("messages", params)

    def call(self, params: dict[str, object]) -> str:
        """Create a call with the parameters of twilio's `calls.create`; returns its SID. Raises a SendError."""
        return self._create("calls", params)

    def alike(self, params: dict[str, object], since: datetime) -> list[str]:
        """The SIDs of messages to the same recipient that say the same, made from then on, not failed. Raises a SendError.

        Asked by recipient alone: what has not left yet has no date by which Twilio would find it. What a template says is not
        compared, since Twilio fills it in.
        """
        found = self.run(lambda client: client.messages.list(to=params["to"], limit=_LOOKED_THROUGH))
        body = params.get("body")
        return [
            str(one.sid)
            for one in found
            if str(one.direction or "outbound").startswith("outbound")
            and str(one.status) not in _NEVER_ARRIVED
            and (one.date_created is None or one.date_created >= since - _CLOCKS_DIFFER)
            and (body is None or one.body is None or str(one.body).strip() == str(body).strip())
            and bool(params.get("media_url")) == (str(one.num_media or "0") != "0")
        ]

    def delete_recording(self, sid: str) -> None:
        """Have a recording deleted; one that is gone already is no error. Raises a SendError."""
        try:
            deleted = self.run(lambda client: bool(client.recordings(sid).delete()))
        except SendError as error:
            if error.code != _NOT_FOUND:
                raise
        else:
            if not deleted:
                raise PassingSendError("Twilio did not delete the recording", code="answer")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _create(self, resource: str, params: dict[str, object]) -> str:
        if not (params.get("from_") or params.get("messaging_service_sid")):
            raise SenderConfigurationError("no sender is set: BATEA_TWILIO_{SMS,WHATSAPP,VOICE}_FROM", code="sender")
        return self.run(lambda client: str(getattr(client, resource).create(**params).sid))

    def run(self, work: Callable[[Any], T]) -> T:
        """Do something with twilio's client. Raises a SendError."""
        client = self._connected()
        # These two belong to a library that is imported only once something is sent.
        from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]  # noqa: PLC0415

        try:
            return work(client)
        except TwilioException as error:
            failure = self._failure(error)
        # Raised here so that Twilio's sentence, which may hold the number, does not hang on it as its context.
        raise failure

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                if not (self._account and self._token):
                    raise SenderConfigurationError(
                        "set BATEA_TWILIO_ACCOUNT_SID and BATEA_TWILIO_AUTH_TOKEN to send by Twilio", code="credentials"
                    )
                from twilio.rest import Client  # type: ignore[import-untyped]  # noqa: PLC0415

                self._client = Client(self._account, self._token, http_client=self._http)
            return self._client

    def _failure(self, error: Exception) -> SendError:
        # Of a list that it cannot have, the client's error only hands on the answer.
        answer = next((one for one in error.args if isinstance(one, Response)), None)
        code = str(getattr(error, "code", None) or (code_in(answer) if answer else ""))
        status = getattr(error, "status", None) or (answer.status_code if answer else None)
        kind = classify(code)
        if kind is None and status in _UNAUTHORISED:
            kind = SenderConfigurationError
        if kind is None:
            self._notebook.event("twilio_code_unknown", channel="twilio", code=code)
            kind = PassingSendError
        return kind("Twilio refused the message", code=code)
