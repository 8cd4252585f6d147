"""Bad days of servers and networks: the bytes are all there, or nothing is and the error says why."""

from __future__ import annotations

import base64
import gc
import hashlib
import io
import re
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from prip_core import PermanentError, TransientError
from prip_core.testing.delivery_point import wait_for
from prip_core.testing.sources import failing_source, pattern
from prip_storage_s3.s3 import S3Storage
from tests.unit.storage_s3.faulty_proxy import (
    Answer,
    Fault,
    Proxy,
    cut_the_answer,
    do_then_refuse,
    flip_a_byte_on_the_way_back,
    flip_a_byte_on_the_way_there,
    ignore_the_range,
    lose_the_answer,
    refuse,
    reset,
    stall,
    with_header,
)

KEY = "MSI_L1C_TL/2025/08/01/5f6f1b5e/S2B.tar"
SMALL = pattern(20_000)
LARGE = pattern(11 * 1024 * 1024)
SIZES = pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])


def put(storage: S3Storage, content: bytes) -> None:
    storage.put(KEY, io.BytesIO(content), size=len(content))


def content_of(storage: S3Storage, **span: int) -> bytes:
    with storage.open(KEY, **span) as file:
        return file.read()


@pytest.fixture
def check_nothing_is_there(client: Any, bucket: str) -> Callable[[], None]:
    def check() -> None:
        assert "Contents" not in client.list_objects_v2(Bucket=bucket)
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)

    return check


@SIZES
def test_what_is_sent_is_bound_to_its_signature_by_md5_alone(behind: S3Storage, proxy: Proxy, content: bytes) -> None:
    put(behind, content)
    for request in proxy.asked("PUT"):
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert base64.b64decode(headers["content-md5"]) == hashlib.md5(request.body).digest()
        assert re.search(r"SignedHeaders=[^,]*\bcontent-md5\b", headers["authorization"])
        assert headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert proxy.asked("PUT")


@SIZES
@pytest.mark.parametrize(
    "fault",
    [refuse(503, "SlowDown"), refuse(503, "ServiceUnavailable"), refuse(500, "InternalError"), reset()],
    ids=["SlowDown", "ServiceUnavailable", "InternalError", "reset"],
)
def test_a_storm_that_passes(behind: S3Storage, proxy: Proxy, fault: Fault, content: bytes) -> None:
    for method in ("PUT", "POST"):
        proxy.does(fault, method=method, times=2)
    put(behind, content)
    for method in ("GET", "HEAD"):
        proxy.does(fault, method=method, times=2)
    assert content_of(behind) == content
    assert behind.stat(KEY)


@SIZES
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_storm_that_stays(
    behind: S3Storage, proxy: Proxy, content: bytes, method: str, check_nothing_is_there: Callable[[], None]
) -> None:
    if content is SMALL and method == "POST":
        method = "PUT"
    proxy.does(refuse(503, "SlowDown", Retry_After="7"), method=method)
    with pytest.raises(TransientError, match="peace for a while") as raised:
        put(behind, content)
    assert raised.value.retry_after == timedelta(seconds=7)
    check_nothing_is_there()


@SIZES
def test_a_server_that_stalls(proxy: Proxy, storage: Callable[..., S3Storage], content: bytes) -> None:
    behind = storage(endpoint_url=proxy.url, read_timeout=1.0, attempts=10)
    proxy.does(stall(proxy), method="PUT", times=1)
    put(behind, content)
    proxy.does(stall(proxy), method="GET", times=1)
    assert content_of(behind) == content


def test_a_server_that_stalls_for_ever(
    proxy: Proxy, storage: Callable[..., S3Storage], check_nothing_is_there: Callable[[], None]
) -> None:
    behind = storage(endpoint_url=proxy.url, read_timeout=1.0, attempts=2)
    proxy.does(stall(proxy), method="PUT")
    with pytest.raises(TransientError, match=r"cannot be stored.*[Tt]imeout"):
        put(behind, LARGE)
    check_nothing_is_there()


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_storm_leaves_no_parts_in_memory(proxy: Proxy, storage: Callable[..., S3Storage], concurrency: int) -> None:
    """Not even until the next collection of garbage, which counts objects and not their bytes."""
    behind = storage(endpoint_url=proxy.url, attempts=2, concurrency=concurrency)
    proxy.does(refuse(503, "SlowDown"), method="PUT")
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(2):
            with pytest.raises(TransientError):
                put(behind, LARGE)
        wait_for(lambda: _kept_beside(proxy) < 2_000_000, "end of the parts")
    finally:
        tracemalloc.stop()
        gc.enable()


