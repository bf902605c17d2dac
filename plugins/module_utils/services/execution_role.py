# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS itself does for a service before its containers run, as the policy of the service's execution role.

It pulls the images, writes what the containers print, and fetches their secrets: exactly those that are named.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import arn
from ..aws.registries import ECR_HOST
from ..kernel.errors import CollectionError
from .service_task import containers, own_repository
from .wiring import Place

Item = dict[str, Any]

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
FETCH = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
"""What the first pull through a cache rule takes: the registry makes the repository, and fetches the image."""
KEY = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/\S+")


def execution_policies(definition: Item, place: Place, log_prefix: str) -> dict[str, Any]:
    """The inline policies of a service's execution role by name.

    The images may be those of any repository of the account, because a deployment may name another one, and those of
    other accounts' registries that the definition names. Of repositories that it names with the account's registry the
    first pull may be the role's, through a cache rule.

    Raises:
        CollectionError: a key of `secret_keys` is not the ARN of a KMS key.
    """
    group = place.arn("logs", f"log-group:{log_prefix}/{definition['name']}:*")
    statements = [
        _allow(["ecr:GetAuthorizationToken"], ["*"]),
        _allow(PULL, [place.arn("ecr", "repository/*", "*"), *_named_repositories(definition, place, own=False)]),
        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], [group]),
    ]
    cached = _named_repositories(definition, place, own=True)
    if cached:
        statements.append(_allow(FETCH, cached))
    parameters, secrets = _sources(definition, place)
    if parameters:
        statements.append(_allow(["ssm:GetParameters"], parameters))
    if secrets:
        statements.append(_allow(["secretsmanager:GetSecretValue"], secrets))
    keys = sorted(set(definition.get("secret_keys") or []))
    for key in keys:
        if not KEY.fullmatch(key):
            raise CollectionError(
                f"Service {definition['name']}: secret_keys has {key!r}. Expected the ARN of a KMS key, such as "
                f"{place.arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab')}; IAM knows keys by no other name."
            )
    if keys:
        statements.append(_allow(["kms:Decrypt"], keys))
    return {"execution": {"Version": "2012-10-17", "Statement": statements}}


def _named_repositories(definition: Item, place: Place, *, own: bool) -> list[str]:
    """The repositories in ECR that the definition names with their registry: of the own account, or of others.

    Of the own account that is what the workload did not build, so a pull-through cache rule may cover it.
    """
    found = set()
    for container in containers(definition):
        if own_repository(container) is None:
            image = str(container.get("image") or "")
            host = re.match(ECR_HOST, image)
            if host and (host["account"] == place.account) is own:
                name = re.split(r"[:@]", image[host.end() :])[0]
                found.add(arn("ecr", host["region"], host["account"], f"repository/{name}", within=place.region))
    return sorted(found)


def _sources(definition: Item, place: Place) -> tuple[list[str], list[str]]:
    """The ARNs of the parameters and of the secrets that the containers are given."""
    parameters, secrets = set(), set()
    for container in containers(definition):
        for source in (container.get("secrets") or {}).values():
            if ":secretsmanager:" in source:
                # After the ARN's seven parts may come a JSON key, a version stage and a version id; the six characters
                # at the end of the ARN may be left out, and IAM knows the secret with them.
                whole = ":".join(source.split(":")[:7])
                secrets |= {whole, f"{whole}-??????"}
            elif source.startswith("arn:"):
                parameters.add(source)
            else:
                parameters.add(place.arn("ssm", f"parameter/{source.removeprefix('/')}"))
    return sorted(parameters), sorted(secrets)


def _allow(actions: list[str], resources: list[str]) -> Item:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
