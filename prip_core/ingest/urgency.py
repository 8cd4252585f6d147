"""Urgency: what is to be taken in before what, judged by names alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from prip_core.ingest.context import ConfiguredInbox
from prip_core.interfaces import MissionAdapter
from prip_core.model import Candidate, ProductIdentity, ProductType
from prip_core.settings import KpiSection

UNLIMITED = 3600.0
"""Within so long of its arrival is to be out what has no limit, or is recognised by nobody; seconds."""


class Rank(IntEnum):
    """Kinds of work, the most urgent first."""

    HOUSEKEEPING = 0
    """House-keeping telemetry: the flight operators wait for it."""
    DUE = 1
    """What can still be in time, by its next limit."""
    LATE = 2
    """What has missed its last limit; a fifth of the picks is kept for it."""
    REPORT = 3
    """Quality reports."""
    REPROCESSING = 4
    """What comes through the inbox of a reprocessing campaign."""


class Urgency(NamedTuple):
    """How urgent a candidate is.

    :param kind: its rank; DUE stands for LATE, too, as time decides between them.
    :param moments: POSIX times: the limits of what is DUE, the earliest first; of all else, the arrival.
    """

    kind: Rank
    moments: tuple[float, ...]

    def at(self, now: float) -> tuple[Rank, float]:
        """Its rank at a time, and the moment that it is ordered by among those of its rank: POSIX times."""
        if self.kind is not Rank.DUE:
            return self.kind, self.moments[0]
        ahead = next((moment for moment in self.moments if moment > now), None)
        return (Rank.LATE, self.moments[-1]) if ahead is None else (Rank.DUE, ahead)


class Appraiser:
    """Judges candidates.

    :param missions: all missions that are served here, by name.
    :param kpi: the limits of time.
    """

    def __init__(self, missions: Mapping[str, MissionAdapter], kpi: KpiSection) -> None:
        self._missions = missions
        self._limits: Callable[[ProductType], Sequence[float]] = lru_cache(maxsize=None)(
            lambda kind: _limits(kpi, kind)
        )

    def urgency(self, served: ConfiguredInbox, candidate: Candidate) -> Urgency:
        """How urgent a candidate is."""
        arrived = candidate.arrived.timestamp()
        identity = self._identity(candidate)
        kind = _kind(served, identity)
        if kind is not Rank.DUE:
            return Urgency(kind, (arrived,))
        limits = self._limits(identity.product_type) if identity else ()
        if identity is None or not limits:
            return Urgency(kind, (arrived + UNLIMITED,))
        # Nothing arrives before it was sensed: a name that says so is wrong, or tells of a validity.
        begin = arrived if identity.sensing_end is None else min(arrived, identity.sensing_end.timestamp())
        return Urgency(kind, tuple(begin + limit for limit in limits))

    def _identity(self, candidate: Candidate) -> ProductIdentity | None:
        """The first claim will do: what is wrong with a name is said when the candidate is taken in."""
        for mission in self._missions.values():
            try:
                identity = mission.recognise(candidate)
            except Exception:  # noqa: BLE001, S112 - as above
                continue
            if identity is not None:
                return identity
        return None


def _kind(served: ConfiguredInbox, identity: ProductIdentity | None) -> Rank:
    if served.section.campaign is not None:
        return Rank.REPROCESSING
    if identity is None:
        return Rank.DUE
    if identity.product_type.housekeeping:
        return Rank.HOUSEKEEPING
    return Rank.REPORT if identity.product_type.report else Rank.DUE


def _limits(kpi: KpiSection, kind: ProductType) -> tuple[float, ...]:
    """The limits of a product type, the shortest first; seconds."""
    limits = {
        limit.within * 3600.0
        for limit in kpi.limit
        if limit.mission == kind.mission and any(fnmatchcase(kind.code, pattern) for pattern in limit.product_types)
    }
    return tuple(sorted(limits))
