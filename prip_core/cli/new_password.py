"""Where a new password comes from: a file, a person at the terminal, or chance."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

_Verb = TypeVar("_Verb", bound=Callable[..., Any])

password_file_option: Callable[[_Verb], _Verb] = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="F",
    help="Take the password from the first line of this file.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A password that is about to be set.

    :param generated: nobody knows it yet: it must be shown once.
    """

    text: str = field(repr=False)
    generated: bool = False


def generated() -> NewPassword:
    """A password by chance: 24 characters that need no quoting in a shell."""
    return NewPassword(text=secrets.token_hex(12), generated=True)


def from_file(path: Path) -> NewPassword:
    """The first line of a file, without its end.

    :raises click.UsageError: the line is empty or no text.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path}: the password must be text in UTF-8") from error
    if not lines or not lines[0]:
        raise click.UsageError(f"{path}: the first line must be the password, and is empty")
    return NewPassword(text=lines[0])


def asked_for(path: Path | None, *, generate: bool) -> NewPassword:
    """The password as the options say; without any, a person at the terminal is asked twice.

    :raises click.UsageError: there is no option and no terminal, or there are both options.
    """
    if path and generate:
        raise click.UsageError("--password-file and --generate exclude each other")
    if path:
        return from_file(path)
    if generate:
        return generated()
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for a password: say --password-file F or --generate")
    return NewPassword(text=click.prompt("Password", hide_input=True, confirmation_prompt=True))
