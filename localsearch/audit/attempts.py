"""Ways out of a parser process: what a document would try that had taken it over.

Each takes the places that `sandbox.py` prepared, and raises when it is refused. What takes no path, as in `fcntl`, is
tried on the document's own descriptor.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Places = Mapping[str, Any]

_F_SETLEASE, _F_NOTIFY, _DN_MODIFY = 1024, 1026, 2
_SETFLAGS = 0x40086602  # FS_IOC_SETFLAGS
_TIOCSTI = 0x5412  # types into the terminal
_EMPTY_PATH = 0x1000
_PR_SET_DUMPABLE = 4
_UNKNOWN_REQUEST = 9999  # of ptrace: to attach would stop the parent

# Numbers of x86_64 and aarch64, from linux/syscalls; calls that Python has no function for.
_NUMBERS = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "name_to_handle_at": (303, 264),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "ioprio_set": (251, 30),
    "mount": (165, 40),
    "unshare": (272, 97),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "personality": (135, 92),
    "prctl": (157, 167),
    "tkill": (200, 130),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "setxattrat": (463, 463),
    "file_setattr": (469, 469),
}
_COLUMN = {"x86_64": 0, "aarch64": 1}.get(os.uname().machine)
"""Looked up while that may be asked: a refusal must come from the call that is meant."""


def _call(name: str, *arguments: int | bytes | None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    number = -1 if _COLUMN is None else _NUMBERS[name][_COLUMN]
    if libc.syscall(ctypes.c_long(number), *wide) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(16)


def _write(path: str) -> None:
    with open(path, "w") as file:
        file.write("x")


def _connect(family: int, address: Any) -> None:
    with socket.socket(family) as connection:
        connection.settimeout(1)
        connection.connect(address)


def _datagram(address: str | bytes) -> None:
    """Through a pair of sockets, which needs no socket() to make."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"text of a document", address)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


def _become() -> None:
    """A program that is not there: with a hole, the kernel says so, and this process lives on to tell."""
    try:
        os.execv("/nonexistent", ["x"])  # noqa: S606
    except FileNotFoundError:
        return


def _pass_on(descriptor: int) -> None:
    one, other = socket.socketpair()
    with one, other:
        socket.send_fds(one, [b"x"], [descriptor])


def _limits_of(process: int) -> None:
    resource.prlimit(process, resource.RLIMIT_NOFILE, resource.prlimit(process, resource.RLIMIT_NOFILE))


