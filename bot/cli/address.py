"""An address as an operator types it, by standard input: no list of commands keeps it."""

from __future__ import annotations

import re
import sys
from typing import Final

import typer

from bot.domain.errors import UsageError
from bot.domain.message import Address, ChannelName

_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_TELEGRAM: Final = re.compile(r"telegram[: ]+([1-9]\d{0,19})", re.ASCII | re.IGNORECASE)
_SCOPED: Final = re.compile(r"(?:whatsapp|bsuid)[: ]+(?:bsuid:)?([A-Z]{2}\.[A-Za-z0-9.]{1,128})", re.ASCII | re.IGNORECASE)


def read_address(typed: str) -> Address:
    """An address as an operator types it: a number, `telegram ID` or `whatsapp CO.ID`. Raises UsageError.

    A number is the same on SMS, WhatsApp and calls. The error does not repeat what was typed.
    """
    bare = typed.strip()
    if found := _TELEGRAM.fullmatch(bare):
        return Address(ChannelName.TELEGRAM, found.group(1))
    if found := _SCOPED.fullmatch(bare):
        return Address(ChannelName.WHATSAPP, f"bsuid:{found.group(1)}")
    number = re.sub(r"[\s().-]", "", bare)
    if _NUMBER.fullmatch(number):
        return Address(ChannelName.SMS, number)
    raise UsageError("that is no address: write a number with + and country code, `telegram ID` or `whatsapp CO.ID`")


def asked(question: str) -> str:
    """The next line of standard input; a person is asked for it. Raises UsageError where there is none."""
    if sys.stdin.isatty():
        typer.echo(question, err=True, nl=False)
    line = sys.stdin.readline()
    if not line:
        raise UsageError(f"standard input ended before: {question.strip().rstrip(':')}")
    return line.strip()
