"""The S3 inbox: names, what is refused, objects that are replaced, what the chain is told."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from prip_core import AlreadyClaimed, Candidate, Fate, Receipt, TransientError
from prip_core.testing.sources import pattern
from prip_storage_s3 import objects as objects_module
from prip_storage_s3 import quarantine as quarantine_module
from prip_storage_s3.inbox import S3Inbox
from prip_storage_s3.settings import MIB
from tests.unit.storage_s3.deliveries import NAME, SIDECAR, WHEN, Make, Put, claim, content_of, only, rejection


@pytest.mark.parametrize("name", [".hidden", "product.tmp", "product.part", "folder/product.tar", ".work/x", ""])
def test_names_that_are_no_products_are_left_alone(inbox: S3Inbox, put: Put, name: str) -> None:
    put(name)
    put()
    assert [candidate.name for candidate in inbox.scan()] == [NAME]


@pytest.mark.parametrize(
    "name", ["with blank+plus&amp;%41.tar", "größer ✓.tar", "quote'd\"<>.tar", "a" * 900, "b" * 1018, "reason.json"]
)
def test_strange_names_are_claimed_refused_and_given_back(inbox: S3Inbox, put: Put, keys: Any, name: str) -> None:
    put(name)
    claimed = claim(inbox)
    assert (claimed.name, content_of(inbox, claimed)) == (name, b"bytes")
    inbox.reject(claimed, rejection(claimed))
    assert list(inbox.rejected()) == [rejection(claimed)]
    inbox.retry(rejection(claimed))
    assert only(inbox).name == name
    inbox.finish(claim(inbox))
    assert keys() == []


def test_what_is_refused_lies_beside_its_reason(inbox: S3Inbox, put: Put, keys: Any, client: Any, bucket: str) -> None:
    put(sidecar=SIDECAR)
    claimed = claim(inbox)
    inbox.reject(claimed, rejection(claimed))
    place = f"quarantine/2025-08-01/{claimed.uuid}"
    assert keys() == [f"{place}/{NAME}", f"{place}/{NAME}.prip.json", f"{place}/reason.json"]
    reason = json.loads(client.get_object(Bucket=bucket, Key=f"{place}/reason.json")["Body"].read())
    assert (reason["reason"], reason["inbox"], reason["arrived_in"]) == ("broken", "chain", "inbox/")


def test_refused_products_without_a_reason_are_listed(inbox: S3Inbox, put: Put, client: Any, bucket: str) -> None:
    put(sidecar=SIDECAR)
    claimed = claim(inbox)
    inbox.reject(claimed, rejection(claimed))
    place = f"quarantine/2025-08-01/{claimed.uuid}"
    client.put_object(Bucket=bucket, Key=f"{place}/reason.json", Body=b"{")
    client.put_object(Bucket=bucket, Key="quarantine/notes.txt", Body=b"of somebody else")
    (found,) = inbox.rejected()
    assert (found.name, found.uuid) == (NAME, claimed.uuid)
    assert "cannot be read" in found.reason
    client.delete_object(Bucket=bucket, Key=f"{place}/reason.json")
    (found,) = inbox.rejected()
    assert "it is missing" in found.reason
    inbox.retry(found)
    assert claim(inbox).sidecar == SIDECAR


def test_a_large_product_is_refused_in_parts(
    inbox: S3Inbox, put: Put, keys: Any, client: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_module, "WHOLE_COPY", 8 * MIB)
    monkeypatch.setattr(objects_module, "_COPY_PART", 5 * MIB)
    content = pattern(12 * MIB)
    put(content=content)
    claimed = claim(inbox)
    target = f"quarantine/2025-08-01/{claimed.uuid}/{NAME}"
    client.create_multipart_upload(Bucket=bucket, Key=target)  # of a worker that was killed
    inbox.reject(claimed, rejection(claimed))
    assert f"inbox/{NAME}" not in keys()
    inbox.retry(rejection(claimed))
    assert content_of(inbox, claim(inbox)) == content


@pytest.mark.parametrize("step", ["finish", "reject"])
def test_an_object_that_was_replaced_after_its_claim_is_the_next_delivery(inbox: S3Inbox, put: Put, step: str) -> None:
    put(sidecar=SIDECAR)
    claimed = claim(inbox)
    put(content=b"other bytes", sidecar=b"{}")
    with pytest.raises(TransientError, match="replaced"):
        content_of(inbox, claimed)
    if step == "finish":
        inbox.finish(claimed)
    else:
        inbox.reject(claimed, rejection(claimed))
    again = claim(inbox)
    assert (content_of(inbox, again), again.sidecar) == (b"other bytes", b"{}")


def test_a_repeated_claim_takes_the_object_as_it_is_now(inbox: S3Inbox, put: Put) -> None:
    put()
    claimed = claim(inbox)
    put(content=b"other bytes", sidecar=SIDECAR)
    again = inbox.claim(Candidate(name=NAME, path=NAME, size=5, arrived=WHEN), claimed.uuid)
    assert (content_of(inbox, again), again.size, again.sidecar) == (b"other bytes", 11, SIDECAR)
    inbox.finish(again)
    assert list(inbox.scan()) == []


def test_an_object_that_vanished_is_gone(inbox: S3Inbox, put: Put, client: Any, bucket: str, keys: Any) -> None:
    put()
    candidate = only(inbox)
    claimed = inbox.claim(candidate, uuid4())
    client.delete_object(Bucket=bucket, Key=f"inbox/{NAME}")
    with pytest.raises(TransientError, match="removed"):
        content_of(inbox, claimed)
    with pytest.raises(AlreadyClaimed):
        inbox.claim(candidate, claimed.uuid)
    assert keys() == []


def test_what_is_no_claim_is_named(inbox: S3Inbox, put: Put, client: Any, bucket: str) -> None:
    put()
    client.put_object(Bucket=bucket, Key=f"inbox/.work/{NAME}", Body=b"mine!")
    assert list(inbox.scan()) == []
    with capture_logs() as lines:
        assert list(inbox.claimed()) == []
    assert lines[0]["key"] == f"inbox/.work/{NAME}"
    with pytest.raises(TransientError, match=rf"inbox/\.work/{NAME} is no claim .* remove it"):
        inbox.claim(Candidate(name=NAME, path=NAME, size=5, arrived=WHEN), uuid4())


def test_a_receipt_is_put_where_the_chain_looks(inbox: S3Inbox, put: Put, client: Any, bucket: str) -> None:
    put()
    claimed = claim(inbox)
    receipt = Receipt(
        uuid=claimed.uuid,
        name=NAME,
        inbox="chain",
        fate=Fate.PUBLISHED,
        id=claimed.uuid,
        publication_date=WHEN,
        content_length=5,
        checksums=(),
        reason=None,
        findings=(),
        arrived=WHEN,
        written=WHEN,
    )
    for _ in range(2):
        inbox.tell(claimed, receipt)
    told = json.loads(client.get_object(Bucket=bucket, Key=f"receipts/{NAME}.json")["Body"].read())
    assert (told["name"], told["outcome"], told["id"]) == (NAME, "published", str(claimed.uuid))


def test_a_count_that_takes_long_is_kept_for_a_while(inbox: S3Inbox, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine_module, "_QUICK", 0.0)
    monkeypatch.setattr(quarantine_module, "_PATIENCE", 1e6)
    for _ in range(2):
        put()
        claimed = claim(inbox)
        inbox.reject(claimed, rejection(claimed))
        assert inbox.quarantine_room().products == 1


def test_a_pause_is_told_where_the_chain_looks(inbox: S3Inbox, client: Any, bucket: str, keys: Any) -> None:
    inbox.pause("the archive is full: größer")
    mark = client.get_object(Bucket=bucket, Key="inbox/.paused")["Body"].read().decode()
    assert mark == "the archive is full: größer\n"
    assert inbox.paused() == "the archive is full: größer"
    inbox.pause(None)
    assert inbox.paused() is None
    assert keys() == []


def test_what_another_worker_finishes_meanwhile_is_not_claimed(
    make_inbox: Make, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one ends between our look at the object and our claim, which nothing stands against any more."""
    ours, other = make_inbox(), make_inbox()
    put()
    (candidate,) = ours.scan()
    claimed = other.claim(candidate, uuid4())
    take = ours._claims.take

    def finished_first(claim: Any) -> bool:
        other.finish(claimed)
        return take(claim)

    monkeypatch.setattr(ours._claims, "take", finished_first)
    with pytest.raises(AlreadyClaimed):
        ours.claim(candidate, uuid4())
    assert list(ours.claimed()) == []