ATTEMPTS: dict[str, Callable[[Places], object]] = {
    # Files
    "read a file": lambda places: _read(places["secret"]),
    "read /etc/passwd": lambda _: _read("/etc/passwd"),
    "read a module of Python": lambda _: _read(os.__file__),
    "read its own memory": lambda _: _read("/proc/self/mem"),
    "read its own environment": lambda _: _read("/proc/self/environ"),
    "read the environment of its parent": lambda _: _read(f"/proc/{os.getppid()}/environ"),
    "open the document again, to write": lambda places: os.open(f"/proc/self/fd/{places['document']}", os.O_RDWR),
    "list a folder": lambda places: os.listdir(places["folder"]),
    "list processes": lambda _: os.listdir("/proc"),
    "look at a file": lambda places: os.stat(places["secret"]),
    "read a link": lambda _: os.readlink("/proc/self/exe"),
    "learn the current folder": lambda _: os.getcwd(),
    "change the current folder": lambda places: os.chdir(places["folder"]),
    "write a new file": lambda places: _write(places["new"]),
    "overwrite a file": lambda places: _write(places["secret"]),
    "delete a file": lambda places: os.unlink(places["secret"]),
    "rename a file": lambda places: os.rename(places["secret"], places["new"]),
    "link a file": lambda places: os.link(places["secret"], places["new"]),
    "link to a file": lambda places: os.symlink(places["secret"], places["new"]),
    "make a folder": lambda places: os.mkdir(places["new"]),
    "make a pipe": lambda places: os.mkfifo(places["new"]),
    "cut a file": lambda places: os.truncate(places["secret"], 0),
    "change a file's mode": lambda places: os.chmod(places["secret"], 0o600),
    "change a file's times": lambda places: os.utime(places["secret"]),
    "change a file's attributes": lambda places: os.setxattr(places["secret"], "user.audit", b"x"),
    "make a file in memory": lambda _: os.memfd_create("audit"),
    "make a handle of a file": lambda _: _call("name_to_handle_at", -100, b"/", bytes(200), bytes(8), 0),
    "watch files": lambda _: _call("inotify_init1", 0),
    "watch file systems": lambda _: _call("fanotify_init", 0, 0),
    # The document's descriptor
    "move the document's offset": lambda places: os.lseek(places["document"], 1, os.SEEK_SET),
    "lock the document": lambda places: fcntl.flock(places["document"], fcntl.LOCK_EX | fcntl.LOCK_NB),
    "take a lease on the document": lambda places: fcntl.fcntl(places["document"], _F_SETLEASE, fcntl.F_RDLCK),
    "ask for signals about the document": lambda places: fcntl.fcntl(places["document"], fcntl.F_SETOWN, os.getppid()),
    "be told of changes of the document": lambda places: fcntl.fcntl(places["document"], _F_NOTIFY, _DN_MODIFY),
    "change the document's status flags": lambda places: fcntl.fcntl(places["document"], fcntl.F_SETFL, os.O_APPEND),
    "copy the document's descriptor": lambda places: os.dup(places["document"]),
    "change the document's mode": lambda places: os.fchmod(places["document"], 0o777),
    "change the document's owner": lambda places: os.fchown(places["document"], os.getuid(), -1),
    "change the document's times": lambda places: os.utime(places["document"]),
    "cut the document": lambda places: os.ftruncate(places["document"], 0),
    "change the document's flags": lambda places: fcntl.ioctl(places["document"], _SETFLAGS, struct.pack("q", 0x40)),
    "change the document's attributes": lambda places: os.setxattr(places["document"], "user.audit", b"x"),
    "change its attributes, the new way": lambda places: _call(
        "setxattrat", places["document"], b"", _EMPTY_PATH, b"user.audit", struct.pack("QII", 0, 0, 0), 16
    ),
    "change its flags, the new way": lambda places: _call(
        "file_setattr", places["document"], b"", struct.pack("QIIII", 0x80, 0, 0, 0, 0), 24, _EMPTY_PATH
    ),
    "map the document": lambda places: mmap.mmap(places["document"], 1, prot=mmap.PROT_READ).close(),
    "give the document away": lambda places: _pass_on(places["document"]),
    # Network and other programs' sockets
    "connect to a program": lambda places: _connect(socket.AF_UNIX, places["listener"]),
    "connect to an abstract socket": lambda places: _connect(socket.AF_UNIX, places["abstract"].encode()),
    "send to a program": lambda places: _datagram(places["receiver"]),
    "send to an abstract socket": lambda places: _datagram(places["abstract"].encode()),
    "send to the system's log": lambda _: _datagram("/dev/log"),
    "connect over IPv4": lambda _: _connect(socket.AF_INET, ("127.0.0.1", 9)),
    "connect over IPv6": lambda _: _connect(socket.AF_INET6, ("::1", 9)),
    "ask for a name": lambda _: socket.getaddrinfo("localhost", "80"),
    "talk to the kernel (netlink)": lambda _: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "talk to the host (vsock)": lambda _: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close(),
    "make a pair of sockets": lambda _: socket.socketpair(),
    "io_uring": lambda _: _call("io_uring_setup", 4, bytes(200)),
    # Programs and processes
    "run a program": lambda _: subprocess.run([sys.executable or "/bin/sh", "-c", ""], check=True),
    "start a program": lambda _: os.posix_spawn("/bin/sh", ["sh", "-c", ":"], {}),
    "become a program": lambda _: _become(),
    "start a process": lambda _: _fork(),
    "run code of its own": lambda _: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    ).close(),
    "signal its parent": lambda _: os.kill(os.getppid(), 0),
    "signal a thread of its parent": lambda _: _call("tkill", os.getppid(), 0),
    "signal everybody": lambda _: os.kill(-1, 0),
    "send itself a timer's signal": lambda _: signal.setitimer(signal.ITIMER_REAL, 0),
    "trace its parent": lambda _: _call("ptrace", _UNKNOWN_REQUEST, os.getppid(), 0, 0),
    "read its parent's memory": lambda _: _call("process_vm_readv", os.getppid(), None, 0, None, 0, 0),
    "hold its parent": lambda _: _call("pidfd_open", os.getppid(), 0),
    "slow its parent": lambda _: os.setpriority(os.PRIO_PROCESS, os.getppid(), 0),
    "move its parent to one processor": lambda _: os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0)),
    "see its parent's processors": lambda _: os.sched_getaffinity(os.getppid()),
    "change its parent's limits": lambda _: _limits_of(os.getppid()),
    "change its parent's disk priority": lambda _: _call("ioprio_set", 1, os.getppid(), 0x4004),
    # Memory and queues that outlive it
    "share memory": lambda _: _call("shmget", 0, 4096, 0o600),
    "make semaphores": lambda _: _call("semget", 0, 1, 0o600),
    "make a message queue": lambda _: _call("msgget", 0, 0o600),
    "make a POSIX message queue": lambda _: _call("mq_open", b"audit", 0, 0, None),
    # Settings of its own that would loosen the seal, and of the system
    "raise its own limits": lambda _: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    "let others read its memory": lambda _: _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0),
    "leave its session": lambda _: os.setsid(),
    "mount": lambda _: _call("mount", b"none", b"/nonexistent", b"tmpfs", 0, None),
    "make a namespace": lambda _: _call("unshare", 0x10000000),
    "keys of the kernel": lambda _: _call("keyctl", 0, -3, 0, 0, 0),
    "programs of the kernel": lambda _: _call("bpf", 0, None, 0),
    "counters of the processor": lambda _: _call("perf_event_open", None, 0, -1, -1, 0),
    "page faults": lambda _: _call("userfaultfd", 0),
    "personality": lambda _: _call("personality", 0xFFFFFFFF),
    "set the clock": lambda _: time.clock_settime(time.CLOCK_REALTIME, -1),
    "name the machine": lambda _: socket.sethostname(socket.gethostname()),
    "type into a terminal": lambda _: fcntl.ioctl(0, _TIOCSTI, b"x"),
}
"""By name: what Python's functions, or system calls made from Python, can be asked to do."""


def _library_read(function: str, places: Places) -> None:
    import kreuzberg

    path = places["secret"]
    if function == "extract_file_sync":
        content = kreuzberg.extract_file_sync(path, "text/plain").content
    else:
        content = kreuzberg.batch_extract_files_sync([path])[0].content
    if places["text"] not in content:
        raise PermissionError("not read")


def _library_settings(places: Places) -> None:
    import kreuzberg

    kreuzberg.load_extraction_config_from_file(places["settings"])


LIBRARY: dict[str, Callable[[Places], object]] = {
    "extract_file_sync": lambda places: _library_read("extract_file_sync", places),
    "batch_extract_files_sync": lambda places: _library_read("batch_extract_files_sync", places),
    "load_extraction_config_from_file": _library_settings,
}
"""By name: functions of kreuzberg that would open a file themselves."""
