"""XML of unknown origin, read safely: no DTD, no entities, no network, bounded size."""

from __future__ import annotations

from lxml import etree

from prip_core.interfaces import ProductFiles
from prip_core.rules import refusal

XML_LIMIT = 32 * 1024 * 1024
"""The largest metadata member that is read, in bytes (a real datastrip's has 6 MB)."""

NODE_LIMIT = 1_000_000
"""The most signs ``<`` and ``=`` of an XML document: each begins an element, its end or an attribute, which takes a
hundred times its text in memory (a real datastrip's has 160 000)."""


def read_xml(files: ProductFiles, member: str, *, root: str | None = None) -> etree._Element:
    """The root element of an XML member.

    :param root: local name that the root element must have.
    :raises ProductRejected: missing, too large, not well-formed, with a DTD, or another root element (rule QC-07).
    """
    try:
        content = files.read(member, XML_LIMIT)
    except KeyError:
        raise refusal("QC-06", "this mandatory file is missing", member) from None
    return parse_xml(content, member=member, root=root)


def parse_xml(content: bytes, *, member: str, root: str | None = None) -> etree._Element:
    """The root element of an XML document.

    :param member: what to call the document in a message.
    :raises ProductRejected: as :func:`read_xml`.
    """
    if content.count(b"<") + content.count(b"=") > NODE_LIMIT:
        raise refusal("QC-07", f"the XML has more than {NODE_LIMIT} elements and attributes", member)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        element = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise refusal("QC-07", f"not well-formed XML: {error.msg}", member) from error
    if element.getroottree().docinfo.internalDTD is not None:
        raise refusal("QC-07", "the XML has a document type declaration, which is refused", member)
    found = etree.QName(element).localname
    if root is not None and found != root:
        raise refusal("QC-07", f"the root element is {found}, expected {root}", member)
    return element


def xml_text(element: etree._Element, path: str) -> str | None:
    """The stripped text at a path of local names (``General_Info/SENSING_TIME``), whatever their namespaces.

    :returns: ``None`` when there is no such element or it is empty.
    """
    found = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    text = (found.text or "").strip() if found is not None else ""
    return text or None
