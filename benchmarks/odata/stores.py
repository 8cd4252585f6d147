"""Catalogues made by rule on both databases, ours and those of the service of comparison: made once, kept, served."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.odata import documents, filling, multiplied, scenes
from benchmarks.odata.databases import Database, Databases
from benchmarks.odata.documents import REPORTS
from benchmarks.odata.multiplied import MOST_IMPORTED
from benchmarks.odata.peer import service, table
from benchmarks.serving import module_serving, serving
from prip_core import catalogue
from prip_core.testing.delivery_point import DeliveryPoint

_PEER = "benchmarks.odata.peer.service"


@dataclass(frozen=True, slots=True)
class Server:
    """Whom a measurement asks.

    :param path: of the list of products.
    """

    port: int
    login: tuple[str, str]
    path: str


class Stores:
    """Catalogues, each made when it is first asked for.

    :param folder: where they are kept; what lies there from an earlier run is used again.
    :param template: a delivery point with nothing in it, not at work.
    :param databases: where they lie.
    :param stack: ends the servers.
    """

    def __init__(self, folder: Path, template: DeliveryPoint, databases: Databases, stack: ExitStack) -> None:
        self._folder = folder
        self._template = template
        self._settings = {name: value for name, value in template.environment.items() if name != "PRIP__SERVE__PORT"}
        self._stack = stack
        self._databases = databases
        self._served: dict[str, Server] = {}

    def ours(self, database: Database, rows: int) -> Server:
        """A delivery point that serves so many products, which have no bytes."""
        name = _name(database, rows, REPORTS)
        if name not in self._served:
            point = self._stack.enter_context(serving(self.point(database, rows)))
            self._served[name] = Server(point.port, point.credentials, "/odata/v1/Products")
        return self._served[name]

    def theirs(self, database: Database, rows: int, *, typed: bool = False) -> Server:
        """The service of comparison with the same products, on the same kind of database.

        :param typed: the one that writes JSON faster.
        """
        name = f"peer-{database}-{rows}"
        served = f"{name}-typed" if typed else name
        if served not in self._served:
            environment = {**os.environ, "PEER_URL": self._peer_database(database, rows, name)}
            environment |= {"PEER_TYPED": "1"} if typed else {}
            port = self._stack.enter_context(module_serving(_PEER, "/health", environment=environment))
            self._served[served] = Server(port, service.LOGIN, "/Products")
        return self._served[served]

    def point(self, database: Database, rows: int, reports: float = REPORTS) -> DeliveryPoint:
        """A delivery point with so many products, not at work.

        :param reports: the share of reports among them.
        """
        if database is Database.POSTGRESQL and rows > MOST_IMPORTED:
            return self._multiplied(rows // MOST_IMPORTED, reports)
        name = _name(database, rows, reports)
        made = self._folder / f"{name}.{_rule(*_migrations(database))}"
        folder = self._folder / name
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            self._template.copy(folder)
            self._databases.remove(database, name)
        url = self._databases.url(database, name, folder / "prip.db")
        point = DeliveryPoint(folder, self._settings | {"PRIP__DATABASE__URL": url})
        if not made.exists():
            filling.fill(point, url, rows, reports)
            self._databases.tidy(database, name)
            self._databases.settle(database, name)
            made.touch()
        return point

    def _multiplied(self, times: int, reports: float) -> DeliveryPoint:
        """A delivery point with so many times the most products that are imported."""
        imported = self.point(Database.POSTGRESQL, MOST_IMPORTED, reports)
        name = _name(Database.POSTGRESQL, times * MOST_IMPORTED, reports)
        made = self._folder / f"{name}.{_rule(Path(multiplied.__file__), *_migrations(Database.POSTGRESQL))}"
        if not made.exists():
            shutil.rmtree(self._folder / name, ignore_errors=True)
            imported.copy(self._folder / name)
            with self._databases.copied(_name(Database.POSTGRESQL, MOST_IMPORTED, reports), name) as run:
                multiplied.multiply(run, MOST_IMPORTED, times)
            self._databases.settle(Database.POSTGRESQL, name)
            made.touch()
        url = self._databases.url(Database.POSTGRESQL, name, Path())
        return DeliveryPoint(self._folder / name, self._settings | {"PRIP__DATABASE__URL": url})

    def size(self, database: Database, rows: int, reports: float) -> int:
        """Bytes of a catalogue in its database.

        :param reports: the share of reports in it.
        """
        point = self.point(database, rows, reports)
        return self._databases.size(database, _name(database, rows, reports), point.database)

    def _peer_database(self, database: Database, rows: int, name: str) -> str:
        made = self._folder / f"{name}.{_rule(Path(table.__file__))}"
        path = self._folder / f"{name}.db"
        if not made.exists():
            path.unlink(missing_ok=True)
            self._databases.remove(database, name)
        url = self._databases.url(database, name, path)
        if not made.exists():
            table.fill(url, documents.documents(rows))
            made.touch()
        return url


def _rule(*schema: Path) -> str:
    """Changes with what catalogues are made of: a catalogue of an older rule is made anew."""
    sources = [Path(documents.__file__), Path(scenes.__file__), *schema]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def _migrations(database: Database) -> Sequence[Path]:
    home = {Database.SQLITE: "sqlite", Database.POSTGRESQL: "postgres"}[database]
    return sorted((Path(catalogue.__file__).parent / home / "migrations").glob("*.py"))


def _name(database: Database, rows: int, reports: float) -> str:
    return f"prip-{database}-{rows}" + ("" if reports == REPORTS else f"-{100 * reports:.0f}")
