"""What the S3 storage does beyond the contract: parts and memory, prefixes, links, encryption, leftovers."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, BinaryIO, cast

import pytest
import requests

from prip_core import TransientError
from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.delivery_point import wait_for
from prip_core.testing.sources import CountingSource, pattern
from prip_storage_s3.s3 import S3Storage
from tests.unit.storage_s3.faulty_proxy import Answer, Proxy, edit, with_header

KEY = "IW_GRDH_1S/2025/08/01/0f8d/S1A.SAFE.zip"
MIB = 1024 * 1024

Storages = Callable[..., S3Storage]


def put(storage: S3Storage, content: bytes, key: str = KEY) -> None:
    storage.put(key, io.BytesIO(content), size=len(content))


def content_of(storage: S3Storage) -> bytes:
    with storage.open(KEY) as file:
        return file.read()


@pytest.mark.parametrize(
    ("size", "parts"), [(0, 0), (5 * MIB - 1, 0), (5 * MIB, 0), (5 * MIB + 1, 2), (10 * MIB, 2), (11 * MIB, 3)]
)
@pytest.mark.parametrize("announced", [True, False])
def test_large_objects_go_in_parts(
    storage: Storages, client: Any, bucket: str, size: int, parts: int, announced: bool
) -> None:
    content = pattern(size)
    storage().put(KEY, io.BytesIO(content), size=size if announced else None)
    found = client.head_object(Bucket=bucket, Key=KEY)
    assert found["ContentLength"] == size
    assert found["ETag"].strip('"').partition("-")[2] == (str(parts) if parts else "")
    assert client.get_object(Bucket=bucket, Key=KEY)["Body"].read() == content


def test_parts_grow_where_ten_thousand_would_not_do(storage: Storages) -> None:
    """An announced size decides; the source that ends early is told from it."""
    source = CountingSource(20 * MIB)
    with pytest.raises(TransientError, match=r"gave 20971520 bytes"):
        storage().put(KEY, cast("BinaryIO", source), size=10_000 * 50 * MIB)


def test_memory_is_bounded_by_the_parts_on_their_way(storage: Storages) -> None:
    keeper = storage()
    put(keeper, pattern(6 * MIB))
    tracemalloc.start()
    try:
        keeper.put(KEY, cast("BinaryIO", CountingSource(200 * MIB)), size=200 * MIB)
        stored = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        with keeper.open(KEY) as file:
            while file.read(MIB):
                pass
        read = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stored < 4 * 5 * MIB, "concurrency + 1 parts of 5 MiB, and a little"
    assert read < 5 * MIB


def test_a_process_that_is_killed_leaves_parts_that_are_abandoned_later(
    storage: Storages, written: Callable[..., dict[str, Any]], client: Any, bucket: str
) -> None:
    program = f"""
        import os, signal
        from prip_core.testing.sources import WatchedSource
        from prip_storage_s3.s3 import S3Storage
        def die():
            os.kill(os.getpid(), signal.SIGKILL)
        source = WatchedSource(bytes(20 * 1024 * 1024), die, after=16 * 1024 * 1024)
        S3Storage(S3Storage.Settings.model_validate({written()!r})).put({KEY!r}, source, size=None)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    keeper = storage()
    assert keeper.stat(KEY) is None
    assert keeper.abandon_uploads(timedelta(hours=1)) == 0
    assert len(client.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 1
    assert keeper.abandon_uploads(timedelta(0)) == 1
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


def test_the_age_of_leftovers_is_told_by_the_server_s_clock_and_their_last_part(
    behind: S3Storage, proxy: Proxy, client: Any, bucket: str
) -> None:
    begun = client.create_multipart_upload(Bucket=bucket, Key=KEY)
    named = {"Bucket": bucket, "Key": KEY, "UploadId": begun["UploadId"]}
    client.upload_part(**named, PartNumber=1, Body=b"a part")
    long_ago = edit(
        lambda answer: Answer(
            answer.status, answer.headers, re.sub(rb"<Initiated>\d{4}", b"<Initiated>2020", answer.body)
        )
    )
    proxy.does(long_ago, method="GET", about="?uploads")
    assert behind.abandon_uploads(timedelta(days=1)) == 0, "begun long ago, but its part has just come"
    proxy.heal()
    proxy.does(with_header("date", "Thu, 01 Jan 2099 00:00:00 GMT"), method="GET", about="?uploads")
    assert behind.abandon_uploads(timedelta(days=1)) == 1


def test_a_prefix_hides_what_others_keep_in_the_bucket(storage: Storages, client: Any, bucket: str) -> None:
    ours, theirs, whole = storage(prefix="s2/shelf"), storage(prefix="s2/shelf-2"), storage()
    put(ours, b"ours")
    put(theirs, b"theirs", "other")
    client.put_object(Bucket=bucket, Key="s2/shelf/a folder/", Body=b"")
    upload = client.create_multipart_upload(Bucket=bucket, Key="s2/shelf-2/x")
    assert client.get_object(Bucket=bucket, Key=f"s2/shelf/{KEY}")["Body"].read() == b"ours"
    assert [found.key for found in ours.list("")] == [KEY]
    assert [found.key for found in whole.list("")] == ["s2/shelf-2/other", f"s2/shelf/{KEY}"]
    assert ours.stat("other") is None
    ours.delete(["other", KEY])
    assert [found.key for found in theirs.list("")] == ["other"]
    assert ours.abandon_uploads(timedelta(0)) == 0
    client.abort_multipart_upload(Bucket=bucket, Key="s2/shelf-2/x", UploadId=upload["UploadId"])


def test_a_key_that_is_too_long_behind_the_prefix_is_refused(storage: Storages) -> None:
    with pytest.raises(ValueError, match="prefix"):
        put(storage(prefix="p" * 200), b"", "/".join(["k" * 100] * 9))


def test_thousands_of_objects_are_listed_and_removed(storage: Storages) -> None:
    keeper = storage()
    keys = [f"t/{number:05}" for number in range(1100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: put(keeper, b"x", key), keys))
    assert [found.key for found in keeper.list("t/")] == keys
    keeper.delete(keys)
    assert list(keeper.list("")) == []


def test_a_link_gives_the_object_under_its_file_name(storage: Storages) -> None:
    keeper = storage()
    put(keeper, pattern(1000))
    url = keeper.download_url(KEY, lifetime=timedelta(minutes=1), filename="S1A.SAFE.zip")
    assert url is not None
    whole = requests.get(url, timeout=60)
    assert (whole.status_code, whole.content) == (200, pattern(1000))
    assert whole.headers["Content-Disposition"] == 'attachment; filename="S1A.SAFE.zip"'
    part = requests.get(url, headers={"Range": "bytes=10-19"}, timeout=60)
    assert (part.status_code, part.content) == (206, pattern(1000)[10:20])


def test_a_link_is_good_for_nothing_else(storage: Storages, client: Any, bucket: str) -> None:
    keeper = storage()
    put(keeper, b"ours")
    put(keeper, b"secret", "other")
    url = keeper.download_url(KEY, lifetime=timedelta(minutes=1), filename="S1A.SAFE.zip")
    assert url is not None
    tampered = [
        url.replace(KEY, "other"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        url.replace("S1A.SAFE", "S1B.SAFE"),
        url.partition("?")[0],
    ]
    assert [requests.get(each, timeout=60).status_code for each in tampered] == [403] * 4
    assert requests.put(url, data=b"x", timeout=60).status_code == 403
    assert requests.delete(url, timeout=60).status_code == 403
    assert content_of(keeper) == b"ours"


def test_a_link_ends(storage: Storages) -> None:
    keeper = storage()
    put(keeper, b"ours")
    url = keeper.download_url(KEY, lifetime=timedelta(seconds=1), filename="S1A.SAFE.zip")
    assert url is not None
    wait_for(lambda: requests.get(url, timeout=60).status_code == 403, "end of the link")


def test_links_name_the_server_as_clients_reach_it(storage: Storages, proxy: Proxy) -> None:
    keeper = storage(public_endpoint_url=proxy.url)
    put(keeper, b"ours")
    url = keeper.download_url(KEY, lifetime=timedelta(days=100), filename='"a\\b" é.zip')
    assert url is not None
    assert url.startswith(f"{proxy.url}/")
    assert "X-Amz-Expires=604800" in url
    answer = requests.get(url, timeout=60)
    assert answer.content == b"ours"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="_a_b_ _.zip"; filename*=UTF-8')


def test_there_are_no_links_where_downloads_are_streamed(storage: Storages) -> None:
    keeper = storage(downloads="stream")
    put(keeper, b"ours")
    assert keeper.download_url(KEY, lifetime=timedelta(minutes=1), filename="S1A.SAFE.zip") is None
    with pytest.raises(ValueError, match="no safe key"):
        keeper.download_url("../x", lifetime=timedelta(minutes=1), filename="x")


@pytest.mark.parametrize("size", [1000, 6 * MIB])
def test_encryption_by_a_key_and_a_storage_class(
    storage: Storages, s3_server: S3Endpoint, client: Any, bucket: str, size: int
) -> None:
    keeper = storage(
        server_side_encryption="aws:kms", kms_key_id=s3_server.kms_key_id, storage_class=s3_server.storage_class
    )
    put(keeper, pattern(size))
    found = client.head_object(Bucket=bucket, Key=KEY)
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", s3_server.kms_key_id)
    assert found["StorageClass"] == s3_server.storage_class
    assert content_of(keeper) == pattern(size)


@pytest.mark.parametrize("size", [1000, 6 * MIB])
def test_a_server_that_silently_does_not_encrypt_keeps_nothing(
    storage: Storages, client: Any, bucket: str, size: int
) -> None:
    """This one takes AES256 for an answer, and stores the bytes as they are."""
    with pytest.raises(TransientError, match="'AES256' is asked for, the server says nothing of it"):
        put(storage(server_side_encryption="AES256"), pattern(size))
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)


def test_everything_works_over_tls_with_a_certificate_of_our_own(storage: Storages, s3_server: S3Endpoint) -> None:
    keeper = storage(endpoint_url=s3_server.tls_url, ca_bundle=s3_server.ca_bundle)
    for size in (1000, 11 * MIB):
        put(keeper, pattern(size))
        assert content_of(keeper) == pattern(size)
    url = keeper.download_url(KEY, lifetime=timedelta(minutes=1), filename="S1A.SAFE.zip")
    assert url is not None
    assert requests.get(url, verify=s3_server.ca_bundle, timeout=60).content == pattern(11 * MIB)
    assert keeper.stat(KEY)
    keeper.delete([KEY])
    assert list(keeper.list("")) == []


def test_a_bucket_that_is_full(storage: Storages, s3_server: S3Endpoint, bucket: str) -> None:
    keeper = storage()
    s3_server.administer("quota", "set", "--quota-scope", "bucket", "--bucket", bucket, "--max-size", "1M")
    s3_server.administer("quota", "enable", "--quota-scope", "bucket", "--bucket", bucket)
    for size in (2 * MIB, 6 * MIB):
        with pytest.raises(TransientError, match="the bucket is full"):
            put(keeper, pattern(size))
    assert list(keeper.list("")) == []


def test_a_bucket_that_is_gone_is_not_a_bucket_without_objects(storage: Storages, client: Any, bucket: str) -> None:
    keeper = storage()
    client.delete_bucket(Bucket=bucket)
    for action in (
        lambda: keeper.stat(KEY),
        lambda: keeper.open(KEY),
        lambda: keeper.open(KEY, start=1, stop=1),
        lambda: list(keeper.list("")),
        lambda: keeper.delete([KEY]),
        lambda: put(keeper, b"x"),
        lambda: keeper.abandon_uploads(timedelta(0)),
    ):
        with pytest.raises(TransientError, match="the bucket is not there"):
            action()


def test_keys_that_are_taken_away_make_products_wait(storage: Storages, s3_server: S3Endpoint, bucket: str) -> None:
    keeper = storage()
    put(keeper, b"ours")
    s3_server.administer("user", "suspend", "--uid", "prip")
    try:
        wait_for(lambda: _refuses(keeper), "refusal")
        for action in (lambda: put(keeper, b"x"), lambda: keeper.stat(KEY), lambda: keeper.open(KEY)):
            with pytest.raises(TransientError, match=r"give these keys the right|UserSuspended"):
                action()
    finally:
        s3_server.administer("user", "enable", "--uid", "prip")
    wait_for(lambda: not _refuses(keeper), "permission")
    assert content_of(keeper) == b"ours"


def _refuses(keeper: S3Storage) -> bool:
    try:
        keeper.stat(KEY)
    except TransientError:
        time.sleep(0.1)
        return True
    return False


def test_a_process_that_is_forked_off_has_connections_of_its_own(storage: Storages) -> None:
    keeper = storage()
    put(keeper, pattern(3 * MIB))
    with keeper.open(KEY) as file:
        begun = file.read(10)
        child = os.fork()
        if child == 0:
            os._exit(0 if content_of(keeper) == pattern(3 * MIB) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert begun + file.read() == pattern(3 * MIB)
