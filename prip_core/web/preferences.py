"""What a client would like (``Prefer``, RFC 7240 and OData 4.01 part 1, clause 8.2.8), and what it was granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response
from werkzeug.http import parse_list_header


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The preferences that this service knows; unknown and malformed ones are ignored, as the standards say.

    :param page_size: ``maxpagesize``: products of a page, 1 or more; ``None``: no wish.
    :param minimal: ``return=minimal``: no body is wanted from an action.
    :param track_changes: ``track-changes``: the list is to end in a link to what changed since.
    """

    page_size: int | None = None
    minimal: bool = False
    track_changes: bool = False


def read_preferences(headers: Sequence[str]) -> Preferences:
    """The preferences of a request; of one that is given twice the first counts.

    :param headers: its ``Prefer`` headers.
    """
    given = dict(reversed(list(_pairs(headers))))
    size = given.get("maxpagesize", "")
    number = int(size) if size.isascii() and size.isdigit() and len(size) < 10 else 0
    return Preferences(
        page_size=number or None,
        minimal=given.get("return") == "minimal",
        track_changes="track-changes" in given,
    )


def applied(response: Response, *preferences: str) -> Response:
    """Say in an answer which preferences it follows (``Preference-Applied``)."""
    if preferences:
        response.headers["Preference-Applied"] = ", ".join(preferences)
    return response


def _pairs(headers: Sequence[str]) -> Iterator[tuple[str, str]]:
    for header in headers:
        for preference in parse_list_header(header):
            name, _, value = preference.partition(";")[0].partition("=")
            yield name.strip().lower().removeprefix("odata."), value.strip().strip('"')
