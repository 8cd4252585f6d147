"""``$value``: bytes, headers, ranges and conditions, from files, streams and redirects."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from prip_core.errors import TransientError
from prip_storage_posix.posix import PosixStorage

DATA = b"0123456789"
TAG = f'"{hashlib.md5(DATA).hexdigest()}"'
PUBLISHED = "Sun, 01 Mar 2026 12:00:00 GMT"
VALUE = "/odata/v1/Products(00000000-0000-0000-0000-000000000001)/$value"


class RemoteStorage(PosixStorage):
    """A storage whose objects are no files of this machine."""

    def local_path(self, key: str) -> Path | None:
        return None


class SigningStorage(RemoteStorage):
    """A storage that gives URLs."""

    def download_url(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        return f"https://objects.example.org/{key}?for={lifetime.seconds}&as={filename}"


class SilentStorage(RemoteStorage):
    """A storage that does not answer."""

    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        raise TransientError("no answer from 10.0.0.7", timedelta(seconds=7))


@pytest.fixture(params=[PosixStorage, RemoteStorage])
def download(request: pytest.FixtureRequest, house: Any, ann: dict[str, str]) -> Callable[..., Any]:
    """Asks for the product's bytes, kept as a file here or elsewhere."""
    house.publish(data=DATA)
    client = house.client(storages={"archive": request.param(house.storage.settings)})

    def get(method: str = "GET", **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(VALUE, method=method, headers={**ann, **given})

    return get


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_whole_file(download: Callable[..., Any], method: str) -> None:
    answer = download(method)
    assert answer.status_code == 200
    assert answer.data == (DATA if method == "GET" else b"")
    assert answer.headers["Content-Type"] == "application/x-tar"
    assert answer.headers["Content-Length"] == "10"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="S2B_OPER_MSI_L2A_TL_0001.tar"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == TAG
    assert answer.headers["Last-Modified"] == PUBLISHED
    assert answer.headers["OData-Version"] == "4.0"
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize(
    "header, status, data, content_range",
    [
        ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=0-9", 206, DATA, "bytes 0-9/10"),
        ("bytes=0-", 206, DATA, "bytes 0-9/10"),
        ("bytes=0-99", 206, DATA, "bytes 0-9/10"),
        ("bytes=3-5", 206, b"345", "bytes 3-5/10"),
        ("bytes=9-", 206, b"9", "bytes 9-9/10"),
        ("bytes=-1", 206, b"9", "bytes 9-9/10"),
        ("bytes=-10", 206, DATA, "bytes 0-9/10"),
        ("bytes=-11", 206, DATA, "bytes 0-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=5-4", 200, DATA, None),
        ("bytes=0-1,3-4", 200, DATA, None),
        ("lines=0-1", 200, DATA, None),
        ("nonsense", 200, DATA, None),
    ],
)
def test_ranges(
    download: Callable[..., Any], header: str, status: int, data: bytes | None, content_range: str | None
) -> None:
    answer = download(Range=header)
    assert answer.status_code == status
    assert answer.headers.get("Content-Range") == content_range
    if data is None:
        assert answer.json["error"]["code"]
    else:
        assert answer.data == data
        assert answer.headers["Content-Length"] == str(len(data))


def test_a_range_is_not_for_head(download: Callable[..., Any]) -> None:
    answer = download("HEAD", Range="bytes=3-5")
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "10")


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"If_None_Match": TAG}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": PUBLISHED}, 304),
        ({"If_Match": TAG}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"Range": "bytes=0-1", "If_Range": TAG}, 206),
        ({"Range": "bytes=0-1", "If_Range": PUBLISHED}, 206),
        ({"Range": "bytes=0-1", "If_Range": '"other"'}, 200),
        ({"Range": "bytes=99-", "If_Range": '"other"'}, 200),
        ({"Range": "bytes=99-", "If_None_Match": TAG}, 304),
    ],
)
def test_conditions(download: Callable[..., Any], headers: dict[str, str], status: int) -> None:
    answer = download(**headers)
    assert answer.status_code == status
    if status == 304:
        assert answer.data == b""
        assert answer.headers["ETag"] == TAG
    if status == 412:
        assert answer.json["error"]["code"] == "PreconditionFailed"


@pytest.mark.parametrize("storage_type", [PosixStorage, RemoteStorage])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_missing_object_is_404_and_an_alarm(
    house: Any, ann: dict[str, str], storage_type: type[PosixStorage], method: str
) -> None:
    product = house.publish()
    house.storage.delete([product.key])
    client = house.client(storages={"archive": storage_type(house.storage.settings)})
    with capture_logs() as lines:
        answer = client.open(VALUE, method=method, headers=ann)
    assert answer.status_code == 404
    assert [line["key"] for line in lines if line["log_level"] == "error"] == [product.key]
    if method == "GET":
        assert answer.json is not None
        assert answer.json["error"]["code"] == "NotFound"


