"""The example file and the configuration page say what the settings models say: every setting, every default."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from prip_core import configuration, settings
from prip_core.plugins import load_plugins

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "prip.example.toml"
SECTIONS: dict[str, type[BaseModel]] = {
    "instance": settings.InstanceSection,
    "database": settings.DatabaseSection,
    "inbox": settings.InboxSection,
    "inbox.campaign": settings.CampaignSection,
    "storages.archive": settings.StorageSection,
    "ingest": settings.IngestSection,
    "ingest.qc": settings.QcSection,
    "kpi": settings.KpiSection,
    "kpi.limit": settings.KpiLimit,
    "serve": settings.ServeSection,
    "auth": settings.AuthSection,
    "plugins": settings.PluginsSection,
    "log": settings.LogSection,
}
COMMENTED = ("inbox.campaign", "[inbox]", "storages.bucket", "plugins.journal")


def every_setting() -> Iterator[tuple[str, str, object]]:
    """(section, key, default or ``PydanticUndefined``) of the core and of the built-in inbox and storage."""
    plugins = load_plugins()
    models = [*SECTIONS.items()]
    models += [
        ("inbox", plugins.inboxes()["folder"].Settings),
        ("inbox.1", plugins.inboxes()["s3"].Settings),
        ("storages.archive", plugins.storages()["posix"].Settings),
        ("storages.bucket", plugins.storages()["s3"].Settings),
        ("plugins.journal", plugins.listeners()["journal"].Settings),
    ]
    for section, model in models:
        for key, field in model.model_fields.items():
            if f"{section}.{key}" not in SECTIONS:
                yield section, key, field.default


def example() -> str:
    """The file, with the sections that stand there as comments."""
    text = EXAMPLE.read_text()
    for section in COMMENTED:
        before, heading, rest = text.partition(f"# [{section}]")
        block, blank, after = rest.partition("\n\n")
        text = before + heading.removeprefix("# ") + block.replace("\n# ", "\n") + blank + after
    return text


def example_section(section: str) -> dict[str, Any]:
    content: Any = tomllib.loads(example())
    for step in section.split("."):
        if isinstance(content, list):
            content = content[int(step)] if step.isdigit() else content[0][step]
        else:
            content = content[step]
    content = content[0] if isinstance(content, list) else content
    assert isinstance(content, dict)
    return content


def plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


@pytest.mark.parametrize(("section", "key", "default"), list(every_setting()), ids=str)
def test_the_example_shows_every_setting_with_its_default(section: str, key: str, default: object) -> None:
    shown = example_section(section)
    if default is None:
        assert key in shown or f"# {key} = " in EXAMPLE.read_text()
    else:
        assert key in shown
    if default is not PydanticUndefined and default is not None:
        assert shown[key] == plain(default)


@pytest.mark.parametrize(("section", "key", "default"), list(every_setting()), ids=str)
def test_the_page_names_every_setting(section: str, key: str, default: object) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    named = {
        "inbox": "[[inbox]]",
        "inbox.1": "[[inbox]]",
        "kpi.limit": "[[kpi.limit]]",
        "storages.archive": "[storages.NAME]",
        "storages.bucket": "[storages.NAME]",
    }
    heading = named.get(section, f"[{section}]")
    part = page.partition(f"## `{heading}`")[2].partition("\n## ")[0]
    rows = {line.split("|")[1].strip(" `"): line for line in part.splitlines() if line.startswith("| `")}
    assert key in rows, f"{heading} {key}"
    if default is not PydanticUndefined and default is not None:
        text = str(plain(default)).replace("'", '"') if isinstance(default, tuple) else str(plain(default))
        assert text.lower() in rows[key].lower(), rows[key]


def test_the_example_shows_all_limits_of_timeliness() -> None:
    defaults = settings.KpiSection().model_dump(mode="json")
    assert tomllib.loads(example())["kpi"] == defaults


def test_the_example_has_nothing_that_is_no_setting() -> None:
    known = {(section, key) for section, key, _ in every_setting()}
    known |= {("storages.bucket", "backend"), ("inbox.1", "kind")}
    for section in [*SECTIONS, "storages.bucket", "inbox.1"]:
        own = [key for key in example_section(section) if f"{section}.{key}" not in {*SECTIONS, "plugins.journal"}]
        assert {(section, key) for key in own} <= known


def test_the_example_is_a_valid_configuration(tmp_path: Path) -> None:
    path = tmp_path / "prip.toml"
    path.write_text(EXAMPLE.read_text())
    checked = configuration.check(configuration.read(path))
    assert checked.instance.missions == ("sentinel2",)
