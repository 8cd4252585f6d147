"""Settings that nobody may see: written down, or kept in the environment or in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, SecretStr
from pydantic_core import PydanticCustomError

SECRET_PROBLEM = "secret"  # noqa: S105 - the name of a kind of problem
"""The type of pydantic's error about a secret: what was written is not to be repeated in a message."""

_EXPECTED = 'expected a text, { env = "NAME" } or { file = "/path" }'


def spelled_out(value: Any) -> Any:
    """A value that is kept elsewhere: ``{ env = "NAME" }`` or ``{ file = "/run/secrets/x" }``."""
    match value:
        case {"env": str(name), **others} if not others:
            if name not in os.environ:
                raise ValueError(f"the environment variable {name} is not set")
            return os.environ[name]
        case {"file": str(path), **others} if not others:
            try:
                return Path(path).read_text().strip()
            except (OSError, ValueError) as error:
                raise ValueError(f"the file {path} cannot be read: {error}") from error
        case dict():
            raise ValueError(_EXPECTED)
        case _:
            return value


def _text(value: Any) -> Any:
    text = spelled_out(value)
    shown = text.get_secret_value() if isinstance(text, SecretStr) else text
    if not isinstance(shown, str) or not shown:
        raise PydanticCustomError(SECRET_PROBLEM, _EXPECTED)
    return text


Secret = Annotated[SecretStr, BeforeValidator(_text), PlainSerializer(lambda _: "***", when_used="json-unless-none")]
"""A secret in a plugin's settings: ``"text"``, ``{ env = "NAME" }`` or ``{ file = "/path" }``; shown as ``***``.

``get_secret_value()`` gives the text. No message, log or ``prip config show`` repeats it.
"""
