"""Asking one question many times, with other values each time."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random

from benchmarks.client import Client
from benchmarks.measuring import interleaved, percentile, seconds
from benchmarks.odata.databases import NotMeasured
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """How ways are compared.

    :param requests: of each round.
    :param statistic: what is made of the answer times of a round.
    """

    rounds: int
    requests: int
    statistic: Statistic = p50


def compared(measuring: Measuring, ways: Mapping[str, Way]) -> dict[str, float]:
    """For each way the median over the rounds of the statistic of its answer times, in seconds."""
    streams = {name: way.targets() for name, way in ways.items()}

    def measure(name: str) -> float:
        return measuring.statistic(_times(ways[name].server, streams[name], measuring.requests))

    return interleaved({name: partial(measure, name) for name in ways}, measuring.rounds)


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
