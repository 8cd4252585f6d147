"""``prip init``: a new delivery point in an empty folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from prip_core import durable
from prip_core.catalogue import upgrade
from prip_core.cli import instance, new_password
from prip_core.cli.new_password import NewPassword, password_file_option
from prip_core.cli.user import UserName
from prip_core.errors import ConfigError
from prip_core.passwords import hash_password
from prip_core.plugins import load_plugins
from prip_core.principals import Role

CONFIGURATION = "prip.toml"
UNFINISHED = "prip.toml.unfinished"
"""The configuration's name until all else is there: whoever finds it may begin again."""

_MISSION = "A mission to accept, one that `prip plugins list` names; may be repeated."
FOLDERS = ("inbox", "quarantine", "archive")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--mission", "missions", multiple=True, required=True, help=_MISSION)
@click.option("--admin", type=UserName(), default="admin", show_default=True, help="Name of the first user.")
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=8080, show_default=True, help="Port of the HTTP server."
)
@password_file_option
def init(folder: Path, missions: tuple[str, ...], admin: str, port: int, password_file: Path | None) -> None:
    """Make a new delivery point in DIR, which must be empty or not be there.

    It gets prip.toml, the folders inbox, quarantine and archive, the database, and a first user, who may download and
    read reports. Without --password-file a password is made up and printed once.

    \b
      prip init /srv/prip --mission sentinel2 --mission sentinel1

    Next: `prip --config DIR/prip.toml run`; then let the production chain rename products into DIR/inbox.
    """
    _refuse_unknown(missions)
    _refuse_used(folder)
    password = new_password.from_file(password_file) if password_file else new_password.generated()
    make_instance(folder.absolute(), configuration_text(missions, port), admin, password)
    click.echo(f"{folder} is a delivery point now")
    click.echo(f"  user      {admin}")
    if password.generated:
        click.echo(f"  password  {password.text}   (shown this once)")
    click.echo(f"  next      prip --config {folder / CONFIGURATION} run")


def make_instance(folder: Path, configuration: str, admin: str, password: NewPassword) -> None:
    """Make the delivery point. The configuration gets its name last; until then the whole may be repeated.

    :raises ConfigError: the environment overrides the configuration with something that cannot work.
    """
    durable.make_folders(folder)
    unfinished = folder / UNFINISHED
    durable.write_durable(unfinished, configuration.encode())
    for name in FOLDERS:
        durable.make_folders(folder / name)
    loaded = instance.load(unfinished)
    upgrade(loaded.settings.database.url)
    with instance.catalogue_of(loaded) as catalogue:
        if catalogue.users.find(admin):
            catalogue.users.set_password(admin, hash_password(password.text))
        else:
            catalogue.users.add(admin, hash_password(password.text), frozenset(Role))
    unfinished.rename(folder / CONFIGURATION)
    durable.sync_folder(folder)


def configuration_text(missions: Sequence[str], port: int) -> str:
    """The configuration of a new delivery point: what a site is likely to change."""
    return f"""\
# A delivery point. `prip config show` lists every setting with its value and source;
# PRIP__SERVE__PORT=8081 in the environment overrides serve.port.

[instance]
missions = {json.dumps(list(missions))}
# public_url = "https://prip.example.org"   # the root of every absolute link, behind a proxy

[[inbox]]                      # products are renamed in here when they are complete
path = "inbox"
quarantine = "quarantine"      # refused ones, each beside its reason.json

[storages.archive]             # the products' bytes
path = "archive"

[serve]
port = {port}
# host = "0.0.0.0"             # listen on every address, not on this machine alone
"""


def _refuse_unknown(missions: Sequence[str]) -> None:
    known = load_plugins().missions()
    problems = [f"--mission {name}: there is no such mission; there are {', '.join(known)}" for name in missions]
    problems = [problem for name, problem in zip(missions, problems, strict=True) if name not in known]
    if problems:
        raise ConfigError(*problems)


def _refuse_used(folder: Path) -> None:
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()}
    if CONFIGURATION in names:
        raise ConfigError(f"{folder}: there is a delivery point already; `prip user passwd` sets a new password")
    if names and UNFINISHED not in names:
        raise ConfigError(f"{folder}: the folder is not empty; name a new or an empty one")
