"""``prip run`` and ``prip serve``: everything on this machine, or the HTTP server alone."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from filelock import FileLock, Timeout

from prip_core import metrics
from prip_core.cli import instance, serving
from prip_core.cli.errors import Failure
from prip_core.components import port
from prip_core.components.parent import die_with_parent
from prip_core.components.supervisor import ChildProgram, Supervisor
from prip_core.runtime import Runtime
from prip_core.settings import ServeSection
from prip_core.web.server import Listening
from prip_core.web.server import serve as serve_web

LOCK = ".prip.lock"
_HAND_BACK_SECONDS = 60.0  # for what an ingest worker waits for when its grace has ended: a storage, the database
_SERVER_GRACE_SECONDS = 30.0


@click.command()
@click.pass_obj
def run(config: Path | None) -> None:
    """Run everything on this machine: the HTTP server, the ingest workers and, where a plugin listens, the dispatcher,
    each in processes of its own.

    One that dies is started again. SIGTERM or Ctrl-C ends all in order: each ingest worker finishes its product or
    hands it back, then the server ends; a second signal ends all at once.

    \b
      prip --config /srv/prip/prip.toml run

    Next: rename a product into the inbox, and ask http://127.0.0.1:8080/odata/v1/Products for it.
    """
    die_with_parent()
    loaded = instance.load_component(config)
    instance.require_catalogue(loaded)
    lock = FileLock(loaded.folder / LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise Failure(f"{loaded.folder}: another `prip run` works here; stop it first") from None
    with lock:
        metrics.forget(loaded.folder)
        _require_port(loaded.settings.serve)
        code = Supervisor(_programs(loaded), on_ready=lambda: _say_ready(loaded)).run()
    click.get_current_context().exit(code)


@click.command()
@click.pass_obj
def serve(config: Path | None) -> None:
    """Run the HTTP server alone, until SIGTERM.

    \b
      prip serve

    Next: run `prip ingest` beside it, or let `prip run` start both.
    """
    die_with_parent()
    loaded = instance.load_component(config)
    instance.require_catalogue(loaded)
    section = loaded.settings.serve
    _require_port(section)
    listening = Listening(host=section.host, port=section.port, processes=section.processes, threads=section.threads)
    path = loaded.raw.path
    serve_web(listening, lambda: serving.build(path))


def _programs(loaded: Runtime) -> list[ChildProgram]:
    prip = (sys.executable, "-m", "prip_core", "--config", str(loaded.raw.path))
    section = loaded.settings.serve
    server = ChildProgram(
        name="serve",
        command=(*prip, "serve"),
        stop_order=1,
        grace=_SERVER_GRACE_SECONDS,
        ready=lambda: port.answers(section.host, section.port, "/health/live"),
    )
    ingest_grace = loaded.settings.ingest.grace + _HAND_BACK_SECONDS
    workers = [
        ChildProgram(name=f"ingest-{number}", command=(*prip, "ingest"), stop_order=0, grace=ingest_grace)
        for number in range(1, loaded.settings.ingest.workers + 1)
    ]
    dispatcher = ChildProgram(name="dispatch", command=(*prip, "dispatch"), stop_order=1)
    return [server, *workers, *([dispatcher] if loaded.plugins.listening() else [])]


def _require_port(section: ServeSection) -> None:
    obstacle = port.obstacle(section.host, section.port)
    if obstacle:
        raise Failure(obstacle)


def _say_ready(loaded: Runtime) -> None:
    settings = loaded.settings
    root = str(settings.instance.public_url or port.url(settings.serve.host, settings.serve.port)).rstrip("/")
    click.echo(f"ready: {root}{settings.serve.odata_path}/Products")
