"""XML of unknown origin: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from prip_core.errors import ProductRejected
from prip_core.ingest.package import open_product
from prip_core.xml import parse_xml, read_xml, xml_text

BOMB = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    "path, expected",
    [("c", "text"), ("d/e", "inner"), ("empty", None), ("no/such", None), ("d", None)],
)
def test_texts_are_found_whatever_their_namespaces(path: str, expected: str | None) -> None:
    document = b'<a xmlns="urn:x"><c> text\n</c><d><e xmlns="urn:y">inner</e></d><empty/></a>'
    assert xml_text(parse_xml(document, member="a.xml"), path) == expected


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "not well-formed"),
        (b"<a><b></a>", "not well-formed"),
        (b"\xff\xfe\x00", "not well-formed"),
        (BOMB, "document type declaration"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type declaration"),
        (b"<b/>", "the root element is b, expected a"),
    ],
)
def test_what_cannot_be_trusted_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ProductRejected, match=reason) as refused:
        parse_xml(content, member="a.xml", root="a")
    assert [(finding.rule, finding.member) for finding in refused.value.findings] == [("QC-07", "a.xml")]


def test_the_root_is_told_by_its_local_name() -> None:
    assert parse_xml(b'<x:a xmlns:x="urn:x"/>', member="a.xml", root="a").tag == "{urn:x}a"


def test_a_missing_member_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    with open_product(tmp_path / "a.xml") as files:
        assert read_xml(files, "a.xml", root="a").tag == "a"
        with pytest.raises(ProductRejected, match="mandatory file is missing") as refused:
            read_xml(files, "b.xml")
    assert [finding.rule for finding in refused.value.findings] == ["QC-06"]


def test_a_member_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prip_core.xml.XML_LIMIT", 3)
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    with open_product(tmp_path / "a.xml") as files, pytest.raises(ProductRejected, match="at most 3 are read"):
        read_xml(files, "a.xml")


@pytest.mark.parametrize(
    "content", [b"<a>" + b"<b/>" * 8 + b"</a>", b'<a b="" c="" d="" e="" f="" g="" h="" i="" j=""/>']
)
def test_a_document_of_too_many_parts_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prip_core.xml.NODE_LIMIT", 10)
    assert parse_xml(content, member="x") is not None
    monkeypatch.setattr("prip_core.xml.NODE_LIMIT", 9)
    with pytest.raises(ProductRejected, match="more than 9 elements and attributes"):
        parse_xml(content, member="x")
