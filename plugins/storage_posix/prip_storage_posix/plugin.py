"""What this plugin registers."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core import Storage, hookimpl
from prip_storage_posix.posix import PosixStorage


@hookimpl
def prip_register_storages() -> Sequence[type[Storage]]:
    return [PosixStorage]
