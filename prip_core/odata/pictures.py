"""The pictures of a product as answers show them: quicklooks, and the assets that are a view of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import quote
from uuid import UUID, uuid5

import orjson

# By suffix, and only what an imaging chain makes: the machine's own table knows less, or other names.
_MEDIA_TYPES = {
    ".gif": "image/gif",
    ".jp2": "image/jp2",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
}


def media_type(file: str) -> str:
    """The MIME type of a picture by its name's suffix; ``application/octet-stream`` where that says nothing."""
    return _MEDIA_TYPES.get(PurePosixPath(file).suffix.lower(), "application/octet-stream")


def render_quicklooks(files: Sequence[str]) -> bytes:
    """The ``Quicklooks`` of a product, a JSON array.

    :param files: names of the pictures, without folders.
    """
    return orjson.dumps([{"@odata.mediaContentType": media_type(file), "Image": file} for file in files])


def render_assets(root: str, product: UUID, files: Sequence[str]) -> bytes:
    """The ``Assets`` of a product, a JSON array: each quicklook with an absolute address.

    :param root: absolute address of the service root without a slash at its end.
    :param files: names of the pictures, without folders.
    """
    return orjson.dumps(
        [
            {"Type": "QUICKLOOK", "Id": uuid5(product, file), "DownloadLink": picture_link(root, product, file)}
            for file in files
        ]
    )


def picture_link(root: str, product: UUID, file: str) -> str:
    """The address of a picture's bytes."""
    key = quote(file.replace("'", "''"), safe="")
    return f"{root}/Products({product})/Quicklooks('{key}')/$value"