def _kept_beside(proxy: Proxy) -> int:
    """Bytes in memory but for what the proxy, which may still be at it, has seen."""
    proxy.seen.clear()
    return tracemalloc.get_traced_memory()[0]


def test_nobody_listens(behind: S3Storage, storage: Callable[..., S3Storage]) -> None:
    away = storage(endpoint_url="http://127.0.0.1:1", attempts=1)
    for action in (
        lambda: put(away, SMALL),
        lambda: away.stat(KEY),
        lambda: away.open(KEY),
        lambda: list(away.list("")),
    ):
        with pytest.raises(TransientError, match=r"127\.0\.0\.1:1"):
            action()


@SIZES
def test_a_byte_flipped_on_the_way_there(behind: S3Storage, proxy: Proxy, content: bytes) -> None:
    proxy.does(flip_a_byte_on_the_way_there(), method="PUT", times=2)
    put(behind, content)
    assert content_of(behind) == content


@SIZES
def test_every_byte_flipped_on_the_way_there(
    behind: S3Storage, proxy: Proxy, content: bytes, check_nothing_is_there: Callable[[], None]
) -> None:
    proxy.does(flip_a_byte_on_the_way_there(), method="PUT")
    with pytest.raises(TransientError, match="changed or lost on their way"):
        put(behind, content)
    check_nothing_is_there()


def test_a_byte_flipped_on_the_disk_is_found_by_reading_again(
    proxy: Proxy, storage: Callable[..., S3Storage], check_nothing_is_there: Callable[[], None]
) -> None:
    behind = storage(endpoint_url=proxy.url, verify="read")
    put(behind, LARGE)
    behind.delete([KEY])
    proxy.does(flip_a_byte_on_the_way_back(), method="GET", about="S2B.tar")
    for content in (SMALL, LARGE):
        with pytest.raises(TransientError, match="other bytes than were stored"):
            put(behind, content)
        check_nothing_is_there()


@SIZES
def test_a_wrong_etag(
    behind: S3Storage, proxy: Proxy, content: bytes, check_nothing_is_there: Callable[[], None]
) -> None:
    wrong = with_header("etag", '"00000000000000000000000000000000"')
    proxy.does(wrong, method="PUT", times=1)
    put(behind, content)
    assert content_of(behind) == content
    behind.delete([KEY])
    for method in ("PUT", "HEAD"):
        proxy.does(wrong, method=method)
    with pytest.raises(TransientError, match=r"MD5|ETag"):
        put(behind, content)
    check_nothing_is_there()


@SIZES
def test_answers_that_get_lost_after_the_work_was_done(
    behind: S3Storage, proxy: Proxy, content: bytes, client: Any, bucket: str
) -> None:
    for method in ("PUT", "POST"):
        proxy.does(lose_the_answer(), method=method, times=1)
    put(behind, content)
    assert content_of(behind) == content
    proxy.does(lose_the_answer(), method="POST", times=1)
    behind.delete([KEY])
    assert behind.stat(KEY) is None


@pytest.mark.parametrize(
    "fault",
    [lose_the_answer(), do_then_refuse(503, "SlowDown"), refuse(404, "NoSuchUpload")],
    ids=["lost", "SlowDown", "NoSuchUpload"],
)
def test_an_upload_whose_end_is_never_confirmed(
    behind: S3Storage, proxy: Proxy, fault: Fault, client: Any, bucket: str
) -> None:
    """What the server did counts, not what it said: it is asked."""
    proxy.does(lose_the_answer(), method="POST", about="uploadId=", times=1)
    proxy.does(fault, method="POST", about="uploadId=")
    put(behind, LARGE)
    assert content_of(behind) == LARGE
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


def test_a_whole_put_that_is_never_confirmed(behind: S3Storage, proxy: Proxy) -> None:
    proxy.does(lose_the_answer(), method="PUT")
    put(behind, SMALL)
    assert content_of(behind) == SMALL


def test_a_server_that_only_says_it_has_put_the_parts_together(
    behind: S3Storage, proxy: Proxy, check_nothing_is_there: Callable[[], None]
) -> None:
    done = b"<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>"
    proxy.does(lambda request, ask: Answer(200, {}, done), method="POST", about="uploadId=")
    with pytest.raises(TransientError, match="cannot be looked at"):
        put(behind, LARGE)
    check_nothing_is_there()


