"""Doing things at the same time, as the contracts do."""

from __future__ import annotations

import threading
from collections.abc import Callable


def run_together(actions: list[Callable[[], object]]) -> None:
    """Run actions in threads, all at once; the first failure of any is raised here."""
    failures: list[BaseException] = []

    def run(action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as failure:  # noqa: BLE001 - a thread's failure belongs to the test
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
