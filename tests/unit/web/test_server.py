"""The real server: gunicorn processes and sockets."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from prip_core.testing.delivery_point import wait_for
from prip_core.testing.ports import ReservedPort
from tests.living import alive

SIZE = 24 << 20
LARGE = os.urandom(1 << 20) * (SIZE >> 20)
VALUE = "/odata/v1/Products(00000000-0000-0000-0000-000000000001)/$value"
PROGRAM = """
import sys
from pathlib import Path
from prip_core.builtin.local_users import LocalUsers
from prip_core.catalogue import open_catalogue
from prip_core.clock import SystemClock
from prip_core.passwords import verify_password
from prip_core.web.app import create_app
from prip_core.web.context import WebContext
from prip_core.web import worker
from prip_core.web.server import Listening, serve
from prip_storage_posix.posix import PosixSettings, PosixStorage

url, archive, port, seconds = sys.argv[1:]
worker._REQUEST_SECONDS = float(seconds)

def build():
    catalogue = open_catalogue(url, SystemClock())
    users = LocalUsers(catalogue.users.find, verify_password)
    return create_app(WebContext(
        name="prip",
        catalogue=catalogue,
        storages={"archive": PosixStorage(PosixSettings.model_construct(path=Path(archive)))},
        inboxes={},
        authenticate=lambda credentials: users.prip_authenticate(credentials=credentials),
        odata_path="/odata/v1",
        public_url=None,
        page_size=1000,
        list_evicted=False,
        gone_status=404,
        anonymous=False,
    ))

