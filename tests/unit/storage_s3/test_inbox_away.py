"""Servers and buckets that are away from an S3 inbox, for a moment or at the start."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from prip_core import AlreadyClaimed, Candidate, ConfigError, TransientError
from prip_storage_s3 import circuit
from prip_storage_s3 import inbox as module
from prip_storage_s3.inbox import S3Inbox
from tests.unit.storage_s3.deliveries import NAME, SIDECAR, WHEN, Make, Put, claim
from tests.unit.storage_s3.faulty_proxy import Answer, Proxy, do_then_refuse, edit, refuse


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_server_that_is_away_is_said_and_loses_nothing(
    inbox: S3Inbox, dying: S3Inbox, proxy: Proxy, put: Put, method: str
) -> None:
    put(sidecar=SIDECAR)
    claimed = claim(inbox)
    proxy.does(refuse(503, "SlowDown"), method=method)
    for work in (
        lambda: list(dying.scan()),
        lambda: dying.claim(Candidate(name=NAME, path=NAME, size=5, arrived=WHEN), uuid4()),
        lambda: dying.finish(claimed),
    ):
        try:
            work()
        except (TransientError, AlreadyClaimed):
            continue
    proxy.heal()
    if list(inbox.claimed()):
        inbox.release(claimed.uuid)
        assert claim(inbox).sidecar == SIDECAR
    else:
        assert list(inbox.scan()) == [], "it was finished"


def test_a_server_that_keeps_waiting_is_left_alone_for_a_while(
    dying: S3Inbox, proxy: Proxy, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a worker would do nothing but wait for it."""
    put()
    monkeypatch.setattr(circuit, "_QUICK", -1.0)
    proxy.does(refuse(503, "SlowDown"), method="GET")
    candidate = Candidate(name=NAME, path=NAME, size=5, arrived=WHEN)
    moments = [0.0, 0.5]  # it fails after half a second
    monkeypatch.setattr(circuit, "monotonic", lambda: moments.pop(0) if len(moments) > 1 else moments[0])
    with pytest.raises(TransientError, match="in peace"):
        list(dying.scan())
    asked = len(proxy.seen)
    for work in (lambda: list(dying.scan()), lambda: dying.still_there(candidate), lambda: dying.pause(None)):
        with pytest.raises(TransientError, match=r"in peace.*asked again in 5 s"):
            work()
    assert len(proxy.seen) == asked
    proxy.heal()
    moments[:] = [5.6]
    assert [found.name for found in dying.scan()] == [NAME]


def test_a_bucket_that_is_away_is_no_empty_inbox(inbox: S3Inbox, client: Any, bucket: str) -> None:
    client.delete_object(Bucket=bucket, Key=f"inbox/{module.CHECK}")
    client.delete_bucket(Bucket=bucket)
    with pytest.raises(TransientError, match="the bucket is not there"):
        list(inbox.scan())
    with pytest.raises(TransientError, match="the bucket is not there"):
        inbox.still_there(Candidate(name=NAME, path=NAME, size=5, arrived=WHEN))


def test_a_server_without_conditions_refuses_the_start(make_inbox: Make, proxy: Proxy, keys: Any) -> None:
    accept = edit(lambda answer: Answer(200, {"etag": '"x"'}, b"") if answer.status == 412 else answer)
    proxy.does(accept, method="PUT")
    with pytest.raises(ConfigError, match=r"If-None-Match.*use another server"):
        make_inbox(endpoint_url=proxy.url)
    assert keys() == []


def test_a_server_that_is_away_at_the_start_is_no_mistake(make_inbox: Make, proxy: Proxy) -> None:
    proxy.does(do_then_refuse(503, "SlowDown"), method="PUT")
    with capture_logs() as lines:
        make_inbox(endpoint_url=proxy.url)
    assert [line["event"] for line in lines] == ["claims not checked"]
