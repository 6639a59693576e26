"""Work that is done by another process at the same time."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable


def started(work: Callable[[], object]) -> int:
    """The number of a new process that does the work; it ends with 1 if that fails."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child
