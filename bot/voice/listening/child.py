"""The process in which Whisper lives: a file that breaks its decoder, or the half gigabyte it takes, is not the server's.

A request on standard input is a header of two numbers (bytes of JSON, bytes of sound), the offers as JSON and the sound file;
the answer on standard output is its length and JSON. It ends when standard input does. It says when it is ready.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import struct
import sys
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from bot.domain.errors import AudioError
from bot.domain.listening import Offer
from bot.voice.listening.evidence import Evidence

REQUEST: Final = struct.Struct("<II")
ANSWER: Final = struct.Struct("<I")
READY: Final = b"ready\n"
_POLITE: Final = 5
"""Recognition takes what the turns of others leave of the processor."""


class Recogniser(Protocol):
    """What measures a sound file."""

    def listen(self, audio: bytes, offers: list[Offer]) -> Evidence:
        """What it holds. Raises AudioError."""
        ...


def serve(recogniser: Recogniser, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end."""
    answers.write(READY)
    answers.flush()
    while len(header := requests.read(REQUEST.size)) == REQUEST.size:
        asked_bytes, sound_bytes = REQUEST.unpack(header)
        asked = json.loads(requests.read(asked_bytes))
        audio = requests.read(sound_bytes)
        try:
            found = asdict(recogniser.listen(audio, [Offer(offer["id"], tuple(offer["ways"])) for offer in asked]))
        except AudioError:
            found = {"unreadable": True}
        answer = json.dumps(found).encode()
        answers.write(ANSWER.pack(len(answer)) + answer)
        answers.flush()


def main() -> None:
    """Load the model in the folder that the first argument names, then serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prompt", default="")
    arguments = parser.parse_args()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_POLITE)
    from bot.voice.listening.whisper import Whisper  # noqa: PLC0415 - the parent reads this module without the model

    serve(Whisper(arguments.folder, arguments.prompt), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
