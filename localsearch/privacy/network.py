"""`seal()`: from here on the kernel refuses every socket that could leave this machine."""

from __future__ import annotations

import errno
import functools
from dataclasses import dataclass

from localsearch.privacy import seccomp
from localsearch.privacy.seccomp import Match, Refuse

AF_UNIX = 1

RULES = (
    Refuse("socket", unless=Match(argument=0, value=AF_UNIX)),
    # io_uring opens sockets without the socket call; libraries take ENOSYS for an old kernel and do without.
    Refuse("io_uring_setup", error=errno.ENOSYS),
)


@dataclass(frozen=True, slots=True)
class Seal:
    """What guards this process and its children against the network."""

    network: bool
    """True when the kernel accepted the filter: all sockets but local ones (AF_UNIX) are refused."""
    detail: str
    """One line for `status`."""


@functools.cache
def seal() -> Seal:
    """Refuse the network to this process, its threads, native code and children. It cannot be undone.

    Never raises: a system without seccomp gets a record that says so. A second call changes nothing.
    """
    try:
        seccomp.install(seccomp.refusing(RULES))
    except (OSError, AttributeError) as error:  # AttributeError: a C library without prctl or syscall
        problem = getattr(error, "strerror", None) or str(error)
        return Seal(network=False, detail=f"not available on this system: {problem}")
    return Seal(network=True, detail="the kernel refuses every socket but local ones")
