"""``prip plugins``: what is loaded, from where, and whether it keeps its contracts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from prip_core import configuration, log, runtime
from prip_core.cli import conformance
from prip_core.cli.conformance import Subject
from prip_core.cli.errors import FAILED
from prip_core.cli.output import Row, json_option, write_rows
from prip_core.errors import ConfigError
from prip_core.ingest.known_rules import KnownRule, known_rules
from prip_core.interfaces import MissionAdapter
from prip_core.plugins import LoadedPlugin, Plugins, load_plugins
from prip_core.runtime import Runtime
from prip_core.settings import PluginsSection


class Sample(click.ParamType[tuple[Path, str]]):
    """``TYPE=FILE``: a product and the code of its type."""

    name = "TYPE=FILE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Path, str]:
        """The file and the type's code, if the file is there."""
        code, _, path = value.partition("=")
        if not code or not Path(path).is_file():
            self.fail(f"{value!r}: expected TYPE=FILE with a file that is there", param, ctx)
        return Path(path), code


class Setting(click.ParamType[tuple[str, str, Any]]):
    """``NAME.KEY=VALUE``: a setting of a storage, its value as in ``prip.toml``; what is no TOML is a text."""

    name = "NAME.KEY=VALUE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str, Any]:
        """The storage's name, the setting and its value."""
        path, separator, text = value.partition("=")
        storage, dot, key = path.partition(".")
        if not (separator and dot and storage and key):
            self.fail(f"{value!r}: expected NAME.KEY=VALUE, e.g. s3.bucket=scratch", param, ctx)
        try:
            return storage, key, tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return storage, key, text


@click.group()
def plugins() -> None:
    """See and check the plugins.

    \b
      prip plugins list
      prip plugins rules
      prip plugins check sentinel2
    """


@plugins.command("list", short_help="List the loaded plugins and what each brings.")
@json_option
@click.pass_obj
def list_(config: Path | None, as_json: bool) -> None:
    """List the loaded plugins: where each comes from, which hooks it implements, what it brings.

    With a configuration these are the plugins of that delivery point, otherwise all that are installed.

    \b
      prip plugins list --json

    Next: choose missions in [instance], storages by `backend`, inboxes by `kind`.
    """
    found = _runtime(config)
    loaded = found.plugins if found else load_plugins()
    rows = [_row(loaded, plugin) for plugin in loaded.loaded()]
    write_rows(rows, as_json=as_json, empty="")


@plugins.command(short_help="List the quality rules.")
@click.option("--type", "code", metavar="CODE", help="only those for products of this type, e.g. MSI_L1C_TL")
@json_option
@click.pass_obj
def rules(config: Path | None, code: str | None, as_json: bool) -> None:
    """List the quality rules: what each demands, how severe it is, when it runs, and which plugin brings it.

    A rule of stage `metadata` runs before a product's bytes are stored, one of stage `content` after them. What holds
    `always` is a step of the ingest itself: it cannot be weighed otherwise (in JSON its stage is null). With a
    configuration the severities are those of its [ingest.qc].

    \b
      prip plugins rules --type MSI_L1C_TL

    Next: [ingest.qc] severity = { QC-14 = "error" } weighs a rule otherwise or switches it off.
    """
    found = _runtime(config)
    loaded = found.plugins if found else load_plugins()
    missions = found.missions.values() if found else [cls(cls.Settings()) for cls in loaded.missions().values()]
    types = [each for mission in missions for each in mission.product_types() if code in (None, each.code)]
    if not types:
        raise ConfigError(f"--type {code}: no mission here has this product type; see `prip product recognise`")
    chosen = found.settings.ingest.qc.severity if found else {}
    rows = [_rule_row(rule, chosen) for rule in known_rules(loaded, types)]
    write_rows(
        rows if as_json else [{**row, "stage": row["stage"] or "always"} for row in rows], as_json=as_json, empty=""
    )


