"""Deep pages and counts, each against the same without (P10, P11)."""

from __future__ import annotations

import json
from random import Random
from urllib.parse import parse_qs, urlsplit

from benchmarks.bench import Bench
from benchmarks.client import Client
from benchmarks.odata.asking import compared, ours
from benchmarks.odata.databases import Database
from benchmarks.odata.questions import Asked, Question, newer_half, newer_half_counted
from benchmarks.odata.stores import Server

_LINKS = 20


def deep_skip(bench: Bench, database: Database) -> float:
    """P10: the page at nine tenths of all rows by ``$skip``, against the first."""
    depth = bench.scale.rows * 9 // 10

    def deep(random: Random, _rows: int) -> Asked:
        return Asked(options={"skip": depth + random.randrange(100)})

    return _ratio(bench, database, deep, _first_page)


def deep_token(bench: Bench, database: Database) -> float:
    """P10: the next link at that depth, against the next links of the first pages."""
    server = bench.stores.ours(database, bench.scale.rows)
    deep, first = next_links(server, bench.scale.rows * 9 // 10), next_links(server, 0)
    return _ratio(bench, database, deep, first)


def count(bench: Bench, database: Database) -> float:
    """P11: a poll of the newer half with ``$count``, against the same without."""
    return _ratio(bench, database, newer_half_counted, newer_half)


def next_links(server: Server, depth: int) -> Question:
    """A question that follows one of several next links.

    :param depth: products before them.
    """
    with Client(server.port, server.login) as client:
        found = [_token(client, server.path, depth + number) for number in range(_LINKS)]
    return lambda random, _rows: Asked(options=random.choice(found))


def _token(client: Client, path: str, skip: int) -> dict[str, str]:
    """The options of a next link that are not those of every question."""
    page = json.loads(client.get(Asked(options={"skip": skip}).target(path)))
    options = parse_qs(urlsplit(page["@odata.nextLink"]).query)
    return {name.removeprefix("$"): options[name][0] for name in ("$skip", "$skiptoken")}


def _first_page(_random: Random, _rows: int) -> Asked:
    return Asked()


def _ratio(bench: Bench, database: Database, question: Question, reference: Question) -> float:
    ways = {"question": ours(bench, database, question), "reference": ours(bench, database, reference)}
    found = compared(bench.scale, ways)
    return found["question"] / found["reference"]
