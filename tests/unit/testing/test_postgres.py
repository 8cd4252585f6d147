"""The PostgreSQL server for tests: databases of their own, crashes and cut connections to order, and no remains."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from prip_core.testing.delivery_point import wait_for
from prip_core.testing.postgres import PostgresServer, remove_leftovers


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> PostgresServer:
    return postgres


def test_a_database_has_the_extensions_and_starts_empty(server: PostgresServer) -> None:
    name = server.create()
    found = server.execute("SELECT extname FROM pg_extension ORDER BY 1", database=name)
    assert {row[0] for row in found} == {"pg_trgm", "plpgsql", "postgis"}
    server.execute("CREATE TABLE mine (x integer)", database=name)
    assert server.execute("SELECT to_regclass('mine')", database=server.create()) == [(None,)]


def test_a_database_like_another(server: PostgresServer) -> None:
    model = server.create()
    server.execute("CREATE TABLE mine AS SELECT 7 AS x", database=model)
    assert server.execute("SELECT x FROM mine", database=server.create(model)) == [(7,)]


def test_nobody_enters_without_the_password(server: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=server.port, user="prip", dbname="postgres", password="another")


def test_connections_are_cut_and_a_database_in_use_is_dropped(server: PostgresServer) -> None:
    name = server.create()
    with psycopg.connect(server.url(name)) as connection:
        assert server.cut_connections(name) == 1
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with psycopg.connect(server.url(name)):
        server.drop(name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        server.execute("SELECT 1", database=name)


def test_what_is_committed_survives_a_crash_of_the_server(postgres: PostgresServer) -> None:
    with PostgresServer(durable=True, settings={"work_mem": "5MB"}) as server:
        name = server.create()
        server.execute("CREATE TABLE mine AS SELECT 7 AS x", database=name)
        server.stop(signal.SIGQUIT)
        with pytest.raises(psycopg.OperationalError, match="refused"):
            server.execute("SELECT 1")
        server.start()
        assert server.execute("SELECT x FROM mine", database=name) == [(7,)]
        assert server.execute("SHOW work_mem") == [("5MB",)]
        assert server.execute("SHOW fsync") == [("on",)]


def test_a_killed_test_run_leaves_no_server_and_its_databases_not_for_ever(postgres: PostgresServer) -> None:
    script = """
from prip_core.testing.postgres import PostgresServer
server = PostgresServer()
print(server._process.pid, server._home, flush=True)
input()
"""
    run = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert run.stdout is not None
    pid, home = run.stdout.readline().decode().split()
    try:
        run.kill()
        run.wait()
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), "end of the server")
        remove_leftovers()
        assert not Path(home).exists()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_databases_of_a_home_of_its_own_are_there_the_next_time() -> None:
    # Not in a folder of pytest's: those are closed to the account that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="prip-kept-"))
    folder.chmod(0o755)
    try:
        with PostgresServer(home=folder / "postgres") as server:
            server.create(name="kept")
            server.execute("CREATE TABLE mine AS SELECT 7 AS x", database="kept")
        with PostgresServer(home=folder / "postgres") as server:
            assert server.exists("kept")
            assert not server.exists("other")
            assert server.execute("SELECT x FROM mine", database="kept") == [(7,)]
    finally:
        shutil.rmtree(folder)
