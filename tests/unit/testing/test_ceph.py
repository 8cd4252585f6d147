"""The S3 server for tests: what it offers, and that nothing remains of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing import ceph
from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.delivery_point import wait_for


def test_a_bucket_is_new_and_empty(s3_server: S3Endpoint) -> None:
    client = s3_server.client()
    first, second = s3_server.new_bucket(), s3_server.new_bucket()
    client.put_object(Bucket=first, Key="key", Body=b"bytes")
    assert client.get_object(Bucket=first, Key="key")["Body"].read() == b"bytes"
    assert "Contents" not in client.list_objects_v2(Bucket=second)


def test_all_buckets_of_a_server_are_removed(s3_server: S3Endpoint) -> None:
    with ceph.CephServer() as server:
        client = server.endpoint.client()
        for bucket in (server.endpoint.new_bucket(), server.endpoint.new_bucket()):
            client.put_object(Bucket=bucket, Key="key", Body=bytes(1 << 20))
        server.endpoint.remove_buckets()
        assert client.list_buckets()["Buckets"] == []


def test_what_an_administrator_does_wrong_is_told(s3_server: S3Endpoint) -> None:
    assert "max-buckets" in s3_server.administer("--help")
    with pytest.raises(RuntimeError, match=r"radosgw-admin .*failed"):
        s3_server.administer("user", "info", "--uid", "nobody")


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def which(program: str, path: Any = None) -> str | None:
        return None if program == "radosgw" else f"/usr/bin/{program}"

    monkeypatch.setattr("shutil.which", which)
    assert ceph.missing() == "there is no radosgw here; install radosgw, ceph-mon, ceph-osd, ceph-common and openssl"
    with pytest.raises(RuntimeError, match="there is no radosgw here"):
        ceph.CephServer()


@pytest.mark.parametrize("killed", [True, False])
def test_nothing_is_left_of_a_server(s3_server: S3Endpoint, killed: bool) -> None:
    script = """
from prip_core.testing.ceph import CephServer
with CephServer() as server:
    print(server._home, *(process.pid for process in server._processes), flush=True)
    input()
"""
    run = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert run.stdout is not None
    home, *pids = run.stdout.readline().decode().split()
    try:
        assert len(pids) == 3
        if killed:
            run.kill()
        run.communicate(b"\n")
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), "end of the server")
        assert killed or not Path(home).exists()
    finally:
        shutil.rmtree(home, ignore_errors=True)
