"""The way to the server: boto3's clients, one for each process, and the look at the bucket before anything begins."""

from __future__ import annotations

import hashlib
import math
import os
import ssl
import sys
import threading
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

import structlog

from prip_core import ConfigError, TransientError
from prip_storage_s3.failures import NO_S3, Refused, asking
from prip_storage_s3.settings import BucketSettings

_CONNECTIONS = 64  # that are kept for the next request; more are opened where more threads ask

_UNUSABLE = {
    "NoSuchBucket": "bucket: there is no bucket {bucket} at {endpoint}; make it, or correct its name",
    "404": "endpoint_url: {endpoint} answers, but not as an S3 server does; correct it",
    "InvalidAccessKeyId": "access_key: {endpoint} does not know it; correct it",
    "SignatureDoesNotMatch": "secret_key: {endpoint} says that it is not the one of the access_key; correct it",
    "InvalidToken": "access_key: {endpoint} does not know it; correct it",
    "AccessDenied": "access_key: it may not list the bucket {bucket} at {endpoint}; give it the right s3:ListBucket",
    "403": "access_key: it may not list the bucket {bucket} at {endpoint}; give it the right s3:ListBucket",
    "AuthorizationHeaderMalformed": "region: the bucket {bucket} is in another region; correct it",
    "PermanentRedirect": "region: the bucket {bucket} is in another region or at another endpoint_url; correct them",
    "InvalidBucketName": "bucket: {endpoint} says that a bucket cannot be called {bucket}; correct it",
}
"""What stays wrong until somebody changes a setting."""

_log = structlog.get_logger(__name__)


class Connection:
    """Gives clients, and the bucket's name.

    :param public_endpoint_url: the server as clients of the delivery point reach it; ``None``: by the same name.

    :raises ConfigError: boto3 is not installed, or a setting cannot work.
    """

    def __init__(self, settings: BucketSettings, public_endpoint_url: str | None = None) -> None:
        try:
            import boto3  # noqa: F401, PLC0415 - an extra
        except ImportError as error:
            raise ConfigError("backend: S3 needs boto3, which is not installed: pip install 'prip[s3]'") from error
        _check_certificates(settings.ca_bundle)
        self._settings = settings
        self._public_endpoint_url = public_endpoint_url or settings.endpoint_url
        self._lock = threading.Lock()
        self._session: Any = None
        self._made: dict[tuple[int, str | None, _Patience], Any] = {}

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self._settings.bucket

    @property
    def attempts(self) -> int:
        """How often a request is made before it has failed."""
        return self._settings.attempts

    @property
    def endpoint(self) -> str:
        """The server, for messages."""
        return self._settings.endpoint_url or f"Amazon S3 in {self._settings.region}"

    @property
    def client(self) -> Any:
        """The client of this process; its threads share it."""
        return self._client(self._settings.endpoint_url)

    @property
    def brisk_client(self) -> Any:
        """A client for small requests of those who have other things to do: it does not wait long for answers."""
        return self._client(self._settings.endpoint_url, _Patience.BRISK)

    @property
    def signer(self) -> Any:
        """A client that signs links as clients of the delivery point must ask for them; it asks nothing itself."""
        return self._client(self._public_endpoint_url)

    def check(self) -> bool:
        """Look whether the bucket can be used; a server that does not answer now may answer later.

        :returns: whether it answered, and refused nothing.
        :raises ConfigError: a setting is wrong.
        """
        client = self._impatient_client()
        try:
            with asking("the bucket cannot be looked at"):
                page = client.list_objects_v2(Bucket=self.bucket, MaxKeys=1, Prefix=self._settings.prefix)
            self.check_page(page)
            self._warn_of_versions(client)
            return True
        except Refused as refused:
            if refused.code in _UNUSABLE:
                said = _UNUSABLE[refused.code].format(bucket=self.bucket, endpoint=self.endpoint)
                raise ConfigError(said) from refused
            _log.warning("S3 server refuses", endpoint=self.endpoint, bucket=self.bucket, error=str(refused))
        except TransientError as silent:
            _refuse_what_stays(silent, self.endpoint)
            _log.warning("S3 server does not answer", endpoint=self.endpoint, bucket=self.bucket, error=str(silent))
        finally:
            client.close()
        return False

    def check_present(self) -> None:
        """Tell a bucket that is away from one that lacks an object.

        :raises TransientError: it is away.
        """
        with asking(f"the bucket {self.bucket} cannot be looked at"):
            page = self.client.list_objects_v2(Bucket=self.bucket, MaxKeys=1, Prefix=self._settings.prefix)
        self.check_page(page)

    def check_page(self, page: Mapping[str, Any]) -> None:
        """Tell a list of objects from a page of something in between, which would look like a list without any.

        :raises TransientError: it is none.
        """
        if page.get("Name") != self.bucket:
            raise TransientError(f"the bucket {self.bucket} cannot be listed: {NO_S3}")

    def _impatient_client(self) -> Any:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - an extra

        try:
            return self._make(self._settings.endpoint_url, _Patience.ONCE)
        except (BotoCoreError, ValueError) as error:
            raise ConfigError(f"boto3 cannot work with these settings and its own: {error}") from error

    def _warn_of_versions(self, client: Any) -> None:
        # The right to ask for it is not needed for anything else, so that it may be missing.
        with suppress(TransientError), asking("the versions of the bucket are not known"):
            if client.get_bucket_versioning(Bucket=self.bucket).get("Status") == "Enabled":
                _log.warning("bucket keeps old versions: deleted objects go on to take room", bucket=self.bucket)

    def _client(self, endpoint: str | None, patience: _Patience | None = None) -> Any:
        patience = patience or _Patience.FULL
        # Connections must not be shared with a process that was forked off.
        asked = os.getpid(), endpoint, patience
        with self._lock:
            if asked not in self._made:
                self._made[asked] = self._make(endpoint, patience)
            return self._made[asked]

    def _make(self, endpoint: str | None, patience: _Patience) -> Any:
        from boto3.session import Session  # noqa: PLC0415 - an extra

        settings = self._settings
        keys = (
            {
                "aws_access_key_id": settings.access_key.get_secret_value(),
                "aws_secret_access_key": settings.secret_key.get_secret_value(),
            }
            if settings.access_key and settings.secret_key
            else {}
        )
        self._session = self._session or Session(region_name=settings.region, **keys)
        client = self._session.client(
            "s3",
            endpoint_url=endpoint,
            verify=str(settings.ca_bundle) if settings.ca_bundle else None,
            config=_configuration(settings, patience),
        )
        client.meta.events.register("before-call.s3.DeleteObjects", _with_md5)
        return client


