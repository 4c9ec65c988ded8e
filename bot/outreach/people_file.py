"""A CSV file of people who agreed on paper: read whatever wrote it, judged line by line, kept once and no more.

The columns may stand in any order, in Spanish or English: a number; the day on which she agreed and where the proof of it is;
that she is of age; and, where known, country, community and whether she listens or reads.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Final

from bot.domain.community import Community
from bot.domain.errors import UsageError
from bot.domain.folding import plain
from bot.domain.masking import masked_address
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Mode
from bot.domain.store import UnitOfWork
from bot.domain.telephone_number import NumberProblem, NumberReader

MOST_BYTES: Final = 1_000_000
MOST_LINES: Final = 5_000
LONGEST_PROOF: Final = 200
CHANNEL: Final = "presencial"
VERSION: Final = "paper"
PURPOSE: Final = "lessons, polls and meetings of the programme"

_COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset({"numero", "telefono", "celular", "movil", "numero de celular", "number", "phone", "mobile"}),
    "consent_date": frozenset(
        {"fecha", "fecha consentimiento", "fecha de consentimiento", "fecha del consentimiento", "consent date"}
    ),
    "proof": frozenset({"prueba", "prueba de consentimiento", "constancia", "soporte", "acta", "proof", "proof of consent"}),
    "adult": frozenset({"mayor", "mayor de edad", "mayor de 18", "18 o mas", "adult", "of age"}),
    "country": frozenset({"pais", "country"}),
    "community": frozenset({"comunidad", "municipio", "lugar", "community", "place"}),
    "mode": frozenset({"prefiere", "modo", "escucha o lee", "mode", "prefers"}),
}
REQUIRED: Final = ("number", "consent_date", "proof", "adult")
_YES: Final = frozenset({"si", "s", "yes", "y", "x", "1", "true", "verdadero"})
_COUNTRIES: Final = {"co": Country.CO, "colombia": Country.CO, "pe": Country.PE, "peru": Country.PE}
_MODES: Final = {
    **dict.fromkeys(("", "escuchar", "escucha", "voz", "oir", "listen"), Mode.LISTEN),
    **dict.fromkeys(("leer", "lee", "texto", "read"), Mode.READ),
}
_DATES: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y")


class Problem(StrEnum):
    """Why a line is not kept; those of the number are in `NumberProblem`."""

    REPEATED = "repeated"
    COMMUNITY = "unknown_community"
    COUNTRY = "unknown_country"
    OTHER_COUNTRY = "country_differs"
    NOT_ADULT = "not_adult"
    NO_DATE = "wrong_date"
    FUTURE = "future_date"
    NO_PROOF = "no_proof"
    MODE = "wrong_mode"
    COLUMNS = "columns_differ"
    LEFT = "left"
    SHARED = "shared"


class PeopleFileError(UsageError):
    """The file as a whole is of no use: `code` says why, `detail` which columns."""

    def __init__(self, text: str, code: str, detail: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Row:
    """A line that can be kept."""

    number: str = field(repr=False)
    country: Country
    community_id: str | None
    mode: Mode
    agreed_on: date
    proof: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one line: `row` is kept; else `known` already, or `problem` says why not. `line` counts from 1."""

    line: int
    shown: str = ""
    row: Row | None = None
    problem: str = ""
    detail: str = ""
    known: bool = False


