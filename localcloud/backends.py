# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts our backends in the place of moto's, before any of them is asked for anything.

Importing a `models` module below makes moto's registry build that class from then on. All of it happens at start-up,
because backends reach for one another: an ELBv2 backend made by ECS before ours was registered would stay moto's.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import botocore.session
from moto.core.common_models import BaseModel

from localcloud import serialization
from localcloud.options import Options
from localcloud.world import WORLD

EXTENDED = (
    "cloudwatch",
    "dynamodb",
    "sqs",
    "sns",
    "elbv2",
    "ec2",
    "s3",
    "ssm",
    "ecr",
    "iam",
    "efs",
    "applicationautoscaling",
    "servicequotas",
    "scheduler",
    "resourcegroupstaggingapi",
    "route53",
    "acm",
    "apigatewayv2",
    "wafv2",
)


def forgettable(cls: type[BaseModel], *_arguments: Any, **_options: Any) -> BaseModel:
    """A new model that goes when it is deleted. Moto remembers every one for ever, for its dashboard."""
    made: BaseModel = super(BaseModel, cls).__new__(cls)
    return made


def start_backends(options: Options) -> None:
    """Import every extension and start what runs in the background."""
    WORLD.arrange(options)
    # moto makes a session wherever it needs one, and each would read all regions and models of services anew.
    botocore.session.create_loader = cache(botocore.session.create_loader)
    serialization.install()
    BaseModel.__new__ = forgettable  # type: ignore[assignment,method-assign]
    for service in EXTENDED:
        importlib.import_module(f"localcloud.{service}.models")
    importlib.import_module("localcloud.runner.backend").register()
    from localcloud.cloudwatch.measures import start_measuring
    from localcloud.dynamodb.expiry import start_expiry
    from localcloud.scheduler.ticking import start_ticking

    WORLD.links.start()
    start_expiry()
    start_ticking()
    start_measuring()
