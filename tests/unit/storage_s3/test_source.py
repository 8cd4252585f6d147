"""Reading an object in place: how much is asked of the server, and what happens when the object changes."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest

from prip_core import TransientError
from prip_core.testing.sources import pattern
from prip_storage_s3 import pauses
from prip_storage_s3.connection import Connection
from prip_storage_s3.settings import MIB, S3InboxSettings
from prip_storage_s3.source import open_source
from tests.unit.storage_s3.faulty_proxy import Proxy, cut_the_answer, refuse

CONTENT = pattern(20 * MIB)
KEY = "inbox/product.tar"


@pytest.fixture
def opened(
    client: Any,
    bucket: str,
    proxy: Proxy,
    written: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., BinaryIO]:
    """Puts an object, and opens it through the proxy."""
    monkeypatch.setattr(pauses, "_FIRST", 0.01)
    plain = {
        key: value for key, value in written(endpoint_url=proxy.url).items() if key in S3InboxSettings.model_fields
    }
    connection = Connection(S3InboxSettings.model_validate(plain))

    def opened(content: bytes = CONTENT) -> BinaryIO:
        tag = client.put_object(Bucket=bucket, Key=KEY, Body=content)["ETag"]
        proxy.seen.clear()
        return open_source(connection, KEY, tag, len(content))

    return opened


def asked(proxy: Proxy, size: int = len(CONTENT)) -> list[int]:
    """How many bytes each request was for."""
    spans = [re.fullmatch(r"bytes=(\d+)-(\d*)", each.headers.get("Range", "bytes=0-")) for each in proxy.asked("GET")]
    return [int(span[2] or size - 1) + 1 - int(span[1]) for span in spans if span is not None]


@pytest.mark.parametrize("block", [8192, 1 << 20, 5 * MIB], ids=["small", "as the core reads", "large"])
def test_one_read_from_start_to_end_asks_for_each_byte_once(
    opened: Callable[..., BinaryIO], proxy: Proxy, block: int
) -> None:
    with opened() as source:
        assert b"".join(iter(lambda: source.read(block), b"")) == CONTENT
    assert len(proxy.asked("GET")) <= 5
    assert sum(asked(proxy)) < len(CONTENT) + MIB


def test_a_small_object_is_asked_for_once(opened: Callable[..., BinaryIO], proxy: Proxy) -> None:
    """Each request takes longer than its bytes."""
    content = CONTENT[: 8 * MIB]
    with opened(content) as source:
        for start in (5 * MIB, 0, 7 * MIB, 1):
            source.seek(start)
            assert source.read(1000) == content[start : start + 1000]
        source.seek(0)
        assert source.read() == content
    assert asked(proxy, len(content)) == [len(content)]


def test_a_look_at_the_headers_asks_for_little(opened: Callable[..., BinaryIO], proxy: Proxy) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for number in range(5):
            member = tarfile.TarInfo(f"TOP/member_{number}")
            member.size = 3 * MIB
            tar.addfile(member, io.BytesIO(CONTENT[: 3 * MIB]))
    with opened(made.getvalue()) as source:
        for _ in range(3):
            source.seek(0)
            with tarfile.open(fileobj=source, mode="r:") as tar:
                assert len(tar.getnames()) == 5
                assert tar.extractfile("TOP/member_3").read(100) == CONTENT[:100]  # type: ignore[union-attr]
    assert sum(asked(proxy)) < 2 * MIB, "headers are kept, and what lies between them is not asked for"


def test_what_is_read_beside_the_one_read_does_not_disturb_it(opened: Callable[..., BinaryIO], proxy: Proxy) -> None:
    with opened() as source:
        for start in range(0, len(CONTENT), MIB):
            source.seek(start)
            assert source.read(MIB) == CONTENT[start : start + MIB]
            source.seek(-1000, io.SEEK_END)
            assert source.read(1000) == CONTENT[-1000:]
    assert sum(asked(proxy)) < len(CONTENT) + 20 * MIB // 10


def test_an_empty_object(opened: Callable[..., BinaryIO], proxy: Proxy) -> None:
    with opened(b"") as source:
        assert (source.read(), source.seek(0, io.SEEK_END), source.read(1)) == (b"", 0, b"")
    assert proxy.asked("GET") == []


@pytest.mark.parametrize("replacement", [pattern(len(CONTENT), 1), b"short", None], ids=["same size", "short", "none"])
@pytest.mark.parametrize("start", [0, 5 * MIB])
def test_an_object_that_was_replaced_is_noticed(
    opened: Callable[..., BinaryIO], client: Any, bucket: str, replacement: bytes | None, start: int
) -> None:
    with opened() as source:
        source.read(1000)
        if replacement is None:
            client.delete_object(Bucket=bucket, Key=KEY)
        else:
            client.put_object(Bucket=bucket, Key=KEY, Body=replacement)
        source.seek(start + MIB)
        with pytest.raises(TransientError, match=r"replaced|removed"):
            source.read(1000)


def test_a_read_that_is_cut_goes_on(opened: Callable[..., BinaryIO], proxy: Proxy) -> None:
    with opened() as source:
        proxy.does(cut_the_answer(3_000_000), method="GET", times=2)
        assert source.read() == CONTENT


def test_a_server_that_is_away_is_said(opened: Callable[..., BinaryIO], proxy: Proxy) -> None:
    with opened() as source:
        source.read(1000)
        proxy.does(refuse(503, "SlowDown"), method="GET")
        source.seek(10 * MIB)
        with pytest.raises(TransientError, match="in peace"):
            source.read(1000)
        proxy.heal()
        source.seek(10 * MIB)
        assert source.read(1000) == CONTENT[10 * MIB : 10 * MIB + 1000]
