"""The pages are true: every hook with its exact signature, every fenced example works, every package exists."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from prip_core import configuration, gauges, hookspecs, runtime
from prip_core.catalogue import upgrade
from prip_core.cli import conformance, prip
from prip_core.ingest.context import Outcome
from prip_core.ingest.sidecar import Sidecar, read_sidecar
from prip_core.ingest.stopwatch import Step
from prip_core.metrics import Metrics
from prip_core.model import Fate, Finding, Receipt, Severity
from prip_core.receipts import receipt_document
from prip_core.rejections import event_document, read_event
from prip_core.testing.packages import write_tar

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fenced(language: str) -> list[tuple[str, str]]:
    found = [(page.name, code) for page in PAGES for kind, code in FENCE.findall(page.read_text()) if kind == language]
    assert found, f"no page has an example in {language}"
    return found


def hooks() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("prip_")]


@pytest.mark.parametrize("hook", hooks())
def test_every_hook_has_a_heading_with_its_signature(hook: str) -> None:
    signature = str(inspect.signature(getattr(hookspecs, hook))).replace("'", "")
    headings = re.findall(r"^## `(.*)`$", (ROOT / "docs" / "hooks.md").read_text(), re.MULTILINE)
    assert f"{hook}{signature}" in headings


def rendered_metrics(tmp_path: Path) -> set[str]:
    """The names of everything that is counted or looked up, as they are served."""
    example = tmp_path / "prip.toml"
    example.write_text((ROOT / "prip.example.toml").read_text())
    for folder in ("inbox", "archive"):
        (tmp_path / folder).mkdir()
    upgrade(f"sqlite:///{tmp_path / 'prip.db'}")
    loaded = runtime.load(example)
    catalogue = loaded.open_catalogue()
    counted = generate_latest(Metrics().registry).decode()
    families = [*text_string_to_metric_families(counted + gauges.render(loaded, catalogue))]
    catalogue.close()
    names = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    return {name for name in names if not name.endswith("_created")}  # which several processes together have none of


def test_the_page_names_every_metric(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.partition("| metric |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == rendered_metrics(tmp_path)
    for step in Step:
        assert f"`{step}`" in table
    for outcome in Outcome:
        assert f"`{outcome}`" in table


def test_no_page_names_a_hook_that_does_not_exist(tmp_path: Path) -> None:
    packages = {"prip_core", "prip_sentinel1", "prip_sentinel2", "prip_storage_posix", "prip_storage_s3"}
    known = {*hooks(), *packages, *rendered_metrics(tmp_path)}
    for page in PAGES:
        named = set(re.findall(r"`(prip_\w+)", page.read_text()))
        assert named <= known, f"{page.name}: {named - known}"


@pytest.mark.parametrize(("page", "code"), fenced("python"))
def test_python_examples_run(page: str, code: str) -> None:
    exec(compile(code, page, "exec"), {"__name__": page})


def test_the_mission_of_the_page_keeps_its_contract(tmp_path: Path) -> None:
    plugin = tmp_path / "landsat.py"
    plugin.write_text(next(code for _, code in fenced("python") if "MissionAdapter" in code))
    sample = tmp_path / "LC08_L1TP_193024_20260401_20260410_02_T1.tar"
    write_tar(sample, {"LC08_B1.TIF": b"a band"})
    subject = conformance.Subject(kind="mission", name="landsat", samples=((sample, "SCENE"),))
    assert conformance.holds([subject], [plugin], [])


@pytest.mark.parametrize(("page", "code"), fenced("toml"))
def test_toml_examples_are_valid(page: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "prip.toml"
    path.write_text(code)
    assert tomllib.loads(code)
    if "[instance]" in code:
        configuration.check(configuration.read(path))


RECEIPTS = [(page, code) for page, code in fenced("json") if '"outcome"' in code]
SIDECARS = [each for each in fenced("json") if each[0] == "configuration.md" and each not in RECEIPTS]
EVENTS = [(page, code) for page, code in fenced("json") if '"event"' in code]


@pytest.mark.parametrize(("page", "code"), RECEIPTS)
def test_examples_of_receipts_have_all_that_is_written(page: str, code: str) -> None:
    now = datetime.now(UTC)
    receipt = Receipt(
        uuid=uuid4(),
        name="A.tar",
        inbox="inbox",
        fate=Fate.PUBLISHED,
        id=None,
        publication_date=now,
        content_length=7,
        checksums=(),
        reason=None,
        findings=(Finding(rule="QC-09", severity=Severity.WARNING, message="…"),),
        arrived=now,
        written=now,
    )
    written, shown = receipt_document(receipt), json.loads(code)
    assert list(shown) == list(written)
    assert list(shown["findings"][0]) == list(written["findings"][0])
    table = (ROOT / "docs" / page).read_text().partition("## Receipts")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(written)


@pytest.mark.parametrize(("page", "code"), EVENTS)
def test_examples_of_events_are_what_is_written(page: str, code: str) -> None:
    document = json.loads(code)
    assert event_document(read_event(document)) == document


@pytest.mark.parametrize(("page", "code"), SIDECARS)
def test_json_examples_are_whole_sidecars(page: str, code: str) -> None:
    assert read_sidecar(code.encode()).model_fields_set == set(Sidecar.model_fields)


def commands() -> list[tuple[str, str]]:
    lines = [
        (page.name, line.strip().removeprefix("$ "))
        for page in PAGES
        for kind, code in FENCE.findall(page.read_text())
        if kind in {"sh", "console"}
        for line in code.splitlines()
    ]
    inline = [(page.name, code) for page in PAGES for code in re.findall(r"`(prip [a-z][^`]*)`", page.read_text())]
    return sorted({(page, line) for page, line in [*lines, *inline] if re.match(r"prip [a-z]", line)})


@pytest.mark.parametrize(("page", "line"), commands())
def test_commands_that_the_pages_name_exist(page: str, line: str) -> None:
    """Each verb and each option of a shown command line is one that the program has."""
    command: click.Command = prip
    context = click.Context(prip)
    for word in re.sub(r"\s+#.*", "", line).split()[1:]:
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(context, word.partition("|")[0])
            assert found is not None, f"{page}: {line}"
            command = found
        elif word.startswith("--"):
            options = {option for parameter in command.params for option in parameter.opts}
            assert word.partition("=")[0] in options, f"{page}: {line}"


def test_the_architecture_names_what_there_is() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    modules = {path.name for path in (ROOT / "prip_core").iterdir() if path.suffix == ".py" or path.is_dir()}
    for name in modules - {"__init__.py", "__main__.py", "__pycache__"}:
        assert name in page, f"docs/architecture.md does not name {name}"
    for name in re.findall(r"`prip_core/([a-z_]+(?:\.py|/))`", page):
        assert (ROOT / "prip_core" / name).exists(), name
