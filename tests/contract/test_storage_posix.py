"""The contract of storages, over the POSIX storage."""

from pathlib import Path

import pytest

from prip_core import Storage
from prip_core.testing.storage_contract import StorageContract
from prip_storage_posix.posix import PosixSettings, PosixStorage


class TestPosixStorage(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage:
        archive = tmp_path / "archive"
        archive.mkdir()
        return PosixStorage(PosixSettings(path=archive))
