"""Ingestions as rows: what the catalogue keeps of a delivery in work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import orjson

from prip_core.catalogue.database import Row
from prip_core.catalogue.tables import StoredIngestion
from prip_core.model import Candidate, Rejection
from prip_core.rejections import read_rejection
from prip_core.times import from_milliseconds, to_milliseconds

HANDED_BACK = ""
"""The token of an ingestion that nobody holds."""

HELD = "WHERE uuid = ? AND token = ?"
"""Of the row of an ingestion, while the right to act on it lasts. SQL of steps that every product takes is plain text:
to build it anew each time would take longer than to carry it out."""


class IngestionState(StrEnum):
    """What is decided about a delivery."""

    CLAIMED = "CLAIMED"
    PUBLISHED = "PUBLISHED"
    DUPLICATE = "DUPLICATE"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingestion:
    """A delivery in work.

    :param uuid: the Id of the product that it will become.
    :param inbox: the name of the inbox that it came through.
    :param path: where it lay there, in the inbox's own terms.
    :param size: bytes.
    :param arrived: when it appeared in the inbox, UTC, milliseconds.
    :param token: the right to act on it; another worker's take-over makes it worthless.
    :param attempts: how often work on it has begun.
    :param faults: how often that ended in an unexpected error, or with the worker's death.
    :param rejection: the verdict, when the state is REJECTED.
    :param key: where its bytes are, or will be, in ``storage``; ``None``: none have been written.
    :param due_at: it is not to be taken up again before, UTC.
    :param last_error: what went wrong at the last attempt.
    :param awaits: the name, without suffix, of the product that it waits for, until it is taken up again.
    :param waited: the name of the one that it has waited for, until that was published or long enough.
    """

    uuid: UUID
    inbox: str
    name: str
    path: str
    size: int
    arrived: datetime
    state: IngestionState
    token: str
    attempts: int
    faults: int
    rejection: Rejection | None
    key: str | None
    storage: str | None
    due_at: datetime
    last_error: str | None
    awaits: str | None
    waited: str | None


COLUMNS = (
    StoredIngestion.uuid,
    StoredIngestion.inbox,
    StoredIngestion.name,
    StoredIngestion.path,
    StoredIngestion.size,
    StoredIngestion.arrived,
    StoredIngestion.state,
    StoredIngestion.token,
    StoredIngestion.attempts,
    StoredIngestion.faults,
    StoredIngestion.rejection,
    StoredIngestion.key,
    StoredIngestion.storage,
    StoredIngestion.due_at,
    StoredIngestion.last_error,
    StoredIngestion.awaits,
    StoredIngestion.waited,
)
"""What :func:`ingestion_of` reads."""


def begun(uuid: UUID, inbox: str, candidate: Candidate, now: int) -> Ingestion:
    """A new ingestion, due now (milliseconds)."""
    return Ingestion(
        uuid=uuid,
        inbox=inbox,
        name=candidate.name,
        path=candidate.path,
        size=candidate.size,
        arrived=from_milliseconds(to_milliseconds(candidate.arrived)),
        state=IngestionState.CLAIMED,
        token=new_token(),
        attempts=1,
        faults=0,
        rejection=None,
        key=None,
        storage=None,
        due_at=from_milliseconds(now),
        last_error=None,
        awaits=None,
        waited=None,
    )


_PLAIN = ("inbox", "name", "path", "size", "token", "attempts", "faults")
BEGUN = ("uuid", "arrived", "state", "leased_until", "due_at", *_PLAIN)
"""Columns of a new row; the others have nothing yet."""


def new_row(begun: Ingestion, leased_until: int) -> Sequence[Any]:
    """The values of :data:`BEGUN`."""
    own = (
        begun.uuid.bytes,
        to_milliseconds(begun.arrived),
        begun.state.value,
        leased_until,
        to_milliseconds(begun.due_at),
    )
    return (*own, *(getattr(begun, name) for name in _PLAIN))


def ingestion_of(row: Row) -> Ingestion:
    """What a row of :data:`COLUMNS` says."""
    (uuid, inbox, name, path, size, arrived, state, token, attempts, faults, *rest) = row
    rejection, key, storage, due_at, last_error, awaits, waited = rest
    return Ingestion(
        uuid=UUID(bytes=uuid),
        inbox=inbox,
        name=name,
        path=path,
        size=size,
        arrived=from_milliseconds(arrived),
        state=IngestionState(state),
        token=token,
        attempts=attempts,
        faults=faults,
        rejection=None if rejection is None else read_rejection(orjson.loads(rejection)),
        key=key,
        storage=storage,
        due_at=from_milliseconds(due_at),
        last_error=last_error,
        awaits=awaits,
        waited=waited,
    )


def held(ingestion: Ingestion) -> tuple[bytes, str]:
    """The values for :data:`HELD`."""
    return ingestion.uuid.bytes, ingestion.token


def new_token() -> str:
    """A right to act that nobody has had before."""
    return uuid4().hex
