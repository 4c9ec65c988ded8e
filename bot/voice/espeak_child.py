"""The process in which eSpeak NG lives: its licence is GPL-3+, so it is kept apart and talked to over pipes.

Run as a script, it imports nothing of Batea. A request on standard input is a header of three numbers (text bytes, words a
minute, word gap in 10 ms) and the UTF-8 text; the answer on standard output is two numbers (samples a second, bytes)
and the 16-bit samples. It ends when standard input does.

Source: `speak_lib.h` of eSpeak NG 1.52 for the calls and their constants.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from typing import BinaryIO, Final

REQUEST: Final = struct.Struct("<III")
ANSWER: Final = struct.Struct("<II")

_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
_RATE: Final = 1
_WORD_GAP: Final = 7
_FROM_CHARACTER: Final = 1
_UTF8: Final = 1
_LIMIT_BYTES: Final = 22_050 * 2 * 150
_VOICE: Final = b"es-419"
_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def serve(requests: BinaryIO, answers: BinaryIO) -> int:
    """Answer until the requests end. Returns the exit code."""
    import espeakng_loader  # noqa: PLC0415 - here, so that the parent may read this module's formats without it

    lib = ctypes.CDLL(espeakng_loader.get_library_path())
    rate_hz = lib.espeak_Initialize(_SYNCHRONOUS, 200, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
    if rate_hz <= 0 or lib.espeak_SetVoiceByName(_VOICE) != 0:
        return 1
    sound = bytearray()

    def take(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        if samples and count > 0:
            sound.extend(ctypes.string_at(samples, count * 2))
        return int(len(sound) > _LIMIT_BYTES)

    receive = _CALLBACK(take)
    lib.espeak_SetSynthCallback(receive)
    number, text_pointer, nowhere = ctypes.c_uint, ctypes.c_char_p, ctypes.c_void_p
    lib.espeak_Synth.argtypes = [text_pointer, ctypes.c_size_t, number, ctypes.c_int, number, number, nowhere, nowhere]
    while len(header := requests.read(REQUEST.size)) == REQUEST.size:
        size_bytes, pace, gap = REQUEST.unpack(header)
        text = requests.read(size_bytes)
        sound.clear()
        lib.espeak_SetParameter(_RATE, pace, 0)
        lib.espeak_SetParameter(_WORD_GAP, gap, 0)
        lib.espeak_Synth(text, len(text) + 1, 0, _FROM_CHARACTER, 0, _UTF8, None, None)
        lib.espeak_Synchronize()
        answers.write(ANSWER.pack(rate_hz, len(sound)))
        answers.write(sound)
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(serve(sys.stdin.buffer, sys.stdout.buffer))
