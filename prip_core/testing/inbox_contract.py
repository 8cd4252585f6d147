"""What every inbox must do: inherit :class:`InboxContract`, give it its three fixtures, and run pytest."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from prip_core import (
    AlreadyClaimed,
    Candidate,
    Claimed,
    Fate,
    Finding,
    Inbox,
    PermanentError,
    Receipt,
    Rejection,
    Severity,
)
from prip_core.testing.plugin_contract import check_settings
from prip_core.testing.sources import pattern
from prip_core.testing.together import run_together

NAME = "S2B_OPER_MSI_L1C_TL_2BPS_20250801T093552_A043890_T47XMH_N05.11.tar"
OTHER = "S1A_IW_GRDH_1SDV_20250801T070620_20250801T070645_060345_077F3A_5B1C.SAFE.zip"
SIDECAR = b'{"origin_date": "2025-08-01T07:15:02.120Z"}'
WHEN = datetime(2025, 8, 1, 12, 30, tzinfo=UTC)
SIZES = (0, 1, 5 * 1024 * 1024 + 7)


class Deliver(Protocol):
    """Delivers a product as the chain does, its sidecar first where there is one."""

    def __call__(self, name: str, content: bytes, sidecar: bytes | None = None) -> None: ...


class InboxContract:
    """The contract of :class:`prip_core.Inbox`::

    class TestMyInbox(InboxContract):
        @pytest.fixture
        def inbox(self, tmp_path): ...       # MyInbox(MyInbox.Settings(…))

        @pytest.fixture
        def another(self, inbox): ...        # another object over the same place: another worker's

        @pytest.fixture
        def deliver(self, tmp_path): ...     # a function as Deliver describes it
    """

    @pytest.fixture
    def inbox(self) -> Inbox:
        """The inbox to test, without any delivery or refused product, anew for every test."""
        raise NotImplementedError("a test of the contract gives the fixture 'inbox'")

    @pytest.fixture
    def another(self) -> Inbox:
        """Another object over the same place."""
        raise NotImplementedError("a test of the contract gives the fixture 'another'")

    @pytest.fixture
    def deliver(self) -> Deliver:
        """Delivers to this place."""
        raise NotImplementedError("a test of the contract gives the fixture 'deliver'")

    def test_it_has_a_name_and_frozen_settings(self, inbox: Inbox) -> None:
        assert inbox.NAME
        check_settings(type(inbox).Settings, inbox.settings)

    def test_scan_tells_the_facts(self, inbox: Inbox, deliver: Deliver) -> None:
        assert list(inbox.scan()) == []
        deliver(NAME, b"bytes", SIDECAR)
        deliver(OTHER, b"other bytes")
        found = inbox.scan()
        assert isinstance(found, Iterator), "an inbox may hold hundreds of thousands: give them one by one"
        facts = {candidate.name: candidate.size for candidate in found}
        assert facts == {NAME: 5, OTHER: 11}, "products, without their sidecars"
        assert all(inbox.still_there(candidate) for candidate in inbox.scan())
        arrived = [candidate.arrived for candidate in inbox.scan()]
        assert all(moment.utcoffset() == timedelta(0) for moment in arrived), "times are aware, in UTC"

    @pytest.mark.parametrize("sidecar", [None, SIDECAR])
    def test_claim_takes_product_and_sidecar(
        self, inbox: Inbox, another: Inbox, deliver: Deliver, sidecar: bytes | None
    ) -> None:
        deliver(NAME, b"bytes", sidecar)
        candidate, uuid = only(inbox), uuid4()
        claimed = inbox.claim(candidate, uuid)
        assert (claimed.uuid, claimed.name, claimed.size, claimed.sidecar) == (uuid, NAME, 5, sidecar)
        assert claimed.arrived == candidate.arrived
        for worker in (inbox, another):
            assert list(worker.scan()) == []
            assert not worker.still_there(candidate)
            assert list(worker.claimed()) == [uuid]

    def test_claim_may_be_repeated(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        """A worker that died is followed by one that knows the uuid."""
        deliver(NAME, b"bytes", SIDECAR)
        candidate, uuid = only(inbox), uuid4()
        claimed = inbox.claim(candidate, uuid)
        again = another.claim(candidate, uuid)
        assert (again.uuid, again.name, again.size, again.sidecar) == (uuid, NAME, claimed.size, SIDECAR)
        assert content_of(another, again) == b"bytes"

    def test_what_somebody_else_has_is_already_claimed(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes", SIDECAR)
        candidate, uuid = only(inbox), uuid4()
        inbox.claim(candidate, uuid)
        for worker in (inbox, another):
            with pytest.raises(AlreadyClaimed):
                worker.claim(candidate, uuid4())
        assert list(inbox.claimed()) == [uuid], "a claim that failed leaves nothing"
        assert content_of(inbox, inbox.claim(candidate, uuid)) == b"bytes"

    def test_what_is_gone_is_already_claimed(self, inbox: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes")
        candidate, uuid = only(inbox), uuid4()
        claimed = inbox.claim(candidate, uuid)
        inbox.finish(claimed)
        with pytest.raises(AlreadyClaimed):
            inbox.claim(candidate, uuid4())
        with pytest.raises(AlreadyClaimed):
            content_of(inbox, claimed)
        assert list(inbox.claimed()) == []

    def test_of_many_who_claim_one_succeeds(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        names = [f"{number}_{NAME}" for number in range(5)]
        for name in names:
            deliver(name, name.encode())
        candidates = list(inbox.scan())
        won: list[Claimed] = []

        def claim_all(worker: Inbox) -> None:
            for candidate in candidates:
                try:
                    won.append(worker.claim(candidate, uuid4()))
                except AlreadyClaimed:
                    continue

        run_together([lambda worker=worker: claim_all(worker) for worker in (inbox, another) * 3])  # type: ignore[misc]
        assert sorted(claimed.name for claimed in won) == names
        assert {claimed.uuid for claimed in won} == set(inbox.claimed())
        assert all(content_of(another, claimed) == claimed.name.encode() for claimed in won)

    @pytest.mark.parametrize("size", SIZES)
    def test_source_gives_every_byte(self, inbox: Inbox, deliver: Deliver, size: int) -> None:
        content = pattern(size)
        deliver(NAME, content)
        claimed = inbox.claim(only(inbox), uuid4())
        assert claimed.size == size
        assert content_of(inbox, claimed) == content
        assert content_of(inbox, claimed) == content, "it may be asked for again"

    def test_source_is_read_here_and_there(self, inbox: Inbox, deliver: Deliver) -> None:
        content = pattern(3 * 1024 * 1024)
        deliver(NAME, content)
        source = inbox.source(inbox.claim(only(inbox), uuid4()))
        with source.open("rb") if isinstance(source, Path) else source as file:
            assert file.seekable()
            for start, size in ((2_000_000, 100), (0, 512), (512, 512), (3_145_000, 5000), (1_000_000, 1_500_000)):
                assert file.seek(start) == file.tell() == start
                assert file.read(size) == content[start : start + size]
                assert file.tell() == min(start + size, len(content))
            assert file.seek(-10, io.SEEK_END) == len(content) - 10
            assert file.read() == content[-10:]
            assert (file.read(1), file.seek(0), file.read(3)) == (b"", 0, content[:3])

    def test_finish_leaves_nothing(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes", SIDECAR)
        candidate = only(inbox)
        # What it is told is what was written down of the claim before it was made.
        claimed = replace(inbox.claim(candidate, uuid4()), path=candidate.path, sidecar=None)
        inbox.finish(claimed)
        for worker in (inbox, another):
            worker.finish(claimed)
            assert (list(worker.scan()), list(worker.claimed()), list(worker.rejected())) == ([], [], [])
        deliver(NAME, b"anew")
        assert inbox.claim(only(inbox), uuid4()).sidecar is None, "the sidecar went with its product"

    def test_finish_spares_the_next_delivery_of_the_name(self, inbox: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes", SIDECAR)
        claimed = inbox.claim(only(inbox), uuid4())
        inbox.finish(claimed)
        deliver(NAME, b"anew", b"{}")
        inbox.finish(claimed)
        again = inbox.claim(only(inbox), uuid4())
        inbox.finish(claimed)
        assert (content_of(inbox, again), again.sidecar) == (b"anew", b"{}")

    def test_reject_keeps_product_and_reason(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes", SIDECAR)
        candidate = only(inbox)
        claimed = replace(inbox.claim(candidate, uuid4()), path=candidate.path, sidecar=None)
        refusal = rejection(claimed)
        inbox.reject(claimed, refusal)
        for worker in (inbox, another):
            worker.reject(claimed, refusal)
            assert list(worker.rejected()) == [refusal]
            assert (list(worker.scan()), list(worker.claimed())) == ([], [])

    def test_refused_products_come_oldest_first(self, inbox: Inbox, deliver: Deliver) -> None:
        refusals = []
        for minutes in (5, -2000, 0, 3000):
            deliver(NAME, b"bytes")
            claimed = inbox.claim(only(inbox), uuid4())
            refusals.append(rejection(claimed, WHEN + timedelta(minutes=minutes)))
            inbox.reject(claimed, refusals[-1])
        assert list(inbox.rejected()) == sorted(refusals, key=lambda refusal: refusal.when)

    def test_retry_delivers_again(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        deliver(NAME, pattern(100_000), SIDECAR)
        claimed = inbox.claim(only(inbox), uuid4())
        inbox.reject(claimed, rejection(claimed))
        another.retry(rejection(claimed))
        assert list(inbox.rejected()) == []
        again = inbox.claim(only(inbox), uuid4())
        assert (content_of(inbox, again), again.sidecar) == (pattern(100_000), SIDECAR)

    def test_retry_replaces_nothing(self, inbox: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes")
        claimed = inbox.claim(only(inbox), uuid4())
        inbox.reject(claimed, rejection(claimed))
        deliver(NAME, b"anew")
        with pytest.raises(PermanentError, match=NAME):
            inbox.retry(rejection(claimed))
        assert list(inbox.rejected()) == [rejection(claimed)]
        again = inbox.claim(only(inbox), uuid4())
        assert content_of(inbox, again) == b"anew"
        inbox.finish(again)
        inbox.retry(rejection(claimed))
        assert content_of(inbox, inbox.claim(only(inbox), uuid4())) == b"bytes"

    def test_retry_of_what_is_not_there_is_permanent(self, inbox: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes")
        claimed = inbox.claim(only(inbox), uuid4())
        with pytest.raises(PermanentError, match=NAME):
            inbox.retry(rejection(claimed))
        assert list(inbox.claimed()) == [claimed.uuid]

    def test_drop_deletes_for_good(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        refusals = []
        for content in (b"first", b"second"):
            deliver(NAME, content)
            claimed = inbox.claim(only(inbox), uuid4())
            refusals.append(rejection(claimed))
            inbox.reject(claimed, refusals[-1])
        another.drop(refusals[0])
        inbox.drop(refusals[0])
        assert list(inbox.rejected()) == refusals[1:]
        inbox.retry(refusals[1])
        assert content_of(inbox, inbox.claim(only(inbox), uuid4())) == b"second"

    def test_claims_of_dead_workers_are_told(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes", SIDECAR)
        deliver(OTHER, b"other bytes")
        claims = {candidate.name: inbox.claim(candidate, uuid4()) for candidate in list(inbox.scan())}
        assert set(another.claimed()) == {claimed.uuid for claimed in claims.values()}
        another.finish(claims[NAME])
        assert list(another.claimed()) == [claims[OTHER].uuid]

    def test_release_puts_back(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        deliver(NAME, b"bytes", SIDECAR)
        uuid = uuid4()
        inbox.claim(only(inbox), uuid)
        another.release(uuid)
        another.release(uuid)
        inbox.release(uuid4())
        assert list(inbox.claimed()) == []
        again = inbox.claim(only(inbox), uuid4())
        assert (content_of(inbox, again), again.sidecar) == (b"bytes", SIDECAR)

    def test_marks_and_receipts_are_no_deliveries(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        """What an inbox does not implement it is not asked for."""
        deliver(NAME, b"bytes")
        claimed = inbox.claim(only(inbox), uuid4())
        inbox.finish(claimed)
        for worker in (inbox, another):
            worker.pause("there is no room")
            if type(inbox).tell is not Inbox.tell:
                worker.tell(claimed, receipt(claimed))
        assert (list(inbox.scan()), list(inbox.claimed()), list(inbox.rejected())) == ([], [], [])
        if type(inbox).paused is not Inbox.paused:
            assert inbox.paused() == another.paused() == "there is no room"
        for worker in (inbox, another):
            worker.pause(None)
        assert list(inbox.scan()) == []
        assert inbox.paused() is None

    def test_room_counts_refused_products(self, inbox: Inbox, another: Inbox, deliver: Deliver) -> None:
        for count in (1, 2):
            deliver(NAME, b"bytes")
            claimed = inbox.claim(only(inbox), uuid4())
            inbox.reject(claimed, rejection(claimed))
            for worker in (inbox, another):
                room = worker.quarantine_room()
                assert room.products in {None, count}
                assert room.free_bytes is None or room.free_bytes >= 0


def only(inbox: Inbox) -> Candidate:
    """The one product that lies there."""
    (candidate,) = inbox.scan()
    return candidate


def rejection(claimed: Claimed, when: datetime = WHEN) -> Rejection:
    """The refusal of a product."""
    finding = Finding(rule="QC-07", severity=Severity.ERROR, message="not well-formed", member="manifest.safe")
    said = "it is broken: größer"
    return Rejection(uuid=claimed.uuid, name=claimed.name, reason=said, when=when, findings=(finding,), inbox="inbox")


def receipt(claimed: Claimed) -> Receipt:
    """A receipt of a product that was published."""
    return Receipt(
        uuid=claimed.uuid,
        name=claimed.name,
        inbox="inbox",
        fate=Fate.PUBLISHED,
        id=claimed.uuid,
        publication_date=WHEN,
        content_length=claimed.size,
        checksums=(),
        reason=None,
        findings=(),
        arrived=claimed.arrived,
        written=WHEN,
    )


def content_of(inbox: Inbox, claimed: Claimed) -> bytes:
    """All bytes of a claimed product."""
    source = inbox.source(claimed)
    with source.open("rb") if isinstance(source, Path) else source as file:
        return file.read()