class _Patience(Enum):
    """How long an answer is waited for: seconds for the connection, seconds without a byte, attempts."""

    FULL = (math.inf, math.inf, sys.maxsize)
    BRISK = (5.0, 10.0, 2)
    ONCE = (5.0, 5.0, 1)


def _configuration(settings: BucketSettings, patience: _Patience) -> Any:
    from botocore.config import Config  # noqa: PLC0415 - an extra

    connect, read, attempts = patience.value
    return Config(
        signature_version="s3v4",  # left to itself, boto3 signs links for other servers in the old form
        # Objects are sent with their MD5, which is signed: a second digest would bind them no better.
        s3={"addressing_style": settings.addressing_style, "payload_signing_enabled": False},
        connect_timeout=min(settings.connect_timeout, connect),
        read_timeout=min(settings.read_timeout, read),
        retries={"mode": "standard", "total_max_attempts": min(settings.attempts, attempts)},
        max_pool_connections=_CONNECTIONS,
        tcp_keepalive=True,
        # Servers other than Amazon's may neither keep nor check these; our own digests are compared instead.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def _with_md5(params: dict[str, Any], **_: object) -> None:
    """Older servers ask for the digest of a list of keys in this form alone."""
    params["headers"]["Content-MD5"] = content_md5(hashlib.md5(params["body"], usedforsecurity=False).digest())


def content_md5(digest: bytes) -> str:
    """A digest as the header ``Content-MD5`` has it."""
    return b64encode(digest).decode()


def _check_certificates(bundle: Path | None) -> None:
    if bundle is None:
        return
    try:
        ssl.create_default_context(cafile=str(bundle))
    except OSError as error:
        raise ConfigError(f"ca_bundle: the file {bundle} gives no certificates: {error}") from error


def _refuse_what_stays(error: TransientError, endpoint: str) -> None:
    """Some failures to get an answer will not go away.

    :raises ConfigError: this is one.
    """
    from botocore.exceptions import NoCredentialsError, PartialCredentialsError, SSLError  # noqa: PLC0415 - an extra

    cause = error.__cause__
    if isinstance(cause, NoCredentialsError | PartialCredentialsError):
        nowhere = "boto3 finds none in the environment, in its files or from the machine"
        raise ConfigError(f"access_key: there are no credentials, and {nowhere}") from error
    if isinstance(cause, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(cause):
        raise ConfigError(f"ca_bundle: the certificate of {endpoint} cannot be trusted: {cause}") from error
