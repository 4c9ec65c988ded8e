"""What may be fetched of a file that came with a message: sound, and not too much of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.domain.errors import MediaError
from bot.domain.message import Media

# Source: Twilio takes and gives media of up to 16 MB; Telegram's getFile gives 20 MB (channels.md, read November 2026).
MOST_BYTES: Final = 16_000_000
TOTAL_S: Final = 30.0
# Storage behind a vendor often does not know what it holds.
_UNTOLD: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/ogg"})


def check_declared(media: Media) -> None:
    """Raise MediaError unless the message said that this is sound."""
    if not media.mime.startswith("audio/"):
        raise MediaError("only voice notes are fetched", code="type")


def check_answer(mime: str, length: str) -> None:
    """Raise MediaError where the headers of an answer promise something else, or too much."""
    kind = mime.partition(";")[0].strip().lower()
    if kind not in _UNTOLD and not kind.startswith("audio/"):
        raise MediaError("what came is no sound", code="type")
    if length.isascii() and length.isdecimal() and int(length) > MOST_BYTES:
        raise MediaError(f"the file is larger than {MOST_BYTES} bytes", code="size")


def bounded(chunks: Iterable[bytes]) -> bytes:
    """Put chunks together. Raises MediaError where they are too many, whatever the headers said, or none."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > MOST_BYTES:
            raise MediaError(f"the file is larger than {MOST_BYTES} bytes", code="size")
    if not content:
        raise MediaError("the file is empty", code="gone")
    return bytes(content)
