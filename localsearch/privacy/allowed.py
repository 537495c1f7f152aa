"""The system calls that a parser worker may make once it is sealed: those that its readers were seen to make.

Measured with `strace -f` over 519 documents of all formats, bombs and damaged ones among them, with kreuzberg 4.10 on
x86_64. On aarch64 the same calls have other numbers, and `epoll_wait` is `epoll_pwait`. What the readers also tried and
do without is not here: opening files (`/etc/passwd`, `/proc/self/cgroup`), making a folder for a cache, naming a
thread. No call here takes a path, an address or another process.
"""

from __future__ import annotations

import mmap

from localsearch.privacy.seccomp import Allow, Match

_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020000  # NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_OWN_PROCESS = 0
_FREE_MEMORY = (4, 8, 14, 15)  # madvise: DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE; others act on physical pages

_CONVERSATION = (
    "recvmsg",  # the next document, with its descriptor
    "read",  # the rest of a long name; the runtime's own wake-up
    "pread64",  # the document, whose offset belongs to the parent as well
    "write",  # the answer, last words, the runtime's wake-up: descriptors that were open before the seal
    "close",  # the document
)
_THREADS = (
    *("futex", "sched_yield", "epoll_wait", "epoll_pwait"),
    *("set_robust_list", "rseq", "rt_sigprocmask", "gettid", "getpid"),
    *("exit", "exit_group", "rt_sigreturn", "restart_syscall"),
)
_MEMORY = ("brk", "munmap", "mremap")
_TIME_AND_CHANCE = ("clock_gettime", "clock_nanosleep", "nanosleep", "getrandom")


def rules(process: int) -> list[Allow]:
    """What a worker with this process id may do."""
    return [
        *(Allow(name) for name in (*_CONVERSATION, *_THREADS, *_MEMORY, *_TIME_AND_CHANCE)),
        # Memory of its own that cannot be run: no file, and no code that it wrote itself.
        Allow("mmap", (Match(2, value=0, mask=mmap.PROT_EXEC), Match(3, value=mmap.MAP_ANON, mask=mmap.MAP_ANON))),
        Allow("mprotect", (Match(2, value=0, mask=mmap.PROT_EXEC),)),
        *(Allow("madvise", (Match(2, value=advice),)) for advice in _FREE_MEMORY),
        # Threads of its own, not processes. clone3 hides its flags behind a pointer and is told to be too recent.
        Allow("clone", (Match(0, value=_CLONE_THREAD, mask=_CLONE_THREAD | _CLONE_NAMESPACES),)),
        Allow("sched_getaffinity", (Match(0, value=_OWN_PROCESS),)),
        # abort() signals its own process.
        Allow("tgkill", (Match(0, value=process),)),
    ]
