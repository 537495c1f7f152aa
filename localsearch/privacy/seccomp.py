"""Write a seccomp filter as a list of rules, turn it into the kernel's bytecode, install it.

A filter is a small program that the kernel runs at every system call (classic BPF, `man 2 seccomp`). Ours asks for
the architecture, then compares the call's number with one rule after the other. The first rule that fits decides.
A deny-list (`refusing`) allows what no rule names, an allow-list (`allowing`) refuses it.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from localsearch.privacy import calls, kernel

# Instructions: operation codes of `linux/bpf_common.h`, all on 32-bit words.
_LOAD = 0x20  # accumulator = word at an offset of struct seccomp_data
_AND = 0x54  # accumulator &= constant
_JUMP_IF_EQUAL = 0x15
_JUMP_IF_AT_LEAST = 0x35
_RETURN = 0x06

# struct seccomp_data: int nr, u32 arch, u64 instruction_pointer, u64 args[6]
_OFFSET_NUMBER = 0
_OFFSET_ARCH = 4
_OFFSET_ARGUMENTS = 16

_ALLOW = 0x7FFF0000
_FAIL_WITH = 0x00050000  # or'ed with the errno that the caller gets

_X32_NUMBERS = 0x40000000  # x86_64 only: the same calls again under other numbers
_RECENT_NUMBERS = 424  # from here on, calls of Linux 5.1 and later, which no library takes for granted

_SET_MODE_FILTER = 1
_FLAG_TSYNC = 1  # the filter covers all threads of this process, not only the calling one


@dataclass(frozen=True, slots=True)
class Match:
    """Whether an argument of a call, under a mask, has a value."""

    argument: int
    """Position, 0-based. Only its low 32 bits are looked at: all arguments tested here are C ints or low flags."""
    value: int
    mask: int = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Allow:
    """Allow one system call when all tests hold. Several rules of one name allow each what it says."""

    name: str
    tests: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse one system call, always or unless a test holds."""

    name: str
    unless: Match | None = None
    error: int = errno.EACCES


def refusing(rules: Sequence[Refuse]) -> bytes:
    """The bytecode of a deny-list for this machine. Raises KernelRefusal without a table of numbers for it."""
    code: list[bytes] = []
    for rule in rules:
        tests = [] if rule.unless is None else _allow_when([rule.unless])
        code += _when_called(rule.name, [*tests, _instruction(_RETURN, _FAIL_WITH | rule.error)])
    return b"".join([*_beginning(), *code, _instruction(_RETURN, _ALLOW)])


def allowing(rules: Sequence[Allow]) -> bytes:
    """The bytecode of an allow-list for this machine. Raises KernelRefusal without a table of numbers for it.

    A recent call that no rule names gets ENOSYS: libraries take that for an old kernel and do it the old way, which
    then has its own rule. All others get EACCES.
    """
    code: list[bytes] = []
    for rule in rules:
        # What the tests overwrote is loaded again for the rules behind.
        again = [_instruction(_LOAD, _OFFSET_NUMBER)] if rule.tests else []
        code += _when_called(rule.name, [*_allow_when(rule.tests), *again])
    ending = [
        _instruction(_JUMP_IF_AT_LEAST, _RECENT_NUMBERS, if_false=1),
        _instruction(_RETURN, _FAIL_WITH | errno.ENOSYS),
        _instruction(_RETURN, _FAIL_WITH | errno.EACCES),
    ]
    return b"".join([*_beginning(), *code, *ending])


def _beginning() -> list[bytes]:
    """Refuse calls of other instruction sets, and leave the call's number in the accumulator."""
    machine = calls.machine()
    if machine not in calls.AUDIT_ARCH:
        raise kernel.KernelRefusal(errno.ENOSYS, f"no system call table for {machine}")
    refuse_all = _instruction(_RETURN, _FAIL_WITH | errno.EACCES)
    return [
        _instruction(_LOAD, _OFFSET_ARCH),
        _instruction(_JUMP_IF_EQUAL, calls.AUDIT_ARCH[machine], if_true=1),
        refuse_all,
        _instruction(_LOAD, _OFFSET_NUMBER),
        _instruction(_JUMP_IF_AT_LEAST, _X32_NUMBERS, if_false=1),
        refuse_all,
    ]


def _when_called(name: str, body: Sequence[bytes]) -> list[bytes]:
    """`body` for the call of this name; it is jumped over by all others. Nothing where there is no such call."""
    number = calls.numbers().get(name)
    return [] if number is None else [_instruction(_JUMP_IF_EQUAL, number, if_false=len(body)), *body]


def _allow_when(tests: Sequence[Match]) -> list[bytes]:
    """Allow the call when all tests hold; otherwise go on behind. They overwrite the accumulator."""
    code = [_instruction(_RETURN, _ALLOW)]
    for test in reversed(tests):
        code = [
            _instruction(_LOAD, _OFFSET_ARGUMENTS + 8 * test.argument),
            _instruction(_AND, test.mask),
            _instruction(_JUMP_IF_EQUAL, test.value, if_false=len(code)),
            *code,
        ]
    return code


def _instruction(code: int, constant: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter: code, how many instructions to skip when true and when false, constant."""
    return struct.pack("=HBBI", code, if_true, if_false, constant)


def install(program: bytes) -> None:
    """Put a filter on every thread of this process and all its children, for good. Raises KernelRefusal."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    buffer = ctypes.create_string_buffer(program, len(program))
    descriptor = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))  # struct sock_fprog
    thread = kernel.call(calls.numbers()["seccomp"], _SET_MODE_FILTER, _FLAG_TSYNC, descriptor)
    if thread != 0:
        raise kernel.KernelRefusal(errno.EBUSY, f"thread {thread} holds another filter")
