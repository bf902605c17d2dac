# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a task definition asks ECS to inject, read from the region's backends."""

from __future__ import annotations

import json
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends


class SecretNotFound(Exception):
    """A secret that a task needs is not there; the message is worded as ECS words it."""


def resolve(account: str, region: str, secrets: list[dict[str, str]]) -> dict[str, str]:
    """Environment variables from `secrets` of a container definition.

    Raises:
        SecretNotFound: for the first one that cannot be read.
    """
    return {secret["name"]: _value(account, region, secret["valueFrom"]) for secret in secrets}


def _value(account: str, region: str, source: str) -> str:
    if ":secretsmanager:" in source:
        return _from_secrets_manager(account, source)
    parts = source.split(":")
    name = source
    if source.startswith("arn:"):
        region, name = parts[3], parts[5].removeprefix("parameter")
    backend: Any = ssm_backends[account][region]
    for candidate in (name, name.lstrip("/")):
        parameter = backend.get_parameter(candidate)
        if parameter:
            return str(parameter.value)
    raise SecretNotFound(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        f"unable to retrieve secrets from ssm: invalid parameters: {source}"
    )


def _from_secrets_manager(account: str, source: str) -> str:
    """`valueFrom` may go on after the secret's ARN with a JSON key, a version stage and a version id."""
    parts = source.split(":")
    arn, key = ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""
    backend: Any = secretsmanager_backends[account][parts[3]]
    try:
        text = backend.get_secret_value(secret_id=arn, version_id="", version_stage="")["SecretString"]
        return str(json.loads(text)[key]) if key else str(text)
    except Exception as error:
        raise SecretNotFound(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
            f"failed: unable to retrieve secret from asm: {source}: {type(error).__name__}"
        ) from error
