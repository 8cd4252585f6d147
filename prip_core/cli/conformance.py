"""The conformance kit, run by pytest in a process of its own over classes that plugins brought."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prip_core.errors import ConfigError

_HEAD = '''\
"""The contracts of plugins; written by `prip plugins check`."""

from pathlib import Path
from uuid import uuid4

import pytest

from prip_core.plugins import load_plugins
{imports}

PLUGINS = load_plugins([Path(path) for path in {local!r}], {disabled!r})
'''

_STORAGE = """

class Test_storage_{identifier}(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path):
        cls = PLUGINS.storages()[{name!r}]
        fields = cls.Settings.model_fields
        objects = tmp_path / "objects"
        objects.mkdir()
        places = {{"path": objects, "prefix": f"prip-check-{{uuid4().hex}}"}}
        values = {{**{settings!r}, **{{key: place for key, place in places.items() if key in fields}}}}
        missing = [key for key, field in fields.items() if field.is_required() and key not in values]
        if missing:
            pytest.skip("{name} needs settings: give " + ", ".join(f"--setting {name}.{{key}}=…" for key in missing))
        storage = cls(cls.Settings.model_validate(values, context={{"folder": tmp_path}}))
        yield storage
        storage.delete([found.key for found in storage.list("")])
"""

_MISSION = """

class Test_mission_{identifier}(MissionContract):
    @pytest.fixture
    def adapter(self):
        cls = PLUGINS.missions()[{name!r}]
        return cls(cls.Settings())

    @pytest.fixture(scope="class")
    @classmethod
    def delivered(cls, tmp_path_factory):
        folder = tmp_path_factory.mktemp({identifier!r})
        return [*build_mission_samples({name!r}, folder), *((Path(path), code) for path, code in {samples!r})]

    @pytest.fixture
    def samples(self, delivered):
        if not delivered:
            pytest.skip("{name} has no samples here: give good products with --sample TYPE=FILE")
        return delivered
"""

_IMPORTS = {
    "storage": "from prip_core.testing.storage_contract import StorageContract",
    "mission": "from prip_core.testing.mission_contract import MissionContract\n"
    "from prip_core.testing.mission_samples import build_mission_samples",
}
_BODIES = {"storage": _STORAGE, "mission": _MISSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a contract is checked on.

    :param kind: ``mission`` or ``storage``.
    :param name: its NAME.
    :param samples: good products of a mission, each with the code of its type.
    :param settings: of a storage, as they are written down; its ``path`` or ``prefix`` is another one for each test.
    """

    kind: str
    name: str
    samples: tuple[tuple[Path, str], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def holds(subjects: Sequence[Subject], local: Sequence[Path], disabled: Sequence[str]) -> bool:
    """Run the kit; pytest's report goes to standard output.

    :param local: plugin files of the configuration.
    :param disabled: plugins that are not to be loaded.
    :raises ConfigError: pytest is not installed.
    """
    if importlib.util.find_spec("pytest") is None:
        raise ConfigError("the conformance kit needs pytest, which is not installed: pip install pytest")
    with tempfile.TemporaryDirectory(prefix="prip-check-") as folder:
        path = Path(folder) / "test_contracts.py"
        path.write_text(source(subjects, local, disabled))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "--rootdir",
            folder,
            "-p",
            "no:cacheprovider",
            # Not in the folder that all runs of an account share: each clears there what the others leave.
            "--basetemp",
            str(Path(folder) / "of-tests"),
            str(path),
        ]
        return subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode == 0  # noqa: S603 - our own


def source(subjects: Sequence[Subject], local: Sequence[Path], disabled: Sequence[str]) -> str:
    """The test file: a class for each subject, with the fixtures that its contract asks for."""
    imports = "\n".join(_IMPORTS[kind] for kind in sorted({subject.kind for subject in subjects}))
    head = _HEAD.format(imports=imports, local=[str(path.absolute()) for path in local], disabled=list(disabled))
    return head + "".join(_body(subject) for subject in subjects)


def _body(subject: Subject) -> str:
    samples = [(str(path.absolute()), code) for path, code in subject.samples]
    return _BODIES[subject.kind].format(
        identifier=_identifier(subject.name), name=subject.name, samples=samples, settings=dict(subject.settings)
    )


def _identifier(name: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in name)


def _environment() -> Mapping[str, str]:
    """Options that are meant for another test run must not change this one."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTEST_ADDOPTS", "PYTEST_PLUGINS"}}
