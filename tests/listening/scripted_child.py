"""A process that talks like the one that listens: what it does is said by the sound itself."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bot.domain.errors import AudioError
from bot.domain.listening import Offer
from bot.voice.listening.child import serve
from bot.voice.listening.evidence import Evidence


class Script:
    def listen(self, audio: bytes, offers: list[Offer]) -> Evidence:
        match audio.decode().split():
            case ["die"]:
                os._exit(3)
            case ["die-once", mark] if not Path(mark).exists():
                Path(mark).touch()
                os._exit(3)
            case ["hang"]:
                time.sleep(60)
            case ["broken"]:
                raise AudioError("no sound")
            case ["offers"]:
                return Evidence("?", 0.1, gain=9.0, offers={offer.id: float(len(offer.ways)) * 4 for offer in offers})
        return Evidence(f"{os.getpid()} {len(audio)}", 0.9)


if "--mute" not in sys.argv:
    serve(Script(), sys.stdin.buffer, sys.stdout.buffer)
