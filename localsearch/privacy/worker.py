"""The stricter seal of a parser worker: it may compute, read its libraries and answer, and nothing else."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from localsearch.privacy import kernel, landlock, seccomp
from localsearch.privacy.network import AF_UNIX
from localsearch.privacy.seccomp import Refuse, When

_CLONE_THREAD = 0x00010000
_OPEN_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# A local pair of sockets leads nowhere, and the parser's runtime wakes itself through one.
_SOCKETS = ("socket", "connect", "bind", "listen", "accept", "accept4", "sendmsg", "sendmmsg")
_PROGRAMS = ("execve", "execveat", "fork", "vfork")
_OTHER_PROCESSES = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp"),
    *("pidfd_open", "pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill"),
)
_FILE_CHANGES = (
    *("creat", "truncate", "ftruncate", "fallocate", "memfd_create", "memfd_secret"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "open_by_handle_at"),
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "utimensat", "futimesat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
)
_SYSTEM = (
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "personality"),
    *("open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr"),
    *("add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd"),
    *("init_module", "finit_module", "io_uring_enter", "io_uring_register"),
)


def _rules(process: int) -> list[Refuse]:
    """What a worker with this process id is refused."""
    return [
        *(Refuse(name) for name in (*_SOCKETS, *_PROGRAMS, *_OTHER_PROCESSES, *_FILE_CHANGES, *_SYSTEM)),
        Refuse("socketpair", When.NOT_EQUAL, value=AF_UNIX),
        Refuse("clone", When.NOT_EQUAL, mask=_CLONE_THREAD, value=_CLONE_THREAD),
        # Its flags lie behind a pointer. ENOSYS makes the C library fall back to clone.
        Refuse("clone3", error=errno.ENOSYS),
        Refuse("io_uring_setup", error=errno.ENOSYS),
        Refuse("openat2", error=errno.ENOSYS),
        Refuse("open", When.NOT_EQUAL, argument=1, mask=_OPEN_FOR_WRITING, value=0),
        Refuse("openat", When.NOT_EQUAL, argument=2, mask=_OPEN_FOR_WRITING, value=0),
        # abort() signals its own process; limits may be set for oneself, which is process 0.
        Refuse("kill", When.NOT_EQUAL, value=process),
        Refuse("tgkill", When.NOT_EQUAL, value=process),
        Refuse("prlimit64", When.NOT_EQUAL, value=0),
    ]


@dataclass(frozen=True, slots=True)
class WorkerSeal:
    """Which layers guard a worker; a layer that this system lacks is False."""

    system_calls: bool
    """seccomp: no sockets, no programs, no processes, no file changes."""
    files: bool
    """Landlock: reads the interpreter and its libraries, nothing else."""
    limits: bool
    """Memory, file size, open files and core dumps."""


def seal_worker(*, readable: Iterable[Path], memory: int, open_files: int = 64) -> WorkerSeal:
    """Seal this process for parsing hostile documents. It cannot be undone and never raises.

    `readable`: folders and files of the interpreter and its libraries. `memory`: bytes of address space.
    """
    limits = _attempt(lambda: _limit(memory, open_files))
    files = _attempt(lambda: landlock.read_only(readable))
    system_calls = _attempt(lambda: seccomp.install(_rules(os.getpid())))
    return WorkerSeal(system_calls=system_calls, files=files, limits=limits)


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when the thread that started it ends; at once if that has happened."""
    _attempt(lambda: kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL))
    if os.getppid() != parent:
        raise SystemExit(1)


def _limit(memory: int, open_files: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # No other process of this user may read this one's memory.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def _attempt(layer: Callable[[], None]) -> bool:
    """Put on one layer; False when this system does not have it."""
    try:
        layer()
    except (OSError, ValueError, AttributeError):
        return False
    return True
