"""The way of a product: every outcome, every failure, and work that changes hands at every labelled point."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import pytest

from prip_core import crashpoints
from prip_core.errors import PermanentError, TransientError
from prip_core.ingest.context import Outcome
from prip_core.ingest.failures import BUG_ATTEMPTS, DEATHS
from prip_core.model import InspectedProduct, ProductMetadata, Severity, Stage
from prip_core.rules import qc_rule
from prip_core.times import NEVER
from prip_storage_posix.posix import PosixSettings, PosixStorage

Point = Any
LONG = timedelta(hours=1)


def accept(point: Point, served: Any = None) -> Outcome:
    served = served or point.served
    return point.pipeline.accept(served, point.candidate(served))


def resume(point: Point) -> Outcome:
    ingestion = point.catalogue.ingestions.take_over(["inbox"], point.lease)
    assert ingestion is not None, "nothing to take up"
    return point.pipeline.resume(point.served, ingestion)


def rejections(point: Point) -> list[str]:
    return [rejection.reason for rejection in point.served.inbox.rejected()]


def assert_published_once(point: Point, name: str = "ROCK_1.tar") -> None:
    (product,) = point.catalogue.products.named(name)
    assert product.online
    with point.storage.open(product.key) as stored:
        assert hashlib.md5(stored.read()).hexdigest() == product.checksums[0].value
    assert product.key in point.stored()
    assert point.left_in_inbox() == []
    assert point.catalogue.ingestions.open() == []
    assert rejections(point) == []


def assert_refused(point: Point, reason: str) -> None:
    assert any(reason in each for each in rejections(point)), rejections(point)
    assert point.left_in_inbox() == []
    assert point.catalogue.ingestions.open() == []


def test_a_product_is_published(point: Point) -> None:
    content = point.deliver(more={"ROCK_1/quicklook.png": b"picture"}).read_bytes()
    assert accept(point) is Outcome.PUBLISHED
    assert_published_once(point)
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    folder = f"ROCK_L0/{point.candidate_day()}/{product.id}"
    assert product.key == f"{folder}/ROCK_1.tar"
    assert sorted(point.stored()) == [f"{folder}/ROCK_1.tar", f"{folder}/quicklooks/quicklook.png"]
    assert {checksum.algorithm: checksum.value for checksum in product.checksums}["MD5"] == (
        hashlib.md5(content).hexdigest()
    )
    assert [checksum.algorithm for checksum in product.checksums] == ["MD5", "BLAKE3"]
    assert (product.mission, product.product_type, product.content_length) == ("geology", "ROCK_L0", len(content))
    assert product.eviction_date == NEVER
    assert product.publication_date == point.clock.now()


def test_a_linked_product_is_published_without_a_copy(point: Point) -> None:
    served = point.inbox("inbox", take_over="link")
    inode = point.deliver().stat().st_ino
    assert accept(point, served) is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    path = point.storage.local_path(product.key)
    assert path is not None
    assert path.stat().st_ino == inode
    assert_published_once(point)


def test_the_same_product_again_is_dropped(point: Point) -> None:
    content = point.deliver().read_bytes()
    assert accept(point) is Outcome.PUBLISHED
    point.deliver().write_bytes(content)
    assert accept(point) is Outcome.DUPLICATE
    assert_published_once(point)
    assert len(point.stored()) == 1


def test_other_bytes_under_a_name_that_is_online_are_refused(point: Point) -> None:
    point.deliver()
    accept(point)
    point.deliver(facts={"weight": 8})
    assert accept(point) is Outcome.REJECTED
    assert_refused(point, "is online already")
    assert len(point.stored()) == 1


@qc_rule("QC-91")
def light(product: InspectedProduct) -> Iterator[str]:
    if any(attribute.value == 100 for attribute in product.metadata.attributes):
        yield "too heavy"


@qc_rule("QC-92", severity=Severity.WARNING)
def dusty(product: InspectedProduct) -> Iterator[str]:
    yield "a little dusty"


@qc_rule("QC-93", stage=Stage.CONTENT)
def solid(product: InspectedProduct) -> Iterator[str]:
    if any(digest.size == 99 for digest in product.members.values()):
        yield "a member has an unlucky size"


@pytest.mark.parametrize(
    ("name", "delivery", "reason"),
    [
        ("BIRD_1.tar", {}, "no mission claims this name; asked were geology"),
        ("ROCK_SECRET.tar", {}, "is a secret rock"),
        ("ROCK_1.tar", {"facts": {"weight": -1}}, "no negative weight"),
        ("ROCK_1.tar", {"facts": {"weight": 100}}, "QC-91: too heavy"),
        ("ROCK_1.tar", {"more": {"ROCK_1/x": bytes(99)}}, "QC-93: a member has an unlucky size"),
        ("ROCK_1.tar", {"more": {"/etc/passwd": b""}}, "absolute names"),
        ("ROCK_a b.tar", {}, "letters, digits"),
    ],
)
def test_products_that_are_not_in_order_go_to_quarantine(
    point: Point, name: str, delivery: dict[str, Any], reason: str
) -> None:
    point.rules += [light, dusty, solid]
    point.deliver(name, **delivery)
    assert accept(point) is Outcome.REJECTED
    assert_refused(point, reason)
    assert point.stored() == []
    assert point.catalogue.products.named(name) == []


def test_warnings_are_published_with_the_product(point: Point) -> None:
    point.rules += [light, dusty, solid]
    point.deliver()
    assert accept(point) is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert [finding.rule for finding in point.catalogue.products.findings(product.id)] == ["QC-92"]


def test_a_damaged_container_is_refused_and_its_object_removed(point: Point) -> None:
    path = point.deliver(more={"ROCK_1/image": bytes(100_000)})
    path.write_bytes(path.read_bytes()[:-1024])
    assert accept(point) is Outcome.REJECTED
    assert_refused(point, "two zero blocks")
    assert point.stored() == []


def sidecar(point: Point, content: object) -> None:
    (point.folder / "inbox" / "ROCK_1.tar.prip.json").write_text(json.dumps(content))


def test_a_sidecar_adds_what_it_knows(point: Point) -> None:
    sidecar(
        point,
        {"origin_date": "2026-03-01T08:00:00Z", "campaign": "granite", "attributes": {"downlinkOrbitNumber": 12}},
    )
    point.deliver()
    assert accept(point) is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    row = point.catalogue.products.row(product.id)
    assert {each["Name"]: each["Value"] for each in json.loads(row.attributes)} == {
        "weight": 7,
        "downlinkOrbitNumber": 12,
        "campaign": "granite",
    }
    assert product.origin_date.hour == 8
    assert_published_once(point)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA3-256"])
@pytest.mark.parametrize("right", [True, False])
def test_a_stated_digest_is_compared(point: Point, algorithm: str, right: bool) -> None:
    content = point.deliver().read_bytes()
    value = hashlib.new(algorithm.lower().replace("-", "_"), content).hexdigest()
    sidecar(
        point, {"checksum": {"algorithm": algorithm, "value": value.upper() if right else value[1:] + value[0] + "0"}}
    )
    point.deliver()
    assert accept(point) is (Outcome.PUBLISHED if right else Outcome.REJECTED)
    if right:
        assert_published_once(point)
        (product,) = point.catalogue.products.named("ROCK_1.tar")
        assert [checksum.algorithm for checksum in product.checksums] == ["MD5", "BLAKE3"]
    else:
        assert_refused(point, f"the sidecar states the {algorithm}")
        assert point.stored() == []


@pytest.mark.parametrize(
    ("content", "reason"), [({"attributes": {"weight": 8}}, "weight is 8, the product says 7"), ({"x": 1}, "x: Extra")]
)
def test_a_sidecar_that_contradicts_or_makes_no_sense_takes_its_product_along(
    point: Point, content: object, reason: str
) -> None:
    sidecar(point, content)
    point.deliver()
    assert accept(point) is Outcome.REJECTED
    assert_refused(point, reason)


class Troubled(PosixStorage):
    """A storage whose ``put`` fails so often before it works."""

    def __init__(self, settings: PosixSettings, *troubles: Exception) -> None:
        super().__init__(settings)
        self._troubles = list(troubles)

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        if self._troubles:
            source.read(10)
            raise self._troubles.pop(0)
        super().put(key, source, size=size)


def trouble(point: Point, *troubles: Exception) -> None:
    point.storage = Troubled(PosixSettings(path=point.folder / "archive"), *troubles)


@pytest.mark.parametrize(
    "passing",
    [
        TransientError("no connection"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EIO, "Input/output error"),
    ],
)
def test_passing_trouble_is_outlived_however_long_it_lasts(point: Point, passing: Exception) -> None:
    trouble(point, *[passing] * 6)
    point.deliver()
    assert accept(point) is Outcome.POSTPONED
    for _ in range(5):
        assert point.catalogue.ingestions.take_over(["inbox"], point.lease) is None, "it is not due yet"
        (waiting,) = point.catalogue.ingestions.open()
        assert waiting.last_error is not None
        point.clock.advance(LONG)
        assert resume(point) is Outcome.POSTPONED
    point.clock.advance(LONG)
    assert resume(point) is Outcome.PUBLISHED
    assert_published_once(point)


def test_the_other_side_may_ask_for_a_longer_pause(point: Point) -> None:
    trouble(point, TransientError("come back later", retry_after=timedelta(minutes=30)))
    point.deliver()
    accept(point)
    (waiting,) = point.catalogue.ingestions.open()
    assert waiting.due_at >= point.clock.now() + timedelta(minutes=30)


def test_a_bug_is_tried_three_times_then_put_aside(point: Point) -> None:
    trouble(point, *[ZeroDivisionError("oops")] * 4)
    point.deliver()
    outcomes = [accept(point)]
    while outcomes[-1] is Outcome.POSTPONED:
        point.clock.advance(LONG)
        outcomes.append(resume(point))
    assert outcomes == [*[Outcome.POSTPONED] * 3, Outcome.REJECTED]
    assert_refused(point, "an unexpected error came 4 times: ZeroDivisionError: oops")


def test_what_will_never_work_is_put_aside_for_an_operator(point: Point) -> None:
    trouble(point, PermanentError("this bucket is not ours"))
    point.deliver()
    assert accept(point) is Outcome.REJECTED
    assert_refused(point, "this bucket is not ours")


def test_a_storage_that_holds_less_than_it_was_given_is_not_believed(point: Point) -> None:
    class Lossy(PosixStorage):
        def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
            assert size is not None
            super().put(key, source, size=size)
            path = self.local_path(key)
            assert path is not None
            path.write_bytes(path.read_bytes()[:-1])

    point.storage = Lossy(PosixSettings(path=point.folder / "archive"))
    point.deliver()
    assert accept(point) is Outcome.POSTPONED
    assert point.catalogue.products.named("ROCK_1.tar") == []


def test_a_jumped_clock_dates_nothing_and_keeps_the_work_due(point: Point) -> None:
    point.deliver()
    now = point.clock.now()
    point.clock.set(now + timedelta(days=3650))
    assert accept(point) is Outcome.POSTPONED
    assert point.catalogue.products.named("ROCK_1.tar") == []
    point.clock.set(now + timedelta(days=3650, seconds=1))
    point.catalogue.clock.accept("the operator")
    assert resume(point) is Outcome.PUBLISHED
    assert_published_once(point)


def test_a_candidate_that_is_gone_leaves_no_trace(point: Point) -> None:
    path = point.deliver()
    candidate = point.candidate()
    path.unlink()
    assert point.pipeline.accept(point.served, candidate) is Outcome.LOST
    assert point.catalogue.ingestions.open() == []


def test_a_storage_that_is_no_longer_configured_is_waited_for(point: Point) -> None:
    point.deliver()
    served = point.inbox("inbox", storage="gone")
    assert accept(point, served) is Outcome.POSTPONED
    (waiting,) = point.catalogue.ingestions.open()
    assert "[storages.gone] must come back" in waiting.last_error


class Killed(BaseException):
    """Ends the work as a kill does, without a chance to clean up."""


def at(monkeypatch: pytest.MonkeyPatch, label: str, deed: Callable[[], None]) -> None:
    """Do this once, when the work comes to a labelled point."""
    done: list[str] = []

    def reached(here: str) -> None:
        if here == label and not done:
            done.append(here)
            deed()

    monkeypatch.setattr(crashpoints, "reached", reached)


PUBLISHED_WAY = [label for label in crashpoints.LABELS if not label.startswith("reject")]
REJECTED_WAY = ["claim.row", "claim.renamed", "stored", "reject.verdict", "reject.deleted", "reject.moved", "closed"]


def bad(point: Point) -> None:
    """Deliver a product that is refused after its bytes were stored."""
    point.rules.append(solid)
    point.deliver(more={"ROCK_1/x": bytes(99)})


@pytest.mark.parametrize("label", PUBLISHED_WAY)
def test_a_crash_anywhere_is_made_good_by_the_next_worker(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        raise Killed

    at(monkeypatch, label, kill)
    point.deliver(more={"ROCK_1/quicklook.png": b"picture"})
    with pytest.raises(Killed):
        accept(point)
    point.clock.advance(LONG)
    if label != "closed":
        assert resume(point) is Outcome.PUBLISHED
    assert_published_once(point)
    assert len(point.stored()) == 2


@pytest.mark.parametrize("label", REJECTED_WAY)
def test_a_crash_on_the_way_to_quarantine_is_made_good(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        raise Killed

    at(monkeypatch, label, kill)
    bad(point)
    with pytest.raises(Killed):
        accept(point)
    point.clock.advance(LONG)
    if label != "closed":
        assert resume(point) is Outcome.REJECTED
    assert_refused(point, "QC-93")
    assert point.stored() == []


def test_a_duplicate_whose_worker_died_is_dropped_by_the_next(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill() -> None:
        raise Killed

    content = point.deliver().read_bytes()
    accept(point)
    for label in ("publish.after", "clean.before", "clean.finished"):
        at(monkeypatch, label, kill)
        point.deliver().write_bytes(content)
        with pytest.raises(Killed):
            accept(point)
        point.clock.advance(LONG)
        assert resume(point) is Outcome.DUPLICATE
        assert_published_once(point)
        assert len(point.stored()) == 1


@pytest.mark.parametrize("label", PUBLISHED_WAY)
def test_a_full_disk_anywhere_is_outlived(point: Point, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    at(monkeypatch, label, fail)
    point.deliver()
    if label == "claim.row":
        with pytest.raises(OSError):
            accept(point)
    else:
        outcome = accept(point)
        assert outcome is (Outcome.LOST if label == "closed" else Outcome.POSTPONED)
    point.clock.advance(LONG)
    if label != "closed":
        assert resume(point) is Outcome.PUBLISHED
    assert_published_once(point)


@pytest.mark.parametrize("label", REJECTED_WAY[1:-1])
def test_a_full_disk_on_the_way_to_quarantine_is_outlived(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    at(monkeypatch, label, fail)
    bad(point)
    assert accept(point) is Outcome.POSTPONED
    point.clock.advance(LONG)
    assert resume(point) is Outcome.REJECTED
    assert_refused(point, "QC-93")
    assert point.stored() == []


@pytest.mark.parametrize("label", PUBLISHED_WAY[:-1])
def test_a_worker_that_lost_its_lease_leaves_everything_to_the_other(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Outcome] = []

    def take_over() -> None:
        point.clock.advance(LONG)
        others.append(resume(point))

    at(monkeypatch, label, take_over)
    point.deliver()
    assert accept(point) is Outcome.LOST
    assert others == [Outcome.PUBLISHED]
    assert_published_once(point)


@pytest.mark.parametrize("label", REJECTED_WAY[:-1])
def test_a_worker_that_lost_its_lease_moves_nothing_to_quarantine(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Outcome] = []

    def take_over() -> None:
        point.clock.advance(LONG)
        others.append(resume(point))

    at(monkeypatch, label, take_over)
    bad(point)
    assert accept(point) is Outcome.LOST
    assert others == [Outcome.REJECTED]
    assert_refused(point, "QC-93")
    assert len(rejections(point)) == 1


def test_a_new_delivery_of_the_name_is_never_taken_for_the_old_one(
    point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies after the old file was removed; the chain delivers other bytes before the work is resumed."""

    def kill() -> None:
        raise Killed

    at(monkeypatch, "clean.finished", kill)
    point.deliver()
    with pytest.raises(Killed):
        accept(point)
    point.deliver(facts={"weight": 8})
    point.clock.advance(LONG)
    assert resume(point) is Outcome.PUBLISHED
    assert point.left_in_inbox() == ["ROCK_1.tar"]
    assert accept(point) is Outcome.REJECTED
    assert_refused(point, "is online already")


