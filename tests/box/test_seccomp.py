"""The list of system calls: every call on it has somebody who needs it, and none lets the kernel
work for a frozen box.
"""

from __future__ import annotations

import json

import pytest

from grader.sandbox.docker import seccomp

EVERY = (*seccomp.unconditional(), *seccomp.CONDITIONAL)
# What works on while its box is frozen, or what no freezer can interrupt.
WORK_FOR_LATER = (
    "setitimer",
    "timer_create",
    "timer_settime",
    "timerfd_create",
    "timerfd_settime",
    "io_setup",
    "io_submit",
    "io_uring_setup",
    "mq_notify",
    "msgsnd",
    "semtimedop",
    "sync",
    "syncfs",
    "mlock",
    "mlockall",
    "process_madvise",
    "vmsplice",
    "userfaultfd",
    "bpf",
    "perf_event_open",
)


def rules_for(call: str) -> list[dict[str, object]]:
    return [rule for rule in json.loads(seccomp.profile())["syscalls"] if call in rule["names"]]


def test_every_call_on_the_list_has_a_reader_and_a_reason() -> None:
    for group in EVERY:
        assert group.calls
        assert all(reader.strip() for reader in group.readers), group.calls
        assert group.readers, group.calls
        assert len(group.reason.split()) >= 3, group.calls


def test_no_call_is_listed_twice() -> None:
    calls = [call for group in EVERY for call in group.calls]
    assert sorted({*calls, *seccomp.UNKNOWN}) == sorted([*calls, *seccomp.UNKNOWN])


def test_every_call_that_is_allowed_stands_in_a_group() -> None:
    allowed = {
        name
        for rule in json.loads(seccomp.profile())["syscalls"]
        if rule["action"] == seccomp.ALLOW
        for name in rule["names"]
    }
    assert allowed == {call for group in EVERY for call in group.calls}


@pytest.mark.parametrize("call", WORK_FOR_LATER)
def test_what_works_while_its_box_is_frozen_is_not_allowed(call: str) -> None:
    assert all(rule["action"] != seccomp.ALLOW for rule in rules_for(call))


@pytest.mark.parametrize("call", ["timer_create", "io_setup", "clone3"])
def test_what_programs_can_do_without_is_answered_as_unknown(call: str) -> None:
    (rule,) = rules_for(call)
    assert rule["action"] == seccomp.REFUSE
    assert rule["errnoRet"] == seccomp.NO_SUCH_CALL


@pytest.mark.parametrize(
    ("call", "argument", "allowed", "refused"),
    [
        ("mmap", 3, [0x22, 0x1, 0x4022], [0x8022, 0x2022, 0xA001]),
        ("madvise", 2, [0, 4, 8, 14], [12, 20, 21, 22, 23, 25]),
        ("prctl", 0, [15, 1], [67]),
        ("socket", 0, [1], [2, 10, 16, 38]),
        ("clone", 0, [0x11, 0x3D0F00], [0x10000000, 0x20000]),
    ],
)
def test_an_argument_decides(
    call: str, argument: int, allowed: list[int], refused: list[int]
) -> None:
    rules = rules_for(call)
    assert all(rule["action"] == seccomp.ALLOW for rule in rules)
    for value in allowed:
        assert any(meets(rule, argument, value) for rule in rules), hex(value)
    for value in refused:
        assert not any(meets(rule, argument, value) for rule in rules), hex(value)


def meets(rule: dict[str, object], argument: int, value: int) -> bool:
    """Whether a call with this argument meets the rule's only condition, as the kernel reads it."""
    arguments = rule["args"]
    assert isinstance(arguments, list)
    (condition,) = arguments
    assert condition["index"] == argument
    if condition["op"] == "SCMP_CMP_EQ":
        return bool(value == condition["value"])
    if condition["op"] == "SCMP_CMP_NE":
        return bool(value != condition["value"])
    assert condition["op"] == "SCMP_CMP_MASKED_EQ"
    return bool(value & condition["value"] == condition["valueTwo"])
