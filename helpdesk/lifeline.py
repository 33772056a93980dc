"""A child of the desk does not outlive its parent, even when the parent is killed by force.

Linux tells a process when its parent dies. Elsewhere the next start waits for the leftovers to end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(with_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel for `with_signal` at the death of the parent.

    Race: the parent may have died just before. Then this process already belongs to somebody else.
    """
    if _libc is None:
        return
    parent = os.getppid()
    _libc.prctl(PR_SET_PDEATHSIG, with_signal)
    if os.getppid() != parent:
        os.kill(os.getpid(), with_signal)


def parent_is_uv() -> bool:
    """`uv run` waits for us as our parent; if it is killed by force, nobody could stop us with Ctrl-C any more."""
    try:
        with open(f"/proc/{os.getppid()}/comm", encoding="utf-8") as file:
            return file.read().strip() == "uv"
    except OSError:
        return False
