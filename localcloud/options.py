# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a caller may choose about an embedded cloud: ports, delays and pace. One list for the CLI and the Python API."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

ACCOUNT_ID = "123456789012"
LOOPBACK = "127.0.0.1"
OPERATOR_ACCESS_KEY = "AKIAOPERATOR0LAPTOP0"
OPERATOR_SECRET_KEY = "embedded-cloud-accepts-any-secret-key-00"
DEFAULT_REGION = "sa-east-1"


@dataclass(frozen=True)
class Options:
    """Settings of one embedded cloud. Durations are seconds; port 0 means any free port."""

    port: int = 4566
    door_port: int = 8000
    replication_lag: float = 0.3
    """How long a write takes to reach another region (DynamoDB global tables, S3 replication)."""
    object_lag: float = 0.0
    """How much longer an object takes to the bucket of another region: minutes on AWS, if it must be."""
    replica_delay: float = 0.5
    """How long a new DynamoDB replica stays CREATING, a deleted one DELETING."""
    efs_delay: float = 0.2
    """How long a file system takes to come, and to go; mount targets and replications take a multiple of it."""
    accelerator_delay: float = 0.5
    """How long an accelerator stays IN_PROGRESS after a change."""
    record_delay: float = 0.1
    """How long a change of DNS records stays PENDING."""
    dns_check_interval: float = 1.0
    """Cap on the interval of Route 53's health checks, which is 10 or 30 seconds on AWS."""
    tick: float = 0.2
    """Period of the task runner's scheduler."""
    start_delay: float = 0.0
    """How long a task takes to be pulled and started beyond what it takes here; a minute or more on Fargate."""
    bake_minute: float = 1.0
    """How long a minute of an ECS deployment's bake times takes."""
    metric_seconds: float = 5.0
    """How long a point of a metric stands for, which is told once that is over, and a minute of an alarm lasts."""
    schedule_minute: float = 60.0
    """How many seconds a minute of a schedule's rate lasts. `at` and `cron` follow the machine's clock."""
    scan_delay: float = 0.5
    """How long ECR takes to scan an image."""
    eventual: float = field(default=0.0, metadata={"alone": 2.0})
    """How long, at most, what was made is hidden from reads and uses, as AWS's answers lag behind its own writes; 0 for
    not at all. Without a number on the command line 2."""
    slow: float = 1.0
    """What every delay of a resource that comes, changes or goes is multiplied by; see `delayed`."""
    mrsc_conflict_share: float = 0.01
    """Share of conditional writes to MRSC tables answered with ReplicatedWriteConflictException."""
    seed: int = 20191121
    """Seed of every pseudo-random choice, so that a run can be repeated."""
    network_quota: int = 5
    """VPCs, and elastic IPs, that an account may have in a region until it asks for more. One VPC is there already."""
    in_flight_quota: int = 120_000
    """Messages that a standard queue may have in flight: received, and neither deleted nor visible again."""
    index_key_writes: int = 1000
    """Writes a second, of 1 KB each, that a global secondary index takes under one value of its hash key."""
    throttled_share: float = 0.0
    """Share of operators' calls, to every service in every region, answered with its throttling error."""
    lost_share: float = 0.0
    """Share of operators' calls that are carried out, and then their connection closes without an answer."""
    quick: bool = True
    """Shorten waits that are minutes long on AWS and prove nothing here (draining, deregistration, cool-downs)."""
    image_tables: str = ""
    """Files, separated by commas, of images beyond those of images.yml; asked first."""
    function_tables: str = ""
    """Files, separated by commas, of commands that stand for Lambda functions; runner/functions.py shows one."""

    @classmethod
    def from_mapping(cls, values: dict[str, Any]) -> Options:
        """Build options from keyword arguments.

        Raises:
            TypeError: for a name that is no option; the message lists the valid ones.
        """
        known = {option.name for option in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise TypeError(
                f"localcloud: unknown option {', '.join(unknown)}; valid options: {', '.join(sorted(known))}"
            )
        return cls(**values)

    def delayed(self, seconds: float) -> float:
        """How long something takes here that takes so many seconds where nothing is slow."""
        return seconds * self.slow

    def to_arguments(self) -> list[str]:
        """The command line that makes `python -m localcloud serve` use these options."""
        arguments: list[str] = []
        for name, value in asdict(self).items():
            flag = "--" + name.replace("_", "-")
            if isinstance(value, bool):
                arguments.append(flag if value else "--no-" + flag[2:])
            else:
                arguments += [flag, str(value)]
        return arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser one flag per option."""
    for option in fields(Options):
        flag = "--" + option.name.replace("_", "-")
        if isinstance(option.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=option.default)
            continue
        alone = {"nargs": "?", "const": option.metadata["alone"]} if "alone" in option.metadata else {}
        parser.add_argument(
            flag, type=type(option.default), default=option.default, metavar=option.name.upper(), **alone
        )


def default_home() -> Path:
    """`$LOCALCLOUD_HOME`, or build/localcloud beside this package."""
    configured = os.environ.get("LOCALCLOUD_HOME")
    return Path(configured).resolve() if configured else Path(__file__).resolve().parents[1] / "build" / "localcloud"
