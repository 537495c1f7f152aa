"""The seals: that the kernel is told the right thing, and that it does it."""

from __future__ import annotations

import errno
import json
import struct
import subprocess
import sys
from collections.abc import Sequence

import pytest

from localsearch.privacy import allowed, calls, kernel, network, seccomp

ALLOWED = 0x7FFF0000
REFUSED = 0x00050000

SEALED = """
import json, socket, subprocess, sys, threading
from localsearch.privacy import seal

def refused(family):
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno
    return 0

started, sealed, found = threading.Event(), threading.Event(), []

def older_thread():
    started.set()
    sealed.wait()
    found.append(refused(socket.AF_INET))

thread = threading.Thread(target=older_thread)
thread.start()
started.wait()
first, second = seal(), seal()
sealed.set()
thread.join()
child = "import socket\\ntry: socket.socket()\\nexcept OSError as error: print(error.errno)\\nelse: print(0)"
print(json.dumps({
    "network": first.network,
    "same": first is second,
    "families": [refused(getattr(socket, name)) for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET")],
    "unix": refused(socket.AF_UNIX),
    "older thread": found[0],
    "child": int(subprocess.check_output([sys.executable, "-c", child])),
}))
"""


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not calls.numbers(), reason="no system call table here")
def test_the_kernel_refuses_every_socket_but_local_ones() -> None:
    found = json.loads(run(SEALED))
    assert found == {
        "network": True,
        "same": True,
        "families": [errno.EACCES] * 4,
        "unix": 0,
        "older thread": errno.EACCES,
        "child": errno.EACCES,
    }


def test_without_the_seal_a_socket_opens() -> None:
    """The control: it is the seal that refuses, not the machine."""
    assert run("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(); print('open')") == "open\n"


def test_a_system_without_seccomp_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "machine", lambda: "riscv64")
    found = network.seal.__wrapped__()
    assert not found.network
    assert "riscv64" in found.detail


def test_a_kernel_that_refuses_the_filter_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise kernel.KernelRefusal(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(kernel, "prctl", refuse)
    assert "Invalid argument" in network.seal.__wrapped__().detail


def verdict(program: bytes, machine: str, name: str | int, *arguments: int) -> int:
    """Run a filter as the kernel would: the classic BPF instructions that ours consist of."""
    number = name if isinstance(name, int) else calls._TABLES[machine][name]
    words = [number, calls.AUDIT_ARCH.get(machine, 0), 0, 0]
    for argument in [*arguments, *[0] * (6 - len(arguments))]:
        words += [argument & 0xFFFFFFFF, argument >> 32]
    accumulator, place = 0, 0
    instructions = list(struct.iter_unpack("=HBBI", program))
    while True:
        code, if_true, if_false, constant = instructions[place]
        place += 1
        if code == 0x20:
            accumulator = words[constant // 4]
        elif code == 0x54:
            accumulator &= constant
        elif code == 0x06:
            return constant
        else:
            true = accumulator == constant if code == 0x15 else accumulator >= constant
            place += if_true if true else if_false


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(calls, "machine", lambda: request.param)
    return str(request.param)


def check(program: bytes, machine: str, expected: Sequence[tuple[int, str, tuple[int, ...]]]) -> None:
    for error, name, arguments in expected:
        if name in calls._TABLES[machine]:
            wanted = REFUSED | error if error else ALLOWED
            assert verdict(program, machine, name, *arguments) == wanted, (name, arguments)


def test_the_network_filter(machine: str) -> None:
    expected = [
        *[(errno.EACCES, "socket", (family, 1, 0)) for family in (0, 2, 10, 16, 17, 40)],
        (0, "socket", (1, 1, 0)),
        (errno.ENOSYS, "io_uring_setup", ()),
        *[(0, name, ()) for name in ("connect", "openat", "execve", "clone", "ptrace")],
    ]
    check(seccomp.refusing(network.RULES), machine, expected)


THREAD, FORK, NEW_NETWORK = 0x3D0F00, 0x01200011, 0x40000000
PROT_EXEC, ANONYMOUS, OF_A_FILE = 4, 0x22, 0x02


def test_the_worker_filter(machine: str) -> None:
    process = 4711
    expected = [
        *[
            (0, name, ())
            for name in ("recvmsg", "read", "pread64", "write", "close", "futex", "getrandom", "exit_group")
        ],
        (0, "mmap", (0, 4096, 3, ANONYMOUS)),
        (errno.EACCES, "mmap", (0, 4096, 3 | PROT_EXEC, ANONYMOUS)),
        (errno.EACCES, "mmap", (0, 4096, 1, OF_A_FILE)),
        (0, "mprotect", (0, 4096, 1)),
        (errno.EACCES, "mprotect", (0, 4096, 1 | PROT_EXEC)),
        *[(0, "madvise", (0, 4096, advice)) for advice in (4, 8)],
        *[(errno.EACCES, "madvise", (0, 4096, advice)) for advice in (9, 100, 101)],  # REMOVE, HWPOISON, SOFT_OFFLINE
        (0, "clone", (THREAD,)),
        (errno.EACCES, "clone", (FORK,)),
        (errno.EACCES, "clone", (THREAD | NEW_NETWORK,)),
        (errno.ENOSYS, "clone3", ()),
        (0, "tgkill", (process, process, 6)),
        (errno.EACCES, "tgkill", (1, 1, 9)),
        (0, "sched_getaffinity", (0,)),
        (errno.EACCES, "sched_getaffinity", (process,)),
    ]
    check(seccomp.allowing(allowed.rules(process)), machine, expected)


def test_every_other_call_is_refused_to_a_worker(machine: str) -> None:
    """Also those that no kernel has yet: an allow-list does not race with them."""
    program = seccomp.allowing(allowed.rules(4711))
    may = {rule.name for rule in allowed.rules(4711)}
    numbers = {number for name, number in calls._TABLES[machine].items() if name in may}
    for number in set(range(1000)) - numbers:
        wanted = errno.ENOSYS if number >= 424 else errno.EACCES
        assert verdict(program, machine, number) == REFUSED | wanted, number


def test_the_allow_list_has_no_call_that_takes_a_path_an_address_or_a_program() -> None:
    may = {rule.name for rule in allowed.rules(4711)}
    assert may.isdisjoint(
        ("open", "openat", "openat2", "socket", "socketpair", "connect", "sendto", "sendmsg", "execve")
    )
    assert may.isdisjoint(("ioctl", "fcntl", "kill", "prctl", "prlimit64", "lseek", "fstat", "newfstatat", "statx"))


def test_other_instruction_sets_are_refused(machine: str) -> None:
    program = seccomp.refusing(network.RULES)
    assert verdict(program, machine, 0x40000000 + 41, 2) == REFUSED | errno.EACCES  # x32
    assert verdict(program, "i386", 359, 2) == REFUSED | errno.EACCES  # socket of 32-bit programs


def test_no_jump_is_longer_than_a_byte(machine: str) -> None:
    assert all(code < 256 for _, code, *_ in struct.iter_unpack("=HBBI", seccomp.allowing(allowed.rules(1))))
