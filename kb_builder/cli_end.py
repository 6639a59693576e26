"""How a command ends: what it says last, and its exit code.

The one boundary at which what stopped us becomes words. A signal that asks us to end is raised as if Ctrl-C had been
pressed, so that whatever cleans up after the one cleans up after all.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from kb_builder import __version__
from kb_builder.cli_base import CLEAN, OUR_BUG, PROBLEMS, REFUSED, UNHEARD, WRONG_USAGE
from kb_builder.errors import KbError, MachineError, NobodyReads, UsageError, refused

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
BY_SIGNAL = 128


class Ended(KeyboardInterrupt):
    """A signal asked us to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = BY_SIGNAL + number


class Output:
    """A stream to people. Every character can be written; what it refuses is a MachineError, not a traceback.

    What goes to an `aside`, standard error, is lost without a word if it cannot be written.
    """

    encoding = "utf-8"

    def __init__(self, stream: Any, *, aside: bool = False) -> None:
        self._stream = stream
        self._aside = aside

    def write(self, text: str) -> int:
        """Write a text; what the encoding has no way to write is written out as an escape."""
        if not isinstance(text, str):
            raise TypeError("text only")
        if not text:
            # Click tries a stream with an empty text, and takes no notice of what comes of it.
            return 0
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        plain = text.encode(encoding, "backslashreplace").decode(encoding)
        return int(self._tried(lambda: self._stream.write(plain)) or 0)

    def flush(self) -> None:
        """Hand on what was written."""
        self._tried(self._stream.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _tried(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except OSError as error:
            self._close()
            if self._aside:
                return None
            if isinstance(error, BrokenPipeError):
                raise NobodyReads("nobody reads standard output") from error
            raise refused(error, "standard output") from error

    def _close(self) -> None:
        """Nothing more goes there: else Python would try again when it ends, and say so in its own words."""
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            return


def run(command: Callable[[], object]) -> int:
    """Run a command; its exit code. What stopped it is said here, and only here."""
    _keep_streams()
    _listen()
    try:
        command()
        return CLEAN
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else CLEAN
    except (click.Abort, KeyboardInterrupt) as stop:
        click.echo("interrupted", err=True)
        ended = stop.__cause__ if isinstance(stop, click.Abort) else stop
        return ended.code if isinstance(ended, Ended) else BY_SIGNAL + signal.SIGINT
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG_USAGE
    except NobodyReads:
        return UNHEARD
    except KbError as error:
        return _said(error)
    except OSError as error:
        return _said(refused(error, _here()))
    except MemoryError:
        return _said(MachineError(f"{_here()}: not enough memory", "close other programs, then run it again"))
    except UnicodeEncodeError as error:
        return _said(_no_name(error)) if _is_name(error) else _bug()
    except Exception:
        return _bug()


def _here() -> str:
    """The folder that we work in: named where the system names no path. It may have gone itself."""
    try:
        return str(Path.cwd())
    except OSError:
        return "the folder that kb was started in"


def _said(error: KbError) -> int:
    click.echo(f"kb: {error.message}", err=True)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)
    if isinstance(error, UsageError):
        return WRONG_USAGE
    return REFUSED if isinstance(error, MachineError) else PROBLEMS


def _bug() -> int:
    click.echo(f"kb {__version__}: a bug of ours. Please report it with these lines:", err=True)
    traceback.print_exc()
    return OUR_BUG


def _is_name(error: UnicodeEncodeError) -> bool:
    """Whether what could not be encoded is a file's name: Python keeps bytes that are no text as lone surrogates."""
    return all("\udc80" <= char <= "\udcff" for char in error.object[error.start : error.end])


def _no_name(error: UnicodeEncodeError) -> KbError:
    start = max(0, error.object.rfind("\n", 0, error.start) + 1, error.start - 200)
    name = error.object[start : error.start + 100].split("\n")[0]
    shown = name.encode("utf-8", "backslashreplace").decode()
    return KbError(f"{shown}: the name of a file is not UTF-8", "rename the file")


def _keep_streams() -> None:
    """See to it that what is printed cannot end in a traceback, and that no file is taken for standard output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is not None and not isinstance(sys.stdout, Output):
        sys.stdout = Output(sys.stdout)
    if sys.stderr is not None and not isinstance(sys.stderr, Output):
        sys.stderr = Output(sys.stderr, aside=True)


def _listen() -> None:
    """Let the signals that ask us to end raise `Ended`, but for those that we were started to ignore (nohup)."""
    heard = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    heard = [number for number in heard if signal.getsignal(number) is not signal.SIG_IGN]

    def end(number: int, _: FrameType | None) -> None:
        # The second is not heard: it would stop the cleaning up that the first has asked for.
        for each in heard:
            signal.signal(each, signal.SIG_IGN)
        raise Ended(number)

    for each in heard:
        signal.signal(each, end)
