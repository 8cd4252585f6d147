"""A PostgreSQL server of one's own, with PostGIS and pg_trgm, in a temporary folder: for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from filelock import FileLock, Timeout

from prip_core.testing.ports import ReservedPort

_DEBIAN = "/usr/lib/postgresql/*/bin"
_ACCOUNT = "postgres"  # whom Debian's packages make; the server refuses to run as root
_USER = "prip"
_PASSWORD = "a word that nobody may see"  # noqa: S105 - of a server that lives as long as a test run
_TEMPLATE = "with_extensions"
_EXTENSIONS = ("postgis", "pg_trgm")
_PATIENCE = 120.0
_RECOVERY = 600.0  # seconds; large databases may have been killed while they were filled, or have much to write
_END_OF_LOG = 2000

_SETTINGS = {
    "jit": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",
    "log_min_messages": "fatal",
}
_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "checkpoint_flush_after": "0",  # each new database is a checkpoint
    "max_wal_size": "128MB",
}
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made there
_MUCH_ROOM = 4 << 30
_PREFIX = "prip-databases-"


class PostgresServer:
    """A server that listens on a port of this machine, alone; it ends with the thread that started it.

    :param home: a folder that keeps its databases for the next time; it may have some. Without one they go with it.
    :param durable: commits survive the machine's crash, as in operation; otherwise they are faster, and the databases
        lie in memory where there is much of it.
    :param settings: of ``postgresql.conf``, beside and before the ones here.
    :raises RuntimeError: it cannot run here, see :func:`missing`, or does not start.
    """

    def __init__(
        self, *, home: Path | None = None, durable: bool = False, settings: Mapping[str, str] | None = None
    ) -> None:
        if (reason := missing()) is not None:
            raise RuntimeError(reason)
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        self._settings = {**_SETTINGS, **({} if durable else _FORGETFUL), **(settings or {})}
        self._kept = home is not None
        self._patience = _RECOVERY if self._kept else _PATIENCE
        remove_leftovers()
        self._home, self._hold = _new_home(in_memory=not durable) if home is None else (home, _held(home))
        self._process: subprocess.Popen[bytes] | None = None
        try:
            if not (self._home / "data").exists():
                self._make()
            self._write_settings()
            self.start()
            if not self.exists(_TEMPLATE):
                self._make_template()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, database: str) -> str:
        """The URL of one of its databases, as ``[database] url`` takes it; its password must never be shown."""
        return f"postgresql://{_USER}:{_PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def exists(self, database: str) -> bool:
        """Whether there is a database of this name."""
        return bool(self.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)))

    def create(self, template: str = _TEMPLATE, *, name: str | None = None) -> str:
        """Make a database with the extensions and nothing else, or like another one that nobody uses now.

        :param name: made up where it is not given.
        :returns: its name.
        """
        name = name or f"test_{uuid4().hex[:12]}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever uses it."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def cut_connections(self, database: str) -> int:
        """End all connections of clients to a database, as a fail-over would. Returns how many there were."""
        found = self.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = %s AND backend_type = 'client backend'",
            (database,),
        )
        return int(found[0][0])

    def execute(self, sql: str, values: Sequence[Any] = (), *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Carry out one statement as the server's owner, outside of any transaction. Returns its rows, if any."""
        import psycopg  # noqa: PLC0415 - an extra, and this package is imported without it

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql, values or None)  # type: ignore[arg-type,unused-ignore]
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start it (again), and wait until it answers.

        :raises RuntimeError: it does not.
        """
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the command is our own
                [*_as_account(dies_with_parent=True), str(_program("postgres")), "-D", str(self._home / "data")],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd="/",
            )
        end = time.monotonic() + self._patience
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start: {(self._home / 'log').read_text()[-_END_OF_LOG:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it; its databases stay.

        :param how: SIGINT ends connections in order, SIGQUIT is a crash.
        """
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(self._patience)

    def close(self) -> None:
        """End it, and remove its databases unless they are to be kept."""
        self.stop(signal.SIGINT if self._kept else signal.SIGQUIT)
        if not self._kept:
            shutil.rmtree(self._home, ignore_errors=True)
        self._hold.release()

    def _make(self) -> None:
        (self._home / "password").write_text(_PASSWORD)
        if os.geteuid() == 0:
            for path in (self._home, self._home / "password"):
                shutil.chown(path, _ACCOUNT)
        made = subprocess.run(  # noqa: S603 - the command is our own
            [
                *_as_account(),
                str(_program("initdb")),
                *("-D", str(self._home / "data"), "-U", _USER, "--pwfile", str(self._home / "password")),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr}")

    def _write_settings(self) -> None:
        own = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._home),
        }
        with (self._home / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in own.items())

    def _make_template(self) -> None:
        self.execute(f'CREATE DATABASE "{_TEMPLATE}"')
        for extension in _EXTENSIONS:
            self.execute(f"CREATE EXTENSION {extension}", database=_TEMPLATE)
        # Half of what a new database would be: thousands of reference systems, none of which a footprint names.
        self.execute("TRUNCATE spatial_ref_sys", database=_TEMPLATE)

    def _answers(self) -> bool:
        return (
            subprocess.run(  # noqa: S603 - the command is our own
                [str(_program("pg_isready")), "--quiet", "-h", "127.0.0.1", "-p", str(self.port)], check=False
            ).returncode
            == 0
        )


