"""A stored file as an answer: whole or a range of it, from a local file, a storage's stream, or where that says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from prip_core.errors import ObjectMissing, PermanentError, TransientError
from prip_core.interfaces import Storage
from prip_core.web.access import log_transfer
from prip_core.web.conditions import Validators, evaluate, range_applies
from prip_core.web.errors import error_response
from prip_core.web.ranges import ByteRange, UnsatisfiableRange, read_range
from prip_core.web.transfer import BLOCK_SIZE, FilePart, stream

_URL_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file in a storage, as clients see it.

    :param what: what it is, with its Id; for errors and the log.
    :param storage: that keeps it.
    :param key: where it lies there.
    :param size: bytes that it must have.
    :param name: that clients are to save it under.
    :param content_type: its MIME type.
    :param validators: what tells this state of it from another.
    :param kind: the word of its lines in the log.
    """

    what: str
    storage: Storage
    key: str
    size: int
    name: str
    content_type: str
    validators: Validators
    kind: str = "download"


def send(file: StoredFile, headers: dict[str, str]) -> Response:
    """The answer to a request for a file, its conditions and its range regarded.

    :param headers: further ones of every answer that is not an error; ``Content-Disposition`` among them.
    """
    headers = {
        **file.validators.headers(),
        "Content-Type": file.content_type,
        "Accept-Ranges": "bytes",
        **headers,
    }
    status = evaluate(request.headers, file.validators)
    if status == 412:
        return error_response(412, f"The {file.what} is not the one that If-Match or If-Unmodified-Since names.")
    if status is not None:
        return Response(status=status, headers=headers)
    return _answer(file, _asked_part(file), headers)


def _answer(file: StoredFile, part: ByteRange | None, headers: dict[str, str]) -> Response:
    status = 200 if part is None else 206
    if part is not None:
        headers["Content-Range"] = str(part)
    sent = part or ByteRange(0, file.size, file.size)
    path = file.storage.local_path(file.key)
    # A link is signed for GET alone: whoever followed it with HEAD would be refused.
    if path is None and request.method == "GET":
        url = file.storage.download_url(file.key, lifetime=_URL_LIFETIME, filename=file.name)
        if url is not None:
            return _redirect(url, headers)
    headers["Content-Length"] = str(sent.size)
    if request.method == "HEAD":
        _check(file)
        return Response(status=status, headers=headers)
    body = _remote(file, sent, status) if path is None else _local(file, path, sent, status)
    return Response(body, status, headers, direct_passthrough=True)


def _asked_part(file: StoredFile) -> ByteRange | None:
    if request.method != "GET" or not range_applies(request.headers, file.validators):
        return None
    try:
        return read_range(request.headers.get("Range"), file.size)
    except UnsatisfiableRange as error:
        raise RequestedRangeNotSatisfiable(error.length) from None


def _redirect(url: str, headers: dict[str, str]) -> Response:
    kept = {"Location": url, "Content-Disposition": headers["Content-Disposition"], "Cache-Control": "no-store"}
    return Response(status=307, headers=kept)


def _check(file: StoredFile) -> None:
    found = file.storage.stat(file.key)
    if found is None:
        raise ObjectMissing(file.key)
    _check_size(file, found.size)


def _check_size(file: StoredFile, size: int) -> None:
    if size != file.size:
        raise PermanentError(
            f"{file.what} has {size} bytes in its storage under {file.key!r}, but {file.size} in the catalogue"
        )


def _remote(file: StoredFile, part: ByteRange, status: int) -> Iterable[bytes]:
    source = file.storage.open(file.key, start=part.start, stop=part.stop)
    return stream(source, part, log_transfer(status, file.kind))


def _local(file: StoredFile, path: Path, part: ByteRange, status: int) -> Iterable[bytes]:
    try:
        _check_size(file, path.stat().st_size)
        part_of_file = FilePart(path, part, log_transfer(status, file.kind))
    except FileNotFoundError:
        raise ObjectMissing(file.key) from None
    except OSError as error:
        raise TransientError(f"{path} cannot be read: {error}") from error
    return wrap_file(request.environ, part_of_file, BLOCK_SIZE)
