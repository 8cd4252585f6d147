"""Documents come back as they were packed, from several threads, and smaller than they were."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prip_core.catalogue import Catalogue, PublishOutcome, open_catalogue
from prip_core.catalogue.common_text import common_text
from prip_core.catalogue.documents import Compression, Documents
from prip_core.model import Attribute
from prip_core.odata.options import Query
from prip_core.odata.payload import render_attributes
from prip_core.testing.clock import FixedClock

COMPRESSION = Compression(common_text())
lines = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\n"))
ATTRIBUTES = tuple(
    Attribute(name=name, value=value)
    for name, value in (
        ("productType", "MSI_L1C_TL"), ("platformShortName", "SENTINEL-2"), ("platformSerialIdentifier", "B"),
        ("orbitNumber", 43829), ("processingCenter", "2BPS"), ("qualityStatus", "NOMINAL"), ("cloudCover", 12.5),
    )
)  # fmt: skip


def text(packed: bytes) -> tuple[str, str | None]:
    fixed, attributes = COMPRESSION.unpack(packed)
    return (
        fixed.decode() if isinstance(fixed, bytes) else fixed,
        attributes.decode() if isinstance(attributes, bytes) else attributes,
    )


@given(fixed=lines, attributes=st.none() | lines.filter(bool))
def test_what_is_packed_comes_back(fixed: str, attributes: str | None) -> None:
    assert text(COMPRESSION.pack(fixed, attributes)) == (fixed, attributes)


def test_threads_share_a_compression() -> None:
    documents = [(f"document {number} " * 50, f"[{number}]") for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        packed = list(pool.map(lambda document: COMPRESSION.pack(*document), documents))
        assert list(pool.map(text, packed)) == documents


def test_attributes_are_less_than_a_fifth_of_their_text() -> None:
    attributes = render_attributes(ATTRIBUTES)
    assert len(COMPRESSION.pack("", attributes)) * 5 < len(attributes)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_older_dictionary_is_read(catalogue: Catalogue, publish: Callable[..., PublishOutcome]) -> None:
    """A later program may bring another dictionary; what was packed with the first one stays as it is."""
    publish(name="first.tar")
    with catalogue._database.writing():
        catalogue._database.change("INSERT INTO document_dictionary (id, content) VALUES (2, ?)", (b"another text",))
    later = open_catalogue(f"sqlite:///{catalogue._database.name}", FixedClock(catalogue.clock.status().now))
    rows = later.products.page(Query(top=5)).rows
    assert len(rows) == 1
    assert "first.tar" in str(rows[0].fixed)
    later.close()


def test_a_catalogue_learns_from_its_documents(
    catalogue: Catalogue, publish: Callable[..., PublishOutcome], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr("prip_core.catalogue.documents._FIRST", 60)
    monkeypatch.setattr("prip_core.catalogue.documents._FACTOR", 2)
    other = open_catalogue(url, FixedClock(catalogue.clock.status().now))  # another process, that knows of nothing
    names = [f"S2B_{number}.tar" for number in range(100)]
    for name in names:
        publish(name=name)
    database = catalogue._database
    assert database.rows_of("SELECT dictionary, count(*) FROM document GROUP BY 1 ORDER BY 1") == [(1, 60), (2, 40)]
    sizes = database.rows_of("SELECT avg(length(content)) FROM document GROUP BY dictionary ORDER BY dictionary")
    assert float(sizes[1][0]) < 0.8 * float(sizes[0][0])
    for reader in (catalogue, other):
        page = reader.products.page(Query(top=200))
        assert [orjson.loads(b"{%b}" % row.fixed)["Name"] for row in page.rows] == names
    assert other.publication.packing().dictionary == 2
    other.close()


def test_what_a_broken_off_transaction_learnt_is_forgotten(
    catalogue: Catalogue, publish: Callable[..., PublishOutcome]
) -> None:
    documents, database = Documents(catalogue._database), catalogue._database
    for _ in range(40):
        publish()
    with suppress(ZeroDivisionError), database.writing():
        documents.learn(2000)
        assert database.rows_of("SELECT max(id) FROM document_dictionary") == [(2,)]
        raise ZeroDivisionError
    assert documents.packing().dictionary == 1
    with database.writing():
        documents.learn(1999)
        assert documents.packing().dictionary == 1
        documents.learn(2000)
        documents.learn(2000)  # it has learnt already
    assert documents.packing().dictionary == 2


def test_what_has_nothing_in_common_is_packed_as_before(catalogue: Catalogue) -> None:
    documents, database = Documents(catalogue._database), catalogue._database
    with database.writing():
        documents.learn(2000)
    assert database.rows_of("SELECT count(DISTINCT content), max(id) FROM document_dictionary") == [(1, 2)]