def missing() -> str | None:
    """What has to be installed before a server can run here; ``None``: nothing."""
    if _program("postgres") is None:
        return "there is no PostgreSQL here; install postgresql-15 and postgresql-15-postgis-3"
    if not _extension_files():
        return "PostgreSQL has no PostGIS here; install postgresql-15-postgis-3"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "root may not run PostgreSQL, and there is no setpriv to become somebody else; install util-linux"
    if find_spec("psycopg") is None:
        return "there is no driver for PostgreSQL here; install prip[postgres]"
    return None


def remove_leftovers() -> None:
    """Remove the databases of servers whose processes were killed: they would take memory for ever."""
    for place in {_MEMORY, Path(tempfile.gettempdir())}:
        for home in place.glob(f"{_PREFIX}*"):
            with suppress(OSError):  # somebody uses it
                hold = _held(home)
                shutil.rmtree(home, ignore_errors=True)
                hold.release()


def _new_home(*, in_memory: bool) -> tuple[Path, FileLock]:
    """A folder, and the hold on it; not one of pytest's, which are closed to the account that the server runs as."""
    much_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MUCH_ROOM
    while True:
        home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY if in_memory and much_room else None))
        with suppress(Timeout, FileNotFoundError):  # somebody took it for a leftover, as nobody held it yet
            return home, _held(home)


def _held(home: Path) -> FileLock:
    """Make sure that a folder is there, and hold it until this is released or its process ends.

    :raises OSError: somebody else holds it, or it cannot be written.
    """
    home.mkdir(exist_ok=True)
    lock = FileLock(home / "held")
    lock.acquire(timeout=0)
    return lock


def _extension_files() -> Sequence[Path]:
    program = _program("postgres")
    assert program is not None, "asked before"
    version = program.parents[1].name
    places = [Path(f"/usr/share/postgresql/{version}/extension"), program.parents[1] / "share" / "extension"]
    return [path for place in places for path in place.glob("postgis.control")]


def _program(name: str) -> Path | None:
    """One of PostgreSQL's programs: of the newest version that lies where Debian puts them, or in the path."""
    found = sorted(Path("/").glob(f"{_DEBIAN.lstrip('/')}/{name}"), key=lambda path: float(path.parents[1].name))
    if found:
        return found[-1]
    path = shutil.which(name)
    return None if path is None else Path(path).resolve()


def _as_account(*, dies_with_parent: bool = False) -> Sequence[str]:
    """The beginning of a command that root runs as somebody else, since PostgreSQL refuses to run as root."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    account = ("--reuid", _ACCOUNT, "--regid", _ACCOUNT, "--clear-groups") if os.geteuid() == 0 else ()
    # A test run that is killed leaves no server behind.
    end = ("--pdeathsig", "QUIT") if dies_with_parent else ()
    return (setpriv, *account, *end, "--")
