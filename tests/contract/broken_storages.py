"""Storages with one fault each, and the test of the contract that must find it. Run by test_kit.py."""

from __future__ import annotations

import io
import os
import posixpath
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from pydantic import ConfigDict

from prip_core import InstancePath, ObjectMissing, PluginSettings, Storage, StoredObject
from prip_core.testing.storage_contract import StorageContract
from prip_storage_posix.posix import PosixStorage

FAULTS: list[tuple[str, str]] = []
"""Name of the test class that runs the contract, name of the test that must fail."""


def found_by(test: str) -> Callable[[type[Storage]], type[Storage]]:
    def register(faulty: type[Storage]) -> type[Storage]:
        def storage(self: object, tmp_path: Path) -> Storage:
            archive = tmp_path / "archive"
            archive.mkdir()
            return faulty(faulty.Settings.model_validate({"path": archive}))

        name = f"Test{faulty.__name__}"
        globals()[name] = type(name, (StorageContract,), {"storage": pytest.fixture(storage)})
        FAULTS.append((name, test))
        return faulty

    return register


class LooseSettings(PluginSettings):
    model_config = ConfigDict(frozen=True, extra="ignore")
    path: InstancePath


class ThawedSettings(PluginSettings):
    model_config = ConfigDict(frozen=False, extra="forbid")
    path: InstancePath


@found_by("test_it_has_a_name_and_frozen_settings")
class AcceptsAnySetting(PosixStorage):
    Settings = LooseSettings


@found_by("test_it_has_a_name_and_frozen_settings")
class ChangesItsSettings(PosixStorage):
    Settings = ThawedSettings


@found_by("test_it_has_a_name_and_frozen_settings")
class Nameless(PosixStorage):
    NAME = ""


