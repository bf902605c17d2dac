# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every task of this cloud is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from localcloud.runner.addresses import Addresses
from localcloud.runner.file_systems import FileSystems
from localcloud.runner.logs import LogPump
from localcloud.runner.options import RunnerOptions
from localcloud.runner.registry import Registry


@dataclass(frozen=True)
class Surroundings:
    """The home, the options, and what is shared by all tasks of a cloud."""

    home: Path
    options: RunnerOptions
    registry: Registry
    addresses: Addresses
    logs: LogPump
    file_systems: FileSystems
