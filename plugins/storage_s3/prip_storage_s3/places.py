"""Where things lie in buckets, as paths that can be compared."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath
from urllib.parse import urlsplit

from prip_storage_s3.settings import BucketSettings


def place_of(settings: BucketSettings, prefix: str) -> PurePath:
    """What a prefix of a bucket is, told apart from all others."""
    server = urlsplit(settings.endpoint_url).netloc if settings.endpoint_url else "amazonaws.com"
    return PurePosixPath("s3:", server, settings.bucket, prefix)
