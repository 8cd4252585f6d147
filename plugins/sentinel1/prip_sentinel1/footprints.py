"""Footprints from the frames of a manifest: ``lat,lon lat,lon …`` each."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core import Footprint, Position, footprint_of_line, footprint_of_ring, refusal


def footprint_of_frames(frames: Sequence[str]) -> Footprint | None:
    """The area of all frames, or the track where a frame has two positions only; ``None`` without a frame.

    The frames of wave mode, one for each vignette, stay polygons of their own, also where they touch.

    :param frames: the texts of the ``coordinates`` elements.
    :raises ProductRejected: a text that cannot be read, or no valid area (rule QC-13).
    """
    positions = [positions_of(frame) for frame in frames]
    if not positions:
        return None
    if all(len(set(frame)) == 2 for frame in positions):
        return footprint_of_line([position for frame in positions for position in frame])
    areas = [footprint_of_ring(frame) for frame in positions]
    return Footprint(polygons=tuple(polygon for area in areas for polygon in area.polygons))


def positions_of(coordinates: str) -> tuple[Position, ...]:
    """Longitude and latitude of each pair ``lat,lon``, in file order.

    :raises ProductRejected: the text is no list of pairs (rule QC-13).
    """
    try:
        pairs = [pair.split(",") for pair in coordinates.split()]
        return tuple((float(longitude), float(latitude)) for latitude, longitude in pairs)
    except ValueError:
        raise refusal("QC-13", f"the footprint {coordinates[:80]!r} is no list of pairs 'lat,lon lat,lon …'") from None


def closed_coordinates(frames: Sequence[str]) -> str | None:
    """The ``coordinates`` attribute: the frame as written, its first pair repeated at the end of an open ring.

    :returns: ``None`` unless there is exactly one frame; a set of frames has no ring of its own.
    """
    if len(frames) != 1:
        return None
    pairs = frames[0].split()
    is_open_ring = len(set(pairs)) > 2 and pairs[0] != pairs[-1]
    return " ".join([*pairs, pairs[0]] if is_open_ring else pairs)
