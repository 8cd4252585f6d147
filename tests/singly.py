"""One product at a time: catalogue and pipeline take several at once, where most tests ask about one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from prip_core.catalogue import Ingestion, PublishOutcome
from prip_core.catalogue.ingestions import Ingestions
from prip_core.catalogue.publication import Publication
from prip_core.errors import PripError
from prip_core.ingest.context import ConfiguredInbox, Outcome
from prip_core.ingest.pipeline import Pipeline
from prip_core.model import Candidate
from prip_core.products import NewProduct


def begin_one(ingestions: Ingestions, uuid: UUID, inbox: str, candidate: Candidate, lease: timedelta) -> Ingestion:
    (begun,) = ingestions.begin_all([(uuid, inbox, candidate)], lease)
    return begun


def take_over_one(ingestions: Ingestions, inboxes: Sequence[str], lease: timedelta) -> Ingestion | None:
    taken = ingestions.take_over_all(inboxes, lease, most=1, small=0)
    return taken[0] if taken else None


def store_one_at(ingestions: Ingestions, ingestion: Ingestion, storage: str, key: str) -> Ingestion:
    (error,) = ingestions.store_all_at([(ingestion, storage, key)])
    if error is not None:
        raise error
    return replace(ingestion, storage=storage, key=key)


def publish_one(
    publication: Publication, product: NewProduct, ingestion: Ingestion, *, channels: Sequence[str] = ()
) -> PublishOutcome:
    (outcome,) = publication.publish_all([(product, ingestion)], channels=channels)
    if isinstance(outcome, PripError):
        raise outcome
    return outcome


def accept_one(pipeline: Pipeline, served: ConfiguredInbox, candidate: Candidate) -> Outcome:
    (outcome,) = pipeline.accept_all([(served, candidate)])
    return outcome


def resume_one(pipeline: Pipeline, served: ConfiguredInbox, ingestion: Ingestion) -> Outcome:
    (outcome,) = pipeline.resume_all([(served, ingestion)])
    return outcome
