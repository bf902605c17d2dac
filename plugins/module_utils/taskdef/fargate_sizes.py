# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU and memory of a task: the ways to write them, and the pairs that Fargate has."""

from __future__ import annotations

import re

CPU_UNITS_PER_VCPU = 1024
MIB_PER_GB = 1024


def _steps(first: int, last: int, step: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1, step))


FARGATE_MEMORY = {
    256: (512, 1024, 2048),
    512: _steps(1024, 4096, 1024),
    1024: _steps(2048, 8192, 1024),
    2048: _steps(4096, 16384, 1024),
    4096: _steps(8192, 30720, 1024),
    8192: _steps(16384, 61440, 4096),
    16384: _steps(32768, 122880, 8192),
}
"""The memory in MiB that Fargate has for each number of CPU units."""

_CPU = re.compile(r"(?P<number>\d+|\d*\.\d+|\d+\.)\s*(?P<unit>vcpus?)?", re.IGNORECASE)
_MEMORY = re.compile(r"(?P<number>\d+|\d*\.\d+|\d+\.)\s*(?P<unit>gi?b|mi?b)?", re.IGNORECASE)


def cpu_units(text: str) -> int | None:
    """CPU units of `256` or `.25 vcpu`; None if it is neither."""
    match = _CPU.fullmatch(str(text).strip())
    return _scaled(match, CPU_UNITS_PER_VCPU, big="vcpu") if match else None


def memory_mib(text: str) -> int | None:
    """MiB of `512`, `0.5 GB` or `512 MiB`; None if it is none of these."""
    match = _MEMORY.fullmatch(str(text).strip())
    return _scaled(match, MIB_PER_GB, big="g") if match else None


def _scaled(match: re.Match[str], factor: int, *, big: str) -> int | None:
    number = float(match["number"])
    if (match["unit"] or "").lower().startswith(big):
        number *= factor
    return int(number) if number == int(number) else None


def pair_problems(cpu: int, memory: int) -> list[str]:
    """Why a pair is not one of Fargate's; empty if it is."""
    if cpu not in FARGATE_MEMORY:
        return [f"cpu is {cpu}; Fargate has {', '.join(map(str, FARGATE_MEMORY))} CPU units."]
    valid = FARGATE_MEMORY[cpu]
    if memory not in valid:
        return [f"memory is {memory} MiB; with {cpu} CPU units Fargate has {', '.join(map(str, valid))} MiB."]
    return []
