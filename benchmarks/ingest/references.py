"""What ingest is compared with: scripts that anyone would write, and the limits of the machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import boto3
from blake3 import blake3

from benchmarks.bench import Bench
from benchmarks.ingest.runs import WORKERS

_BLOCK = 1 << 20
_numbers = count()

Keep = Callable[[Path], object]
"""Puts a file where it is to stay."""


def naive(bench: Bench, paths: Sequence[Path]) -> float:
    """Seconds of the script that anyone would write: digest, digest, copy, commit; the copies are not made durable."""
    folder = _new_folder(bench)
    taken = _scripted(folder, paths, lambda path: shutil.copy(path, folder / path.name[1:]))
    shutil.rmtree(folder)
    return taken


def naive_upload(bench: Bench, paths: Sequence[Path]) -> float:
    """Seconds of the same script with boto3's managed upload, which ``aws s3 cp`` uses, in place of the copy."""
    folder = _new_folder(bench)
    client, bucket = boto3.client("s3", **bench.s3().access), bench.s3().new_bucket()
    taken = _scripted(folder, paths, lambda path: client.upload_file(str(path), bucket, path.name[1:]))
    shutil.rmtree(folder)
    return taken


def upload(bench: Bench, paths: Sequence[Path]) -> float:
    """Seconds of boto3's managed upload alone."""
    client, bucket = boto3.client("s3", **bench.s3().access), bench.s3().new_bucket()
    begin = time.perf_counter()
    for path in paths:
        client.upload_file(str(path), bucket, path.name)
    return time.perf_counter() - begin


def md5(size: int) -> float:
    """Seconds to digest so many bytes that are in memory, on as many cores as there are workers."""
    block = bytes(_BLOCK)

    def work() -> None:
        digest = hashlib.md5()
        for _ in range(size // WORKERS // _BLOCK):
            digest.update(block)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begin


def commits(bench: Bench, number: int) -> float:
    """Seconds of so many durable commits of one row to SQLite, by a program that does nothing else."""
    path = bench.folder / "commits.db"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=full")
        database.execute("create table report (id integer primary key, name text)")
        begin = time.perf_counter()
        for each in range(number):
            database.execute("insert into report (name) values (?)", (f"report {each}",))
        return time.perf_counter() - begin
    finally:
        database.close()


def _new_folder(bench: Bench) -> Path:
    folder = bench.folder / f"script-{next(_numbers)}"
    folder.mkdir()
    return folder


def _scripted(folder: Path, paths: Sequence[Path], keep: Keep) -> float:
    """The input is copied afresh before, as for our own runs: both then find the memory in the same state."""
    arrived = [Path(shutil.copyfile(path, folder / f".{path.name}")) for path in paths]
    os.sync()
    begin = time.perf_counter()
    database = sqlite3.connect(folder / "catalogue.db", isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table product (name text primary key, size integer, md5 text, blake3 text)")
    for path in arrived:
        digests = [_digest(path, new) for new in (partial(hashlib.md5, usedforsecurity=False), blake3)]
        keep(path)
        database.execute("insert into product values (?, ?, ?, ?)", (path.name, path.stat().st_size, *digests))
    database.close()
    return time.perf_counter() - begin


def _digest(path: Path, new: Callable[[], Any]) -> str:
    digest = new()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return str(digest.hexdigest())