def test_a_server_that_keeps_the_older_object(behind: S3Storage, proxy: Proxy) -> None:
    put(behind, LARGE)
    done = b"<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>"
    proxy.does(lambda request, ask: Answer(200, {}, done), method="POST", about="uploadId=")
    with pytest.raises(TransientError, match="another object than the one just stored"):
        put(behind, LARGE)
    assert content_of(behind) == LARGE


@pytest.mark.parametrize("after", [0, 1, 3_000_000, len(LARGE) - 1])
def test_a_body_that_is_cut_goes_on_where_it_ended(behind: S3Storage, proxy: Proxy, after: int) -> None:
    put(behind, LARGE)
    proxy.does(cut_the_answer(after), method="GET", about="S2B.tar", times=2)
    assert content_of(behind) == LARGE
    assert len(proxy.asked("GET", "S2B.tar")) == 3
    proxy.does(cut_the_answer(min(after, 100)), method="GET", about="S2B.tar", times=2)
    assert content_of(behind, start=1000, stop=2_000_000) == LARGE[1000:2_000_000]


def test_a_body_that_is_cut_again_and_again(behind: S3Storage, proxy: Proxy) -> None:
    put(behind, LARGE)
    proxy.does(cut_the_answer(0), method="GET", about="S2B.tar")
    with pytest.raises(TransientError, match=f"the object {KEY} cannot be read"):
        content_of(behind)


def test_after_a_cut_no_other_object_is_read_on(behind: S3Storage, proxy: Proxy) -> None:
    put(behind, LARGE)
    proxy.does(cut_the_answer(1_000_000), method="GET", about="S2B.tar", times=1)
    with behind.open(KEY) as file:
        put(behind, bytes(reversed(LARGE)))
        with pytest.raises(TransientError, match="replaced meanwhile"):
            file.read()


def test_a_range_that_is_ignored_is_no_range(behind: S3Storage, proxy: Proxy) -> None:
    put(behind, SMALL)
    proxy.does(ignore_the_range(SMALL), method="GET", about="S2B.tar")
    with pytest.raises(TransientError, match="bytes from 5 on were asked for"):
        behind.open(KEY, start=5)


@pytest.mark.parametrize("after", [0, 6_000_000, 10_900_000])
def test_a_source_that_fails_leaves_no_parts(
    behind: S3Storage, after: int, check_nothing_is_there: Callable[[], None]
) -> None:
    with pytest.raises(Exception, match="the source broke"):
        behind.put(KEY, failing_source(LARGE, after), size=len(LARGE))
    check_nothing_is_there()


@pytest.mark.parametrize("page", [b"<html><body>Sign in, please<br></body>", b"<html><body>Sign in</body></html>"])
def test_what_answers_is_no_s3_server(behind: S3Storage, proxy: Proxy, page: bytes) -> None:
    """A page of something in between, with the status of success: nothing is gone, nothing was stored or removed."""
    put(behind, SMALL)
    for method in ("GET", "POST", "PUT"):
        proxy.does(lambda request, ask: Answer(200, {"content-type": "text/html"}, page), method=method)
    for action in (lambda: list(behind.list("")), lambda: put(behind, LARGE), lambda: behind.delete([KEY])):
        with pytest.raises(TransientError):
            action()
    proxy.does(lambda request, ask: Answer(200, {"content-type": "text/html"}, b""), method="HEAD")
    for look in (lambda: behind.stat(KEY), lambda: behind.open(KEY)):
        with pytest.raises(TransientError):
            look()
    proxy.heal()
    assert content_of(behind) == SMALL


def test_an_object_that_the_server_will_never_take(behind: S3Storage, proxy: Proxy) -> None:
    proxy.does(refuse(400, "EntityTooLarge"), method="PUT")
    with pytest.raises(PermanentError, match="too large for the server"):
        put(behind, SMALL)


def test_objects_that_cannot_be_removed_are_named(behind: S3Storage, proxy: Proxy) -> None:
    put(behind, SMALL)
    kept = f"<DeleteResult><Error><Key>{KEY}</Key><Code>AccessDenied</Code></Error></DeleteResult>".encode()
    proxy.does(lambda request, ask: Answer(200, {}, kept), method="POST")
    with pytest.raises(TransientError, match=f"{KEY} cannot be removed: .*give these keys the right"):
        behind.delete([KEY])
