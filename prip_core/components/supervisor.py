"""The supervisor: starts child processes, starts again those that die, and stops all of them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import structlog

from prip_core.components.parent import PARENT

_log = structlog.get_logger(__name__)
_LOOK_SECONDS = 0.1
_CONFIGURATION_WRONG = 2
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildProgram:
    """A program to keep running.

    :param stop_order: children of a lower number are stopped, and are gone, before those of a higher one are told.
    :param grace: seconds that it gets between SIGTERM and SIGKILL.
    :param ready: tells whether it is at work. A child that ends before it ever was is not started again: what keeps it
        from starting will keep it from starting again. ``None``: it always is.
    """

    name: str
    command: tuple[str, ...]
    stop_order: int = 0
    grace: float = 30.0
    ready: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPauses:
    """How long to wait before a child is started again, in seconds.

    :param first: after the first death; each further one doubles it.
    :param longest: the longest pause.
    :param forgiven: a child that lived this long begins again with the first pause.
    """

    first: float = 1.0
    longest: float = 60.0
    forgiven: float = 60.0


class Supervisor:
    """Keeps programs running until it is told to stop.

    Each child leads a process group of its own, so that Ctrl-C on a terminal reaches the supervisor alone, which then
    stops them in order; it is told who its parent is and dies with it.

    :param on_ready: called once, when every program that can tell is ready.
    """

    def __init__(
        self,
        programs: Sequence[ChildProgram],
        *,
        pauses: RestartPauses | None = None,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._pauses = pauses or RestartPauses()
        self._children = [_Child(program) for program in programs]
        self._on_ready = on_ready
        self._announced = False
        self._signals = 0

    def run(self) -> int:
        """Run until SIGTERM, SIGINT or SIGHUP, in the main thread. A second signal kills the children.

        :returns: 0 after a signal; the exit code of a child that ended before it was ready, or that says before all are
            ready that its configuration is wrong (2). Later, when others are at work, such a child is tried again.
        """
        with self._handled_signals():
            try:
                return self._keep_running()
            finally:
                self._stop()

    def _keep_running(self) -> int:
        while not self._signals:
            for child in self._children:
                code = self._tend(child)
                if code is not None:
                    return code
            self._announce()
            time.sleep(_LOOK_SECONDS)
        return 0

    def _tend(self, child: _Child) -> int | None:
        """Start a child that is due, look after one that runs. Returns the code to end with, if it is to end."""
        if child.process is None:
            if time.monotonic() >= child.due:
                child.start()
            return None
        code = child.process.poll()
        if code is None:
            child.look()
            return None
        lived = time.monotonic() - child.started
        child.kill()  # what it left behind in its process group
        child.process = None
        if not child.was_ready or (code == _CONFIGURATION_WRONG and not self._announced):
            _log.error("child cannot start", child=child.program.name, reason=_reason(code))
            return code if code > 0 else 1
        pause = child.next_pause(self._pauses, lived)
        child.due = time.monotonic() + pause
        _log.warning("child died", child=child.program.name, reason=_reason(code), restart_in_seconds=pause)
        return None

    def _announce(self) -> None:
        if not self._announced and all(child.was_ready for child in self._children):
            self._announced = True
            self._on_ready()

    def _stop(self) -> None:
        patience = min(self._signals, 1)
        if patience:
            _log.info("stopping: products in work are finished first; a second signal ends all at once")
        for order in sorted({child.program.stop_order for child in self._children}):
            group = [child for child in self._children if child.program.stop_order == order and child.process]
            for child in group:
                child.terminate()
            self._wait_for(group, patience)

    def _wait_for(self, group: Sequence[_Child], patience: int) -> None:
        """Wait until these children are gone; more signals than ``patience``, or the end of their grace, kill them."""
        told = time.monotonic()
        for child in group:
            while child.runs():
                if self._signals > patience or time.monotonic() - told > child.program.grace:
                    _log.warning("child killed", child=child.program.name)
                    child.kill()
                time.sleep(_LOOK_SECONDS)
            child.kill()

    @contextmanager
    def _handled_signals(self) -> Iterator[None]:
        heard = [number for number in _STOPPING if signal.getsignal(number) is not signal.SIG_IGN]  # nohup ignores one
        previous = {number: signal.signal(number, self._count) for number in heard}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1


@dataclass(slots=True)
class _Child:
    """A program and the process that runs it now."""

    program: ChildProgram
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    was_ready: bool = False
    _pause: float = 0.0

    def start(self) -> None:
        environment: Mapping[str, str] = {**os.environ, PARENT: str(os.getpid())}
        self.process = subprocess.Popen(  # noqa: S603 - the command is our own
            self.program.command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started = time.monotonic()
        _log.info("child started", child=self.program.name, pid=self.process.pid)
        self.look()

    def look(self) -> None:
        if not self.was_ready:
            self.was_ready = self.program.ready is None or self.program.ready()

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill the child and every process that it started."""
        assert self.process is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def next_pause(self, pauses: RestartPauses, lived: float) -> float:
        doubled = min(self._pause * 2, pauses.longest)
        self._pause = pauses.first if lived >= pauses.forgiven or not self._pause else doubled
        return self._pause


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
