"""Settings of the storage ``s3`` and of the inbox ``s3``."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from prip_core import InstancePath, PluginSettings, Secret, check_key

MIB = 1024 * 1024

_PREFIX_LIMIT = 512
_URL = re.compile(r"https?://[A-Za-z0-9._\[\]:-]+(/[A-Za-z0-9._~/-]*)?")
Seconds = Annotated[float, Field(gt=0, le=3600)]


def _prefix(prefix: str) -> str:
    if prefix and len(check_key(prefix)) > _PREFIX_LIMIT:
        raise ValueError(f"expected {_PREFIX_LIMIT} characters or fewer")
    return prefix


def _url(url: str) -> str:
    if not _URL.fullmatch(url):
        raise ValueError("expected a URL such as https://s3.example.org:8080, without user, query and fragment")
    return url


Url = Annotated[str, AfterValidator(_url)]
Prefix = Annotated[str, AfterValidator(_prefix)]


class BucketSettings(PluginSettings):
    """Where a bucket is, and who asks.

    :param bucket: it must be there; its objects are private, and it keeps no old versions.
    :param prefix: in front of every key, without slashes around it.
    :param endpoint_url: of the server; ``None``: Amazon S3.
    :param access_key: with ``secret_key``; ``None``: what boto3 finds (environment, files, the machine's role).
    :param ca_bundle: certificates (PEM) that sign the server's; ``None``: the ones of certifi.
    :param attempts: of each request, pauses growing between them.
    """

    bucket: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$")
    prefix: Prefix = ""
    endpoint_url: Url | None = None
    region: str = Field("us-east-1", min_length=1)
    access_key: Secret | None = None
    secret_key: Secret | None = None
    ca_bundle: InstancePath | None = None
    addressing_style: Literal["auto", "path", "virtual"] = "auto"
    connect_timeout: Seconds = 10.0
    read_timeout: Seconds = 60.0
    attempts: int = Field(5, ge=1, le=20)

    @model_validator(mode="after")
    def _keys_belong_together(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key go together: give both, or neither")
        return self


class S3Settings(BucketSettings):
    """How objects are kept in a bucket; storages may share one, each with its own ``prefix``.

    :param public_endpoint_url: as clients reach it, where they reach it by another name.
    :param downloads: ``redirect`` clients to a link of the server's own, or ``stream`` through this delivery point.
    :param part_size: MiB; larger objects go in parts of this size.
    :param concurrency: parts of one object on their way at once; with the one being read they bound the memory.
    :param verify: what proves that the server has the bytes: the MD5 in its answers, or reading all of them again.
    """

    public_endpoint_url: Url | None = None
    downloads: Literal["redirect", "stream"] = "redirect"
    server_side_encryption: Literal["AES256", "aws:kms", "aws:kms:dsse"] | None = None
    kms_key_id: str | None = Field(None, min_length=1)
    storage_class: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]+$")
    part_size: int = Field(16, ge=5, le=1024)
    concurrency: int = Field(4, ge=1, le=64)
    verify: Literal["md5", "read"] = "md5"

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.kms_key_id is not None and not (self.server_side_encryption or "").startswith("aws:kms"):
            raise ValueError('kms_key_id needs server_side_encryption = "aws:kms" or "aws:kms:dsse"')
        return self


class S3InboxSettings(BucketSettings):
    """Where in a bucket products arrive. All three prefixes are folders of their own in one bucket.

    :param prefix: the chain puts ``<prefix>/<name>``; claims lie below ``<prefix>/.work/``.
    :param quarantine: prefix of refused products.
    :param receipts_folder: prefix of what the chain reads of its deliveries, where it wants to know.
    """

    prefix: Annotated[Prefix, Field(min_length=1)] = "inbox"
    quarantine: Annotated[Prefix, Field(min_length=1)] = "quarantine"
    receipts_folder: Annotated[Prefix, Field(min_length=1)] = "receipts"
