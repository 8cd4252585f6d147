"""What every storage must do: inherit :class:`StorageContract`, give it the fixture ``storage``, and run pytest."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from prip_core import ObjectMissing, Storage, TransientError
from prip_core.testing.plugin_contract import check_settings
from prip_core.testing.sources import CountingSource, SourceFailed, WatchedSource, failing_source, pattern
from prip_core.testing.together import run_together

KEY = "MSI_L1C_TL/2025/08/01/5f6f1b5e-7d4c-4f0e-9f2e-0d7a6f1c9a11/S2B_OPER_MSI_L1C_TL_A_N05.11.tar"
OTHER = "MSI_L1C_TL/2025/08/01/5f6f1b5e-7d4c-4f0e-9f2e-0d7a6f1c9a11/quicklook.jpg"
LARGE = 64 * 1024 * 1024
LARGEST_READ = 16 * 1024 * 1024
UNSAFE_KEYS = (
    *("", "/", "/etc/passwd", "..", "../a", "a/../b", "a/..", "a//b", "a/", "./a", "a/./b", ".hidden", "a/.hidden"),
    *("a b", "a\\b", "a\nb", "a\n", "a\0b", "ä", "a%2e", "a:b", "~a/b", "a/" + "b" * 256, "a/" * 600 + "b"),
)
KEYS_IN_ORDER = ("a-b/x", "a.b/x", "a/b-c/x", "a/b/c", "a/b/d", "a/b0/x", "a/x", "a0/x", "ab/x", "b/x")
RANGES = ((0, None), (0, 10), (3, 7), (3, None), (9, 10), (9, 100), (10, None), (10, 20), (50, 60), (4, 4), (5, 2))


class StorageContract:
    """The contract of :class:`prip_core.Storage`::

    class TestMyStorage(StorageContract):
        @pytest.fixture
        def storage(self, tmp_path):
            return MyStorage(MyStorage.Settings(path=tmp_path))
    """

    @pytest.fixture
    def storage(self) -> Storage:
        """The storage to test, without any object, anew for every test."""
        raise NotImplementedError("a test of the contract gives the fixture 'storage'")

    def test_it_has_a_name_and_frozen_settings(self, storage: Storage) -> None:
        assert storage.NAME
        check_settings(type(storage).Settings, storage.settings)

    @pytest.mark.parametrize("size", [0, 1, 1000, 3 * 1024 * 1024 + 7])
    @pytest.mark.parametrize("announced", [True, False])
    def test_put_keeps_every_byte(self, storage: Storage, size: int, announced: bool) -> None:
        content = pattern(size)
        storage.put(KEY, io.BytesIO(content), size=size if announced else None)
        assert content_of(storage, KEY) == content

    def test_put_replaces(self, storage: Storage) -> None:
        put(storage, KEY, pattern(5000, 1))
        put(storage, KEY, pattern(300, 2))
        assert content_of(storage, KEY) == pattern(300, 2)
        assert [found.key for found in storage.list("")] == [KEY]

    @pytest.mark.parametrize("after", [0, 10, 2 * 1024 * 1024])
    @pytest.mark.parametrize("old", [None, b"the old bytes"])
    def test_put_stores_nothing_when_the_source_fails(self, storage: Storage, after: int, old: bytes | None) -> None:
        if old is not None:
            put(storage, KEY, old)
        with pytest.raises(SourceFailed):
            storage.put(KEY, failing_source(pattern(3 * 1024 * 1024), after), size=3 * 1024 * 1024)
        check_unchanged(storage, old)

    @pytest.mark.parametrize("announced", [0, 99, 101, 10_000_000])
    @pytest.mark.parametrize("old", [None, b"the old bytes"])
    def test_put_stores_nothing_of_the_wrong_size(self, storage: Storage, announced: int, old: bytes | None) -> None:
        if old is not None:
            put(storage, KEY, old)
        with pytest.raises(TransientError, match=str(announced)):
            storage.put(KEY, io.BytesIO(pattern(100)), size=announced)
        check_unchanged(storage, old)

    def test_an_unfinished_put_is_no_object(self, storage: Storage) -> None:
        seen: list[object] = []

        def look() -> None:
            seen.append((storage.stat(KEY), list(storage.list("")), storage.local_path(KEY)))

        content = pattern(2 * 1024 * 1024)
        storage.put(KEY, cast("BinaryIO", WatchedSource(content, look, after=1024 * 1024)), size=len(content))
        assert seen
        assert all(answer == (None, [], None) for answer in seen)

    def test_put_reads_in_blocks(self, storage: Storage) -> None:
        source = CountingSource(LARGE)
        storage.put(KEY, cast("BinaryIO", source), size=LARGE)
        assert source.largest <= LARGEST_READ, "a product may be larger than memory: read it in blocks"
        digest, expected = hashlib.blake2b(), hashlib.blake2b()
        with storage.open(KEY) as file:
            while block := file.read(1024 * 1024):
                digest.update(block)
        for _ in range(LARGE // 1024 // 1024):
            expected.update(b"\x5a" * 1024 * 1024)
        assert digest.digest() == expected.digest()

    @pytest.mark.parametrize("key", UNSAFE_KEYS)
    def test_unsafe_keys_are_refused(self, storage: Storage, key: str, tmp_path: Path) -> None:
        file = tmp_path / "delivered"
        file.write_bytes(b"bytes")
        with pytest.raises(ValueError):
            storage.put(key, io.BytesIO(b"bytes"), size=5)
        with pytest.raises(ValueError):
            storage.adopt(key, file)
        assert list(storage.list("")) == []

    @pytest.mark.parametrize("key", UNSAFE_KEYS)
    def test_unsafe_keys_give_nothing(self, storage: Storage, key: str) -> None:
        put(storage, "a/b", b"bytes")
        with pytest.raises((ValueError, ObjectMissing)):
            storage.open(key).close()
        for look in (storage.stat, storage.local_path):
            try:
                assert look(key) is None
            except ValueError:
                continue

    @pytest.mark.parametrize("start, stop", RANGES)
    def test_open_gives_the_range(self, storage: Storage, start: int, stop: int | None) -> None:
        put(storage, KEY, b"0123456789")
        expected = b"0123456789"[start:stop] if stop is None or stop >= start else b""
        with storage.open(KEY, start=start, stop=stop) as file:
            assert file.read() == expected
            assert file.read(10) == b""
        with storage.open(KEY, start=start, stop=stop) as file:
            assert b"".join(iter(lambda: file.read(3), b"")) == expected

    def test_open_names_what_is_missing(self, storage: Storage) -> None:
        put(storage, OTHER, b"bytes")
        for missing in (KEY, "MSI_L1C_TL", OTHER + ".x", OTHER[:-1]):
            with pytest.raises(ObjectMissing) as raised:
                storage.open(missing)
            assert raised.value.key == missing

    def test_stat_tells_the_facts(self, storage: Storage) -> None:
        put(storage, KEY, pattern(1234))
        found = storage.stat(KEY)
        assert found is not None
        assert (found.key, found.size) == (KEY, 1234)
        assert found.modified.utcoffset() == timedelta(0), "times are aware, in UTC"

    def test_stat_of_a_missing_object_is_none(self, storage: Storage) -> None:
        put(storage, OTHER, b"bytes")
        assert [storage.stat(key) for key in (KEY, "MSI_L1C_TL", OTHER + ".x", OTHER[:-1])] == [None] * 4

    def test_delete_removes_what_it_is_told(self, storage: Storage) -> None:
        for key in KEYS_IN_ORDER:
            put(storage, key, key.encode())
        storage.delete(iter(KEYS_IN_ORDER[1:4]))
        assert [found.key for found in storage.list("")] == [KEYS_IN_ORDER[0], *KEYS_IN_ORDER[4:]]
        with pytest.raises(ObjectMissing):
            storage.open(KEYS_IN_ORDER[1])

    def test_delete_of_missing_objects_is_fine(self, storage: Storage) -> None:
        put(storage, KEY, b"bytes")
        storage.delete([OTHER, KEY, "no/such/object", KEY])
        storage.delete([])
        assert list(storage.list("")) == []

    def test_a_deleted_object_can_be_put_again(self, storage: Storage) -> None:
        put(storage, KEY, b"first")
        storage.delete([KEY])
        put(storage, KEY, b"second")
        assert content_of(storage, KEY) == b"second"

    @pytest.mark.parametrize("prefix", ["", "a", "a/", "a/b", "a/b/", "a/b/c", "a.", "b/x", "b/xy", "zzz", "a//"])
    def test_list_is_in_key_order(self, storage: Storage, prefix: str) -> None:
        for key in reversed(KEYS_IN_ORDER):
            put(storage, key, key.encode())
        assert [found.key for found in storage.list(prefix)] == [key for key in KEYS_IN_ORDER if key.startswith(prefix)]

    def test_list_tells_what_stat_tells(self, storage: Storage) -> None:
        for size, key in enumerate(KEYS_IN_ORDER):
            put(storage, key, pattern(size))
        found = storage.list("")
        assert isinstance(found, Iterator), "a storage may hold millions of objects: give them one by one"
        assert list(found) == [storage.stat(key) for key in KEYS_IN_ORDER]

    def test_adopt_takes_every_byte_or_answers_no(self, storage: Storage, tmp_path: Path) -> None:
        file = tmp_path / "delivered"
        file.write_bytes(pattern(100_000))
        taken = storage.adopt(KEY, file)
        assert file.read_bytes() == pattern(100_000), "the source stays as it is"
        if not taken:
            assert storage.stat(KEY) is None
            return
        assert content_of(storage, KEY) == pattern(100_000)
        file.unlink()
        assert content_of(storage, KEY) == pattern(100_000), "the object outlives its source"

    def test_adopt_may_be_repeated_and_replaces(self, storage: Storage, tmp_path: Path) -> None:
        file, newer = tmp_path / "delivered", tmp_path / "newer"
        file.write_bytes(b"delivered")
        newer.write_bytes(b"newer")
        put(storage, KEY, b"old")
        for source in (file, file, newer):
            taken = storage.adopt(KEY, source)
            assert content_of(storage, KEY) == (source.read_bytes() if taken else b"old")
        assert [found.key for found in storage.list("")] == [KEY]

    def test_a_reader_keeps_the_bytes_it_opened(self, storage: Storage) -> None:
        put(storage, KEY, pattern(3_000_000, 1))
        with storage.open(KEY) as replaced, storage.open(KEY, start=1000) as deleted:
            put(storage, KEY, pattern(2_000_000, 2))
            assert replaced.read() == pattern(3_000_000, 1)
            storage.delete([KEY])
            assert deleted.read() == pattern(3_000_000, 1)[1000:]

    def test_readers_see_whole_objects_while_writers_replace_them(self, storage: Storage) -> None:
        contents = [pattern(200_000 + seed, seed) for seed in range(4)]
        put(storage, KEY, contents[0])
        seen: list[bytes] = []
        run_together(
            [lambda content=content: repeat(10, lambda: put(storage, KEY, content)) for content in contents]
            + [lambda: repeat(40, lambda: seen.append(content_of(storage, KEY)))]
        )
        assert set(seen) <= set(contents)
        assert content_of(storage, KEY) in contents

    def test_puts_and_deletes_side_by_side_do_not_hurt_each_other(self, storage: Storage) -> None:
        keys = [f"type/2025/08/{name}" for name in ("a/x", "a/y", "b/x")]

        def put_and_delete(key: str) -> None:
            put(storage, key, key.encode())
            assert content_of(storage, key) == key.encode()
            storage.delete([key])

        run_together([lambda key=key: repeat(30, lambda: put_and_delete(key)) for key in keys])  # type: ignore[misc]
        assert list(storage.list("")) == []

    def test_abandon_uploads_spares_objects_and_running_puts(self, storage: Storage) -> None:
        put(storage, OTHER, b"bytes")

        def abandon() -> None:
            assert storage.abandon_uploads(timedelta(hours=1)) == 0

        content = pattern(2 * 1024 * 1024)
        storage.put(KEY, cast("BinaryIO", WatchedSource(content, abandon, after=1024 * 1024)), size=len(content))
        assert content_of(storage, KEY) == content
        assert storage.abandon_uploads(timedelta(hours=1)) == 0
        assert content_of(storage, OTHER) == b"bytes"

    def test_abandon_uploads_leaves_nothing_to_abandon(self, storage: Storage) -> None:
        with pytest.raises(SourceFailed):
            storage.put(KEY, failing_source(pattern(2_000_000), 1_500_000), size=2_000_000)
        storage.abandon_uploads(timedelta(0))
        assert storage.abandon_uploads(timedelta(0)) == 0
        assert list(storage.list("")) == []

    def test_local_path_is_the_object_or_none(self, storage: Storage) -> None:
        put(storage, KEY, pattern(5000))
        path = storage.local_path(KEY)
        assert path is None or path.read_bytes() == pattern(5000)
        assert storage.local_path(OTHER) is None

    def test_room_is_a_number_or_none(self, storage: Storage) -> None:
        free = storage.free_bytes()
        assert free is None or (isinstance(free, int) and free >= 0)

    def test_download_url_is_a_url_or_none(self, storage: Storage) -> None:
        put(storage, KEY, b"bytes")
        url = storage.download_url(KEY, lifetime=timedelta(minutes=5), filename="product.tar")
        assert url is None or url.startswith(("http://", "https://"))


def check_unchanged(storage: Storage, old: bytes | None) -> None:
    """Under ``KEY`` lies what lay there before, and nothing else anywhere."""
    if old is None:
        assert storage.stat(KEY) is None
        assert list(storage.list("")) == []
    else:
        assert content_of(storage, KEY) == old
        assert [found.key for found in storage.list("")] == [KEY]


def put(storage: Storage, key: str, content: bytes) -> None:
    """Store these bytes."""
    storage.put(key, io.BytesIO(content), size=len(content))


def content_of(storage: Storage, key: str) -> bytes:
    """All bytes of an object."""
    with storage.open(key) as file:
        return file.read()


def repeat(times: int, action: Callable[[], object]) -> None:
    """Do it so many times."""
    for _ in range(times):
        action()
