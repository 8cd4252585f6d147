"""The S3 inbox: names, sidecars, objects that are replaced, workers that die between any two requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from prip_core import (
    SIDECAR_LIMIT,
    AlreadyClaimed,
    Candidate,
    Claimed,
    ConfigError,
    Fate,
    PermanentError,
    PripError,
    Receipt,
    Rejection,
    TransientError,
)
from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.sources import pattern
from prip_storage_s3 import circuit, pauses
from prip_storage_s3 import inbox as module
from prip_storage_s3 import objects as objects_module
from prip_storage_s3 import quarantine as quarantine_module
from prip_storage_s3.inbox import S3Inbox
from prip_storage_s3.settings import MIB
from tests.unit.storage_s3.faulty_proxy import (
    Answer,
    Fault,
    Proxy,
    Request,
    do_then_refuse,
    edit,
    lose_the_answer,
    refuse,
    reset,
)

NAME = "S2B_OPER_MSI_L1C_TL.tar"
WHEN = datetime(2025, 8, 1, 12, 30, tzinfo=UTC)
SIDECAR = b'{"campaign": "granite"}'
Make = Callable[..., S3Inbox]
Put = Callable[..., None]


@pytest.fixture
def make(s3_server: S3Endpoint, bucket: str) -> Make:
    def make(**others: Any) -> S3Inbox:
        settings = {
            "bucket": bucket,
            "endpoint_url": s3_server.url,
            "access_key": s3_server.access_key,
            "secret_key": s3_server.secret_key,
            "attempts": 1,
            **others,
        }
        return S3Inbox(S3Inbox.Settings.model_validate(settings))

    return make


@pytest.fixture
def inbox(make: Make) -> S3Inbox:
    return make()


@pytest.fixture
def put(client: Any, bucket: str) -> Put:
    def put(name: str = NAME, content: bytes = b"bytes", sidecar: bytes | None = None) -> None:
        if sidecar is not None:
            client.put_object(Bucket=bucket, Key=f"inbox/{name}.prip.json", Body=sidecar)
        client.put_object(Bucket=bucket, Key=f"inbox/{name}", Body=content)

    return put


@pytest.fixture
def keys(client: Any, bucket: str) -> Callable[[], list[str]]:
    def keys() -> list[str]:
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
        found = [found["Key"] for found in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return [key for key in found if key != f"inbox/{module.CHECK}"]

    return keys


def only(inbox: S3Inbox) -> Candidate:
    (candidate,) = inbox.scan()
    return candidate


def claim(inbox: S3Inbox, uuid: UUID | None = None) -> Claimed:
    return inbox.claim(only(inbox), uuid or uuid4())


def rejection(claimed: Claimed) -> Rejection:
    return Rejection(uuid=claimed.uuid, name=claimed.name, reason="broken", when=WHEN, inbox="chain")


def content_of(inbox: S3Inbox, claimed: Claimed) -> bytes:
    with inbox.source(claimed) as source:
        return source.read()


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


# Workers that die. A request that is refused, or whose answer is lost, and nothing after it, is all that the server
# sees of a worker that is killed there.


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


@pytest.fixture
def dying(make: Make, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> S3Inbox:
    """The inbox of a worker that dies when the proxy says so."""
    monkeypatch.setattr(pauses, "_FIRST", 0.01)
    return make(endpoint_url=proxy.url)


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

    def prepare() -> None:
        put(sidecar=SIDECAR)
        claims.append(claim(inbox))

    for _ in deaths(proxy, fault, lambda: dying.finish(claims[-1]), prepare):
        assert list(inbox.scan()) == []
        inbox.finish(claims[-1])
        assert keys() == []


def test_refusing_survives_death(
    inbox: S3Inbox, dying: S3Inbox, proxy: Proxy, put: Put, keys: Any, fault: Fault
) -> None:
    claims: list[Claimed] = []

    def prepare() -> None:
        put(sidecar=SIDECAR)
        claims.append(claim(inbox))

    for _ in deaths(proxy, fault, lambda: dying.reject(claims[-1], rejection(claims[-1])), prepare):
        assert list(inbox.scan()) == []
        inbox.reject(claims[-1], rejection(claims[-1]))
        assert list(inbox.rejected()) == [rejection(claims[-1])]
        inbox.retry(rejection(claims[-1]))
        again = claim(inbox)
        assert (content_of(inbox, again), again.sidecar) == (b"bytes", SIDECAR)
        inbox.finish(again)
        assert keys() == []


def test_giving_back_survives_death(
    inbox: S3Inbox, dying: S3Inbox, proxy: Proxy, put: Put, keys: Any, fault: Fault
) -> None:
    claims: list[Claimed] = []

    def prepare() -> None:
        put(sidecar=SIDECAR)
        claims.append(claim(inbox))
        inbox.reject(claims[-1], rejection(claims[-1]))

    for died in deaths(proxy, fault, lambda: dying.retry(rejection(claims[-1])), prepare):
        if died:
            try:
                inbox.retry(rejection(claims[-1]))
            except PermanentError:
                inbox.drop(rejection(claims[-1]))  # all of it had happened
        again = claim(inbox)
        assert (content_of(inbox, again), again.sidecar) == (b"bytes", SIDECAR)
        inbox.finish(again)
        assert (list(inbox.rejected()), keys()) == ([], [])


def test_a_lost_answer_to_the_claim_is_no_lost_claim(make: Make, proxy: Proxy, put: Put) -> None:
    """boto3 repeats the request, and hears that somebody has it: we ourselves."""
    patient = make(endpoint_url=proxy.url, attempts=3)
    put()
    proxy.does(lose_the_answer(), method="PUT", times=1)
    uuid = uuid4()
    claimed = patient.claim(only(patient), uuid)
    assert (claimed.uuid, content_of(patient, claimed)) == (uuid, b"bytes")


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


def test_a_server_without_conditions_refuses_the_start(make: Make, proxy: Proxy, keys: Any) -> None:
    accept = edit(lambda answer: Answer(200, {"etag": '"x"'}, b"") if answer.status == 412 else answer)
    proxy.does(accept, method="PUT")
    with pytest.raises(ConfigError, match=r"If-None-Match.*use another server"):
        make(endpoint_url=proxy.url)
    assert keys() == []


def test_a_server_that_is_away_at_the_start_is_no_mistake(make: Make, proxy: Proxy) -> None:
    proxy.does(do_then_refuse(503, "SlowDown"), method="PUT")
    with capture_logs() as lines:
        make(endpoint_url=proxy.url)
    assert [line["event"] for line in lines] == ["claims not checked"]


def test_what_another_worker_finishes_meanwhile_is_not_claimed(
    make: Make, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one ends between our look at the object and our claim, which nothing stands against any more."""
    ours, other = make(), make()
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
