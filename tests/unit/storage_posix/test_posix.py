"""What the POSIX storage does beyond the contract: durability, a full disk, a folder that is away, hard links."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from prip_core import ConfigError, PermanentError, TransientError
from prip_core.testing.sources import pattern
from prip_storage_posix.posix import PosixSettings, PosixStorage

KEY = "IW_GRDH_1S/2025/08/01/0f8d/S1A.SAFE.zip"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.mkdir()
    return path


@pytest.fixture
def storage(root: Path) -> PosixStorage:
    return PosixStorage(PosixSettings(path=root))


def put(storage: PosixStorage, key: str, content: bytes) -> None:
    storage.put(key, io.BytesIO(content), size=len(content))


def files_below(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


def opened(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def failing(number: int) -> Callable[..., object]:
    def fail(*arguments: object, **named: object) -> object:
        raise OSError(number, os.strerror(number))

    return fail


def test_the_path_is_resolved_against_the_folder_of_the_configuration(tmp_path: Path) -> None:
    settings = PosixSettings.model_validate({"path": "archive"}, context={"folder": tmp_path})
    assert settings.path == tmp_path / "archive"


def test_an_object_is_a_file_named_as_its_key(storage: PosixStorage, root: Path) -> None:
    put(storage, KEY, b"bytes")
    assert (root / KEY).read_bytes() == b"bytes"
    assert storage.local_path(KEY) == root / KEY
    assert files_below(root) == [KEY]


def test_a_folder_that_is_not_there_refuses_the_start_and_is_not_made(tmp_path: Path) -> None:
    """It may be a file system that is not mounted: an empty folder in its place would hide that."""
    with pytest.raises(ConfigError, match=r"path: there is no folder .*mount"):
        PosixStorage(PosixSettings(path=tmp_path / "archive"))
    assert not (tmp_path / "archive").exists()


def test_a_folder_that_cannot_be_used_refuses_the_start(root: Path) -> None:
    (root / ".uploads").write_bytes(b"")
    with pytest.raises(ConfigError, match="path: the folder"):
        PosixStorage(PosixSettings(path=root))


@pytest.mark.parametrize("call", ["write", "fsync", "open", "mkdir", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("old", [None, b"old bytes"])
def test_a_disk_that_refuses_leaves_nothing_behind(
    storage: PosixStorage, root: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, old: bytes | None
) -> None:
    if old is not None:
        put(storage, KEY, old)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, failing(number))
        with pytest.raises(TransientError, match=os.strerror(number)):
            put(storage, KEY if call != "mkdir" else "new/" + KEY, pattern(10_000))
    assert files_below(root) == ([] if old is None else [KEY])
    assert old is None or (root / KEY).read_bytes() == old


def test_a_disk_that_fills_midway_leaves_nothing_behind(
    storage: PosixStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = os.write, 0

    def write_until_full(descriptor: int, block: bytes) -> int:
        nonlocal written
        if written >= 2 * 1024 * 1024:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written += 100_000
        return write(descriptor, bytes(block[:100_000]))

    monkeypatch.setattr(os, "write", write_until_full)
    with pytest.raises(TransientError, match="No space left"):
        put(storage, KEY, pattern(4_000_000))
    assert files_below(root) == []


def test_short_writes_are_continued(storage: PosixStorage, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, block: write(descriptor, bytes(block[:1000])))
    put(storage, KEY, pattern(10_500))
    assert (root / KEY).read_bytes() == pattern(10_500)


def test_everything_is_durable_before_put_returns(
    storage: PosixStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, replace, steps = os.fsync, os.replace, []

    def note_fsync(descriptor: int) -> None:
        fsync(descriptor)
        steps.append(opened(descriptor))

    def note_replace(source: Path, target: Path) -> None:
        replace(source, target)
        steps.append(Path(target))

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    put(storage, "type/day/name", b"bytes")
    assert steps[0].parent == root / ".uploads"
    assert steps[1:] == [root, root / "type", root / "type/day/name", root / "type/day"]


def test_an_object_in_the_way_of_another_is_no_passing_trouble(storage: PosixStorage, root: Path) -> None:
    put(storage, "a/b", b"bytes")
    for key in ("a/b/c", "a"):
        with pytest.raises(PermanentError, match="in its way"):
            put(storage, key, b"bytes")
    assert files_below(root) == ["a/b"]
    storage.delete(["a", "a/b/c"])
    assert files_below(root) == ["a/b"]


def test_a_folder_that_is_away_is_not_an_empty_storage(storage: PosixStorage, root: Path) -> None:
    put(storage, KEY, b"bytes")
    root.rename(root.with_name("away"))
    calls: list[Callable[[], object]] = [
        lambda: put(storage, KEY, b"bytes"),
        lambda: storage.adopt(KEY, root.with_name("away") / KEY),
        lambda: storage.open(KEY),
        lambda: storage.stat(KEY),
        lambda: storage.local_path(KEY),
        lambda: storage.delete([KEY]),
        lambda: storage.list(""),
        lambda: storage.abandon_uploads(timedelta(0)),
    ]
    for call in calls:
        with pytest.raises(TransientError, match="not there"):
            call()
    assert not root.exists()


@pytest.mark.parametrize("number", [errno.EACCES, errno.ESTALE, errno.EIO])
def test_a_folder_that_cannot_be_looked_at_is_passing_trouble(
    storage: PosixStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """As when somebody takes away a right, or a ticket for a file server has run out: no product is to blame."""
    (tmp_path / "product").write_bytes(b"bytes")
    monkeypatch.setattr(os, "stat", failing(number))
    calls: list[Callable[[], object]] = [
        lambda: put(storage, KEY, b"bytes"),
        lambda: storage.adopt(KEY, tmp_path / "product"),
        lambda: storage.list(""),
        lambda: storage.abandon_uploads(timedelta(0)),
    ]
    for call in calls:
        with pytest.raises(TransientError):
            call()


def test_deleting_removes_folders_that_became_empty(storage: PosixStorage, root: Path) -> None:
    put(storage, "type/2025/a/one", b"1")
    put(storage, "type/2025/b/two", b"2")
    storage.delete(["type/2025/a/one"])
    assert not (root / "type/2025/a").exists()
    storage.delete(["type/2025/b/two"])
    assert sorted(path.name for path in root.iterdir()) == [".uploads"]


def test_what_is_no_object_is_not_listed(storage: PosixStorage, root: Path) -> None:
    put(storage, "type/one", b"1")
    (root / "lost+found").mkdir()
    (root / ".hidden").write_bytes(b"")
    (root / "type" / "with space").write_bytes(b"")
    (root / "type" / "link").symlink_to(root / "type/one")
    (root / "linked").symlink_to(root / "type")
    os.mkfifo(root / "type" / "fifo")
    assert [found.key for found in storage.list("")] == ["type/one"]


def test_adopting_links_the_same_file(storage: PosixStorage, root: Path, tmp_path: Path) -> None:
    file = tmp_path / "delivered"
    file.write_bytes(b"bytes")
    assert storage.adopt(KEY, file)
    assert storage.adopt(KEY, file)
    assert (root / KEY).samefile(file)
    assert files_below(root) == [KEY]


def test_an_adopted_object_is_as_new_as_its_adoption(storage: PosixStorage, tmp_path: Path) -> None:
    file = tmp_path / "delivered"
    file.write_bytes(b"bytes")
    os.utime(file, (0, 0))
    assert storage.adopt(KEY, file)
    found = storage.stat(KEY)
    assert found is not None
    assert found.modified.year > 1970


def test_adopting_syncs_the_source_before_linking(
    storage: PosixStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "delivered"
    file.write_bytes(b"bytes")
    fsync, link, steps = os.fsync, os.link, []
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append(opened(fd)), fsync(fd)))
    monkeypatch.setattr(os, "link", lambda *names, **how: (steps.append("link"), link(*names, **how)))
    storage.adopt("name", file)
    assert steps[:2] == [file, "link"]


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP])
def test_what_cannot_be_linked_is_not_adopted(
    storage: PosixStorage, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    file = tmp_path / "delivered"
    file.write_bytes(b"bytes")
    monkeypatch.setattr(os, "link", failing(number))
    assert not storage.adopt(KEY, file)
    assert files_below(root) == []


def test_only_regular_files_are_adopted(storage: PosixStorage, root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"bytes")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "fifo", "missing", "."):
        assert not storage.adopt(KEY, tmp_path / name)
    assert files_below(root) == []


@pytest.mark.parametrize("call", ["link", "fsync", "replace"])
def test_a_full_disk_while_adopting_is_transient(
    storage: PosixStorage, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    file = tmp_path / "delivered"
    file.write_bytes(b"bytes")
    with monkeypatch.context() as patched:
        patched.setattr(os, call, failing(errno.ENOSPC))
        with pytest.raises(TransientError, match="No space"):
            storage.adopt(KEY, file)
    assert files_below(root) == []
    assert file.read_bytes() == b"bytes"


def test_abandoned_uploads_are_removed_and_their_put_told(storage: PosixStorage, root: Path) -> None:
    (root / ".uploads" / "left-by-a-crash").write_bytes(b"part")
    assert storage.abandon_uploads(timedelta(hours=1)) == 0

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            storage.abandon_uploads(timedelta(0))
            return super().read(size)

    with pytest.raises(TransientError, match="abandoned"):
        storage.put(KEY, Slow(b"bytes"), size=5)
    assert files_below(root) == []


@pytest.mark.parametrize("start, stop", [(-1, None), (0, -1)])
def test_negative_ranges_are_refused(storage: PosixStorage, start: int, stop: int | None) -> None:
    put(storage, KEY, b"0123456789")
    with pytest.raises(ValueError, match="negative"):
        storage.open(KEY, start=start, stop=stop)


def test_a_range_can_be_sought(storage: PosixStorage) -> None:
    put(storage, KEY, b"0123456789")
    with storage.open(KEY, start=2, stop=8) as file:
        assert file.seek(3) == 3
        assert file.read(2) == b"56"
        assert file.tell() == 5
        assert file.seek(-1, os.SEEK_END) == 5
        assert file.read() == b"7"
        assert file.seek(0) == 0
        assert file.seek(2, os.SEEK_CUR) == 2
        assert file.read() == b"4567"
        with pytest.raises(ValueError, match="before the start"):
            file.seek(-7, os.SEEK_END)
