"""Direct system calls: the few that the seals need and that Python's standard library lacks."""

from __future__ import annotations

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38


class KernelRefusal(OSError):
    """The kernel does not offer, or does not grant, what a seal asks for."""


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process. Raises KernelRefusal."""
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero) != 0:
        raise _last_error()


def call(number: int, *arguments: int | bytes | None) -> int:
    """Make one system call and return its result. Raises KernelRefusal when it is negative."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    # A bare int would be passed as a 32-bit C int, and the kernel reads 64 bits.
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result = int(libc.syscall(ctypes.c_long(number), *wide))
    if result < 0:
        raise _last_error()
    return result


def _last_error() -> KernelRefusal:
    number = ctypes.get_errno()
    return KernelRefusal(number, os.strerror(number))
