"""Delta links over HTTP: a mirror that follows them is what the list is."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from prip_core.catalogue import open_catalogue, upgrade
from prip_core.model import Attribute
from prip_core.testing.clock import FixedClock

LIST = "/odata/v1/Products"
TRACK = {"Prefer": "odata.track-changes"}


@dataclass
class Mirror:
    """A client's copy of a list, kept by what the service tells."""

    client: FlaskClient
    headers: dict[str, str]
    products: dict[str, Any] = field(default_factory=dict)
    link: str = ""
    removed: list[str] = field(default_factory=list)

    def pages(self, link: str) -> Iterator[Any]:
        """Read from a link to the last page, whose delta link is remembered."""
        while link:
            answer = self.client.get(link, headers={**self.headers, **TRACK})
            assert answer.status_code == 200, answer.text
            yield answer
            body: Any = answer.json
            for entry in body["value"]:
                self._take(entry)
            assert ("@odata.nextLink" in body) != ("@odata.deltaLink" in body)
            self.link = body.get("@odata.deltaLink", "")
            link = body.get("@odata.nextLink", "")

    def read(self, link: str) -> int:
        """Read all pages; how many there were."""
        return len(list(self.pages(link)))

    def _take(self, entry: dict[str, Any]) -> None:
        if "@removed" not in entry:
            self.products[entry["Id"]] = entry
            return
        assert entry["id"] == f"Products({entry['Id']})"
        self.removed.append(entry["Id"])
        self.products.pop(entry["Id"], None)


@pytest.fixture
def mirror(house: Any, ann: dict[str, str]) -> Mirror:
    return Mirror(house.client(page_size=3), ann)


def test_the_last_page_ends_in_a_delta_link(house: Any, mirror: Mirror) -> None:
    for number in range(1, 5):
        house.publish(number)
    pages = list(mirror.pages(LIST))
    assert len(pages) == 2
    assert {page.headers["Preference-Applied"] for page in pages} == {"odata.track-changes"}
    assert mirror.link.startswith("http://localhost/odata/v1/Products?%24deltatoken=")
    assert len(mirror.products) == 4
    (nothing,) = mirror.pages(mirror.link)
    assert nothing.json["@odata.context"] == "$metadata#Products/$delta"
    assert nothing.json["value"] == []


def test_what_was_published_and_what_is_gone_is_told(house: Any, mirror: Mirror) -> None:
    one, _ = house.publish(1), house.publish(2)
    mirror.read(f"{LIST}?$expand=Attributes&$select=Name")
    house.publish(3)
    house.context.catalogue.transitions.withdraw(one.id, "Corrupted product")
    (page,) = mirror.pages(mirror.link)
    new, gone = page.json["value"]
    assert {name for name in new if not name.startswith("@")} == {"Id", "Name", "Attributes"}
    assert gone["@removed"] == {"reason": "deleted"}
    assert gone["@odata.context"] == "$metadata#Products/$deletedEntity"
    assert sorted(mirror.products) == [str(UUID(int=2)), str(UUID(int=3))]


def test_a_product_that_came_and_went_unseen_is_not_mentioned(house: Any, mirror: Mirror) -> None:
    house.publish(1)
    mirror.read(LIST)
    two = house.publish(2)
    house.context.catalogue.transitions.begin_eviction(two.id)
    (page,) = mirror.pages(mirror.link)
    assert page.json["value"] == []


def test_what_comes_and_goes_while_the_list_is_read_is_not_missed(house: Any, mirror: Mirror) -> None:
    for number in range(1, 5):
        house.publish(number)
    reading = mirror.pages(LIST)
    next(reading)
    house.context.catalogue.transitions.withdraw(UUID(int=1), "x")
    house.publish(5)
    for _ in reading:
        pass
    assert str(UUID(int=5)) in mirror.products
    house.context.catalogue.transitions.withdraw(UUID(int=5), "x")
    mirror.read(mirror.link)
    assert sorted(mirror.products) == [str(UUID(int=number)) for number in (2, 3, 4)]


@pytest.mark.parametrize(
    "query, headers",
    [
        ("", {}),
        ("?$skip=1", TRACK),
        ("?$top=0", TRACK),
    ],
)
def test_lists_that_are_not_tracked(
    house: Any, client: FlaskClient, ann: dict[str, str], query: str, headers: dict[str, str]
) -> None:
    house.publish(1)
    answer = client.get(f"{LIST}{query}", headers={**ann, **headers})
    assert answer.json is not None
    assert "@odata.deltaLink" not in answer.json
    assert "Preference-Applied" not in answer.headers


def test_deleted_products_are_not_tracked(client: FlaskClient, ann: dict[str, str]) -> None:
    answer = client.get("/odata/v1/DeletedProducts", headers={**ann, **TRACK})
    assert answer.json is not None
    assert "@odata.deltaLink" not in answer.json
    assert client.get("/odata/v1/DeletedProducts?$deltatoken=x", headers=ann).status_code == 501


def test_a_link_that_was_changed_is_refused(house: Any, mirror: Mirror) -> None:
    house.publish(1)
    mirror.read(LIST)
    for changed in (f"{mirror.link}x", f"{mirror.link}&$filter=Online", f"{mirror.link}&$orderby=Name"):
        assert mirror.client.get(changed, headers=mirror.headers).status_code == 400