def read(content: bytes, communities: Sequence[Community], today: date, read_number: NumberReader) -> list[Verdict]:
    """Judge every line by itself. Raises PeopleFileError where the file as a whole is of no use, with what to do."""
    if len(content) > MOST_BYTES:
        raise PeopleFileError(f"the file has more than {MOST_BYTES // 1000} kB: divide it", "large")
    lines = _lines(content)
    if not lines:
        raise PeopleFileError("the file is empty: nothing was read", "empty")
    delimiter = max(";,\t", key=lines[0].count)
    rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    try:
        header = _header(next(rows))
        verdicts = [
            _judged(rows.line_num, cells, header, communities, today, read_number)
            for cells in rows
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise PeopleFileError("the file is no CSV that can be read: save it as CSV once more", "broken") from error
    if len(verdicts) > MOST_LINES:
        raise PeopleFileError(f"the file has more than {MOST_LINES} lines: divide it", "large")
    return _once(verdicts)


def compared(uow: UnitOfWork, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The same, looked up: who agreed already stays as she is; who said BAJA, or shares a phone, is left alone."""
    found = []
    for verdict in verdicts:
        row = verdict.row
        if row is None:
            found.append(verdict)
            continue
        address = Address(ChannelName.SMS, row.number)
        line = uow.lines.find(address)
        met = uow.people.get(uow.lines.writes(line.id)) if line else None
        same_number = (address, replace(address, channel=ChannelName.WHATSAPP), replace(address, channel=ChannelName.CALL))
        if any(uow.people.opted_out(each) for each in same_number) or (met and met[0].consent and met[0].consent.revoked_at):
            found.append(replace(verdict, row=None, problem=Problem.LEFT))
        elif line and line.shared:
            found.append(replace(verdict, row=None, problem=Problem.SHARED))
        elif met and met[0].enrolled:
            found.append(replace(verdict, row=None, known=True))
        else:
            found.append(verdict)
    return found


def keep(uow: UnitOfWork, verdicts: Sequence[Verdict], now: datetime) -> int:
    """Keep the good lines; gives how many. The same file again keeps nobody."""
    kept = 0
    for verdict in compared(uow, verdicts):
        row = verdict.row
        if row is None:
            continue
        person, state = uow.people.meet(Address(ChannelName.SMS, row.number), now)
        known = replace(person, country=row.country, adult=True, community_id=row.community_id, mode=row.mode)
        uow.people.save(known, replace(state, place="menu", bookmark=""))
        agreed = datetime.combine(row.agreed_on, time(12), UTC)
        uow.people.record_consent(person.id, Consent(VERSION, agreed, CHANNEL, row.proof, PURPOSE))
        kept += 1
    return kept


def _lines(content: bytes) -> list[str]:
    """The lines, each in the encoding that it has: files that were pasted together have several."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").splitlines()
    return [_decoded(line) for line in content.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]


def _decoded(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1").replace("\x00", "")


def _header(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = next((name for name, spellings in _COLUMNS.items() if plain(cell) in spellings), "")
        if name and name in found:
            raise PeopleFileError(f"two columns say the same as {cell[:40]!r}: keep one of them", "twice", cell[:40])
        if name:
            found[name] = place
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        named = ", ".join(_SPANISH[name] for name in missing)
        raise PeopleFileError(f"columns are missing: {named}", "columns", named)
    return found


_SPANISH: Final = {
    "number": "numero",
    "consent_date": "fecha de consentimiento",
    "proof": "prueba de consentimiento",
    "adult": "mayor de 18",
}


def _judged(  # noqa: PLR0911 - one return a problem
    line: int,
    cells: Sequence[str],
    header: Mapping[str, int],
    communities: Sequence[Community],
    today: date,
    read_number: NumberReader,
) -> Verdict:
    if len(cells) <= max(header[name] for name in REQUIRED):
        return Verdict(line, problem=Problem.COLUMNS)
    said = {name: cells[place].strip() if place < len(cells) else "" for name, place in header.items()}
    country = _COUNTRIES.get(plain(said.get("country", "")))
    if said.get("country") and country is None:
        return Verdict(line, problem=Problem.COUNTRY, detail=said["country"][:40])
    place = _place(said.get("community", ""), communities, country)
    if said.get("community") and place is None:
        return Verdict(line, problem=Problem.COMMUNITY, detail=said["community"][:40])
    number = read_number(said["number"], country or (place.country if place else None))
    if isinstance(number, NumberProblem):
        return Verdict(line, problem=number)
    shown = masked_address(number[0])
    if place and place.country is not number[1] and country is not None and country is not place.country:
        return Verdict(line, shown, problem=Problem.OTHER_COUNTRY)
    if plain(said["adult"]) not in _YES:
        return Verdict(line, shown, problem=Problem.NOT_ADULT)
    agreed_on = _date(said["consent_date"])
    if agreed_on is None or agreed_on > today:
        return Verdict(line, shown, problem=Problem.FUTURE if agreed_on else Problem.NO_DATE, detail=said["consent_date"][:20])
    if not said["proof"]:
        return Verdict(line, shown, problem=Problem.NO_PROOF)
    mode = _MODES.get(plain(said.get("mode", "")))
    if mode is None:
        return Verdict(line, shown, problem=Problem.MODE, detail=said["mode"][:20])
    at = country or (place.country if place else number[1])
    return Verdict(line, shown, Row(number[0], at, place.id if place else None, mode, agreed_on, said["proof"][:LONGEST_PROOF]))


def _place(name: str, communities: Sequence[Community], country: Country | None) -> Community | None:
    wanted = plain(name)
    found = [each for each in communities if wanted and wanted in {plain(each.name), plain(each.id)}]
    here = [each for each in found if country is None or each.country is country]
    return here[0] if len(here) == 1 else None


def _date(typed: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(typed.partition(" ")[0], form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _once(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Of one number the first line counts."""
    seen: Counter[str] = Counter()
    first: dict[str, int] = {}
    kept = []
    for verdict in verdicts:
        number = verdict.row.number if verdict.row else ""
        if number and seen[number]:
            kept.append(replace(verdict, row=None, problem=Problem.REPEATED, detail=str(first[number])))
        else:
            kept.append(verdict)
        if number:
            first.setdefault(number, verdict.line)
            seen[number] += 1
    return kept
