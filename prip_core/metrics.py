"""Metrics: what processes count, each in a file of its own, and all of it together as Prometheus reads it."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from filelock import FileLock, Timeout
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = ".metrics"
"""Where the processes of an instance count, within its folder."""

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_KINDS = ("counter", "histogram")
_ROOM = 512 * 1024  # bytes; a hundred product types take 30 000
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
_log = structlog.get_logger(__name__)


class Metrics:
    """What a process counts of its work; in its memory alone unless :func:`recording` says otherwise."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._published = Counter(
            "prip_products_published", "Products published", ["mission", "type"], registry=self.registry
        )
        self._bytes = Counter("prip_bytes_published", "Bytes of published products", registry=self.registry)
        self._rejected = Counter(
            "prip_rejected", "Products refused, by the first rule that they broke", ["rule"], registry=self.registry
        )
        self._outcomes = Counter(
            "prip_ingest_outcomes", "Pieces of ingest work, by what became of them", ["outcome"], registry=self.registry
        )
        self._stages = Histogram(
            "prip_stage_seconds",
            "Time that a product spent in a step of ingest",
            ["stage"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def published(self, mission: str, product_type: str, size: int) -> None:
        """A product is published.

        :param size: bytes.
        """
        self._published.labels(mission, product_type).inc()
        self._bytes.inc(size)

    def rejected(self, rule: str) -> None:
        """A product is refused.

        :param rule: id of the first rule that it broke; empty when it was none.
        """
        self._rejected.labels(rule or "none").inc()

    def outcome(self, outcome: str) -> None:
        """A piece of work has ended."""
        self._outcomes.labels(outcome).inc()

    def steps(self, seconds: Mapping[str, float]) -> None:
        """How long a product spent in each step."""
        for step, spent in seconds.items():
            self._stages.labels(step).observe(spent)


@contextmanager
def recording(folder: Path, process: str) -> Iterator[Metrics]:
    """What this process counts, in a file that others read, for as long as the block lasts; one at a time.

    A file is gone on with after its process has died: numbers never fall, and there are as many files as there were
    processes at once. Where the folder cannot be written, the process counts for itself alone.

    :param folder: of the instance.
    :param process: what kind of process it is, e.g. ``ingest``.
    """
    place = folder / FOLDER
    try:
        place.mkdir(exist_ok=True)
        slot, lock = _free_slot(place, process)
        for kind in _KINDS:
            _prepare(place / f"{kind}_{slot}.db")
    except OSError as error:
        _log.warning("metrics not shared", folder=str(place), error=str(error))
        yield Metrics()
        return
    try:
        with _in_files(place, slot):
            yield Metrics()
    finally:
        lock.release()


def forget(folder: Path) -> None:
    """Begin at zero: remove what processes have counted that run no more.

    :param folder: of the instance.
    """
    for lock in (folder / FOLDER).glob("*.lock"):
        with suppress(Timeout), FileLock(lock, blocking=False):
            for file in _files(lock.parent, lock.stem):
                file.unlink(missing_ok=True)


def exposition(folder: Path, gauges: Iterable[Metric]) -> str:
    """All metrics in Prometheus' text format.

    :param folder: of the instance.
    :param gauges: what is not counted, but looked up now.
    """
    registry = CollectorRegistry()
    registry.register(_Together(folder / FOLDER, tuple(gauges)))
    return generate_latest(registry).decode()


class _Together:
    """What all processes have counted, and gauges."""

    def __init__(self, place: Path, gauges: tuple[Metric, ...]) -> None:
        self._place = place
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        files = [str(file) for file in sorted(self._place.glob("*.db")) if _is_sound(file)]
        yield from MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        yield from self._gauges


@contextmanager
def _in_files(place: Path, slot: str) -> Iterator[None]:
    """Let the library keep values in files. It is told by its module and an environment variable, as it documents."""
    before = values.ValueClass
    os.environ[_VARIABLE] = str(place)
    values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        values.ValueClass.close_all_files()
        values.ValueClass = before
        del os.environ[_VARIABLE]


def _free_slot(place: Path, process: str) -> tuple[str, FileLock]:
    """A name that no running process has, and the lock that says so."""
    number = 0
    while True:
        slot = f"{process}-{number}"
        lock = FileLock(place / f"{slot}.lock", blocking=False)
        try:
            lock.acquire()
        except Timeout:
            number += 1
        else:
            return slot, lock


def _prepare(file: Path) -> None:
    """Have all the room that a file will need: on a full disk, a write to one that is mapped would kill the process.

    :raises OSError: there is none.
    """
    if file.exists() and not _is_sound(file):
        file.unlink()
    with file.open("ab") as opened:
        opened.write(bytes(max(0, _ROOM - opened.tell())))


def _files(place: Path, slot: str) -> Iterator[Path]:
    return place.glob(f"*_{slot}.db")


def _is_sound(file: Path) -> bool:
    """Whether it can be read; a power cut may have spoilt it."""
    try:
        for key, _, _, _ in MmapedDict.read_all_values_from_file(file):  # type: ignore[no-untyped-call]
            json.loads(key)
    except (OSError, RuntimeError, ValueError, struct.error):
        return False
    return True
