"""``prip user``: who may use this delivery point."""

from __future__ import annotations

import re
from pathlib import Path

import click

from prip_core.cli import new_password
from prip_core.cli.errors import Failure
from prip_core.cli.instance import opened
from prip_core.cli.new_password import NewPassword, password_file_option
from prip_core.cli.output import Row, json_option, write_rows
from prip_core.passwords import hash_password
from prip_core.principals import Role

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_generate_option = click.option("--generate", is_flag=True, help="Make up a password and print it once.")


class UserName(click.ParamType[str]):
    """A user name that fits into an HTTP header and a log line."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as it is, if it may be one."""
        if not _NAME.fullmatch(value):
            self.fail(f"{value!r}: a user name has 1 to 64 letters, digits and . _ @ -", param, ctx)
        return value


@click.group()
def user() -> None:
    """Add, list and change local users.

    \b
      prip user add alice --role Download
      prip user list
    """


@user.command()
@click.argument("name", type=UserName())
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    default=[Role.DOWNLOAD.value],
    show_default=True,
    help="Every user may query. Download: may download, too. Reporting: for reports, which are not served yet. May be "
    "repeated.",
)
@password_file_option
@_generate_option
@click.pass_obj
def add(config: Path | None, name: str, roles: tuple[str, ...], password_file: Path | None, generate: bool) -> None:
    """Add the user NAME.

    The password is asked for, taken from a file, or made up:

    \b
      prip user add alice --role Download --generate

    Next: give name and password to the client; it sends them as HTTP Basic authentication.
    """
    with opened(config) as catalogue:
        if catalogue.users.find(name):
            raise Failure(f"there is a user {name} already; `prip user passwd {name}` sets a new password")
        password = new_password.asked_for(password_file, generate=generate)
        catalogue.users.add(name, hash_password(password.text), frozenset(map(Role, roles)))
    _say(f"user {name} is added", password)


@user.command("list")
@json_option
@click.pass_obj
def list_(config: Path | None, as_json: bool) -> None:
    """List all local users.

    \b
      prip user list --json
    """
    with opened(config) as catalogue:
        rows: list[Row] = [
            {
                "name": stored.name,
                "roles": sorted(role.value for role in stored.roles),
                "disabled": stored.disabled,
                "created": stored.created,
            }
            for stored in catalogue.users.all()
        ]
    write_rows(rows, as_json=as_json, empty="There is no user yet; add one with `prip user add NAME`.")


@user.command()
@click.argument("name", type=UserName())
@password_file_option
@_generate_option
@click.pass_obj
def passwd(config: Path | None, name: str, password_file: Path | None, generate: bool) -> None:
    """Set a new password for NAME; the old one stops working at once.

    \b
      prip user passwd alice
    """
    with opened(config) as catalogue:
        stored = catalogue.users.find(name)
        if not stored:
            raise _unknown(name)
        password = new_password.asked_for(password_file, generate=generate)
        catalogue.users.set_password(name, hash_password(password.text))
    still = f", but is still disabled: `prip user enable {name}`" if stored.disabled else ""
    _say(f"user {name} has a new password{still}", password)


@user.command()
@click.argument("name", type=UserName())
@click.pass_obj
def disable(config: Path | None, name: str) -> None:
    """Let NAME in no more; what is known of the user stays.

    \b
      prip user disable alice

    Next: `prip user enable NAME` lets the user in again.
    """
    _set_disabled(config, name, True)
    click.echo(f"user {name} is disabled")


@user.command()
@click.argument("name", type=UserName())
@click.pass_obj
def enable(config: Path | None, name: str) -> None:
    """Let NAME in again, with the password and the roles of before.

    \b
      prip user enable alice
    """
    _set_disabled(config, name, False)
    click.echo(f"user {name} is enabled")


def _set_disabled(config: Path | None, name: str, disabled: bool) -> None:
    with opened(config) as catalogue:
        if not catalogue.users.find(name):
            raise _unknown(name)
        catalogue.users.set_disabled(name, disabled)


def _unknown(name: str) -> Failure:
    return Failure(f"there is no user {name}; `prip user list` shows all")


def _say(done: str, password: NewPassword) -> None:
    click.echo(done)
    if password.generated:
        click.echo(f"password: {password.text}   (shown this once)")
