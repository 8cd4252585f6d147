"""Sidecars in an S3 inbox: which product they go with, whenever they come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from prip_core import SIDECAR_LIMIT, AlreadyClaimed, Candidate
from prip_storage_s3 import inbox as module
from prip_storage_s3.inbox import S3Inbox
from tests.unit.storage_s3.deliveries import NAME, SIDECAR, WHEN, Put, claim


def test_a_sidecar_that_comes_after_the_claim_belongs_to_the_next_delivery(
    inbox: S3Inbox, put: Put, client: Any, bucket: str
) -> None:
    put()
    claimed = claim(inbox)
    client.put_object(Bucket=bucket, Key=f"inbox/{NAME}.prip.json", Body=SIDECAR)
    assert inbox.claim(Candidate(name=NAME, path=NAME, size=5, arrived=WHEN), claimed.uuid).sidecar is None
    inbox.finish(claimed)
    put(content=b"anew")
    assert claim(inbox).sidecar == SIDECAR


def test_a_sidecar_that_is_too_large_is_not_read_whole(inbox: S3Inbox, put: Put) -> None:
    put(sidecar=bytes(SIDECAR_LIMIT + 1000))
    assert len(claim(inbox).sidecar or b"") == SIDECAR_LIMIT + 1, "more than a sidecar may have: it is refused"


def test_a_sidecar_without_product_is_a_candidate_after_an_hour(
    inbox: S3Inbox, put: Put, client: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.put_object(Bucket=bucket, Key="inbox/lonely.tar.prip.json", Body=SIDECAR)
    put("a.tar", sidecar=SIDECAR)
    put("b.tar", sidecar=SIDECAR)
    put("b.tar-", b"between a product and its sidecar in the order of names")
    inbox.claim(next(each for each in inbox.scan() if each.name == "a.tar"), uuid4())
    assert sorted(each.name for each in inbox.scan()) == ["b.tar", "b.tar-"]
    monkeypatch.setattr(module, "LONELY_SIDECAR", timedelta(0))
    assert sorted(each.name for each in inbox.scan()) == ["b.tar", "b.tar-", "lonely.tar.prip.json"]


def test_a_sidecar_whose_product_came_at_last_is_not_claimed_alone(
    inbox: S3Inbox, client: Any, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.put_object(Bucket=bucket, Key=f"inbox/{NAME}.prip.json", Body=SIDECAR)
    monkeypatch.setattr(module, "LONELY_SIDECAR", timedelta(0))
    (lonely,) = inbox.scan()
    put()
    with pytest.raises(AlreadyClaimed):
        inbox.claim(lonely, uuid4())
    assert claim(inbox).sidecar == SIDECAR
