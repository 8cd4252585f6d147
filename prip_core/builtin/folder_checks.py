"""What the folder inbox refuses itself: what is no file, or may not be read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from prip_core import SIDECAR_LIMIT, ProductRejected


def read_sidecar(sidecar: Path) -> bytes | None:
    """Its first bytes, or ``None`` where it is missing.

    They are empty of one that is no file, or may not be read: :func:`check_sidecar` refuses it.
    """
    if not os.path.lexists(sidecar):
        return None
    if not stat.S_ISREG(sidecar.lstat().st_mode):
        return b""
    try:
        with sidecar.open("rb") as file:
            return file.read(SIDECAR_LIMIT)
    except PermissionError:
        return b""


def check_product(product: Path) -> None:
    """Make sure that it is a file that may be read, or a folder, which the core refuses.

    :raises ProductRejected: it is not.
    """
    mode = product.lstat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ProductRejected(f"{product.name} is {_kind(mode)}; deliver the file itself")
    if stat.S_ISREG(mode):
        _check_readable(product)


def check_sidecar(sidecar: Path) -> None:
    """Make sure that it is missing, or a small file that may be read.

    :raises ProductRejected: it is not.
    """
    if not os.path.lexists(sidecar):
        return
    facts = sidecar.lstat()
    if not stat.S_ISREG(facts.st_mode):
        raise ProductRejected(f"{sidecar.name} is {_kind(facts.st_mode)}; a sidecar is a JSON file")
    if facts.st_size > SIDECAR_LIMIT:
        raise ProductRejected(f"{sidecar.name} has {facts.st_size} bytes; a sidecar has at most {SIDECAR_LIMIT}")
    _check_readable(sidecar)


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except PermissionError:
        said = f"{path.name} may not be read by the ingest workers; deliver it with that right"
        raise ProductRejected(said) from None


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    return "a folder" if stat.S_ISDIR(mode) else "a pipe, socket or device"