@pytest.mark.parametrize("gone_status, code", [(404, "NotFound"), (410, "Gone")])
def test_an_evicted_product(house: Any, ann: dict[str, str], gone_status: int, code: str) -> None:
    house.restore_offline(1)
    client = house.client(gone_status=gone_status)
    answer = client.get(VALUE, headers=ann)
    assert answer.status_code == gone_status
    assert answer.json is not None
    assert answer.json["error"]["code"] == code
    entity = client.get(VALUE.removesuffix("/$value"), headers=ann)
    assert entity.status_code == 200
    assert entity.json is not None
    assert entity.json["Online"] is False


@pytest.mark.parametrize("key", ["00000000-0000-0000-0000-000000000009", "no-guid", "'x'", "Id='x'"])
def test_an_unknown_product_is_404_however_gone_ones_answer(house: Any, ann: dict[str, str], key: str) -> None:
    assert house.client(gone_status=410).get(f"/odata/v1/Products({key})/$value", headers=ann).status_code == 404


def test_a_storage_with_urls_redirects(house: Any, ann: dict[str, str]) -> None:
    product = house.publish()
    client = house.client(storages={"archive": SigningStorage(house.storage.settings)})
    answer = client.get(VALUE, headers={**ann, "Range": "bytes=0-1"})
    assert answer.status_code == 307
    assert answer.headers["Location"] == (
        f"https://objects.example.org/{product.key}?for=600&as=S2B_OPER_MSI_L2A_TL_0001.tar"
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="S2B_OPER_MSI_L2A_TL_0001.tar"'
    assert answer.data == b""


def test_head_is_answered_here_for_a_link_is_good_for_get_alone(house: Any, ann: dict[str, str]) -> None:
    house.publish(data=DATA)
    client = house.client(storages={"archive": SigningStorage(house.storage.settings)})
    answer = client.head(VALUE, headers=ann)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "10")
    assert "Location" not in answer.headers


def test_a_storage_that_does_not_answer_is_503(house: Any, ann: dict[str, str]) -> None:
    house.publish()
    answer = house.client(storages={"archive": SilentStorage(house.storage.settings)}).get(VALUE, headers=ann)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "7"
    assert b"10.0.0.7" not in answer.data


def test_a_storage_that_is_away_is_503(house: Any, client: FlaskClient, ann: dict[str, str]) -> None:
    house.publish()
    house.archive.rename(house.archive.with_name("unmounted"))
    answer = client.get(VALUE, headers=ann)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_storage_that_is_not_configured_is_500(house: Any, ann: dict[str, str]) -> None:
    house.publish(storage="cold")
    with capture_logs() as lines:
        answer = house.client().get(VALUE, headers=ann)
    assert answer.status_code == 500
    assert any("cold" in str(line.get("exc_info")) for line in lines)
    assert b"cold" not in answer.data


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("size", [0, 9, 11])
def test_an_object_of_another_size_is_never_sent(
    house: Any, client: FlaskClient, ann: dict[str, str], method: str, size: int
) -> None:
    product = house.publish()
    os.truncate(house.archive / product.key, size)
    assert client.open(VALUE, method=method, headers=ann).status_code == 500


@pytest.mark.parametrize(
    "name, disposition",
    [
        ("plain.tar", 'attachment; filename="plain.tar"'),
        ('a"b\\c.tar', "attachment; filename=\"a_b_c.tar\"; filename*=UTF-8''a%22b%5Cc.tar"),
        ("größe.tar", "attachment; filename=\"gr__e.tar\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.tar"),
        ("a\r\nb.tar", "attachment; filename=\"a__b.tar\"; filename*=UTF-8''a%0D%0Ab.tar"),
    ],
)
def test_the_file_name(house: Any, client: FlaskClient, ann: dict[str, str], name: str, disposition: str) -> None:
    house.publish(name=name)
    assert client.head(VALUE, headers=ann).headers["Content-Disposition"] == disposition


def test_the_log_tells_the_bytes_that_were_sent(house: Any, ann: dict[str, str]) -> None:
    house.publish()
    with capture_logs() as lines:
        answer = house.client().get(VALUE, headers={**ann, "Range": "bytes=2-4"})
        assert answer.data == b"234"
        answer.close()
    (line,) = [line for line in lines if line["event"] == "download"]
    assert (line["user"], line["status"], line["bytes"], line["log_level"]) == ("ann", 206, 3, "info")
