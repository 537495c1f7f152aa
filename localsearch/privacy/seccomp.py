"""Write a seccomp filter as a list of rules, turn it into the kernel's bytecode, install it.

A filter is a small program that the kernel runs at every system call (classic BPF, `man 2 seccomp`). Ours asks for
the architecture, then compares the call's number with one rule after the other. The first rule that fits decides.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

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

_SET_MODE_FILTER = 1
_FLAG_TSYNC = 1  # the filter covers all threads of this process, not only the calling one


class When(StrEnum):
    ALWAYS = "always"
    NOT_EQUAL = "argument & mask is not the value"
    EQUAL = "argument & mask is the value"


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse one system call, always or depending on one of its arguments."""

    name: str
    when: When = When.ALWAYS
    argument: int = 0
    """Position, 0-based. Only its low 32 bits are looked at: all arguments tested here are C ints or low flags."""
    mask: int = 0xFFFFFFFF
    value: int = 0
    error: int = errno.EACCES


def program(rules: Sequence[Refuse]) -> bytes:
    """The filter's bytecode for this machine; everything that no rule refuses is allowed.

    Raises KernelRefusal on an architecture without a table of numbers.
    """
    machine = calls.machine()
    if machine not in calls.AUDIT_ARCH:
        raise kernel.KernelRefusal(errno.ENOSYS, f"no system call table for {machine}")
    refuse_all = _instruction(_RETURN, _FAIL_WITH | errno.EACCES)
    code = [
        _instruction(_LOAD, _OFFSET_ARCH),
        _instruction(_JUMP_IF_EQUAL, calls.AUDIT_ARCH[machine], if_true=1),
        refuse_all,
        _instruction(_LOAD, _OFFSET_NUMBER),
        _instruction(_JUMP_IF_AT_LEAST, _X32_NUMBERS, if_false=1),
        refuse_all,
    ]
    for rule in rules:
        code += _rule(rule)
    code.append(_instruction(_RETURN, _ALLOW))
    return b"".join(code)


def _rule(rule: Refuse) -> list[bytes]:
    """Instructions that decide a call when its number is the rule's, and are jumped over otherwise."""
    number = calls.numbers().get(rule.name)
    if number is None:
        return []
    refuse = _instruction(_RETURN, _FAIL_WITH | rule.error)
    allow = _instruction(_RETURN, _ALLOW)
    if rule.when is When.ALWAYS:
        body = [refuse]
    else:
        equal, different = (refuse, allow) if rule.when is When.EQUAL else (allow, refuse)
        body = [
            _instruction(_LOAD, _OFFSET_ARGUMENTS + 8 * rule.argument),
            _instruction(_AND, rule.mask),
            _instruction(_JUMP_IF_EQUAL, rule.value, if_false=1),
            equal,
            different,
        ]
    return [_instruction(_JUMP_IF_EQUAL, number, if_false=len(body)), *body]


def _instruction(code: int, constant: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter: code, how many instructions to skip when true and when false, constant."""
    return struct.pack("=HBBI", code, if_true, if_false, constant)


def install(rules: Sequence[Refuse]) -> None:
    """Put the filter on every thread of this process and all its children, for good. Raises KernelRefusal."""
    code = program(rules)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    buffer = ctypes.create_string_buffer(code, len(code))
    descriptor = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))  # struct sock_fprog
    thread = kernel.call(calls.numbers()["seccomp"], _SET_MODE_FILTER, _FLAG_TSYNC, descriptor)
    if thread != 0:
        raise kernel.KernelRefusal(errno.EBUSY, f"thread {thread} holds another filter")
