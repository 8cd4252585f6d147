"""From a configuration file and the environment to checked settings: found, merged, and every problem at once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from prip_core.errors import ConfigError
from prip_core.secret import SECRET_PROBLEM
from prip_core.settings import InboxSection, Settings, without_password

PLACES = (Path("prip.toml"), Path("/etc/prip/prip.toml"))
"""Where a configuration is looked for when neither ``--config`` nor ``PRIP_CONFIG`` names one."""

_PREFIX = "PRIP__"
_Model = TypeVar("_Model", bound=BaseModel)

_SENTENCES = {
    "missing": "this setting is missing",
    "extra_forbidden": "there is no such setting",
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "string_type": "expected text",
    "tuple_type": "expected a list",
    "model_type": "expected a table",
    "dict_type": "expected a table",
    "too_short": "expected a list of at least {min_length}",
    "greater_than": "expected more than {gt:g}",
    "greater_than_equal": "expected {ge:g} or more",
    "less_than_equal": "expected {le:g} or less",
    "date_type": "expected a day, e.g. 2027-03-31",
    "date_parsing": "expected a day, e.g. 2027-03-31",
    "date_from_datetime_parsing": "expected a day, e.g. 2027-03-31",
    "date_from_datetime_inexact": "expected a day without a time, e.g. 2027-03-31",
    "literal_error": "expected {expected}",
    "string_pattern_mismatch": "expected text of the form {pattern}",
}
"""What pydantic finds, by its type of error, in our words; its own words for all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawConfiguration:
    """What was written, before it is checked.

    :param values: file and environment merged.
    :param sources: path of each value (``serve.port``) → the file or the environment variable that it came from.
    """

    path: Path
    values: Mapping[str, Any]
    sources: Mapping[str, str]

    def tables(self, section: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """The tables of a section that holds several (``storages``, ``inbox``), each with its path for messages."""
        content = self.values.get(section)
        if isinstance(content, Mapping):
            named = [(f"{section}.{name}", table) for name, table in content.items()]
        else:  # what is no list stands among the core's problems
            tables = content if isinstance(content, list) else []
            named = [(f"{section}[{index}]", table) for index, table in enumerate(tables)]
        return [(where, table) for where, table in named if isinstance(table, Mapping)]

    @property
    def context(self) -> dict[str, Any]:
        """The validation context: relative paths are meant from the configuration's folder."""
        return {"folder": self.path.parent}


class _Sources(Settings, BaseSettings):
    """Tells pydantic-settings which sections there are and how the environment names them."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", case_sensitive=False, frozen=True, extra="forbid"
    )


def locate(config: Path | None = None) -> Path:
    """The configuration file: the given one, else ``$PRIP_CONFIG``, ``./prip.toml``, ``/etc/prip/prip.toml``.

    :raises ConfigError: there is none.
    """
    named = config or (Path(os.environ["PRIP_CONFIG"]) if os.environ.get("PRIP_CONFIG") else None)
    if named is None:
        named = next((place for place in PLACES if place.is_file()), None)
    if named is None:
        nowhere = "there is no prip.toml here and none in /etc/prip"
        raise ConfigError(f"{nowhere}; name one with --config FILE, or make one with `prip init DIR`")
    if not named.is_file():
        raise ConfigError(f"{named}: there is no such configuration file")
    return named.absolute()


def read(path: Path) -> RawConfiguration:
    """Read a configuration file and the environment (``PRIP__SERVE__PORT=8081`` overrides ``serve.port``).

    :raises ConfigError: no TOML, or a variable that cannot be read.
    """
    try:
        written = TomlConfigSettingsSource(_Sources, toml_file=path)()
        overriding = EnvSettingsSource(_Sources)()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except ValueError as error:
        raise ConfigError(_no_json(error)) from error
    sources = {key: str(path) for key, _ in flatten(written)} | {
        key: _PREFIX + key.upper().replace(".", "__") for key, _ in flatten(overriding)
    }
    return RawConfiguration(path=path, values=_merge(written, overriding), sources=sources)


def check(raw: RawConfiguration) -> Settings:
    """The checked settings of the core; plugins' own settings are checked with :func:`check_own`.

    :raises ConfigError: every problem with its path.
    """
    inconsistent = list(_inconsistencies(raw))
    try:
        settings = Settings.model_validate(dict(raw.values), context=raw.context)
    except ValidationError as error:
        raise ConfigError(*_problems(error, ""), *inconsistent) from error
    if inconsistent:
        raise ConfigError(*inconsistent)
    return settings


def part(model: type[_Model], written: object, raw: RawConfiguration) -> _Model | None:
    """A part of the core's settings by itself; ``None``: :func:`check` says what is wrong with it.

    What is wrong elsewhere then keeps nobody from looking closer at this one.
    """
    try:
        return model.model_validate(written, context=raw.context)
    except ValidationError:
        return None


def check_own(model: type[BaseModel], values: Mapping[str, Any], where: str, raw: RawConfiguration) -> BaseModel:
    """The checked settings of a plugin.

    :param where: path of the section, for messages.
    :raises ConfigError: every problem with its path.
    """
    try:
        return model.model_validate(dict(values), context=raw.context)
    except ValidationError as error:
        raise ConfigError(*_problems(error, where)) from error


def flatten(values: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """All single values in nested tables, each with its path: ``serve.port``, ``inbox[0].path``.

    A table that is empty is a value, too: ``ingest.qc.severity``.
    """
    if isinstance(values, Mapping) and (values or not where):
        for key, value in values.items():
            yield from flatten(value, f"{where}.{key}" if where else str(key))
    elif isinstance(values, list) and values and all(isinstance(value, Mapping) for value in values):
        for index, value in enumerate(values):
            yield from flatten(value, f"{where}[{index}]")
    else:
        yield where, values


def _merge(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _unknown_variables() -> Iterator[str]:
    for variable in sorted(os.environ):
        section = variable.removeprefix(_PREFIX).partition("__")[0].lower()
        if variable.startswith(_PREFIX) and section not in Settings.model_fields:
            yield f"{variable}: there is no section [{section}]; sections are {', '.join(Settings.model_fields)}"


def _no_json(error: ValueError) -> str:
    """Name the variables that may be meant: pydantic-settings names no more than the section."""
    section = re.search(r'field "(\w+)"', str(error))
    stem = f"{_PREFIX}{section[1].upper()}" if section else _PREFIX
    variables = sorted(name for name in os.environ if name.upper().startswith(stem))
    return f'{", ".join(variables)}: cannot be read; lists and tables are written as JSON, e.g. ["sentinel2"]'


def _inconsistencies(raw: RawConfiguration) -> Iterator[str]:
    yield from _unknown_variables()
    yield from _inbox_inconsistencies(raw)
    yield from _campaign_inconsistencies(raw)


def _campaign_inconsistencies(raw: RawConfiguration) -> Iterator[str]:
    """Inboxes may share a campaign; then they must say the same of it."""
    described: dict[object, tuple[str, Mapping[str, Any]]] = {}
    for where, table in raw.tables("inbox"):
        campaign = table.get("campaign")
        if not isinstance(campaign, Mapping) or not isinstance(name := campaign.get("name"), str):
            continue  # said among the core's problems
        first, before = described.setdefault(name, (where, campaign))
        if before != campaign:
            yield f"{where}.campaign: {first}.campaign says otherwise of {name!r}; write the same in both"


def _inbox_inconsistencies(raw: RawConfiguration) -> Iterator[str]:
    storages = [where.removeprefix("storages.") for where, _ in raw.tables("storages")]
    seen: set[object] = set()
    for where, table in raw.tables("inbox"):
        name = table.get("name", InboxSection.model_fields["name"].default)
        storage = table.get("storage", InboxSection.model_fields["storage"].default)
        if name in seen:
            yield f"{where}.name: another inbox is called {name!r}; give each its own name"
        if storage not in storages:
            yield f"{where}.storage: there is no [storages.{storage}]"
        seen.add(name)


def _problems(error: ValidationError, where: str) -> Sequence[str]:
    return [_problem(detail, where) for detail in error.errors(include_url=False) if not _is_long_enough(detail)]


def _is_long_enough(detail: Any) -> bool:
    """Whether it is only short of entries because pydantic does not count those that it finds something wrong with."""
    return detail["type"] == "too_short" and len(detail["input"]) >= int(detail["ctx"]["min_length"])


def _problem(detail: Any, where: str) -> str:
    path = where
    for step in detail["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    sentence = _SENTENCES.get(detail["type"])
    message = sentence.format(**detail.get("ctx", {})) if sentence else detail["msg"].removeprefix("Value error, ")
    found = "" if detail["type"] == SECRET_PROBLEM else _found(detail["input"])
    return f"{path}: {message}{found}" if path else message


def _found(written: object) -> str:
    """What stands there, as far as everybody may see it."""
    shown = without_password(written) if isinstance(written, str) else written
    if isinstance(shown, str) and "@" in shown.replace(":***@", ""):
        return ""  # not written as a URL is, but a password may stand before an @
    return f" (found {shown!r})" if isinstance(shown, str | int | float) else ""
