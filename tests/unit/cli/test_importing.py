"""Catalogues carried from one delivery point to another."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from prip_core.cli import importing
from prip_core.odata.payload import expanded_text, product_text
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

KINDS2 = ("MSI_L1C_TL", "MSI_L0__GR", "PRD_HKTM__", "MSI_L1C_DS", "MSI_L1C_TC")
BYTES = "with their bytes here {}, without {}, evicted or withdrawn before {}"


def documents(instance: Any) -> Iterator[dict[str, Any]]:
    """Every product as the service serves it with its attributes, in order of publication."""
    catalogue = instance.catalogue()
    with sqlite3.connect(instance.folder / "prip.db") as database:
        names = [name for (name,) in database.execute("SELECT DISTINCT name FROM product ORDER BY seq")]
    for name in names:
        for found in catalogue.products.named(name):
            row = catalogue.products.row(found.id)
            text = product_text(
                row.fixed,
                expanded_text("Attributes", row.attributes) if row.attributes else b"",
                online=row.online,
                eviction_ms=row.eviction_ms,
                modification_ms=row.modification_ms,
            )
            yield json.loads(text)
    catalogue.close()


@pytest.fixture
def origin(make_instance: Callable[[str], Any], tmp_path: Path) -> Any:
    """A delivery point with products of every shape of footprint and attribute."""
    instance = make_instance("origin")
    for code in KINDS2:
        build_sentinel2(Sentinel2Specification(product_type=code, size=50_000), instance.inbox)
    for code in ("IW_GRDH_1S", "WV_OCN__2S", "AUX_POEORB"):
        build_sentinel1(Sentinel1Specification(product_type=code), instance.inbox)
    assert instance.done("ingest", "--once").startswith("published 8,")
    return instance


@pytest.fixture
def export(origin: Any, tmp_path: Path) -> Path:
    path = tmp_path / "export.ndjson"
    path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in documents(origin)))
    return path


def test_what_comes_in_is_what_went_out_without_its_bytes(origin: Any, export: Path, instance: Any) -> None:
    assert instance.done("import", export) == "imported 8, already there 0\n"
    assert list(documents(instance)) == [{**each, "Online": False} for each in documents(origin)]
    status = instance.json("db", "status")
    assert (status["products"], status["online"]) == (8, 0)


def test_what_lies_in_the_storage_is_online_if_asked_for(origin: Any, export: Path, instance: Any) -> None:
    shutil.copytree(origin.folder / "archive", instance.folder / "archive", dirs_exist_ok=True)
    for number, each in enumerate(sorted((instance.folder / "archive").rglob("*.tar"))):
        if number == 0:
            each.unlink()
        elif number == 1:
            each.write_bytes(b"shorter than it was")
    said = instance.done("import", "--online", export)
    assert said.splitlines() == ["imported 8, already there 0", BYTES.format(6, 2, 0)]
    assert [each["Online"] for each in documents(instance)].count(True) == 6
    (found,) = instance.json("product", "show", next(each["Name"] for each in documents(instance) if each["Online"]))
    (same,) = origin.json("product", "show", found["id"])
    assert found == {**same, "findings": []}


def test_what_was_withdrawn_is_not_missed(origin: Any, tmp_path: Path, instance: Any) -> None:
    shutil.copytree(origin.folder / "archive", instance.folder / "archive", dirs_exist_ok=True)
    origin.done("product", "withdraw", next(documents(origin))["Id"], "--reason", "Corrupted")
    written = tmp_path / "catalogue.ndjson"
    origin.done("export", "-o", written)
    said = instance.done("import", "--online", written)
    assert said.splitlines() == ["imported 8, already there 0", BYTES.format(7, 0, 1)]


def test_bytes_stored_the_day_before_publication_are_found(origin: Any, export: Path, instance: Any) -> None:
    archive = instance.folder / "archive"
    shutil.copytree(origin.folder / "archive", archive, dirs_exist_ok=True)
    for each in documents(origin):
        moved = each["PublicationDate"].replace(each["PublicationDate"][:10], "2035-03-01")
        each["PublicationDate"] = each["ModificationDate"] = moved
        (stored,) = archive.rglob(f"{each['Id']}/{each['Name']}")
        kind = stored.relative_to(archive).parts[0]
        there = archive / kind / "2035" / "02" / "28" / each["Id"] / each["Name"]
        there.parent.mkdir(parents=True)
        stored.rename(there)
        export.write_bytes(orjson.dumps(each) + b"\n")
        break
    assert "with their bytes here 1," in instance.done("import", "--online", export)


def test_a_repeat_skips_what_is_there(export: Path, instance: Any) -> None:
    lines = export.read_bytes().splitlines(keepends=True)
    instance.done("import", "-", stdin=b"".join(lines[:3]))
    assert instance.done("import", export) == "imported 5, already there 3\n"
    assert instance.done("import", export) == "imported 0, already there 8\n"


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_in_any_order_is_read(origin: Any, instance: Any, tmp_path: Path, indent: int | None) -> None:
    products = list(documents(origin))
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps({"@odata.context": "x", "value": products[::-1]}, indent=indent))
    instance.done("import", answer)
    assert [each["Id"] for each in documents(instance)] == [each["Id"] for each in products]


def test_bad_lines_are_reported_and_nothing_is_imported(export: Path, instance: Any) -> None:
    lines = export.read_bytes().splitlines()
    lines[1] = b'{"Name": 7}'
    lines[4] = b"no JSON"
    export.write_bytes(b"\n".join([*lines, b"", b"[]"]))
    result = instance.prip("import", export)
    assert result.exit_code == 1
    said = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in said[:3]] == ["line 2", "line 5", "line 10"]
    assert "3 products cannot be read" in said[-1]
    assert "nothing is imported" in said[-1]
    assert instance.json("db", "status")["products"] == 0


def test_a_flood_of_bad_lines_is_cut(instance: Any) -> None:
    result = instance.prip("import", "-", stdin=b"nonsense\n" * 1000)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == importing._PROBLEMS_SHOWN + 1
    assert "1000 products" in result.stderr


def test_products_older_than_the_newest_are_refused(export: Path, instance: Any) -> None:
    first, *others = export.read_bytes().splitlines(keepends=True)
    instance.done("import", "-", stdin=b"".join(others))
    result = instance.prip("import", "-", stdin=first)
    assert result.exit_code == 1
    assert "before the newest" in result.stderr


def test_a_missing_file_is_wrong_usage(instance: Any) -> None:
    result = instance.prip("import", "nowhere.ndjson")
    assert result.exit_code == 2
    assert "nowhere.ndjson" in result.stderr


def test_nothing_is_nothing(instance: Any) -> None:
    assert instance.done("import", "-", stdin=b"\n\n") == "imported 0, already there 0\n"


def test_a_date_far_ahead_stops_the_clock_until_it_is_accepted(export: Path, instance: Any) -> None:
    document = orjson.loads(export.read_bytes().splitlines()[0])
    document["Id"] = str(uuid4())
    document["PublicationDate"] = document["ModificationDate"] = "2095-01-01T00:00:00.000Z"
    instance.done("import", "-", stdin=orjson.dumps(document))
    assert instance.json("clock", "status")["trusted"] is False
    build_sentinel2(Sentinel2Specification(product_type="MSI_L2A_TL"), instance.inbox)
    refused = instance.prip("ingest", "--once")
    assert refused.exit_code == 1
    assert "prip clock" in refused.stderr
    declined = instance.prip("clock", "accept", stdin="n\n")
    assert declined.exit_code == 1
    assert "PublicationDate" in declined.stdout
    assert instance.json("clock", "status")["trusted"] is False
    instance.done("clock", "accept", stdin="y\n")
    assert instance.json("clock", "status")["trusted"] is True
    assert instance.done("ingest", "--once").startswith("published 1,")
    (_, new) = documents(instance)
    assert new["PublicationDate"] == "2095-01-01T00:00:00.001Z"


def test_accept_asks_nothing_with_yes(instance: Any) -> None:
    assert "accepted" in instance.done("clock", "accept", "--yes")


@pytest.mark.parametrize("dates", [("PublicationDate", "ModificationDate"), ("ModificationDate",)])
def test_a_date_that_means_never_is_refused(
    dates: tuple[str, ...], export: Path, instance: Any, tmp_path: Path
) -> None:
    first, *rest = export.read_bytes().splitlines()
    never = dict.fromkeys(dates, "9999-12-31T23:59:59.999Z")
    spoilt = tmp_path / "spoilt.ndjson"
    spoilt.write_bytes(b"\n".join([orjson.dumps(orjson.loads(first) | never), *rest]))
    refused = instance.prip("import", spoilt)
    assert refused.exit_code == 1
    assert "9999-12-31T23:59:59.999Z is no time of a publication" in refused.stderr
    assert instance.json("db", "status")["products"] == 0
    assert instance.json("clock", "status")["trusted"]


def test_a_name_that_no_key_can_hold_is_imported_without_bytes(export: Path, instance: Any) -> None:
    document = orjson.loads(export.read_bytes().splitlines()[0])
    document["Name"] += " (copy)"
    said = instance.done("import", "--online", "-", stdin=orjson.dumps(document))
    assert said.splitlines() == ["imported 1, already there 0", BYTES.format(0, 1, 0)]


def test_a_crew_imports_the_same(
    export: Path, make_instance: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, helped = make_instance("alone"), make_instance("helped")
    alone.done("import", export)
    monkeypatch.setattr(importing, "_WORTH_A_CREW", 0)
    monkeypatch.setattr(importing, "_AT_ONCE", 3)
    assert helped.done("import", export) == "imported 8, already there 0\n"
    assert helped.done("export") == alone.done("export")


def test_a_crew_names_bad_lines_by_their_numbers(export: Path, instance: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_WORTH_A_CREW", 0)
    monkeypatch.setattr(importing, "_AT_ONCE", 2)
    lines = export.read_bytes().splitlines()
    export.write_bytes(b"\n".join([*lines[:4], b"", b"no JSON", *lines[4:], b"[]"]))
    result = instance.prip("import", export)
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stderr.splitlines()[:2]] == ["line 6", "line 11"]
    assert instance.json("db", "status")["products"] == 0


def test_when_and_why_a_product_was_deleted_comes_along(origin: Any, instance: Any, tmp_path: Path) -> None:
    gone, kept, *_ = documents(origin)
    catalogue = origin.catalogue()
    catalogue.transitions.withdraw(UUID(gone["Id"]), "Corrupted product")
    catalogue.close()
    exported = tmp_path / "with-deleted.ndjson"
    origin.done("export", "-o", exported)
    instance.done("import", exported)
    found = {each["Id"]: each for each in map(orjson.loads, instance.done("export").splitlines())}
    went = {each["Id"]: each for each in map(orjson.loads, exported.read_bytes().splitlines())}[gone["Id"]]
    assert found[gone["Id"]] == went
    assert went["DeletionCause"] == "Corrupted product"
    # Its bytes were not asked for: it left the list when it came here.
    assert found[kept["Id"]]["DeletionCause"] is None
    with sqlite3.connect(instance.folder / "prip.db") as database:
        states = dict(database.execute("SELECT state, count(*) FROM product GROUP BY state"))
    assert states == {"WITHDRAWN": 1, "EVICTED": 7}
