"""The pipeline: products go their way side by side, and what the catalogue writes of them it writes for all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar
from uuid import UUID

from prip_core.catalogue import Ingestion, IngestionState
from prip_core.errors import CatalogueUnavailable, ClockJumped, LeaseLost, TransientError
from prip_core.ingest.claiming import announce
from prip_core.ingest.closing import clean, closed, may_clean
from prip_core.ingest.context import ConfiguredInbox, Delivery, IngestContext, Outcome
from prip_core.ingest.lease import LeaseKeeper
from prip_core.ingest.patience import Patience
from prip_core.ingest.progress import ProgressNotes
from prip_core.ingest.settling import settle
from prip_core.ingest.steps import Way, Wish, way_of
from prip_core.ingest.stopwatch import Step
from prip_core.ingest.storing import Placement
from prip_core.model import Candidate
from prip_core.products import NewProduct

THREADS = 4
"""So many products of a batch are stored and cleaned up behind at the same time."""

HELD = 64 * 1024 * 1024
"""What has so much memory in use is stored before the next product of the batch is opened; bytes."""

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")
_Wish = TypeVar("_Wish", Placement, NewProduct)


@dataclass(slots=True)
class _Member:
    """A product of a batch.

    :param wish: what the catalogue is to write next of it.
    :param error: why that could not be done.
    :param outcome: what became of it; ``None``: it is still on its way, or has arrived and is to be closed.
    """

    delivery: Delivery
    way: Way
    wish: Wish | None = None
    error: Exception | None = None
    outcome: Outcome | None = None


class Pipeline:
    """Takes products in, from any inbox. One object serves one worker."""

    def __init__(self, context: IngestContext, patience: Patience) -> None:
        self._context = context
        self._patience = patience
        self._threads = ThreadPoolExecutor(THREADS, "side-by-side")
        self._not_handed_back: list[Ingestion] = []

    def hand_back(self) -> None:
        """Hand back what was in work when the database went away: it is nobody's death, and due at once.

        :raises CatalogueUnavailable: it still is away.
        :raises TransientError: the database is locked or the disk full.
        """
        while self._not_handed_back:
            row = self._not_handed_back[-1]
            with suppress(LeaseLost):
                self._context.catalogue.ingestions.postpone(row, row.due_at, "the database went away during the work")
            self._not_handed_back.pop()

    def accept_all(self, chosen: Sequence[tuple[ConfiguredInbox, Candidate]]) -> Sequence[Outcome]:
        """Take in what a scan found, as far as it goes now.

        :raises CatalogueUnavailable: the database cannot be used.
        :raises TransientError: the database is locked or the disk full; nothing has been touched.
        """
        return self._work(announce(self._context, chosen)) if chosen else []  # step 2, the rows

    def resume_all(self, left: Sequence[tuple[ConfiguredInbox, Ingestion]]) -> Sequence[Outcome]:
        """Go on with ingestions that were taken over, from what their rows say.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        return self._work([Delivery(served, ingestion) for served, ingestion in left])

    def _work(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        try:
            return self._led(deliveries)
        except CatalogueUnavailable:
            self._not_handed_back += [delivery.ingestion for delivery in deliveries]
            raise

    def _led(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        catalogue, lease = self._context.catalogue, self._context.lease
        with ExitStack() as stack:
            notes = ProgressNotes(catalogue, deliveries)
            held = [each.ingestion for each in deliveries]
            keeper = stack.enter_context(LeaseKeeper(catalogue, held, lease, notes.note))
            members = [
                _Member(each, way_of(self._context, each, partial(self._check, keeper, each.ingestion.uuid)))
                for each in deliveries
            ]
            for member in members:
                stack.enter_context(closing(member.way))  # what it holds open
            self._go(members)  # steps 2 to 7
            self._close([member for member in members if member.outcome is None])  # step 8
        outcomes = [member.outcome or Outcome.LOST for member in members]
        for outcome in outcomes:
            self._context.metrics.outcome(outcome)
        return outcomes

    def _check(self, keeper: LeaseKeeper, uuid: UUID) -> None:
        keeper.check(uuid)
        self._patience.check()

    def _go(self, members: Sequence[_Member]) -> None:
        """Let all go side by side, until each has arrived or fallen out."""
        going = [member for member in members if member.delivery.ingestion.state is IngestionState.CLAIMED]
        for together in self._inspected(going):  # steps 2 to 5
            self._place(_wishing(together, Placement))
            self._side_by_side(self._advance, [member for member, _ in _wishing(together, Placement)])  # step 6
        self._publish(_wishing(going, NewProduct))  # step 7
        for member, _ in _wishing(going, NewProduct):
            self._advance(member)

    def _inspected(self, going: Sequence[_Member]) -> Iterator[Sequence[_Member]]:
        """Let all go on until they are to be stored, as many together as memory has room for."""
        together: list[_Member] = []
        for member in going:
            self._advance(member)
            together.append(member)
            if sum(each.delivery.held for each in together if each.wish) >= HELD:
                yield together
                together = []
        yield together

    def _advance(self, member: _Member) -> None:
        """Go on to the next wish."""
        error, member.error, member.wish = member.error, None, None

        def go_on() -> Outcome | None:
            try:
                member.wish = next(member.way) if error is None else member.way.throw(error)
            except StopIteration as end:
                return None if end.value else Outcome.LOST
            return None

        self._guard(member, go_on)
        member.delivery.watch.enter(Step.WAIT)

    def _side_by_side(self, work: Callable[[_Member], None], members: Sequence[_Member]) -> None:
        """Let storages and inboxes wait for their disks and servers for several products at once."""
        if len(members) < 2:
            for member in members:
                work(member)
            return

        def done(member: _Member) -> None:
            try:
                work(member)
            finally:
                self._context.catalogue.leave()

        futures = [self._threads.submit(done, member) for member in members]
        wait(futures)  # for all: none may be at work when one has failed
        for future in futures:
            future.result()

    def _guard(self, member: _Member, work: Callable[[], Outcome | None]) -> None:
        """Do a part of a product's work; whatever goes wrong is decided here, for all steps."""
        try:
            member.outcome = work()
        except Exception as error:  # noqa: BLE001 - the pipeline's one catch-all: no product may stop the others
            member.outcome = settle(self._context, member.delivery, error)

    def _place(self, wishes: Sequence[tuple[_Member, Placement]]) -> None:
        places = [(member.delivery.ingestion, place.storage, place.key) for member, place in wishes]
        answers = _answers(self._context.catalogue.ingestions.store_all_at, places)
        for (member, place), answer in zip(wishes, answers, strict=True):
            member.error = answer
            if answer is None:
                row = member.delivery.ingestion
                member.delivery.ingestion = replace(row, storage=place.storage, key=place.key)

    def _publish(self, wishes: Sequence[tuple[_Member, NewProduct]]) -> None:
        batch = [(product, member.delivery.ingestion) for member, product in wishes]
        for member, _ in wishes:
            member.delivery.watch.enter(Step.PUBLISH)
        answers = _answers(
            partial(self._context.catalogue.publication.publish_all, channels=self._context.channels), batch
        )
        if len(wishes) > 1 and _is_of_one(answers):
            for wish in wishes:  # it must not stop the others
                self._publish([wish])
            return
        for (member, _), answer in zip(wishes, answers, strict=True):
            member.delivery.watch.enter(Step.WAIT)
            if isinstance(answer, Exception):
                member.error = answer
            else:
                member.delivery.ingestion = replace(member.delivery.ingestion, state=answer.state)

    def _close(self, members: Sequence[_Member]) -> None:
        """Clean up behind each; their rows go in one transaction."""
        cleaned: list[_Member] = []
        for member in members:
            self._guard(member, partial(may_clean, self._context, member.delivery))
        allowed = [member for member in members if member.outcome is None]
        self._side_by_side(lambda member: self._guard(member, partial(self._clean, member, cleaned)), allowed)
        answers = _answers(self._context.catalogue.ingestions.close_all, [each.delivery.ingestion for each in cleaned])
        for member, answer in zip(cleaned, answers, strict=True):
            self._guard(member, partial(self._end, member, answer))

    def _clean(self, member: _Member, cleaned: list[_Member]) -> Outcome:
        outcome = clean(self._context, member.delivery)
        cleaned.append(member)
        return outcome

    def _end(self, member: _Member, error: Exception | None) -> Outcome | None:
        if error is not None:
            raise error
        closed(self._context, member.delivery, member.outcome)
        return member.outcome


def _wishing(members: Sequence[_Member], kind: type[_Wish]) -> Sequence[tuple[_Member, _Wish]]:
    """Those that wish for this, and what it is."""
    return [(member, member.wish) for member in members if isinstance(member.wish, kind)]


def _is_of_one(answers: Sequence[object]) -> bool:
    """Whether all failed for what one of them is to blame for, and not the surroundings."""
    error = answers[0]
    surroundings = isinstance(error, TransientError | CatalogueUnavailable | ClockJumped)
    return isinstance(error, Exception) and not surroundings and all(answer is error for answer in answers)


def _answers(
    ask: Callable[[Sequence[_Asked]], Sequence[_Answer]], each: Sequence[_Asked]
) -> Sequence[_Answer | Exception]:
    """What is answered to each of several; an error of the whole is everybody's."""
    if not each:
        return []
    try:
        return ask(each)
    except Exception as error:  # noqa: BLE001 - each way hears of it
        return [error] * len(each)
