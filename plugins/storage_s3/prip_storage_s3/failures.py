"""What the server refuses, and what the network does, as sentences of the storage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from prip_core import ObjectMissing, PermanentError, TransientError

NO_KEY = "NoSuchKey"
NO_OBJECT = frozenset({NO_KEY, "404", "NotFound"})
"""Codes of answers about a missing object. A HEAD has no more than its status: the bucket may be missing instead."""
NO_UPLOAD = "NoSuchUpload"
EMPTY_RANGE = frozenset({"InvalidRange", "416"})
NO_S3 = "what answers there does not speak S3"
GARBLED = "Garbled"
"""Our own code: the server has other bytes than were sent."""

_TOO_LARGE = frozenset({"EntityTooLarge", "KeyTooLongError"})
_LOST_ON_THE_WAY = frozenset({"BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody"})

_SENTENCES = {
    "NoSuchBucket": "the bucket is not there; was it removed or renamed?",
    "AccessDenied": "the server does not allow it; give these keys the right",
    "InvalidAccessKeyId": "the server does not know the access_key",
    "SignatureDoesNotMatch": "the secret_key is not the one of the access_key",
    "UserSuspended": "the user of these keys is suspended",
    "ExpiredToken": "the credentials have expired",
    "AuthorizationHeaderMalformed": "the bucket is in another region than the setting says",
    "PermanentRedirect": "the bucket is at another endpoint than the setting says",
    "RequestTimeTooSkewed": "the clocks of this machine and of the server are too far apart; set them right",
    "QuotaExceeded": "the bucket is full; raise its quota, or make room",
    "InsufficientStorage": "the server is full; make room",
    "XMinioStorageFull": "the server is full; make room",
    "SlowDown": "the server asks to be left in peace for a while",
    "ServiceUnavailable": "the server is overloaded",
    NO_UPLOAD: "the upload was abandoned meanwhile",
    "PreconditionFailed": "the object was replaced meanwhile",
    NO_KEY: "the object was removed meanwhile",
}
_SAME_AS = {
    "403": "AccessDenied",
    "503": "ServiceUnavailable",
    "412": "PreconditionFailed",
    "301": "PermanentRedirect",
    "507": "InsufficientStorage",
}


class Refused(TransientError):
    """The server answered, and refused.

    :param code: S3's word for the reason, or the HTTP status where there is no word.
    """

    def __init__(self, message: str, code: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message, retry_after)
        self.code = code


@contextmanager
def asking(what: str, *, missing: str | None = None) -> Iterator[None]:
    """Turn what boto3 raises in the block into errors of the storage that begin with ``what``.

    :param missing: the key whose absence is an ``ObjectMissing``.
    :raises Refused: the server said no, for now at least.
    :raises TransientError: it did not answer, or not to the end.
    :raises PermanentError: it will never take the object.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - an extra
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - comes with it

    try:
        yield
    except ClientError as error:
        code = code_of(error.response)
        if missing is not None and code in NO_OBJECT:
            raise ObjectMissing(missing) from error
        if code in _TOO_LARGE:
            raise PermanentError(f"{what}: it is too large for the server ({code})") from error
        raise _refused(what, code, error.response) from error
    except (ResponseParserError, KeyError) as error:  # no XML, or none with what every S3 server says
        raise TransientError(f"{what}: {NO_S3}") from error
    except (BotoCoreError, HTTPError) as error:
        raise TransientError(f"{what}: {error}") from error


def code_of(response: Mapping[str, Any]) -> str:
    """S3's word for a refusal, or the status; ``Garbled`` for all of them that say that bytes were lost or changed."""
    code = str(response.get("Error", {}).get("Code") or response["ResponseMetadata"]["HTTPStatusCode"])
    return GARBLED if code in _LOST_ON_THE_WAY else code


def explained(code: str, response: Mapping[str, Any]) -> str:
    """A refusal as a sentence."""
    if code == GARBLED:
        return "the bytes were changed or lost on their way to the server"
    said = _SENTENCES.get(_SAME_AS.get(code, code)) or response.get("Error", {}).get("Message") or "the server refuses"
    return f"{said} ({code})"


def _refused(what: str, code: str, response: Mapping[str, Any]) -> Refused:
    asked = response["ResponseMetadata"].get("HTTPHeaders", {}).get("retry-after", "")
    retry_after = timedelta(seconds=int(asked)) if asked.isdecimal() and len(asked) < 6 else None
    return Refused(f"{what}: {explained(code, response)}", code, retry_after)
