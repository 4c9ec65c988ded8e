"""SMS through Twilio: letters of GSM-7, options as numbered lines, counted segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.channels import segments
from bot.channels.layout import numbered, split
from bot.channels.senders import hears_sms, sender_for
from bot.channels.twilio_channel import TwilioChannel
from bot.channels.twilio_inbound import WHATSAPP_PREFIX
from bot.domain import gsm7
from bot.domain.message import Address, ChannelName, Clip, Drawing, Rendered, Reply

# Ten segments; Twilio takes 1,600 characters (error 21617; channels.md, read November 2026).
MOST_SEPTETS: Final = 1_530
_NUMBER: Final = "{number}"
_NAME: Final = "{name}"


class SmsChannel(TwilioChannel):
    """The channel of basic phones. It carries no voice: a hint says how to listen, where that costs no further segment."""

    name = ChannelName.SMS.value

    def render(
        self,
        reply: Reply,
        to: Address,
        clip: Clip | None,  # noqa: ARG002
        clip_url: str | None,  # noqa: ARG002
        drawing: Drawing | None = None,  # noqa: ARG002
    ) -> Sequence[Rendered]:
        """One message, more only where a text exceeds ten segments. Always GSM-7."""
        way_on = numbered(reply.choices) if hears_sms(to) or not reply.choices else self._ways_back(to)
        text = gsm7.fold("\n".join(filter(None, (reply.sms or reply.text, way_on))))
        if reply.speech is not None:
            text = self._with_hint(text, to)
        sender = sender_for(self._settings.senders.sms, to)
        return [self._rendered(piece, to, sender) for piece in split(text, MOST_SEPTETS, _septets)]

    def _rendered(self, text: str, to: Address, sender: str) -> Rendered:
        cost = segments.count(text)
        params = self.message(to.value, sender, body=text)
        return Rendered("twilio.messages", params, segments=cost.segments, encoding=cost.encoding)

    def _ways_back(self, to: Address) -> str:
        """Where somebody can answer whose SMS does not reach us, one line a channel that is set up."""
        whatsapp = sender_for(self._settings.senders.whatsapp, to).removeprefix(WHATSAPP_PREFIX)
        ours = {
            ChannelName.WHATSAPP.value: whatsapp if whatsapp.startswith("+") else "",
            ChannelName.TELEGRAM.value: self._surroundings.names.get(ChannelName.TELEGRAM.value, ""),
        }
        lines = self._surroundings.ways_back
        return "\n".join(
            lines[name].replace(_NUMBER, known).replace(_NAME, known) for name, known in ours.items() if known and name in lines
        )

    def _with_hint(self, text: str, to: Address) -> str:
        number = sender_for(self._settings.senders.voice, to)
        hint = self._surroundings.listen_hint
        if not hint or (_NUMBER in hint and not number):
            return text
        hinted = f"{text}\n{gsm7.fold(hint.replace(_NUMBER, number))}"
        return hinted if segments.count(hinted).segments == segments.count(text).segments else text


def _septets(text: str) -> int:
    return segments.count(text).units
