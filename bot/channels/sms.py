"""SMS through Twilio: letters of GSM-7, options as numbered lines, counted segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.channels import segments
from bot.channels.layout import numbered, split
from bot.channels.senders import sender_for
from bot.channels.twilio_channel import TwilioChannel
from bot.domain import gsm7
from bot.domain.message import Address, ChannelName, Clip, Rendered, Reply

# Ten segments; Twilio takes 1,600 characters (error 21617; channels.md, read November 2026).
MOST_SEPTETS: Final = 1_530
_NUMBER: Final = "{number}"


class SmsChannel(TwilioChannel):
    """The channel of basic phones. It carries no voice: a hint says how to listen, where that costs no further segment."""

    name = ChannelName.SMS.value

    def render(self, reply: Reply, to: Address, clip: Clip | None, clip_url: str | None) -> Sequence[Rendered]:  # noqa: ARG002
        """One message, more only where a text exceeds ten segments. Always GSM-7."""
        text = gsm7.fold("\n".join(filter(None, (reply.sms or reply.text, numbered(reply.choices)))))
        if reply.speech is not None:
            text = self._with_hint(text, to)
        sender = sender_for(self._settings.senders.sms, to)
        return [self._rendered(piece, to, sender) for piece in split(text, MOST_SEPTETS, _septets)]

    def _rendered(self, text: str, to: Address, sender: str) -> Rendered:
        cost = segments.count(text)
        params = self.message(to.value, sender, body=text)
        return Rendered("twilio.messages", params, segments=cost.segments, encoding=cost.encoding)

    def _with_hint(self, text: str, to: Address) -> str:
        number = sender_for(self._settings.senders.voice, to)
        hint = self._surroundings.listen_hint
        if not hint or (_NUMBER in hint and not number):
            return text
        hinted = f"{text}\n{gsm7.fold(hint.replace(_NUMBER, number))}"
        return hinted if segments.count(hinted).segments == segments.count(text).segments else text


def _septets(text: str) -> int:
    return segments.count(text).units
