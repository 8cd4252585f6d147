"""Paths in settings: relative ones are meant from the folder of the configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core.core_schema import ValidationInfo


def resolve(path: str | Path, info: ValidationInfo) -> Path:
    """The absolute path of one given in a setting; ``info.context["folder"]`` is the configuration's folder."""
    if "\0" in str(path):
        raise ValueError("expected a path without NUL")
    folder = Path((info.context or {}).get("folder", "."))
    return (folder / Path(path).expanduser()).absolute()


InstancePath = Annotated[Path, AfterValidator(resolve)]
"""A path in a plugin's settings, absolute once validated.

A default needs ``Field(default=..., validate_default=True)`` to be resolved too.
"""