@found_by("test_put_keeps_every_byte")
class StoresOneBlock(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        super().put(key, io.BytesIO(source.read(1024 * 1024)), size=None)


@found_by("test_put_replaces")
class KeepsTheFirst(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        if self.stat(key) is None:
            super().put(key, source, size=size)


class WritesInPlace(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        path = self._file(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            while block := source.read(100_000):
                file.write(block)
                file.flush()
                time.sleep(0.001)


found_by("test_put_stores_nothing_when_the_source_fails")(WritesInPlace)
found_by("test_a_reader_keeps_the_bytes_it_opened")(WritesInPlace)
found_by("test_readers_see_whole_objects_while_writers_replace_them")(WritesInPlace)


@found_by("test_put_stores_nothing_when_the_source_fails")
class KeepsWhatCame(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        came = io.BytesIO()
        try:
            shutil.copyfileobj(source, came)
        finally:
            super().put(key, io.BytesIO(came.getvalue()), size=None)


@found_by("test_put_stores_nothing_of_the_wrong_size")
class CountsNothing(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        super().put(key, source, size=None)


@found_by("test_put_stores_nothing_of_the_wrong_size")
class CountsTooLate(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        content = source.read()
        super().put(key, io.BytesIO(content), size=None)
        super().put(key, io.BytesIO(content), size=size)


@found_by("test_an_unfinished_put_is_no_object")
class CleansUpOnly(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        path = self._file(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(source, file)
        except Exception:
            path.unlink()
            raise


@found_by("test_put_reads_in_blocks")
class ReadsAllAtOnce(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        super().put(key, io.BytesIO(source.read()), size=size)


@found_by("test_unsafe_keys_are_refused")
class MakesKeysSafe(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        super().put("".join(sign for sign in key if sign.isalnum() and sign.isascii())[:20] or "x", source, size=size)


@found_by("test_unsafe_keys_are_refused")
class AdoptsAnywhere(PosixStorage):
    def adopt(self, key: str, path: Path) -> bool:
        return False


@found_by("test_unsafe_keys_give_nothing")
class NormalisesKeys(PosixStorage):
    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        return super().open(posixpath.normpath(key), start=start, stop=stop)


@found_by("test_open_gives_the_range")
class IgnoresStop(PosixStorage):
    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        return super().open(key, start=start)


@found_by("test_open_gives_the_range")
class IncludesStop(PosixStorage):
    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        return super().open(key, start=start, stop=None if stop is None else stop + 1)


@found_by("test_open_names_what_is_missing")
class ForgetsTheKey(PosixStorage):
    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        try:
            return super().open(key, start=start, stop=stop)
        except ObjectMissing:
            raise FileNotFoundError(key) from None


@found_by("test_stat_tells_the_facts")
class MeasuresWrongly(PosixStorage):
    def stat(self, key: str) -> StoredObject | None:
        found = super().stat(key)
        return found and replace(found, size=found.size + 1)


@found_by("test_stat_tells_the_facts")
class TellsLocalTime(PosixStorage):
    def stat(self, key: str) -> StoredObject | None:
        found = super().stat(key)
        return found and replace(found, modified=found.modified.replace(tzinfo=None))


@found_by("test_stat_of_a_missing_object_is_none")
class RaisesForMissing(PosixStorage):
    def stat(self, key: str) -> StoredObject | None:
        found = super().stat(key)
        if found is None:
            raise ObjectMissing(key)
        return found


@found_by("test_delete_removes_what_it_is_told")
class DeletesOne(PosixStorage):
    def delete(self, keys: Iterable[str]) -> None:
        super().delete(list(keys)[:1])


@found_by("test_delete_of_missing_objects_is_fine")
class DemandsWhatItDeletes(PosixStorage):
    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.open(key).close()
            super().delete([key])


@found_by("test_a_deleted_object_can_be_put_again")
class RemembersDeletions(PosixStorage):
    deleted: frozenset[str] = frozenset()

    def delete(self, keys: Iterable[str]) -> None:
        self.deleted |= set(keys)

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        if key not in self.deleted:
            super().put(key, source, size=size)


@found_by("test_list_is_in_key_order")
class SortsByFolder(PosixStorage):
    def list(self, prefix: str) -> Iterator[StoredObject]:
        return iter(sorted(super().list(prefix), key=lambda found: found.key.split("/")))


@found_by("test_list_is_in_key_order")
class TakesThePrefixForAFolder(PosixStorage):
    def list(self, prefix: str) -> Iterator[StoredObject]:
        whole = prefix if not prefix or prefix.endswith("/") else prefix + "/"
        return (found for found in super().list(prefix) if found.key.startswith(whole))


@found_by("test_list_tells_what_stat_tells")
class ListsAllAtOnce(PosixStorage):
    def list(self, prefix: str) -> Any:
        return [*super().list(prefix)]


@found_by("test_list_tells_what_stat_tells")
class ListsWithoutSizes(PosixStorage):
    def list(self, prefix: str) -> Iterator[StoredObject]:
        return (replace(found, size=0) for found in super().list(prefix))


@found_by("test_adopt_takes_every_byte_or_answers_no")
class OnlySaysItAdopted(PosixStorage):
    def adopt(self, key: str, path: Path) -> bool:
        self._file(key)
        return True


@found_by("test_adopt_takes_every_byte_or_answers_no")
class TakesTheSourceAway(PosixStorage):
    def adopt(self, key: str, path: Path) -> bool:
        super().adopt(key, path)
        path.unlink()
        return True


@found_by("test_adopt_takes_every_byte_or_answers_no")
class StoresAndSaysNo(PosixStorage):
    def adopt(self, key: str, path: Path) -> bool:
        super().adopt(key, path)
        return False


@found_by("test_adopt_may_be_repeated_and_replaces")
class AdoptsOnce(PosixStorage):
    def adopt(self, key: str, path: Path) -> bool:
        target = self._file(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)
        return True


@found_by("test_puts_and_deletes_side_by_side_do_not_hurt_each_other")
class LosesItsFolder(PosixStorage):
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        path = self._file(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        time.sleep(0.002)
        path.write_bytes(source.read())


@found_by("test_delete_removes_what_it_is_told")
class DeletesTheFolder(PosixStorage):
    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            shutil.rmtree(self._file(key).parent)


@found_by("test_abandon_uploads_spares_objects_and_running_puts")
class AbandonsRunningPuts(PosixStorage):
    def abandon_uploads(self, older_than: timedelta) -> int:
        return super().abandon_uploads(timedelta(0))


@found_by("test_abandon_uploads_leaves_nothing_to_abandon")
class LeavesParts(PosixStorage):
    def abandon_uploads(self, older_than: timedelta) -> int:
        return 1


@found_by("test_local_path_is_the_object_or_none")
class PointsAnywhere(PosixStorage):
    def local_path(self, key: str) -> Path | None:
        return self._file(key)


@found_by("test_download_url_is_a_url_or_none")
class GivesAFileName(PosixStorage):
    def download_url(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        return str(self._file(key))


@found_by("test_room_is_a_number_or_none")
class OwesRoom(PosixStorage):
    def free_bytes(self) -> int | None:
        return -1