@plugins.command(short_help="Run the conformance kit over missions and storages.")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--sample", "samples", type=Sample(), multiple=True, help="A good product of a mission; may be repeated.")
@click.option("--setting", "given", type=Setting(), multiple=True, help="What a storage needs; may be repeated.")
@click.pass_context
def check(
    context: click.Context,
    names: tuple[str, ...],
    samples: tuple[tuple[Path, str], ...],
    given: tuple[tuple[str, str, Any], ...],
) -> None:
    """Run the conformance kit over missions and storages: NAMEs, or all that are loaded.

    It needs pytest (`pip install pytest`). Exit code 1 where a contract is broken. A mission from elsewhere needs
    samples for most of its contract; each goes to the mission that makes products of its TYPE. A storage that needs
    settings is given those of a scratch place: the kit keeps to names that begin with prip-check, and empties them.

    \b
      prip plugins check sentinel2 posix
      prip plugins check mine --sample MY_TYPE=/data/my_product.tar
      prip plugins check s3 --setting s3.bucket=scratch

    Next: a broken contract's test says which rule of which interface; the kit is prip_core.testing.
    """
    loaded = _runtime(context.obj)
    section = loaded.settings.plugins if loaded else PluginsSection()
    local = [loaded.folder / path for path in section.local] if loaded else []
    subjects = _subjects(loaded.plugins if loaded else load_plugins(), names, samples, given)
    context.exit(0 if conformance.holds(subjects, local, section.disabled) else FAILED)


def _runtime(config: Path | None) -> Runtime | None:
    """The delivery point, or ``None`` where there is no configuration and none was asked for."""
    log.configure("warning")
    try:
        path = configuration.locate(config)
    except ConfigError:
        if config is not None or os.environ.get("PRIP_CONFIG"):
            raise
        return None
    return runtime.load(path)


def _subjects(
    loaded: Plugins,
    names: Sequence[str],
    samples: Sequence[tuple[Path, str]],
    given: Sequence[tuple[str, str, Any]],
) -> list[Subject]:
    """What is to be checked, missions first.

    :raises ConfigError: a name is neither a mission's nor a storage's, or a setting is for no storage.
    """
    known = [
        *(
            Subject(kind="mission", name=name, samples=_samples_of(cls, samples))
            for name, cls in loaded.missions().items()
        ),
        *(
            Subject(kind="storage", name=name, settings={key: value for whose, key, value in given if whose == name})
            for name in loaded.storages()
        ),
    ]
    strangers = sorted({whose for whose, _, _ in given} - set(loaded.storages()))
    if strangers:
        listed = ", ".join(loaded.storages())
        raise ConfigError(*(f"--setting {name}.…: there is no such storage; there are {listed}" for name in strangers))
    unknown = sorted(set(names) - {subject.name for subject in known})
    if unknown:
        listed = ", ".join(subject.name for subject in known)
        raise ConfigError(*(f"{name}: there is no such mission or storage; there are {listed}" for name in unknown))
    return [subject for subject in known if not names or subject.name in names]


def _samples_of(cls: type[MissionAdapter], samples: Sequence[tuple[Path, str]]) -> tuple[tuple[Path, str], ...]:
    if not samples:
        return ()
    codes = {kind.code for kind in cls(cls.Settings()).product_types()}
    return tuple((path, code) for path, code in samples if code in codes)


def _rule_row(rule: KnownRule, chosen: Mapping[str, str]) -> Row:
    severity = rule.severity.value if rule.stage is None else chosen.get(rule.id, rule.severity.value)
    return {
        "rule": rule.id,
        "severity": severity,
        "stage": None if rule.stage is None else rule.stage.value,
        "source": rule.source,
        "demands": rule.sentence,
    }


def _row(loaded: Plugins, plugin: LoadedPlugin) -> Row:
    brings: Mapping[str, Mapping[str, type]] = {
        "mission": loaded.missions(),
        "storage": loaded.storages(),
        "inbox": loaded.inboxes(),
        "listener": loaded.listeners(),
    }
    return {
        "name": plugin.name,
        "source": plugin.source,
        "brings": [
            f"{kind} {name}"
            for kind, classes in brings.items()
            for name, cls in classes.items()
            if loaded.provider(cls) == str(plugin)
        ],
        "hooks": plugin.hooks,
    }
