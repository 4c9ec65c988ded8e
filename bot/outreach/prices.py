"""What sending costs: the table that operators edit, `content/prices.yml`, in one place for quotes and for what is booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.errors import ContentError
from bot.domain.message import ChannelName
from bot.domain.person import Country

FILE: Final = "prices.yml"
ANYWHERE: Final = "*"
MICROS: Final = 1_000_000
_Amount = Annotated[Decimal, Field(ge=0, le=1000, allow_inf_nan=False)]


class Unit(StrEnum):
    """What is paid for."""

    SEGMENT = "segment"
    MESSAGE = "message"
    TEMPLATE = "template"
    MARKETING = "marketing"
    MINUTE = "minute"


_UNITS: Final = {
    ChannelName.SMS: (Unit.SEGMENT,),
    ChannelName.WHATSAPP: (Unit.MESSAGE, Unit.TEMPLATE, Unit.MARKETING),
    ChannelName.TELEGRAM: (Unit.MESSAGE,),
    ChannelName.CALL: (Unit.MINUTE,),
}


class _Dated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    source: str = Field(min_length=3)
    estimate: bool = False


class _Exchange(_Dated):
    usd_buys: Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]


class _Price(_Dated):
    channel: ChannelName
    country: str = Field(pattern=rf"^({'|'.join(Country)}|\*)$")
    unit: Unit
    usd: _Amount

    @property
    def name(self) -> str:
        return f"{self.channel}/{self.country}/{self.unit}"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    valid_days: int = Field(ge=1, le=3660)
    exchange: dict[str, _Exchange]
    prices: list[_Price]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the three currencies that people count in."""

    cop: Decimal = Decimal(0)
    pen: Decimal = Decimal(0)
    usd: Decimal = Decimal(0)

    def __add__(self, other: Money) -> Money:
        return Money(self.cop + other.cop, self.pen + other.pen, self.usd + other.usd)

    def as_mapping(self) -> dict[str, float]:
        """Rounded for people: pesos to hundredths, the others to ten-thousandths."""
        return {"COP": round(float(self.cop), 2), "PEN": round(float(self.pen), 4), "USD": round(float(self.usd), 4)}


@dataclass(frozen=True, slots=True)
class Used:
    """How good the prices are that something was counted with: the oldest day of them, what is out of date, what is estimated."""

    as_of: date
    out_of_date: tuple[str, ...]
    estimates: tuple[str, ...]


class PriceTable:
    """The table. Where a country is not known, the dearest counts: a budget must hold."""

    def __init__(self, file: _File) -> None:
        self._prices = {(one.channel, one.country, one.unit): one for one in file.prices}
        self._exchange = file.exchange
        self._lasts = timedelta(days=file.valid_days)

    def usd(self, channel: ChannelName, country: str, unit: Unit) -> Decimal:
        """The price of one unit in US dollars."""
        return self._price(channel, country, unit).usd

    def money(self, usd: Decimal) -> Money:
        """An amount of dollars in all three currencies."""
        return Money(usd * self._exchange["COP"].usd_buys, usd * self._exchange["PEN"].usd_buys, usd)

    def micros(self, usd: Decimal) -> int:
        """An amount of dollars in millionths of a Colombian peso."""
        return round(usd * self._exchange["COP"].usd_buys * MICROS)

    def from_micros(self, micros: int) -> Money:
        """Millionths of a Colombian peso in all three currencies."""
        return self.money(Decimal(micros) / MICROS / self._exchange["COP"].usd_buys)

    def used(self, prices: Iterable[tuple[ChannelName, str, Unit]], today: date) -> Used:
        """How good these prices are today; without any, the whole table."""
        found: dict[str, _Dated] = {one.name: one for one in (self._price(*key) for key in prices)}
        found = found or {one.name: one for one in self._prices.values()}
        everything = found | self._exchange
        return Used(
            min(one.date for one in everything.values()),
            tuple(sorted(name for name, one in everything.items() if today > one.date + self._lasts)),
            tuple(sorted(name for name, one in everything.items() if one.estimate)),
        )

    def _price(self, channel: ChannelName, country: str, unit: Unit) -> _Price:
        found = self._prices.get((channel, country, unit)) or self._prices.get((channel, ANYWHERE, unit))
        if found:
            return found
        return max(
            (one for (where, _, what), one in self._prices.items() if (where, what) == (channel, unit)), key=lambda one: one.usd
        )


def read_prices(data: Any) -> PriceTable:
    """Validate the file. Raises ContentError for the first thing that is wrong, or missing."""
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentError(FILE, 0, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    known: Mapping[str, _Price] = {one.name: one for one in file.prices}
    if len(known) < len(file.prices):
        raise ContentError(FILE, 0, "prices: one stands there twice: leave each once")
    for currency in ("COP", "PEN"):
        if currency not in file.exchange:
            raise ContentError(FILE, 0, f"exchange.{currency}: write how much of it a US dollar buys")
    for channel, units in _UNITS.items():
        for unit in units:
            if not any(f"{channel}/{where}/{unit}" in known for where in (*Country, ANYWHERE)):
                raise ContentError(FILE, 0, f"prices: write what a {unit} costs by {channel}")
    return PriceTable(file)
