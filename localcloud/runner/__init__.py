# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task runner: ECS tasks as real processes, services that deploy, targets that are asked how they are.

The server process starts it (`start`), asks it what the front door needs to know (`routes`), and answers a task's
questions about itself with `metadata`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from localcloud.runner import backend, health
from localcloud.runner.addresses import Addresses
from localcloud.runner.file_systems import FileSystems
from localcloud.runner.images import ImageTable
from localcloud.runner.logs import LogPump
from localcloud.runner.metadata import metadata
from localcloud.runner.options import RunnerOptions
from localcloud.runner.registry import Registry
from localcloud.runner.routes import routes
from localcloud.runner.scheduler import Scheduler, lose_tasks
from localcloud.runner.surroundings import Surroundings

__all__ = ["Runner", "backend", "lose_tasks", "metadata", "routes", "start"]


class Runner:
    """The threads of one embedded cloud."""

    def __init__(self, options: RunnerOptions, home: Path) -> None:
        self.logs = LogPump()
        registry = Registry(ImageTable(options.image_tables), home / "images")
        self.health = health.HealthChecker(options)
        files = home / "efs"
        # The file systems of a cloud end with it: the next one has none of these ids.
        shutil.rmtree(files, ignore_errors=True)
        self.scheduler = Scheduler(Surroundings(home, options, registry, Addresses(), self.logs, FileSystems(files)))

    def stop(self) -> None:
        """End every task and every thread."""
        self.scheduler.stop()
        self.health.stop()
        self.logs.stop()


def start(options: Any, home: Path) -> Runner:
    """Start running what ECS was and will be asked for.

    `options` is anything with (some of) the attributes of `RunnerOptions`.
    """
    health.extend_moto()
    return Runner(RunnerOptions.build(options, home), home)
