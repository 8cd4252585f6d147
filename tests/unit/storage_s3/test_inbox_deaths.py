"""Workers that die between any two requests to an S3 inbox.

A request that is refused, or whose answer is lost, and nothing after it, is all that the server sees of one that is
killed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from prip_core import AlreadyClaimed, Candidate, Claimed, PermanentError, PripError
from prip_storage_s3.inbox import S3Inbox
from tests.unit.storage_s3.deliveries import NAME, SIDECAR, WHEN, Make, Put, claim, content_of, only, rejection
from tests.unit.storage_s3.faulty_proxy import Answer, Fault, Proxy, Request, lose_the_answer, reset


def _die_at(proxy: Proxy, number: int, fault: Fault) -> None:
    """From the request of this number on, nothing comes through any more; the first of them meets a fault."""
    seen = iter(range(number + 1))

    def dying(request: Request, ask: Callable[[Request], Answer]) -> Answer | None:
        left = next(seen, None)
        if left is None:
            return None
        return ask(request) if left < number else fault(request, ask)

    for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        proxy.does(dying, method=method)


@pytest.fixture(params=["before the request", "after the request"])
def fault(request: pytest.FixtureRequest) -> Fault:
    return reset() if request.param == "before the request" else lose_the_answer()


def deaths(proxy: Proxy, fault: Fault, work: Callable[[], object], prepare: Callable[[], object]) -> Iterator[bool]:
    """Prepare, then let the worker die at its first request, its second, and so on, until it gets through."""
    for number in range(40):
        prepare()
        _die_at(proxy, number, fault)
        try:
            work()
        except PripError:
            proxy.heal()
            yield True
        else:
            proxy.heal()
            yield False
            return
    raise AssertionError("it never gets through")


def claimed_anew(inbox: S3Inbox, put: Put) -> Claimed:
    put(sidecar=SIDECAR)
    return claim(inbox)


def take_in_whole(inbox: S3Inbox) -> None:
    """What lies in the inbox again, with its sidecar."""
    claimed = claim(inbox)
    assert (content_of(inbox, claimed), claimed.sidecar) == (b"bytes", SIDECAR)
    inbox.finish(claimed)


def test_a_claim_survives_death(
    inbox: S3Inbox, dying: S3Inbox, proxy: Proxy, put: Put, keys: Any, fault: Fault
) -> None:
    uuid = uuid4()
    candidate = Candidate(name=NAME, path=NAME, size=5, arrived=WHEN)
    for died in deaths(proxy, fault, lambda: dying.claim(candidate, uuid), lambda: put(sidecar=SIDECAR)):
        claimed = inbox.claim(candidate, uuid)
        assert (content_of(inbox, claimed), claimed.sidecar) == (b"bytes", SIDECAR), died
        with pytest.raises(AlreadyClaimed):
            inbox.claim(candidate, uuid4())
        inbox.finish(claimed)
        assert keys() == []


def test_finishing_survives_death(
    inbox: S3Inbox, dying: S3Inbox, proxy: Proxy, put: Put, keys: Any, fault: Fault
) -> None:
    claims: list[Claimed] = []
    for _ in deaths(proxy, fault, lambda: dying.finish(claims[-1]), lambda: claims.append(claimed_anew(inbox, put))):
        assert list(inbox.scan()) == []
        inbox.finish(claims[-1])
        assert keys() == []


def test_refusing_survives_death(
    inbox: S3Inbox, dying: S3Inbox, proxy: Proxy, put: Put, keys: Any, fault: Fault
) -> None:
    claims: list[Claimed] = []

    def refuse() -> None:
        dying.reject(claims[-1], rejection(claims[-1]))

    for _ in deaths(proxy, fault, refuse, lambda: claims.append(claimed_anew(inbox, put))):
        assert list(inbox.scan()) == []
        inbox.reject(claims[-1], rejection(claims[-1]))
        assert list(inbox.rejected()) == [rejection(claims[-1])]
        inbox.retry(rejection(claims[-1]))
        take_in_whole(inbox)
        assert keys() == []


def test_giving_back_survives_death(
    inbox: S3Inbox, dying: S3Inbox, proxy: Proxy, put: Put, keys: Any, fault: Fault
) -> None:
    claims: list[Claimed] = []

    def prepare() -> None:
        claims.append(claimed_anew(inbox, put))
        inbox.reject(claims[-1], rejection(claims[-1]))

    for died in deaths(proxy, fault, lambda: dying.retry(rejection(claims[-1])), prepare):
        if died:
            try:
                inbox.retry(rejection(claims[-1]))
            except PermanentError:
                inbox.drop(rejection(claims[-1]))  # all of it had happened
        take_in_whole(inbox)
        assert (list(inbox.rejected()), keys()) == ([], [])


def test_a_lost_answer_to_the_claim_is_no_lost_claim(make_inbox: Make, proxy: Proxy, put: Put) -> None:
    """boto3 repeats the request, and hears that somebody has it: we ourselves."""
    patient = make_inbox(endpoint_url=proxy.url, attempts=3)
    put()
    proxy.does(lose_the_answer(), method="PUT", times=1)
    uuid = uuid4()
    claimed = patient.claim(only(patient), uuid)
    assert (claimed.uuid, content_of(patient, claimed)) == (uuid, b"bytes")
