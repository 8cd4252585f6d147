"""How a filter may be spelled: every spelling of these means the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from random import Random
from typing import Protocol
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALIASES = {"PublicationDate": ("CreationDate", "IngestionDate"), "Checksum": ("Checksums",)}
MEMBERS = ("systematic_production", "on_demand_default", "on_demand_non_default")


class Level(IntEnum):
    """How tightly an expression holds together; what holds less tightly than its place demands stands in brackets."""

    OR = 1
    AND = 2
    RELATION = 3
    SUM = 4
    PRODUCT = 5
    SIGN = 6
    PRIMARY = 7


class Written(Protocol):
    """Anything that can stand in a filter."""

    @property
    def level(self) -> Level: ...

    def text(self, pen: Pen) -> str: ...


@dataclass(frozen=True)
class Pen:
    """Writes filters.

    :param chance: decides on the spelling.
    :param plain: always the spelling of the standard's own examples.
    """

    chance: Random
    plain: bool = False

    def rarely(self, one_in: int = 8) -> bool:
        return not self.plain and self.chance.randrange(one_in) == 0

    def placed(self, part: Written, least: Level) -> str:
        """An expression at a place that demands this tightness."""
        written = part.text(self)
        if part.level < least or self.rarely(12):
            return f"({self.gap()}{written}{self.gap()})"
        return written

    def keyword(self, word: str) -> str:
        return self.any_case(word) if self.rarely() else word

    def any_case(self, word: str) -> str:
        return "".join(self.chance.choice((letter.lower(), letter.upper())) for letter in word)

    def gap(self) -> str:
        """White space where none is needed."""
        return self.chance.choice((" ", "  ", "\t")) if self.rarely(10) else ""

    def blank(self) -> str:
        """White space where some is needed."""
        return self.chance.choice(("  ", "\t", " \t ")) if self.rarely(10) else " "

    def joined(self, word: str, parts: Iterable[str]) -> str:
        return "".join(
            part if not number else f"{self.blank()}{self.keyword(word)}{self.blank()}{part}"
            for number, part in enumerate(parts)
        )

    def listed(self, parts: Sequence[str]) -> str:
        return f"({self.gap()}{f'{self.gap()},{self.gap()}'.join(parts)}{self.gap()})"

    def call(self, name: str, arguments: Sequence[str]) -> str:
        return f"{self.keyword(name)}{self.listed(arguments)}" if arguments else f"{self.keyword(name)}()"

    def path(self, name: str) -> str:
        return self.chance.choice(ALIASES[name]) if name in ALIASES and self.rarely(5) else name

    def quoted(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def whole(self, written: str) -> str:
        """A filter, perhaps in a pair of double quotes, or with blanks around it."""
        return f'{self.gap()}"{written}"' if self.rarely(20) else f"{self.gap()}{written}{self.gap()}"

    def flag(self, value: bool) -> str:
        return self.keyword(str(value).lower())

    def guid(self, uuid: UUID) -> str:
        written = str(uuid).upper() if self.rarely(5) else str(uuid)
        prefix = "guid" if self.rarely(3) else ""
        return prefix + self.quoted(written) if prefix or self.rarely(4) else written

    def member(self, number: int) -> str:
        if self.plain:
            return f"OData.CSC.ProductionType'{MEMBERS[number]}'"
        old = MEMBERS[number].replace("_", "-")
        return self.chance.choice(
            (f"OData.CSC.ProductionType'{MEMBERS[number]}'", f"'{MEMBERS[number]}'", str(number), f"'{old}'")
        )

    def date(self, moment: int, finer: str = "", *, lenient: bool) -> str:
        """A point in time.

        :param moment: milliseconds since 1970-01-01 UTC.
        :param finer: digits behind the milliseconds.
        :param lenient: it is compared with a date, so that forms will do which alone would be something else.
        """
        zone = self.chance.choice(_ZONES) if self.rarely(4) else None
        clock = EPOCH + timedelta(milliseconds=moment)
        if zone is not None and 1900 < clock.year < 9000:
            clock += timedelta(minutes=zone)
        else:
            zone = None
        written = self._day_and_time(clock, finer) + self._zone(zone, lenient=lenient)
        if lenient and zone is None and not finer and moment % 86_400_000 == 0 and self.rarely(2):
            written = clock.strftime("%Y-%m-%d")
        if lenient and self.rarely(6):
            return self.chance.choice(("", "datetime", "datetimeoffset")) + f"'{written}'"
        return written

    def _day_and_time(self, clock: datetime, finer: str) -> str:
        milliseconds = f"{clock.microsecond // 1000:03}{finer}"
        day = f"{clock.year:04}-{clock:%m-%d}T"
        shorter = milliseconds.rstrip("0")
        if self.plain or not self.rarely(3):
            return f"{day}{clock:%H:%M:%S}.{milliseconds}"
        if not shorter:
            return day + (f"{clock:%H:%M}" if not clock.second and self.rarely(2) else f"{clock:%H:%M:%S}")
        return f"{day}{clock:%H:%M:%S}.{self.chance.choice((shorter, milliseconds + '000'))}"

    def _zone(self, minutes: int | None, *, lenient: bool) -> str:
        if minutes is None:
            return "" if lenient and self.rarely(8) else "Z"
        sign = "-" if minutes < 0 else " " if lenient and self.rarely(3) else "+"
        return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def day(self, moment: int) -> str:
        return f"{EPOCH + timedelta(milliseconds=moment):%Y-%m-%d}"

    def clock(self, moment: int) -> str:
        time = EPOCH + timedelta(milliseconds=moment)
        if moment % 60_000 == 0 and self.rarely(3):
            return f"{time:%H:%M}"
        return f"{time:%H:%M:%S}" + (f".{moment % 1000:03}" if moment % 1000 else "")

    def span(self, moment: int) -> str:
        seconds, rest = divmod(abs(moment), 1000)
        sign = "-" if moment < 0 else ""
        fraction = f".{rest:03}" if rest else ""
        if self.rarely(2):
            days, seconds = divmod(seconds, 86_400)
            hours, seconds = divmod(seconds, 3600)
            minutes, seconds = divmod(seconds, 60)
            return f"duration'{sign}P{days}DT{hours}H{minutes}M{seconds}{fraction}S'"
        return f"duration'{sign}PT{seconds}{fraction}S'"


_ZONES = (0, 60, 120, 330, -60, -480, 765)
