"""Settings that cannot work refuse the start, with the setting's name; a server that is away does not."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from prip_core import ConfigError, configuration
from prip_core.configuration import RawConfiguration
from prip_core.testing.ceph import S3Endpoint
from prip_storage_s3.s3 import S3Storage
from tests.unit.storage_s3.faulty_proxy import Proxy, refuse, reset, stall

Written = Callable[..., dict[str, Any]]


@pytest.fixture
def refused(written: Written, tmp_path: Path) -> Callable[..., str]:
    """What a storage with these settings says instead of starting."""

    def build(**others: Any) -> str:
        raw = RawConfiguration(path=tmp_path / "prip.toml", values={}, sources={})
        with pytest.raises(ConfigError) as refusal:
            S3Storage(configuration.check_own(S3Storage.Settings, written(**others), "storages.hot", raw))
        return str(refusal.value)

    return build


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"bucket": "no-such-bucket"}, "bucket: there is no bucket no-such-bucket at http://127.0.0.1"),
        ({"access_key": "NOBODY"}, "access_key: .* does not know it"),
        ({"secret_key": "wrong"}, "secret_key: .* is not the one of the access_key"),
        ({"bucket": "a bucket"}, "storages.hot.bucket: expected text of the form"),
        ({"prefix": "/a"}, "storages.hot.prefix: '/a' is no safe key"),
        ({"prefix": "a" * 600}, "storages.hot.prefix: "),
        ({"endpoint_url": "s3.example.org"}, "storages.hot.endpoint_url: expected a URL such as https://s3"),
        ({"secret_key": None}, "storages.hot: access_key and secret_key go together"),
        ({"kms_key_id": "a-key"}, "storages.hot: kms_key_id needs server_side_encryption"),
        ({"part_size": 4}, "storages.hot.part_size: expected 5 or more"),
        ({"ca_bundle": "nowhere.pem"}, "ca_bundle: the file .*/nowhere.pem gives no certificates"),
        ({"ca_bundle": __file__}, "ca_bundle: the file .* gives no certificates"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_work_refuses_the_start(refused: Callable[..., str], others: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(**others))


def test_a_certificate_that_nobody_signs_refuses_the_start(refused: Callable[..., str], s3_server: S3Endpoint) -> None:
    assert refused(endpoint_url=s3_server.tls_url).startswith("ca_bundle: the certificate of https://localhost")


def test_without_any_credentials(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert refused(access_key=None, secret_key=None).startswith("access_key: there are no credentials")


def test_credentials_that_boto3_finds(written: Written, s3_server: S3Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_key)
    settings = S3Storage.Settings.model_validate(written(access_key=None, secret_key=None))
    assert S3Storage(settings).stat("nothing") is None


def test_a_profile_that_does_not_exist(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "nobody" in refused(access_key=None, secret_key=None)


def test_without_boto3_the_extra_is_named(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert "pip install 'prip[s3]'" in refused()


def test_a_server_that_does_not_answer_refuses_no_start(written: Written, proxy: Proxy) -> None:
    """It may be back when the first product comes; the log says that it was away."""
    for fault in (reset(), refuse(503, "SlowDown"), stall(proxy)):
        proxy.heal()
        proxy.does(fault, method="GET")
        settings = S3Storage.Settings.model_validate(written(endpoint_url=proxy.url, read_timeout=0.3))
        with capture_logs() as lines:
            S3Storage(settings)
        (line,) = lines
        assert line["log_level"] == "warning"
        assert line["endpoint"] == proxy.url


def test_a_bucket_that_keeps_old_versions_is_warned_of(written: Written, bucket: str, client: Any) -> None:
    settings = S3Storage.Settings.model_validate(written())
    with capture_logs() as before:
        S3Storage(settings)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    with capture_logs() as after:
        S3Storage(settings)
    assert before == []
    assert [line["event"] for line in after] == ["bucket keeps old versions: deleted objects go on to take room"]


def test_no_secret_is_shown(written: Written, s3_server: S3Endpoint) -> None:
    settings = S3Storage.Settings.model_validate(written())
    for shown in (repr(settings), settings.model_dump_json(), repr(vars(S3Storage(settings)))):
        assert s3_server.secret_key not in shown
