"""The list of files in a manifest."""

from __future__ import annotations

import pytest
from lxml import etree

from prip_core.errors import ProductRejected
from prip_core.model import ListedMember
from prip_core.xfdu import listed_members


def manifest(*streams: str) -> etree._Element:
    objects = "".join(f"<dataObject>{stream}</dataObject>" for stream in streams)
    return etree.fromstring(f'<x:XFDU xmlns:x="urn:x"><dataObjectSection>{objects}</dataObjectSection></x:XFDU>')


def stream(href: str, *, size: str = "7", checksum: str = '<checksum checksumName="MD5">AB\n</checksum>') -> str:
    return f'<byteStream size="{size}"><fileLocation href="{href}"/>{checksum}</byteStream>'


def test_paths_begin_in_the_folder_of_the_manifest() -> None:
    root = manifest(stream("./data/a.bin"), stream("b.bin", checksum=""))
    assert listed_members(root, "TOP.SAFE/manifest.safe") == {
        "TOP.SAFE/data/a.bin": ListedMember(size=7, algorithm="MD5", digest="AB"),
        "TOP.SAFE/b.bin": ListedMember(size=7),
    }


def test_a_stream_without_a_file_or_a_size_is_no_harm() -> None:
    root = manifest("<byteStream/>", '<byteStream><fileLocation href="a"/></byteStream>')
    assert listed_members(root, "T/m") == {"T/a": ListedMember()}


def test_a_file_may_be_listed_twice_in_the_same_way_only() -> None:
    assert len(listed_members(manifest(stream("a"), stream("./a")), "T/m")) == 1
    with pytest.raises(ProductRejected, match="it lists T/a twice") as refused:
        listed_members(manifest(stream("a"), stream("a", size="8")), "T/m")
    assert refused.value.findings[0].rule == "QC-08"


@pytest.mark.parametrize("size", ["-1", "seven", "٣", "1e3", "9" * 19, ""])
def test_a_size_is_a_whole_number(size: str) -> None:
    with pytest.raises(ProductRejected, match="expected a whole number"):
        listed_members(manifest(stream("a", size=size)), "T/m")
