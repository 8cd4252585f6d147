"""The sidecar ``<name>.prip.json``: what the production chain knows of a product that the product does not say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from prip_core.errors import ProductRejected
from prip_core.ingest.algorithms import algorithm_of
from prip_core.model import SIDECAR_LIMIT, Attribute, AttributeValue, ProductionType
from prip_core.times import NEVER, parse_utc, to_milliseconds

_INT64 = 1 << 63


def _moment(written: object) -> object:
    try:
        moment = parse_utc(str(written)) if isinstance(written, str) else NEVER
    except OverflowError:
        moment = NEVER
    if moment == NEVER:
        raise ValueError("expected a time as text, e.g. 2025-08-01T07:06:20.464Z")
    return moment


def _production_type(written: object) -> object:
    return ProductionType.of(written) if isinstance(written, str) else written


def _algorithm(written: str) -> str:
    try:
        return algorithm_of(written)
    except ProductRejected as unknown:
        raise ValueError(unknown.reason) from None


def _text(written: str) -> str:
    if not written.isprintable():
        raise ValueError("control characters and broken encoding are refused")
    return written


def _value(written: object) -> AttributeValue:
    if isinstance(written, bool):
        return written
    if isinstance(written, int) and -_INT64 <= written < _INT64:
        return written
    if isinstance(written, float) and math.isfinite(written):
        return written
    if isinstance(written, str):
        return _full_time(_text(written))
    raise ValueError("expected text, a finite number of at most 64 bits, true or false")


def _full_time(text: str) -> AttributeValue:
    """A time when it is written in full (``2025-08-01T07:06:20Z``); what lacks time of day or zone stays text."""
    if len(text) < 20 or text[10] != "T":
        return text
    try:
        moment = datetime.fromisoformat(text)
        return text if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return text


Moment = Annotated[datetime, BeforeValidator(_moment)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.:-]{0,99}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StatedChecksum(_Model):
    """A digest of the delivered file as the chain computed it."""

    algorithm: Annotated[str, AfterValidator(_algorithm)]
    value: str = Field(pattern=r"^[0-9A-Fa-f]{32,128}$")


class Sidecar(_Model):
    """The content of a sidecar; everything is optional.

    :param origin_date: when the data were received on ground, UTC; without a zone it is UTC.
    :param attributes: name → value. Text that is a time in full, with zone, is a time; all other text stays text.
    """

    origin_date: Moment | None = None
    production_type: Annotated[ProductionType, BeforeValidator(_production_type)] | None = None
    campaign: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_text)] | None = None
    attributes: dict[Name, Annotated[Any, BeforeValidator(_value)]] = Field(default_factory=dict, max_length=1000)
    checksum: StatedChecksum | None = None


def read_sidecar(content: bytes | None) -> Sidecar:
    """The sidecar of a product; one without statements when there is none.

    :raises ProductRejected: too large, no JSON, unknown members, or values of the wrong kind; the reason says all.
    """
    if content is None:
        return Sidecar()
    if len(content) > SIDECAR_LIMIT:
        raise ProductRejected(f"the sidecar has {len(content)} bytes, at most {SIDECAR_LIMIT} are read")
    try:
        return Sidecar.model_validate(_json(content))
    except ValidationError as error:
        raise ProductRejected(f"the sidecar is wrong: {'; '.join(_problems(error))}") from None
    except (ValueError, RecursionError) as error:
        raise ProductRejected(f"the sidecar is no JSON object: {error}") from None


def merge_attributes(own: tuple[Attribute, ...], stated: Mapping[str, AttributeValue]) -> tuple[Attribute, ...]:
    """A product's attributes and, behind them, those that only its sidecar knows.

    :param own: what the product itself says.
    :raises ProductRejected: the two contradict each other.
    """
    known = {attribute.name: attribute.value for attribute in own}
    contradictions = [
        f"{name} is {value!r}, the product says {known[name]!r}"
        for name, value in stated.items()
        if name in known and not _same(known[name], value)
    ]
    if contradictions:
        raise ProductRejected(f"the sidecar contradicts the product: {'; '.join(contradictions)}")
    return own + tuple(Attribute(name=name, value=value) for name, value in stated.items() if name not in known)


def _same(own: AttributeValue, stated: AttributeValue) -> bool:
    if isinstance(own, str) and isinstance(stated, datetime):
        own = _full_time(own)
    if isinstance(own, datetime) and isinstance(stated, datetime):
        return to_milliseconds(own) == to_milliseconds(stated)
    if isinstance(own, bool) is not isinstance(stated, bool):
        return False
    if isinstance(own, int | float) and isinstance(stated, int | float):
        return math.isclose(own, stated, rel_tol=1e-12)
    return own == stated


def _json(content: bytes) -> object:
    return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def _problems(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'it'}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors(include_url=False, include_input=False)
    ]
