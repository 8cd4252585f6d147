"""Asking one question many times, with other values each time."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random

from benchmarks.bench import Bench, Scale
from benchmarks.client import Client
from benchmarks.measuring import interleaved, percentile, seconds
from benchmarks.odata.databases import Database, NotMeasured
from benchmarks.odata.questions import Asked, Question
from benchmarks.odata.stores import Server

_LONGEST = 2.0  # seconds of one round; a service that takes a second for each answer is asked a few times only
_FEWEST = 3

Statistic = Callable[[list[float]], float]


def p50(times: list[float]) -> float:
    """The median."""
    return statistics.median(times)


def p95(times: list[float]) -> float:
    """The time that 95 of 100 answers do not exceed."""
    return percentile(times, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A question to a server.

    :param rows: of its catalogue.
    :param of_peer: the server is the service of comparison.
    """

    server: Server
    question: Question
    rows: int
    of_peer: bool = False

    def targets(self) -> Iterator[tuple[str, bool]]:
        """What is sent, and whether it finds anything: each time with other values, in every run the same."""
        random = Random(7)
        while True:
            asked: Asked = self.question(random, self.rows)
            yield asked.target(self.server.path, of_peer=self.of_peer), asked.finds


def ours(bench: Bench, database: Database, question: Question) -> Way:
    """A question to a delivery point with the products of the scale."""
    rows = bench.scale.rows
    return Way(server=bench.stores.ours(database, rows), question=question, rows=rows)


def compared(scale: Scale, ways: Mapping[str, Way], statistic: Statistic = p50) -> dict[str, float]:
    """For each way the median over the rounds of the statistic of its answer times, in seconds.

    :param statistic: what is made of the answer times of a round.
    """
    streams = {name: way.targets() for name, way in ways.items()}

    def measure(name: str) -> float:
        return statistic(_times(ways[name].server, streams[name], scale.requests))

    return interleaved({name: partial(measure, name) for name in ways}, scale.rounds)


def _times(server: Server, targets: Iterator[tuple[str, bool]], requests: int) -> list[float]:
    """The first answer of each round is looked at, and does not count."""
    with Client(server.port, server.login) as client:
        _check(client, *next(targets))
        times: list[float] = []
        end = time.perf_counter() + _LONGEST
        while len(times) < requests and (len(times) < _FEWEST or time.perf_counter() < end):
            target, _ = next(targets)
            times.append(seconds(partial(client.drain, target)))
        return times


def _check(client: Client, target: str, finds: bool) -> None:
    """:raises NotMeasured: the answer is empty where something is to be found."""
    answer = json.loads(client.get(target))
    if finds and "Id" not in answer and not answer["value"]:
        raise NotMeasured(f"nothing is found by {target}")
