"""The documents that tell Twilio what a call does: TwiML.

Source: https://www.twilio.com/docs/voice/twiml (channels.md, "Twilio voice", read November 2026).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from twilio.twiml.voice_response import Gather, VoiceResponse  # type: ignore[import-untyped]

from bot.channels.layout import numbered, split
from bot.domain.call import Spoken
from bot.domain.message import Reply

LANGUAGE: Final = "es-MX"
# How long a key may take once everything was said: people think, and look for the key.
SILENCE_S: Final = 8
# Twilio takes 4,096 characters to say (channels.md, read November 2026); letters escaped as XML need theirs.
MOST_SPOKEN_CHARS: Final = 2_500
# A pause to think is no end; nor does anybody listen to a long silence.
ENDS_AFTER_S: Final = 5


def reject() -> str:
    """Refuse a call before it is taken: nobody pays. She hears the busy tone."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def hang_up(spoken: Sequence[Spoken], voice: str) -> str:
    """Say that and end the call."""
    response = VoiceResponse()
    for one in spoken:
        _say(response, one, voice)
    response.hangup()
    return str(response)


def listen(spoken: Sequence[Spoken], voice: str, action: str, on_silence: str, keys: int) -> str:
    """Say that inside a Gather, so that a key interrupts it, and wait for one; without one go on at `on_silence`.

    For a number of several figures it waits for that many `keys`, or for fewer and #.
    """
    ends = "#" if keys > 1 else ""
    gather = Gather(input="dtmf", num_digits=keys, finish_on_key=ends, timeout=SILENCE_S, action=action, method="POST")
    for one in spoken:
        _say(gather, one, voice)
    response = VoiceResponse()
    response.append(gather)
    response.redirect(on_silence, method="POST")
    return str(response)


def record(spoken: Sequence[Spoken], voice: str, action: str, on_silence: str, longest_s: int) -> str:
    """Say that, beep, and record until #, five seconds of silence or hanging up. An empty recording goes on at `on_silence`.

    Nothing is transcribed. The file is told of at `action` twice: when she has finished, and when it can be fetched.
    Source: https://www.twilio.com/docs/voice/twiml/record (read November 2026).
    """
    response = VoiceResponse()
    for one in spoken:
        _say(response, one, voice)
    response.record(
        action=action,
        method="POST",
        timeout=ENDS_AFTER_S,
        finish_on_key="#",
        max_length=longest_s,
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=action,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
        transcribe=False,
    )
    response.redirect(on_silence, method="POST")
    return str(response)


def _say(verb: Any, spoken: Spoken, voice: str) -> None:
    """The clip, or the text read by Twilio where there is none."""
    if spoken.clip_url:
        verb.play(spoken.clip_url)
    else:
        verb.say(_text(spoken.reply), voice=voice, language=LANGUAGE)


def _text(reply: Reply) -> str:
    text = reply.speech.text if reply.speech else "\n".join(filter(None, (reply.text, numbered(reply.choices, "."))))
    return split(text, MOST_SPOKEN_CHARS)[0]