def test_a_link_of_another_catalogue_is_gone(
    house: Any, mirror: Mirror, ann: dict[str, str], tmp_path: Path, clock: FixedClock
) -> None:
    house.publish(1)
    mirror.read(LIST)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    upgrade(url)
    other = open_catalogue(url, clock)
    answer = house.client(catalogue=other).get(mirror.link, headers=ann)
    assert answer.status_code == 410
    assert "read the list anew" in answer.json["error"]["message"]
    other.close()


def test_a_link_of_what_a_restored_copy_has_lost_is_gone(
    house: Any, mirror: Mirror, ann: dict[str, str], tmp_path: Path, clock: FixedClock
) -> None:
    house.publish(1)
    with sqlite3.connect(tmp_path / "prip.db") as database, sqlite3.connect(tmp_path / "copy.db") as copy:
        database.backup(copy)
    mirror.read(LIST)
    older = mirror.link
    house.publish(2)
    mirror.read(mirror.link)
    restored = open_catalogue(f"sqlite:///{tmp_path / 'copy.db'}", clock)
    client = house.client(catalogue=restored)
    assert client.get(older, headers=ann).status_code == 200
    assert client.get(mirror.link, headers=ann).status_code == 410
    restored.close()


FILTERS = [
    "",
    "$filter=ModificationDate gt PublicationDate",
    "$filter=Attributes/any(a:a/Name eq 'orbitNumber' and a/Value eq 1)",
    "$filter=not contains(Name,'5') or Attributes/any(a:a/Value eq 2) and Online eq false",
    "$filter=orbitNumber eq 17",
    "$orderby=Name desc",
    "$orderby=ModificationDate desc,Name",
    "$filter=contains(Name,'5')",
    "$filter=Online eq false",
    "$filter=Online eq false or contains(Name,'7')",
    "$expand=Attributes&$select=Name,Online&$top=2",
]


def listed(client: FlaskClient, headers: dict[str, str], query: str) -> dict[str, Any]:
    """The list as it is, read without tracking."""
    found: dict[str, Any] = {}
    link = f"{LIST}?{query}"
    while link:
        body: Any = client.get(link, headers=headers).json
        found.update({entry["Id"]: entry for entry in body["value"]})
        link = body.get("@odata.nextLink", "")
    return found


class World:
    """A catalogue in which products come and go at random."""

    def __init__(self, house: Any, seed: int) -> None:
        self._house = house
        self._random = random.Random(seed)  # a repeatable course of events
        self._number = 0

    def step(self) -> None:
        transitions = self._house.context.catalogue.transitions
        if self._random.random() < 0.5 or not self._number:
            self._number += 1
            orbit = Attribute(name="orbitNumber", value=self._random.randrange(3))
            self._house.publish(self._number, attributes=(orbit,))
            return
        uuid = UUID(int=self._random.randint(1, self._number))
        match self._random.randrange(3):
            case 0:
                transitions.begin_eviction(uuid)
            case 1:
                transitions.end_eviction(uuid)
            case _:
                transitions.withdraw(uuid, "no reason")


@pytest.mark.parametrize("query", FILTERS)
@pytest.mark.parametrize("list_evicted", [False, True])
def test_a_mirror_is_the_list_whatever_happens(house: Any, ann: dict[str, str], query: str, list_evicted: bool) -> None:
    client = house.client(page_size=3, list_evicted=list_evicted)
    mirror, world = Mirror(client, ann), World(house, seed=len(query))
    for _ in range(8):
        world.step()
    for _ in mirror.pages(f"{LIST}?{query}"):
        world.step()
    for number in range(25):
        for _ in mirror.pages(mirror.link):
            if number % 3 == 0 and number < 24:
                world.step()
        for _ in range(number % 4):
            world.step()
    mirror.read(mirror.link)
    assert mirror.products == listed(client, ann, query)


def test_what_never_matched_is_not_mentioned(house: Any, mirror: Mirror) -> None:
    one = house.publish(1)
    mirror.read(f"{LIST}?$filter=orbitNumber eq 17")
    house.publish(2)
    house.context.catalogue.transitions.withdraw(one.id, "x")
    (page,) = mirror.pages(mirror.link)
    assert page.json["value"] == []


def test_a_list_that_changes_with_the_time_is_not_tracked(house: Any, client: FlaskClient, ann: dict[str, str]) -> None:
    house.publish(1)
    answer = client.get(f"{LIST}?$filter=EvictionDate gt now()", headers={**ann, **TRACK})
    assert answer.json is not None
    assert len(answer.json["value"]) == 1
    assert "@odata.deltaLink" not in answer.json


def test_a_mirror_is_the_list_while_others_publish(house: Any, ann: dict[str, str], clock: FixedClock) -> None:
    client = house.client(page_size=5)
    mirror = Mirror(client, ann)
    errors: list[BaseException] = []

    def publish(first: int) -> None:
        try:
            for number in range(first, first + 40):
                product = house.publish(number)
                if number % 3 == 0:
                    house.context.catalogue.transitions.begin_eviction(product.id)
        except BaseException as error:
            errors.append(error)
        finally:
            house.context.catalogue.close()

    writers = [threading.Thread(target=publish, args=(first,)) for first in (1, 101, 201)]
    for writer in writers:
        writer.start()
    mirror.read(LIST)
    while any(writer.is_alive() for writer in writers):
        mirror.read(mirror.link)
    for writer in writers:
        writer.join()
    mirror.read(mirror.link)
    assert errors == []
    assert mirror.products == listed(client, ann, "")
    assert len(mirror.products) == 120 - len(
        [n for first in (1, 101, 201) for n in range(first, first + 40) if n % 3 == 0]
    )
