"""The view of a delivered file: what is seen, and what is refused."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core.errors import ProductRejected
from prip_core.ingest import members, tars
from prip_core.ingest.package import damage_refused, open_product
from prip_core.ingest.tars import KEPT_MEMBER
from prip_core.testing.packages import write_tar, write_zip

MEMBERS = {"TOP/manifest.safe": b"<manifest/>", "TOP/data/image.jp2": bytes(range(256)) * 300, "TOP/empty": b""}


def write_gzipped_tar(path: Path, content: dict[str, bytes]) -> None:
    plain = path.with_suffix(".plain")
    write_tar(plain, content)
    path.write_bytes(gzip.compress(plain.read_bytes()))


def tar_of(*infos: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info in infos:
            tar.addfile(info, io.BytesIO(bytes(info.size)))
    return buffer.getvalue()


def info(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, link
    return made


WRITERS: dict[str, Callable[[Path, dict[str, bytes]], None]] = {
    "tar": write_tar,
    "gzipped tar": write_gzipped_tar,
    "zip": write_zip,
}


@pytest.mark.parametrize("container", WRITERS)
def test_containers_look_alike(container: str, tmp_path: Path) -> None:
    path = tmp_path / "product"
    WRITERS[container](path, MEMBERS)
    with open_product(path) as files:
        assert files.container == container
        assert files.names() == tuple(MEMBERS)
        for name, content in reversed(MEMBERS.items()):
            assert files.size(name) == len(content)
            assert files.read(name, 1_000_000) == content
            with files.open(name) as member:
                member.seek(100)
                assert member.read() == content[100:]
        with pytest.raises(KeyError):
            files.read("TOP/other", 10)
        with pytest.raises(ProductRejected, match="at most 10 are read"):
            files.read("TOP/data/image.jp2", 10)


def test_a_bare_file_has_itself_as_member(tmp_path: Path) -> None:
    path = tmp_path / "S1A.EOF"
    path.write_bytes(b"<xml/>")
    files = open_product(path)
    assert (files.container, files.names(), files.read("S1A.EOF", 100)) == ("file", ("S1A.EOF",), b"<xml/>")


def test_members_of_a_gzipped_tar_that_are_too_large_to_keep_can_be_read(tmp_path: Path) -> None:
    content = {"TOP/big": bytes(KEPT_MEMBER + 1), "TOP/small": b"here"}
    write_gzipped_tar(tmp_path / "product.tgz", content)
    files = open_product(tmp_path / "product.tgz")
    assert files.read("TOP/small", 10) == b"here"
    assert files.read("TOP/big", KEPT_MEMBER + 1) == content["TOP/big"]


@pytest.mark.parametrize(
    "hostile",
    [
        info("/etc/passwd"),
        info("TOP/../../escape"),
        info("..", tarfile.DIRTYPE),
        info("TOP\\file"),
        info("TOP/line\nbreak"),
        info("TOP/link", tarfile.SYMTYPE, link="/etc/passwd"),
        info("TOP/link", tarfile.LNKTYPE, link="TOP/file"),
        info("TOP/null", tarfile.CHRTYPE),
        info("TOP/disk", tarfile.BLKTYPE),
        info("TOP/pipe", tarfile.FIFOTYPE),
        info("TOP/file"),
        info("TOP//file"),
        info("./TOP/file"),
    ],
    ids=lambda each: f"{each.name!r}-{each.type.decode()}",
)
def test_hostile_tar_members_are_refused(hostile: tarfile.TarInfo, tmp_path: Path) -> None:
    path = tmp_path / "product.tar"
    path.write_bytes(tar_of(info("TOP/file"), hostile))
    with pytest.raises(ProductRejected) as refused:
        open_product(path)
    assert [finding.rule for finding in refused.value.findings] == ["QC-05"]
    assert refused.value.reason.isprintable()


def test_a_zip_member_without_a_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "product.zip"
    write_zip(path, {"T": b"x"})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 28 : entry + 32] = b"\0\0\1\0"  # its name is taken for an extra field
    path.write_bytes(content)
    with pytest.raises(ProductRejected) as refused:
        open_product(path)
    assert refused.value.findings[0].rule in {"QC-04", "QC-05"}


@pytest.mark.parametrize("name", ["/absolute", "TOP/../../escape", "TOP/a\\b"])
def test_hostile_zip_members_are_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "product.zip", "w") as container:
        container.writestr(name, b"")
    with pytest.raises(ProductRejected, match=r"refused"):
        open_product(tmp_path / "product.zip")


def test_links_in_zips_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("TOP/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "product.zip", "w") as container:
        container.writestr(link, "/etc/passwd")
    with pytest.raises(ProductRejected, match="links"):
        open_product(tmp_path / "product.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "product.zip", "w") as container:
        container.writestr("TOP/file", b"1")
        container.writestr("TOP/file", b"2")
    with pytest.raises(ProductRejected, match="twice"):
        open_product(tmp_path / "product.zip")


def test_a_gzipped_tar_that_unfolds_too_far_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "SMALL_CONTAINER", 1024 * 1024)
    write_gzipped_tar(tmp_path / "bomb.tgz", {"TOP/zeros": bytes(5 * 1024 * 1024)})
    with pytest.raises(ProductRejected, match="unfolds to more than"):
        open_product(tmp_path / "bomb.tgz")


def test_a_zip_that_unfolds_too_far_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "SMALL_CONTAINER", 1024 * 1024)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("TOP/zeros", bytes(5 * 1024 * 1024))
    with pytest.raises(ProductRejected, match="unfolds to more than"):
        open_product(tmp_path / "bomb.zip")


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE], ids=["long name", "extended header"])
@pytest.mark.parametrize("size", [1 << 33, -512])
def test_a_header_may_not_state_any_length(kind: bytes, size: int, tmp_path: Path) -> None:
    header = info("x", kind)
    header.size = size
    path = tmp_path / "product.tar"
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises(ProductRejected) as refused:
        open_product(path)
    assert refused.value.findings[0].rule == "QC-04"


def test_a_member_may_not_have_a_negative_size(tmp_path: Path) -> None:
    header = info("TOP/file")
    header.size = -1024
    path = tmp_path / "product.tar"
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises(ProductRejected):
        open_product(path)


def test_headers_nested_without_end_are_refused(tmp_path: Path) -> None:
    long_name = info("x", tarfile.GNUTYPE_LONGNAME, size=0).tobuf(tarfile.GNU_FORMAT)
    path = tmp_path / "product.tar"
    path.write_bytes(long_name * 5000 + bytes(1024))
    with pytest.raises(ProductRejected):
        open_product(path)


def test_a_zip_packed_in_an_unknown_way_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "product.zip"
    write_zip(path, MEMBERS)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] = 9  # Deflate64
    path.write_bytes(content)
    with pytest.raises(ProductRejected, match="cannot be unpacked: pack it by deflate or store it"):
        open_product(path)


def test_a_zip_whose_directory_lies_about_its_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "product.zip"
    write_zip(path, MEMBERS)
    path.write_bytes(path.read_bytes()[:-6] + b"\xff\xff\xff\x7f\x00\x00")
    with pytest.raises(ProductRejected, match="in front of the file"):
        open_product(path)


def test_an_empty_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.tar").touch()
    for path, reason in [(tmp_path / "empty.tar", "is empty"), (tmp_path, "is a folder; one product is one file")]:
        with pytest.raises(ProductRejected, match=reason) as refused:
            open_product(path)
        assert refused.value.findings[0].rule == "QC-03"


def test_a_damaged_member_is_the_products_fault(tmp_path: Path) -> None:
    path = tmp_path / "product.zip"
    write_zip(path, MEMBERS)
    content = bytearray(path.read_bytes())
    content[content.index(b"<manifest/>")] ^= 1
    path.write_bytes(content)
    with pytest.raises(ProductRejected, match="cannot be read to its end"), damage_refused("product.zip"):
        open_product(path).read("TOP/manifest.safe", 100)


def test_long_names_have_a_limit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "product.tar"
    path.write_bytes(tar_of(*(info(f"TOP/{number}" + "x" * 400) for number in range(3))))
    assert len(open_product(path).names()) == 3
    monkeypatch.setattr(tars, "LONG_HEADERS_LIMIT", 3000)
    with pytest.raises(ProductRejected, match="long names and extended headers have more than 3000 bytes") as refused:
        open_product(path)
    assert refused.value.findings[0].rule == "QC-05"


@pytest.mark.parametrize("gzipped", [False, True])
def test_folders_of_a_tar_are_counted_like_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gzipped: bool
) -> None:
    """Or a tar of nothing else takes a gigabyte."""
    content = tar_of(*(info(f"TOP/{number}", tarfile.DIRTYPE) for number in range(11)))
    path = tmp_path / "product.tar"
    path.write_bytes(gzip.compress(content) if gzipped else content)
    monkeypatch.setattr(members, "MEMBER_LIMIT", 11)
    assert open_product(path).names() == ()
    monkeypatch.setattr(members, "MEMBER_LIMIT", 10)
    with pytest.raises(ProductRejected, match="more than 10 members"):
        open_product(path)
