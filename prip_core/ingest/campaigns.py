"""Reprocessing campaigns: what is expected, what is done, and when the rest will be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

from prip_core.catalogue import Catalogue, Tally, stems
from prip_core.errors import ConfigError
from prip_core.ingest.context import ConfiguredInbox
from prip_core.settings import CampaignSection
from prip_core.times import NEVER

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=36_500)
"""A forecast beyond this is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A campaign as the configuration describes it.

    :param inboxes: names of those that it comes through; none for one that only sidecars name, or that is over.
    """

    section: CampaignSection
    inboxes: tuple[str, ...] = ()

    @property
    def due(self) -> datetime | None:
        """The end of the day at which all is to be published, UTC; that of the last day there is, is never."""
        day = self.section.due
        if day is None or day == date.max:
            return None if day is None else NEVER
        return datetime.combine(day, time(), UTC) + _DAY


class CampaignState(StrEnum):
    """How a campaign stands."""

    WAITING = "waiting"
    """Nothing was published yet."""
    RUNNING = "running"
    STALLED = "stalled"
    """Something is missing, and nothing was published for a day."""
    DONE = "done"
    OPEN = "open"
    """Nobody said how much is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a campaign is.

    :param done: how many of the expected products are published; without a list of names: how many were at all.
    :param expected: ``None``: nobody said.
    :param missing: those of the list that are not published; empty without a list.
    :param per_hour: products an hour over the last day, or since the first one where that is later; ``None``: it cannot
        be told, less than a minute after the first one.
    :param per_hour_overall: the same since the first one, up to the last one of a campaign that is done.
    :param forecast: when it ends at the rate of the last day, or ended, UTC.
    :param due: UTC.
    """

    plan: Plan
    tally: Tally
    state: CampaignState
    done: int
    expected: int | None
    per_hour: float | None
    per_hour_overall: float | None
    forecast: datetime | None
    missing: Sequence[str] = field(default=(), repr=False)

    @property
    def ahead(self) -> timedelta | None:
        """How long before it is due it ends, as it looks now; negative: so much too late."""
        due = self.plan.due
        return None if due is None or self.forecast is None else due - self.forecast


def plans(inboxes: Iterable[ConfiguredInbox], others: Iterable[str] = ()) -> Sequence[Plan]:
    """All campaigns that inboxes are configured for, in their order, then others.

    :param others: names of campaigns, those among them that inboxes have are left out.
    """
    found: dict[str, Plan] = {}
    for served in inboxes:
        if (section := served.section.campaign) is not None:
            known = found.get(section.name, Plan(section=section))
            found[section.name] = Plan(section=section, inboxes=(*known.inboxes, served.section.name))
    for name in others:
        found.setdefault(name, Plan(section=CampaignSection.model_construct(name=name)))
    return list(found.values())


def standing(catalogue: Catalogue, plan: Plan, now: datetime) -> Standing:
    """How far a campaign is at this moment.

    :raises ConfigError: its list of names cannot be read.
    """
    tally = catalogue.campaigns.tally(plan.section.name, now - _DAY)
    listed = expected_names(plan.section)
    missing = () if listed is None else tuple(catalogue.campaigns.absent(listed))
    expected = len(listed) if listed is not None else _number(plan.section)
    done = tally.published if listed is None else len(listed) - len(missing)
    state = _state(tally, done, expected)
    per_hour = _rate(tally.recent, max(tally.first, now - _DAY), now) if tally.first else None
    end = tally.last if state is CampaignState.DONE and tally.last else now
    return Standing(
        plan=plan,
        tally=tally,
        state=state,
        done=done,
        expected=expected,
        missing=missing,
        per_hour=per_hour,
        per_hour_overall=_rate(tally.published, tally.first, end) if tally.first else None,
        forecast=_forecast(tally, state, (expected or done) - done, per_hour, now),
    )


def expected_names(section: CampaignSection) -> Sequence[str] | None:
    """The names that a campaign's list has, each once, without blank lines and those that begin with ``#``.

    :returns: ``None``: it has no list.
    :raises ConfigError: the list cannot be read.
    """
    if not isinstance(section.expected, Path):
        return None
    try:
        lines = _plain(section.expected.read_text("utf-8-sig")).splitlines()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        what = f"the campaign {section.name!r}: its list of names {section.expected} cannot be read: {why}"
        raise ConfigError(f"{what}; put it there, or correct `expected`") from error
    names = dict.fromkeys(name for line in lines if (name := line.strip()) and not name.startswith("#"))
    # A product may be called with its suffixes and without them.
    return [name for name in names if not any(shorter in names for shorter in stems(name)[1:])]


def _plain(text: str) -> str:
    """Text in another encoding reads as such full of NUL, which no name has and PostgreSQL refuses."""
    if "\0" in text:
        raise ValueError("it has NUL characters, so it is no text in UTF-8")
    return text


def _number(section: CampaignSection) -> int | None:
    return section.expected if isinstance(section.expected, int) else None


def _state(tally: Tally, done: int, expected: int | None) -> CampaignState:
    if expected is not None and done >= expected:
        return CampaignState.DONE
    if not tally.published:
        return CampaignState.WAITING
    if expected is None:
        return CampaignState.OPEN
    return CampaignState.RUNNING if tally.recent else CampaignState.STALLED


def _rate(products: int, start: datetime, end: datetime) -> float | None:
    """Products an hour; of less than a minute nothing can be said."""
    return products / ((end - start) / _HOUR) if end - start >= _MINUTE else None


def _forecast(tally: Tally, state: CampaignState, left: int, per_hour: float | None, now: datetime) -> datetime | None:
    if state is CampaignState.DONE:
        return tally.last
    if state is not CampaignState.RUNNING or not per_hour:
        return None
    hours = left / per_hour
    return now + hours * _HOUR if hours * _HOUR < _LONGEST else None
