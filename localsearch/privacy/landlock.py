"""Landlock: which files a thread and those it starts may reach (Linux 5.13, `man 7 landlock`).

A ruleset holds for the thread that asks and for threads that it starts later, not for those that are older. Rulesets
stack: what one of them refuses stays refused.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from localsearch.privacy import calls, kernel

_VERSION = 1  # flag of landlock_create_ruleset: return the ABI version
_RULE_PATH_BENEATH = 1

_READ_FILE = 1 << 2
_READ_FOLDER = 1 << 3
_READ = _READ_FILE | _READ_FOLDER
# Write, truncate, make, rename and remove files and folders; no devices, sockets, pipes or links.
_CHANGE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13 | 1 << 14
_OF_A_FILE = 1 << 1 | _READ_FILE | 1 << 14

# All rights that each ABI version knows, as the number of bits of `handled_access_fs`.
_FILE_RIGHTS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_RIGHTS = 0b11  # ABI 4: bind and connect TCP
_SCOPES = 0b11  # ABI 6: abstract local sockets and signals of other processes


def version() -> int:
    """The ABI version of this kernel, 0 where it has no Landlock."""
    number = calls.numbers().get("landlock_create_ruleset")
    if number is None:
        return 0
    try:
        return kernel.call(number, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(*, readable: Iterable[Path] = (), writable: Iterable[Path] = ()) -> None:
    """Allow reading below `readable`, reading and writing below `writable`, and nothing else: no running, no TCP.

    Raises KernelRefusal.
    """
    abi = version()
    if abi < 1:
        raise kernel.KernelRefusal(errno.ENOSYS, "no Landlock")
    numbers = calls.numbers()
    known = (1 << _FILE_RIGHTS_BITS[min(abi, 5)]) - 1
    fields = [known]
    if abi >= 4:
        fields.append(_NETWORK_RIGHTS)
    if abi >= 6:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = kernel.call(numbers["landlock_create_ruleset"], attributes, len(attributes), 0)
    try:
        for place in readable:
            _allow(ruleset, place, _READ & known)
        for place in writable:
            _allow(ruleset, place, (_READ | _CHANGE) & known)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.call(numbers["landlock_restrict_self"], ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, place: Path, rights: int) -> None:
    """Add one folder or file; what does not exist needs no permission."""
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = rights if place.is_dir() else rights & _OF_A_FILE
    rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, descriptor))
    try:
        kernel.call(calls.numbers()["landlock_add_rule"], ruleset, _RULE_PATH_BENEATH, ctypes.addressof(rule), 0)
    finally:
        os.close(descriptor)
