"""The contract of inboxes, over the core's own folder inbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from prip_core import Inbox
from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.testing.inbox_contract import Deliver, InboxContract
from tests.contract.renaming import deliver_into


class TestFolderInbox(InboxContract):
    @pytest.fixture
    def inbox(self, tmp_path: Path) -> Inbox:
        (tmp_path / "inbox").mkdir()
        return FolderInbox(FolderInbox.Settings.model_validate({"path": "inbox"}, context={"folder": tmp_path}))

    @pytest.fixture
    def another(self, inbox: Inbox) -> Inbox:
        return type(inbox)(inbox.settings)

    @pytest.fixture
    def deliver(self, tmp_path: Path) -> Deliver:
        return deliver_into(tmp_path / "inbox")
