"""An S3 server of one's own, a Ceph RADOS Gateway with its objects in memory: for tests and benchmarks."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen
from uuid import uuid4

from prip_core.testing.ports import ReservedPort

_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool", "openssl")
_PATIENCE = 120.0
_END_OF_LOG = 2000
_ACCOUNTS = {
    "client.admin": ("mon", "allow *", "osd", "allow *", "mgr", "allow *"),
    "osd.0": ("mon", "allow profile osd", "osd", "allow *", "mgr", "allow profile osd"),
    "client.rgw.a": ("mon", "allow rwx", "osd", "allow rwx"),
}
_SETTINGS = {
    **dict.fromkeys(("auth_cluster_required", "auth_service_required", "auth_client_required"), "cephx"),
    "ms_bind_msgr1": "false",
    "public_addr": "127.0.0.1",
    "cluster_addr": "127.0.0.1",
    # One copy of everything, in memory, in small pools.
    "osd_objectstore": "memstore",
    "memstore_device_bytes": str(6 * 1024**3),
    "osd_pool_default_size": "1",
    "osd_pool_default_min_size": "1",
    "osd_pool_default_pg_num": "4",
    "osd_pool_default_pg_autoscale_mode": "off",
    "osd_crush_chooseleaf_type": "0",
    "mon_allow_pool_size_one": "true",
    "mon_max_pg_per_osd": "2000",
    # There is one monitor, which need not wait for others to agree: this makes pools in a tenth of the time.
    "paxos_propose_interval": "0.02",
    "paxos_min_wait": "0.01",
    # Room is given back while tests run, not hours later.
    "rgw_gc_obj_min_wait": "60",
    "rgw_gc_processor_period": "30",
    "rgw_crypt_require_ssl": "false",
    "rgw_crypt_s3_kms_backend": "testing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Endpoint:
    """Where an S3 server answers, and to whom.

    :param url: without encryption.
    :param tls_url: with TLS, by a certificate that only ``ca_bundle`` signs.
    :param kms_key_id: a key that ``aws:kms`` can encrypt with.
    :param storage_class: one beside ``STANDARD``.
    :param config: file for Ceph's own programs: ``radosgw-admin --conf FILE``.
    """

    url: str
    tls_url: str
    ca_bundle: str
    access_key: str
    secret_key: str
    kms_key_id: str
    storage_class: str
    config: str

    @property
    def access(self) -> dict[str, str]:
        """What ``boto3.client("s3", …)`` must be given to come in."""
        return {
            "endpoint_url": self.url,
            "region_name": "us-east-1",
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
        }

    def client(self) -> Any:
        """A boto3 client, as another program would have one."""
        return _client(self)

    def new_bucket(self) -> str:
        """Make an empty bucket. Returns its name."""
        name = f"test-{uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return name

    def remove_buckets(self) -> None:
        """Remove all buckets that there are, and give their memory back at once."""
        for bucket in self.client().list_buckets()["Buckets"]:
            self.administer("bucket", "rm", "--bucket", bucket["Name"], "--purge-objects", "--bypass-gc")

    def administer(self, *arguments: str) -> str:
        """Run ``radosgw-admin``: quotas, users. Returns what it says."""
        return _run([_program("radosgw-admin"), "--conf", self.config, *arguments])


class CephServer:
    """A server that listens on ports of this machine, alone; it ends with the thread that started it.

    It is there after about two seconds, takes 150 MB of memory, and as much again as its objects have.

    :raises RuntimeError: it cannot run here, see :func:`missing`, or does not start.
    :ivar endpoint: where it answers.
    """

    def __init__(self) -> None:
        if (reason := missing()) is not None:
            raise RuntimeError(reason)
        self._home = Path(tempfile.mkdtemp(prefix="prip-ceph-"))
        self._processes: list[subprocess.Popen[bytes]] = []
        self._reserved = ReservedPort(), ReservedPort(), ReservedPort()
        port, tls_port, monitor_port = (each.number for each in self._reserved)
        self.endpoint = S3Endpoint(
            url=f"http://127.0.0.1:{port}",
            tls_url=f"https://localhost:{tls_port}",
            ca_bundle=str(self._home / "certificate.pem"),
            access_key=f"PRIP{secrets.token_hex(8).upper()}",
            secret_key=secrets.token_hex(20),
            kms_key_id="a-key",
            storage_class="COLD",
            config=str(self._home / "ceph.conf"),
        )
        try:
            self._start(port, tls_port, monitor_port)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; its objects go with it."""
        for process in reversed(self._processes):
            process.kill()
        for process in self._processes:
            process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def _start(self, port: int, tls_port: int, monitor_port: int) -> None:
        cluster, disk = str(uuid4()), str(uuid4())
        monitor = f"[v2:127.0.0.1:{monitor_port}]"
        self._write_settings({"fsid": cluster, "mon_host": monitor})
        self._make_accounts()
        self._make_certificate()
        self._run("monmaptool", "--create", "--fsid", cluster, "--addv", "a", monitor, self._path("monmap"))
        made = ("--mkfs", "--monmap", self._path("monmap"), "--keyring", self._path("mon.keyring"))
        self._run("ceph-mon", "-i", "a", *made)
        self._spawn("ceph-mon", "-i", "a")
        self._run("ceph", "--connect-timeout", "60", "osd", "new", disk)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self._spawn("ceph-osd", "-i", "0")
        self._wait(lambda: "1 up" in self._run("ceph", "osd", "stat"), "ceph-osd")
        self._make_user()
        tls = f"ssl_endpoint=127.0.0.1:{tls_port} ssl_certificate={self.endpoint.ca_bundle}"
        keys = f"ssl_private_key={self._path('private.pem')}"
        front = f"--rgw-frontends=beast endpoint=127.0.0.1:{port} tcp_nodelay=1 {tls} {keys}"
        self._spawn("radosgw", "-n", "client.rgw.a", front)
        self._wait(self._answers, "radosgw")

    def _write_settings(self, own: Mapping[str, str]) -> None:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        places = {
            "log_file": "$name.log",
            "mon_cluster_log_file": "cluster.log",
            "admin_socket": "$name.asok",
            "keyring": "$name.keyring",
            "mon_data": "mon",
            "osd_data": "osd",
            "rgw_data": "rgw",
            "run_dir": "",
            "crash_dir": "",
        }
        for folder in ("mon", "osd", "rgw"):
            (self._home / folder).mkdir()
        settings = {
            **_SETTINGS,
            **own,
            "rgw_crypt_s3_kms_encryption_keys": f"{self.endpoint.kms_key_id}={key}",
            **{name: f"{self._home}/{place}" for name, place in places.items()},
        }
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        Path(self.endpoint.config).write_text(f"[global]\n{lines}")

    def _make_accounts(self) -> None:
        monitor = self._path("mon.keyring")
        self._run("ceph-authtool", "--create-keyring", monitor, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        # Where the monitor looks for its own, though it keeps it elsewhere: without one it complains for a while.
        shutil.copy(monitor, self._home / "mon.a.keyring")
        for name, rights in _ACCOUNTS.items():
            capabilities = [
                word for who, what in zip(rights[::2], rights[1::2], strict=True) for word in ("--cap", who, what)
            ]
            path = self._path(f"{name}.keyring")
            self._run("ceph-authtool", "--create-keyring", path, "--gen-key", "-n", name, *capabilities)
            self._run("ceph-authtool", monitor, "--import-keyring", path)

    def _make_certificate(self) -> None:
        self._run(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", self._path("private.pem")),
            *("-out", self.endpoint.ca_bundle),
        )

    def _make_user(self) -> None:
        where = ("--rgw-zonegroup", "default", "--placement-id", "default-placement")
        cold = ("--storage-class", self.endpoint.storage_class)
        self._run(
            *("radosgw-admin", "user", "create", "--uid", "prip", "--display-name", "prip", "--max-buckets", "0"),
            *("--access-key", self.endpoint.access_key, "--secret-key", self.endpoint.secret_key),
        )
        self._run("radosgw-admin", "zonegroup", "placement", "add", *where, *cold)
        pool = ("--data-pool", "default.rgw.cold.data")
        self._run("radosgw-admin", "zone", "placement", "add", "--rgw-zone", "default", *where[2:], *cold, *pool)

    def _answers(self) -> bool:
        with suppress(OSError):
            urlopen(self.endpoint.url, timeout=5).close()  # noqa: S310 - our own address
            return True
        return False

    def _wait(self, look: Callable[[], object], program: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not look():
            if self._processes[-1].poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{program} did not start: {self._logged()}")
            time.sleep(0.05)

    def _logged(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-_END_OF_LOG:] for path in self._home.glob("*.out"))

    def _path(self, name: str) -> str:
        return str(self._home / name)

    def _run(self, program: str, *arguments: str) -> str:
        conf = () if program in {"openssl", "monmaptool", "ceph-authtool"} else ("--conf", self.endpoint.config)
        return _run([_program(program), *conf, *arguments])

    def _spawn(self, program: str, *arguments: str) -> None:
        with (self._home / f"{program}.out").open("ab") as log:
            # A test run that is killed leaves no server behind.
            command = ["setpriv", "--pdeathsig", "KILL", "--", _program(program), "--conf", self.endpoint.config, "-f"]
            process = subprocess.Popen(  # noqa: S603 - the command is our own
                [*command, *arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/"
            )
        self._processes.append(process)


@lru_cache(maxsize=1)  # it takes a tenth of a second to make
def _client(endpoint: S3Endpoint) -> Any:
    import boto3  # noqa: PLC0415 - an extra, and this package is imported without it
    from botocore.config import Config  # noqa: PLC0415 - as above

    return boto3.client(
        "s3",
        **endpoint.access,
        config=Config(signature_version="s3v4", request_checksum_calculation="when_required"),
    )


def missing() -> str | None:
    """What has to be installed before a server can run here; ``None``: nothing."""
    absent = [program for program in _PROGRAMS if _found(program) is None]
    if absent:
        packages = "radosgw, ceph-mon, ceph-osd, ceph-common and openssl"
        return f"there is no {', '.join(absent)} here; install {packages}"
    if shutil.which("setpriv") is None:
        return "there is no setpriv here, without which the server might be left behind; install util-linux"
    if find_spec("boto3") is None:
        return "there is no client for S3 here; install prip[s3]"
    return None


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


def _program(name: str) -> str:
    found = _found(name)
    assert found is not None, "asked before"
    return found


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - the command is our own
        command, capture_output=True, text=True, cwd="/", timeout=_PATIENCE, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-_END_OF_LOG:]}")
    return done.stdout
