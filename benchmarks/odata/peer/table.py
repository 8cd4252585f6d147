"""The flat table of the service of comparison: what is filtered by has a column, the rest lies in one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, Engine, Index, Text, create_engine, insert, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.odata.documents import Document

_BATCH = 5_000


class Base(DeclarativeBase):
    """What SQLAlchemy keeps its tables in."""


class Product(Base):
    """A product; the names are those that a filter uses, since odata-query looks for them."""

    __tablename__ = "products"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    Id: Mapped[str] = mapped_column("id", Text)
    Name: Mapped[str] = mapped_column("name", Text)
    ContentLength: Mapped[int] = mapped_column("content_length", BigInteger)
    PublicationDate: Mapped[datetime] = mapped_column("publication_date", DateTime(timezone=True))
    productType: Mapped[str] = mapped_column(Text)  # noqa: N815
    tileId: Mapped[str | None] = mapped_column(Text)  # noqa: N815
    platformSerialIdentifier: Mapped[str] = mapped_column(Text)  # noqa: N815
    qualityStatus: Mapped[str] = mapped_column(Text)  # noqa: N815
    doc: Mapped[str] = mapped_column(Text)


_INDEXES = (
    Index("products_id", Product.Id, unique=True),
    Index("products_name", Product.Name, unique=True),
    Index("products_publication_date", Product.PublicationDate),
    Index("products_tile", Product.tileId),
    Index("products_type", Product.productType),
)


def engine_of(url: str) -> Engine:
    """The connections of a process.

    :param url: ``sqlite:///…`` or ``postgresql://…``, as everywhere.
    """
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=40)


def fill(url: str, documents: Iterable[Document]) -> None:
    """Make the table with its rows and indexes, and let the database gather statistics."""
    engine = engine_of(url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        rows = _rows(documents)
        while batch := list(islice(rows, _BATCH)):
            connection.execute(insert(Product), batch)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE products" if engine.name == "postgresql" else "ANALYZE"))
    engine.dispose()


def _rows(documents: Iterable[Document]) -> Iterator[dict[str, Any]]:
    for seq, document in enumerate(documents, start=1):
        attributes = {each["Name"]: each["Value"] for each in document["Attributes"]}
        columns = ("productType", "tileId", "platformSerialIdentifier", "qualityStatus")
        yield {
            "seq": seq,
            "id": document["Id"],
            "name": document["Name"],
            "content_length": document["ContentLength"],
            "publication_date": datetime.fromisoformat(document["PublicationDate"]),
            **{name: attributes.get(name) for name in columns},
            "doc": orjson.dumps(document).decode(),
        }
