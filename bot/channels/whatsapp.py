"""WhatsApp through Twilio: a picture, text with buttons, a list or numbered options, the voice note: a message each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.channels.content_sids import ContentSids
from bot.channels.content_templates import INVITATION, MOST_BODY, fillings, in_letters, key_for, message_key
from bot.channels.layout import numbered, split, utf16_units
from bot.channels.senders import sender_for
from bot.channels.surroundings import Surroundings
from bot.channels.twilio_channel import TwilioChannel
from bot.channels.twilio_inbound import WHATSAPP_PREFIX
from bot.domain.errors import SendError
from bot.domain.message import Address, ChannelName, Clip, Drawing, Rendered, Reply
from bot.settings import Settings

# Source: Twilio error 21617 (channels.md, read November 2026).
MOST_CHARS: Final = 1_600
# Source: https://www.twilio.com/docs/content/using-variables-with-content-api (read November 2026), which names no channel [?].
MOST_VARIABLE: Final = 255
_API: Final = "twilio.messages"
# The resource is gone, or does not fit what fills it. Source: https://www.twilio.com/docs/api/errors (read November 2026).
_CONTENT_REFUSED: Final = frozenset({"21654", "21655", "21656", "92005", "92006", "92007", "63027", "63028", "63040", "63041"})


class WhatsAppChannel(TwilioChannel):
    """Messages to a number (`whatsapp:+57...`) or to a business-scoped user id (`whatsapp:CO.<id>`)."""

    name = ChannelName.WHATSAPP.value

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        super().__init__(settings, surroundings)
        self._sids = ContentSids(settings.data_dir, settings.twilio_account_sid)

    def render(
        self,
        reply: Reply,
        to: Address,
        clip: Clip | None,  # noqa: ARG002
        clip_url: str | None,
        drawing: Drawing | None = None,
    ) -> Sequence[Rendered]:
        """The picture, then text, then voice: one message cannot hold text and voice.

        Nor does text go under a picture, which Twilio has yet to fetch: where that fails, the words would be lost with it.
        """
        recipient = WHATSAPP_PREFIX + to.value.removeprefix("bsuid:")
        sender = self._sender(to)
        approved = self._approved(reply) or self._invitation(reply)
        contents = approved or self._said(reply)
        if clip_url and not approved:
            contents.append({"media_url": [clip_url]})
        calls = [Rendered(_API, self.message(recipient, sender, **content)) for content in contents]
        said = [replace(call, follows=number > 0) for number, call in enumerate(calls)]
        if drawing is None or not drawing.url or approved:
            return said
        return [Rendered(_API, self.message(recipient, sender, media_url=[drawing.url]), spare=True), *said]

    def send(self, rendered: Rendered) -> str:
        """Make one call; returns the message's SID. Raises a SendError.

        Where Twilio no longer has the buttons or the list, the same goes out as numbered text.
        """
        try:
            return super().send(rendered)
        except SendError as error:
            plain = self._in_letters(rendered) if error.code in _CONTENT_REFUSED else None
            if plain is None:
                raise
            self._surroundings.notebook.event("content_refused", channel=self.name, code=error.code)
        return super().send(plain)

    def _in_letters(self, rendered: Rendered) -> Rendered | None:
        kept = dict(rendered.params)
        sid, filled = str(kept.pop("content_sid", "")), kept.pop("content_variables", None)
        key = self._sids.key(sid)
        return Rendered(_API, {**kept, "body": in_letters(key, json.loads(str(filled)))}) if key and filled else None

    def _approved(self, reply: Reply) -> list[dict[str, object]]:
        """The approved template that a reply names, with its variables in their order."""
        sid = self._sids.get(message_key(reply.template)) if reply.template else ""
        filled = {str(number): value for number, (_, value) in enumerate(reply.variables, 1)}
        if not sid:
            return []
        content: dict[str, object] = {"content_sid": sid}
        if filled:
            content["content_variables"] = json.dumps(filled, ensure_ascii=False)
        return [content]

    def _invitation(self, reply: Reply) -> list[dict[str, object]]:
        """The approved template, where that is what is to be said. It carries neither text nor voice of ours."""
        sid = self._sids.get(INVITATION) if reply.id == self._surroundings.invitation_id else ""
        return [{"content_sid": sid}] if sid else []

    def _said(self, reply: Reply) -> list[dict[str, object]]:
        """What each text message holds: the options as buttons or a list where they fit, else as numbered lines."""
        if offered := self._offered(reply):
            return [offered]
        text = "\n\n".join(filter(None, (reply.text, numbered(reply.choices, "."))))
        return [{"body": piece} for piece in split(text, MOST_CHARS) if piece]

    def _offered(self, reply: Reply) -> dict[str, object] | None:
        sid = self._sids.get(key_for(reply.choices)) if reply.choices else ""
        filled = fillings(reply.text, reply.choices)
        # A variable with line breaks is refused in templates [?], so it is not risked here.
        fit = all(0 < utf16_units(value) <= min(MOST_VARIABLE, MOST_BODY) and "\n" not in value for value in filled.values())
        return {"content_sid": sid, "content_variables": json.dumps(filled, ensure_ascii=False)} if sid and fit else None

    def _sender(self, to: Address) -> str:
        number = sender_for(self._settings.senders.whatsapp, to)
        return WHATSAPP_PREFIX + number if number.startswith("+") else number