serve(Listening(port=int(port), threads=48), build)
"""


class Server:
    """A running server, and connections to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, headers: dict[str, str]) -> None:
        self.process = process
        self.port = port
        self.headers = headers

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = self.connect()
        connection.request(method, path, headers={**self.headers, **headers})
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read()
        connection.close()
        return found

    def stalled_download(self) -> socket.socket:
        """A client that asks for the large product and then reads nothing."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        client.sendall(
            f"GET {VALUE} HTTP/1.1\r\nHost: x\r\nAuthorization: {self.headers['Authorization']}\r\n\r\n".encode()
        )
        client.recv(1, socket.MSG_PEEK)  # the answer has begun
        return client


def _is_up(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def request_seconds() -> float:
    """Within which a request must have come."""
    return 120.0


@pytest.fixture
def server(house: Any, ann: dict[str, str], tmp_path: Path, request_seconds: float) -> Iterator[Server]:
    house.publish(data=LARGE)
    reserved = ReservedPort()
    port = reserved.number
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home)}
    environment.pop("XDG_RUNTIME_DIR", None)
    command = [sys.executable, "-c", PROGRAM, house.database, str(house.archive), str(port), str(request_seconds)]
    with subprocess.Popen(command, env=environment) as process:
        try:
            wait_for(lambda: _is_up(port) or process.poll() is not None, "server")
            assert process.poll() is None, "the server did not start"
            yield Server(process, port, ann)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
    assert not list(home.iterdir()), "nothing is written into the home folder"


def test_one_connection_carries_many_requests(server: Server) -> None:
    connection = server.connect()
    connection.connect()
    first = connection.sock
    for method, headers, status, data in [
        ("GET", {}, 200, LARGE),
        ("GET", {"Range": "bytes=0-0"}, 206, LARGE[:1]),
        ("GET", {"Range": f"bytes={1 << 20}-{(3 << 20) + 4}"}, 206, LARGE[1 << 20 : (3 << 20) + 5]),
        ("GET", {"Range": "bytes=-7"}, 206, LARGE[-7:]),
        ("GET", {"Range": f"bytes={SIZE}-"}, 416, None),
        ("HEAD", {}, 200, b""),
    ]:
        connection.request(method, VALUE, headers={**server.headers, **headers})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == status
        assert data is None or body == data
        assert answer.headers["Content-Length"] == str(len(body) if method == "GET" else SIZE)
        assert connection.sock is first, "the connection was kept"
    connection.close()


def test_stalled_downloads_leave_room_for_others(server: Server) -> None:
    stalled = [server.stalled_download() for _ in range(30)]
    assert [server.ask("/odata/v1/Products")[0] for _ in range(10)] == [200] * 10
    assert server.ask(VALUE)[2] == LARGE
    for client in stalled:
        client.close()


@pytest.mark.parametrize("request_seconds", [1.0])
def test_requests_that_never_end_do_not_keep_others_out(server: Server) -> None:
    dawdling = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(150)]
    for client in dawdling:  # there are 96 threads
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n")
    assert server.ask("/health/live")[0] == 200
    assert dawdling[0].recv(1) == b""
    for client in dawdling:
        client.close()


NONSENSE = [
    (b"\r\n\r\n", 400, "BadRequest"),
    (b"GET /odata/v1\r\n\r\n", 400, "BadRequest"),
    (b"GET /odata/v1/Products?$filter=Name eq 'a' HTTP/1.1\r\n\r\n", 400, "BadRequest"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n", 400, "BadRequest"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431, "RequestHeaderFieldsTooLarge"),
    (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414, "RequestURITooLong"),
    (b"GET /\xff\x01 HTTP/1.1\r\n\r\n", 400, "BadRequest"),
]


def test_what_is_no_request_gets_an_odata_error(server: Server) -> None:
    for nonsense, status, code in NONSENSE:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
            client.sendall(nonsense)
            answer = http.client.HTTPResponse(client)
            answer.begin()
            error = json.loads(answer.read())["error"]
        found = answer.status, answer.headers["OData-Version"], error["code"]
        assert found == (status, "4.0", code), nonsense[:60]
        assert error["message"], nonsense[:60]


def test_a_file_that_shrinks_cuts_the_connection(server: Server, house: Any) -> None:
    client = server.stalled_download()
    (stored,) = house.archive.rglob("*.tar")
    os.truncate(stored, SIZE // 2)
    answer = http.client.HTTPResponse(client)
    answer.begin()
    assert answer.headers["Content-Length"] == str(SIZE)
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    assert LARGE.startswith(caught.value.partial)
    client.close()
    assert server.ask(VALUE)[0] == 500
    assert server.ask("/health/live")[0] == 200


def test_a_stop_lets_downloads_end(server: Server) -> None:
    client = server.stalled_download()
    children = psutil.Process(server.process.pid).children()
    server.process.send_signal(signal.SIGTERM)
    wait_for(lambda: len(alive(children)) == 1, "end of the process that has no download")
    answer = http.client.HTTPResponse(client)
    answer.begin()
    assert answer.read() == LARGE
    client.close()
    assert server.process.wait(60) == 0


def test_long_filters_are_read_and_endless_ones_refused(server: Server) -> None:
    names = ",".join(f"'{'x' * 90}{number:06}'" for number in range(150))
    assert server.ask(f"/odata/v1/Products?$filter=Name%20in%20({names})")[0] in {200, 400, 501}
    encoded = "".join(f"%{ord(character):02x}" for character in f"contains(Name,'{'x' * 15_000}')")
    assert server.ask(f"/odata/v1/Products?$filter={encoded}")[0] in {200, 400}
    assert server.ask(f"/odata/v1/Products?x={'x' * 70_000}")[0] == 414


def test_what_proxies_say_is_ignored(server: Server, house: Any) -> None:
    house.publish(2)
    here = b"http://127.0.0.1:%d/odata/v1/Products" % server.port
    for headers in (
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"},
        {"X-Forwarded-Protocol": "ssl", "X-Forwarded-Ssl": "on"},
        {"Script-Name": "/evil"},
    ):
        status, _, body = server.ask("/odata/v1/Products?$top=1", **headers)
        assert status == 200
        assert re.findall(rb'"@odata.nextLink":"([^?]*)', body) == [here], headers


def test_processes_know_nothing_of_each_other(server: Server, authorization: Callable[..., str]) -> None:
    wrong = {"Authorization": authorization("ann", "wrong")}
    assert {server.ask("/odata/v1")[0] for _ in range(6)} == {200}
    assert {server.ask("/odata/v1", **wrong)[0] for _ in range(6)} == {401}
