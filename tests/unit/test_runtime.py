"""The composition root: what a configuration puts together, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from prip_core import runtime
from prip_core.errors import ConfigError

CONFIGURATION = """
[instance]
missions = ["sentinel2"]
[[inbox]]
path = "{inbox}"
quarantine = "{quarantine}"
[[inbox]]
name = "second"
path = "second"
quarantine = "{quarantine}"
[storages.archive]
path = "{archive}"
"""


def written(folder: Path, inbox: str = "inbox", quarantine: str = "quarantine", archive: str = "archive") -> Path:
    for name in (inbox, "second", quarantine, archive):
        (folder / name).mkdir(parents=True, exist_ok=True)
    path = folder / "prip.toml"
    path.write_text(CONFIGURATION.format(inbox=inbox, quarantine=quarantine, archive=archive))
    return path


def test_a_configuration_becomes_a_delivery_point(tmp_path: Path) -> None:
    loaded = runtime.load(written(tmp_path))
    assert list(loaded.missions) == ["sentinel2"]
    assert list(loaded.storages) == ["archive"]
    assert [each.section.name for each in loaded.inboxes] == ["inbox", "second"]
    assert loaded.folder == tmp_path


def test_what_a_dot_hides_may_lie_in_an_inbox(tmp_path: Path) -> None:
    assert runtime.load(written(tmp_path, quarantine="inbox/.quarantine"))


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        (
            '[database]\nurl = "sqlite:///inbox/prip.db"',
            r"database.url: .*prip.db lies in the folder of inbox\[0\].path",
        ),
        (
            '[database]\nurl = "sqlite:///archive/prip.db"',
            r"database.url: .*prip.db lies in the folder of storages.archive.path",
        ),
        (
            '[plugins.journal]\npath = "prip.db"',
            "plugins.journal.path: .*prip.db is the place of database.url, too",
        ),
        (
            '[plugins.journal]\npath = "inbox/journal"',
            r"plugins.journal.path: .*journal lies in the folder of inbox\[0\].path",
        ),
    ],
)
def test_files_that_an_inbox_would_take_or_that_are_one_are_refused(tmp_path: Path, tables: str, problem: str) -> None:
    config = written(tmp_path)
    config.write_text(f"{config.read_text()}\n{tables}\n")
    with pytest.raises(ConfigError, match=problem):
        runtime.load(config)


@pytest.mark.parametrize(
    ("folders", "problem"),
    [
        ({"archive": "inbox"}, "is the place of"),
        ({"inbox": "second"}, "is the place of"),
        ({"quarantine": "inbox/refused"}, "inbox[0].quarantine: .* lies in the folder of inbox[0].path"),
        ({"archive": "inbox/deep/archive"}, "storages.archive.path: .* lies in the folder of inbox[0].path"),
        ({"inbox": "archive/inbox"}, "inbox[0].path: .* lies in the folder of storages.archive.path"),
    ],
)
def test_folders_that_lie_in_each_other_are_refused(tmp_path: Path, folders: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem.replace("[", r"\[")):
        runtime.load(written(tmp_path, **folders))


def test_a_folder_that_has_two_names_is_one_folder(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "twin").symlink_to("inbox")
    path.write_text(path.read_text() + '[[inbox]]\nname = "other"\npath = "twin"\n')
    with pytest.raises(ConfigError, match="is the place of"):
        runtime.load(path)


@pytest.mark.parametrize(
    ("storage", "problem"),
    [
        ("", r"inbox\[2\].prefix: s3:/127.0.0.1:9/bucket/inbox lies in the folder of storages.cloud.prefix"),
        (
            "inbox/deep",
            r"storages.cloud.prefix: s3:/127.0.0.1:9/bucket/inbox/deep lies in the folder of inbox\[2\].prefix",
        ),
        (
            "quarantine",
            r"storages.cloud.prefix: s3:/127.0.0.1:9/bucket/quarantine is the place of inbox\[2\].quarantine",
        ),
        ("shelf", None),
    ],
)
def test_prefixes_of_a_bucket_that_lie_in_each_other_are_refused(
    tmp_path: Path, storage: str, problem: str | None
) -> None:
    path = written(tmp_path)
    where = 'endpoint_url = "http://127.0.0.1:9"\nbucket = "bucket"\nconnect_timeout = 0.1\n'
    bucket = f'{where}access_key = "a"\nsecret_key = "b"\n'
    inbox = f'[[inbox]]\nname = "cloud"\nkind = "s3"\n{bucket}'
    path.write_text(path.read_text() + f'[storages.cloud]\nbackend = "s3"\nprefix = "{storage}"\n{bucket}{inbox}')
    if problem is None:
        assert runtime.load(path).inboxes[2].inbox.NAME == "s3"
        return
    with pytest.raises(ConfigError, match=problem):
        runtime.load(path)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            'severity = { QC-77 = "off" }',
            "ingest.qc.severity.QC-77: there is no such rule; there are QC-01, QC-05, QC-06",
        ),
        ('severity = { QC-02 = "off" }', "ingest.qc.severity.QC-02: it always holds"),
        ('severity = { QC-14 = "mild" }', "ingest.qc.severity.QC-14: expected 'error', 'warning' or 'off'"),
        (
            'manifest_of_type = { MSI_L1C_TI = "off" }',
            "MSI_L1C_TI: no mission .* has this type; did you mean MSI_L1C_T",
        ),
        ('manifest_of_type = { IW_GRDH_1S = "off" }', "IW_GRDH_1S: no mission that is served here has this type"),
        ('manifest = "half"', "ingest.qc.manifest: expected 'off', 'sizes' or 'full'"),
    ],
)
def test_rules_and_types_that_nobody_knows_are_said(tmp_path: Path, setting: str, problem: str) -> None:
    path = written(tmp_path)
    path.write_text(f"{path.read_text()}\n[ingest.qc]\n{setting}\n")
    with pytest.raises(ConfigError, match=problem):
        runtime.load(path)


def test_rules_and_types_that_are_known_may_be_set(tmp_path: Path) -> None:
    path = written(tmp_path)
    setting = 'severity = { QC-14 = "error", QC-08 = "warning" }\nmanifest_of_type = { MSI_L1C_TL = "sizes" }'
    path.write_text(f"{path.read_text()}\n[ingest.qc]\n{setting}\n")
    qc = runtime.load(path).settings.ingest.qc
    assert qc.severity == {"QC-14": "error", "QC-08": "warning"}
    assert (qc.manifest, qc.manifest_of_type) == ("full", {"MSI_L1C_TL": "sizes"})


@pytest.mark.parametrize("kind", ["[]", "{}", "7", '"parchment"'])
def test_a_kind_that_there_is_not_is_said(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text().replace('name = "second"', f'name = "second"\nkind = {kind}'))
    with pytest.raises(ConfigError, match=r"inbox\[1\].kind: "):
        runtime.load(path)


def test_inboxes_may_share_a_folder_of_receipts_but_nothing_else_may(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert runtime.load(path)
    path.write_text(
        path.read_text().replace(
            '[[inbox]]\nname = "second"', '[[inbox]]\nreceipts_folder = "archive"\nname = "second"'
        )
    )
    with pytest.raises(ConfigError, match=r"is the place of inbox\[1\].receipts_folder"):
        runtime.load(path)


def test_an_inbox_that_writes_no_receipts_is_not_asked_for_them(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "mute.py").write_text(
        "from prip_core import Inbox, hookimpl\nfrom prip_core.builtin.folder_inbox import FolderInbox\n"
        "class Mute(FolderInbox):\n    NAME = 'mute'\n    tell = Inbox.tell\n"
        "@hookimpl\ndef prip_register_inboxes():\n    return [Mute]\n"
    )
    kind = 'name = "second"\nkind = "mute"\n'
    path.write_text(path.read_text().replace('name = "second"\n', kind) + '[plugins]\nlocal = ["mute.py"]\n')
    assert runtime.load(path)
    path.write_text(path.read_text().replace(kind, f"{kind}receipts = true\n"))
    with pytest.raises(ConfigError, match=r"inbox\[1\]\.receipts: an inbox of kind mute writes no receipts"):
        runtime.load(path)
    # The first inbox may have receipts, though it cannot be made now, and says something else.
    path.write_text(path.read_text().replace("receipts = true\n", ""))
    path.write_text(path.read_text().replace('path = "inbox"\n', 'path = "inbox"\nreceipts = true\nsettle = -1\n'))
    with pytest.raises(ConfigError) as refused:
        runtime.load(path)
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["inbox[0].settle"]


def test_what_is_wrong_is_said_at_once_whatever_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at more closely is not kept for a second round by what is wrong elsewhere."""
    monkeypatch.setenv("PRIP__SERV__PORT", "1")
    path = written(tmp_path)
    wrong = (
        '[serve]\nport = 0\n[database]\nurl = "sqlite:///inbox/prip.db"\n'
        '[ingest.qc]\nseverity = { QC-77 = "off" }\n[storages.other]\nbackend = "tape"\n'
    )
    path.write_text(path.read_text() + wrong)
    with pytest.raises(ConfigError) as refused:
        runtime.load(path)
    paths = [problem.partition(":")[0] for problem in refused.value.problems]
    assert sorted(paths) == [
        "PRIP__SERV__PORT",
        "database.url",
        "ingest.qc.severity.QC-77",
        "serve.port",
        "storages.other.backend",
    ]


def test_plugins_of_no_use_hide_no_other_problem(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "odd.py").write_text(
        "from prip_core import hookimpl\n@hookimpl\ndef prip_register_inboxes():\n    return [int]\n"
    )
    path.write_text(f'{path.read_text()}[plugins]\nlocal = ["odd.py"]\n[serve]\nport = 0\n')
    with pytest.raises(ConfigError, match=r"^serve.port: [^\n]*\nplugins: odd [^\n]* is no Inbox"):
        runtime.load(path)


def test_what_a_mission_that_cannot_be_made_may_know_is_no_problem(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(
        path.read_text().replace('["sentinel2"]', '["sentinel2", "venus"]')
        + '[ingest.qc]\nmanifest_of_type = { VE_CLOUDS = "off" }\n'
    )
    with pytest.raises(ConfigError) as refused:
        runtime.load(path)
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["instance.missions"]
