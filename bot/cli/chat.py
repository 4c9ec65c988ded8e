"""`batea chat`: talk to Batea in the terminal, by the very turn that every channel uses."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.errors import UsageError

if TYPE_CHECKING:  # the terminal brings every room with it, and `batea --help` is to be quick
    from bot.cli.terminal import Line, Terminal


class CountryName(StrEnum):
    """Where the terminal pretends to be."""

    CO = "CO"
    PE = "PE"


def chat(
    channel: Annotated[str, typer.Option(help="sms, whatsapp, telegram or call.")] = "whatsapp",
    sender: Annotated[str, typer.Option("--from", help="The address to write from (default: a fictitious one).")] = "",
    country: Annotated[CountryName, typer.Option(help="Which country's fictitious number to use.")] = CountryName.CO,
    fresh: Annotated[bool, typer.Option("--fresh", help="Use a throw-away database with the demo data.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Talk to Batea.

    Besides text: /voice FILE, /key 2, /button ID, /missed-call, /location LAT LON, /as CHANNEL ADDRESS, /wait 2d.
    """
    from bot import telemetry, wiring  # noqa: PLC0415
    from bot.cli.terminal import Terminal, default_address, parse_address  # noqa: PLC0415
    from bot.domain.message import ChannelName  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    if channel not in set(ChannelName):
        raise UsageError(f"{channel} is no channel: use --channel sms, whatsapp, telegram or call")
    address = parse_address(channel, sender) if sender else default_address(ChannelName(channel), country.value)
    telemetry.start_logging(quiet=True)
    with wiring.chat_session(load(), fresh=fresh) as (batea, clock):
        _converse(Terminal(batea, clock, address), as_json=as_json)


def _converse(terminal: Terminal, *, as_json: bool) -> None:
    interactive = sys.stdin.isatty() and not as_json
    while True:
        if interactive:
            sys.stdout.write("> ")
            sys.stdout.flush()
        raw = sys.stdin.buffer.readline()
        if not raw:
            return
        try:
            for line in terminal.read(raw.decode("utf-8", "replace").rstrip("\r\n")):
                sys.stdout.write((json.dumps(line.mapping, ensure_ascii=False) if as_json else _plain(line)) + "\n")
                sys.stdout.flush()
        except UsageError as error:
            sys.stderr.write(f"batea: {error}\n")


def _plain(line: Line) -> str:
    """The line as a person reads it."""
    rows = []
    if line.mapping["turn"] is None:
        rows.append(f"(to {line.mapping['to']})")
    for arrival in line.arrivals:
        rows.append(arrival.reply.text)
        rows += [f"  {choice.key}  {choice.label}" for choice in arrival.reply.choices]
        if arrival.clip:
            rows.append(f"  ♪ {arrival.clip.duration_s:.0f} s  {arrival.clip.path}")
    return "\n".join(rows) or f"({line.mapping['state']})"