@pytest.mark.parametrize("error", [TransientError("connection lost"), ZeroDivisionError("oops")])
def test_after_a_lost_answer_of_the_publication_nothing_is_refused(point: Point, error: Exception) -> None:
    """The row is there, and the worker does not know it: its verdict must not hold, however often it has tried."""
    publication = point.catalogue.publication

    class LosesAnswers:
        def publish(self, *args: Any, **options: Any) -> None:
            publication.publish(*args, **options)
            raise error

    point.deliver()
    point.catalogue.publication = LosesAnswers()
    ingestion = point.catalogue.ingestions.begin(uuid4(), "inbox", point.candidate(), point.lease)
    assert point.pipeline.resume(point.served, replace(ingestion, faults=BUG_ATTEMPTS)) is Outcome.POSTPONED
    point.catalogue.publication = publication
    point.clock.advance(LONG)
    assert resume(point) is Outcome.PUBLISHED
    assert_published_once(point)


def test_metadata_of_the_mission_reach_the_row(point: Point) -> None:
    mission = point.missions["geology"]
    inspect = mission.inspect

    def with_parent(identity: Any, files: Any) -> ProductMetadata:
        return replace(inspect(identity, files), parent="MOUNTAIN", origin_date=point.clock.now())

    mission.inspect = with_parent
    point.deliver()
    assert accept(point) is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert product.origin_date == point.clock.now()


def test_a_product_that_workers_die_over_is_put_aside(point: Point) -> None:
    point.deliver()
    point.catalogue.ingestions.begin(uuid4(), "inbox", point.candidate(), point.lease)
    ingestion = None
    for _ in range(DEATHS):
        point.clock.advance(LONG)
        ingestion = point.catalogue.ingestions.take_over(["inbox"], point.lease)
    assert ingestion is not None
    point.served.inbox.claim(point.candidate(), ingestion.uuid)
    assert point.pipeline.resume(point.served, ingestion) is Outcome.REJECTED
    assert_refused(point, "5 workers died")


def test_a_file_that_cannot_be_claimed_leaves_no_row_behind(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """It still lies in the inbox, where every scan finds it: rows would pile up."""
    point.deliver()

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(self))

    monkeypatch.setattr(Path, "rename", refuse)
    assert accept(point) is Outcome.LOST
    monkeypatch.undo()
    assert point.catalogue.ingestions.open() == []
    assert accept(point) is Outcome.PUBLISHED
