"""Workers that are paused, wherever they are."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing
from subprocess import Popen

import psutil

from prip_core.testing.delivery_point import DeliveryPoint, wait_for


def pause(worker: Popen[bytes], point: DeliveryPoint) -> None:
    """Stop a worker, but not within a transaction, for whose end SQLite would wait."""
    while True:
        worker.send_signal(signal.SIGSTOP)
        wait_for_pause(worker)
        if not _holds_the_lock(point):
            return
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.005)


def wait_for_pause(worker: Popen[bytes]) -> None:
    """Wait until it has stopped, whoever told it to."""
    wait_for(lambda: psutil.Process(worker.pid).status() == psutil.STATUS_STOPPED, "pause")


def _holds_the_lock(point: DeliveryPoint) -> bool:
    """Whether it has stopped in the middle of a write, as its thread that renews leases may."""
    with closing(sqlite3.connect(point.database, timeout=0, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False
