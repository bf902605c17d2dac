# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a task definition names is there, asked of AWS before a revision is registered.

ECS registers a definition whose image, role, secret or log group does not exist, and its tasks then fail to start one
by one. Everything is asked, so that all findings come at once. Nothing is read that is secret: of secrets and
parameters only whether they exist. Values that are not known yet are not judged.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..kernel import Cloud, absent_is_none, error_code, is_unknown
from ..kernel.cloud import ClientError
from .canonical import canonical, network_mode
from .compare import is_arn, masked, without_secrets
from .images import EcrImage, Images, ecr_image
from .permissions import ECS_TASKS, allowed, role_documents, role_name, trusts_ecs
from .problems import containers

SETTLING_SECONDS = 3.0
"""How long IAM is given, once, before it is said that a role may not do something."""

PARAMETERS_AT_ONCE = 50
"""So many names one filter of `DescribeParameters` takes."""

NO_SUCH_SECRET = ("ResourceNotFoundException", "ValidationException", "InvalidParameterException")
"""How Secrets Manager answers for a secret that is not there, and for what cannot be the name of one."""

FETCH = ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
"""What a first pull through a cache takes besides what every pull does."""

_PARAMETER_NAME = re.compile(r"[A-Za-z0-9_./-]{1,1011}")

Definition = dict[str, Any]


class Verification:
    """Asks about one definition. `used_by` tells of the service: `subnets` (ids) and `load_balancers`, if known."""

    def __init__(
        self, cloud: Cloud, region: str, definition: Definition, images: Images, used_by: dict[str, Any] | None = None
    ) -> None:
        self.cloud = cloud
        self.region = region
        self.definition = definition
        self.images = images
        self.subnets: list[str] = (used_by or {}).get("subnets") or []
        self._found: dict[str, dict[str, Any] | None] = {}
        self._policies: dict[str, list[Definition]] = {}
        self._has_waited = False
        self.load_balancers: list[dict[str, Any]] = (used_by or {}).get("load_balancers") or []

    def findings(self) -> list[str]:
        """Everything because of which its tasks would not start, or not be reached."""
        checks: dict[str, Callable[[], Iterator[str]]] = {
            "images": self._of_images,
            "roles": self._of_roles,
            "secrets": self._of_secrets,
            "parameters": self._of_parameters,
            "log groups": self._of_log_groups,
            "file systems": self._of_file_systems,
            "target groups": self._of_target_groups,
        }
        found: list[str] = []
        for what, check in checks.items():
            try:
                for finding in check():
                    found.append(finding)  # one by one: what was found before AWS refused to say more counts
            except ClientError as error:
                found.append(
                    f"the {what} could not be verified: {self._refusal(what, error)}. Allow the call, or set "
                    "verify: false."
                )
        return list(dict.fromkeys(found))

    def _refusal(self, what: str, error: ClientError) -> str:
        """Why AWS did not answer. It may repeat what it was asked for, and a secret may have been typed there."""
        if what in ("secrets", "parameters"):
            return f"{error.operation_name} was refused with {error_code(error)}"
        return without_secrets(str(error), canonical(self.definition))

    def _of_images(self) -> Iterator[str]:
        for container in containers(self.definition):
            image = None if is_unknown(container["image"]) else ecr_image(container["image"])
            digest, why = self.images.digest(image) if image else ("", None)
            if image and digest and not why:
                why = self.images.misfit(image, self.definition)
            if why:
                yield f"container {container['name']}: {why}"
            elif image and digest is None:
                yield from self._of_fetching(container["name"], image)

    def _of_fetching(self, container: str, image: EcrImage) -> Iterator[str]:
        """That the execution role may not have ECR fetch an image from another registry, and keep it."""
        role = self.definition.get("executionRoleArn")
        if not role or is_unknown(role) or self._role(role) is None:
            return
        repository = self._own_arn("ecr", image.region, f"repository/{image.repository}")
        missing = [action for action in FETCH if not self._may(role, action, repository)]
        if missing:
            yield (
                f"container {container}: nobody has pulled {image.repository} through the cache yet, and the role "
                f"{role} may not do so; allow {' and '.join(missing)} on {repository}."
            )

    def _of_roles(self) -> Iterator[str]:
        for role, names in self._roles().items():
            told = " and ".join(names)
            found = self._role(role)
            if found is None:
                yield f"{told}: the role {role} does not exist."
            elif role.startswith("arn:") and found["Arn"] != role:
                yield f"{told}: the role {role} does not exist; the one of that name is {found['Arn']}."
            elif not trusts_ecs(found["AssumeRolePolicyDocument"]):
                yield f"{told}: the role {role} cannot be assumed by ECS; its trust policy must admit {ECS_TASKS}."

    def _roles(self) -> dict[str, list[str]]:
        """The roles that are given, and as what."""
        roles: dict[str, list[str]] = {}
        for member, name in (("executionRoleArn", "execution_role_arn"), ("taskRoleArn", "task_role_arn")):
            role = self.definition.get(member)
            if role and not is_unknown(role):
                roles.setdefault(role, []).append(name)
        return roles

    def _of_secrets(self) -> Iterator[str]:
        secrets: dict[str, list[str]] = {}
        for source, users in self._sources("secretsmanager").items():
            # After the ARN's seven parts may come the key in a JSON secret, a version stage and a version id.
            secrets.setdefault(":".join(source.split(":")[:7]) if is_arn(source) else source, []).append(users)
        for source, several in secrets.items():
            users, region = ", ".join(several), self.region
            if is_arn(source):
                _arn, _partition, service, region, _rest = source.split(":", 4)
                if service != "secretsmanager":
                    yield f"{users}: {source} is not the ARN of a secret in Secrets Manager."
                    continue
            try:
                secret = self.cloud.client("secretsmanager", region).describe_secret(SecretId=source)
            except ClientError as error:
                if error_code(error) not in NO_SUCH_SECRET:
                    raise
                absent = f"the secret {source} does not exist" if is_arn(source) else _unnamed("secret", region)
                yield f"{users}: {absent}."
                continue
            if secret.get("DeletedDate"):
                yield f"{users}: the secret {source} is scheduled for deletion."
            yield from self._of_access(users, "secretsmanager:GetSecretValue", secret["ARN"], secret.get("KmsKeyId"))

    def _of_parameters(self) -> Iterator[str]:
        by_region: dict[str, dict[str, str]] = {}
        users = self._sources("ssm")
        for source in users:
            region, name, service = self.region, source, "ssm"
            if is_arn(source):
                _arn, _partition, service, region, account, name = source.split(":", 5)
                name = name.removeprefix("parameter")
                if service == "ssm" and self._is_of_another_account(account):
                    continue  # a shared parameter, which its owner alone can look up by name
            if service != "ssm" or not _PARAMETER_NAME.fullmatch(name):
                what = source if is_arn(source) else "what is given (not shown, it may be a secret itself)"
                yield f"{users[source]}: {what} is neither the ARN of a secret or parameter nor a parameter's name."
                continue
            by_region.setdefault(region, {})[source] = name
        for region, wanted in by_region.items():
            # In an ARN the parameter `a` is `parameter/a`, and so is `/a`.
            spellings = sorted({spelling for name in wanted.values() for spelling in (name, name.removeprefix("/"))})
            found: dict[str, dict[str, Any]] = {}
            for start in range(0, len(spellings), PARAMETERS_AT_ONCE):
                some = spellings[start : start + PARAMETERS_AT_ONCE]
                filters = [{"Key": "Name", "Option": "Equals", "Values": some}]
                answer = self.cloud.paginate("ssm", "describe_parameters", region, ParameterFilters=filters)
                found |= {parameter["Name"].removeprefix("/"): parameter for parameter in answer}
            for source, name in sorted(wanted.items()):
                parameter = found.get(name.removeprefix("/"))
                if parameter is None:
                    known = f"SSM has no parameter {name} in {region}"
                    yield f"{users[source]}: {known if is_arn(source) else _unnamed('parameter', region)}."
                    continue
                arn = self._own_arn("ssm", region, f"parameter/{name.removeprefix('/')}")
                yield from self._of_access(users[source], "ssm:GetParameters", arn, parameter.get("KeyId"))

    def _of_access(self, users: str, action: str, arn: str, key: str | None) -> Iterator[str]:
        """That the execution role may not read what is there, or not decrypt it with `key`, a customer managed one."""
        role = self.definition.get("executionRoleArn")
        if not role or is_unknown(role) or self._role(role) is None:
            return
        needed = [(action, arn)]
        if key and not key.rpartition(":")[2].startswith("alias/aws/"):
            # A key may be told by its id or by an alias, and policies know neither.
            region = arn.split(":")[3]
            told = key if ":key/" in key else self._key(region, key)
            needed.append(("kms:Decrypt", told))
        for what, resource in needed:
            if not self._may(role, what, resource):
                yield f"{users}: the role {role} may not read it; allow {what} on {resource}."

    def _may(self, role: str, action: str, resource: str) -> bool:
        if role not in self._policies:
            self._policies[role] = role_documents(self.cloud, self.region, role)
        if not allowed(self._policies[role], action, resource) and not self._has_waited:
            # IAM may answer for some seconds as it was before the last change, which may be of this very run.
            self._has_waited = True
            time.sleep(SETTLING_SECONDS)
            self._policies[role] = role_documents(self.cloud, self.region, role)
        return allowed(self._policies[role], action, resource)

    def _role(self, role: str) -> dict[str, Any] | None:
        """What IAM tells of a role, asked once; None if it does not exist."""
        if role not in self._found:
            found = None
            with absent_is_none("NoSuchEntity"):
                found = self.cloud.client("iam", self.region).get_role(RoleName=role_name(role))["Role"]
            self._found[role] = found
        return self._found[role]

    def _key(self, region: str, key: str) -> str:
        found: str = self.cloud.client("kms", region).describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        return found

    def _own_arn(self, service: str, region: str, rest: str) -> str:
        """An ARN in the account of the execution role."""
        parts = str(self.definition.get("executionRoleArn") or "").split(":")
        partition, account = (parts[1], parts[4]) if len(parts) > 5 else ("aws", "*")
        return f"arn:{partition}:{service}:{region}:{account}:{rest}"

    def _sources(self, service: str) -> dict[str, str]:
        """Where the values of secrets come from, in Secrets Manager or SSM, and who uses them, for a person."""
        users: dict[str, list[str]] = {}
        for container in containers(self.definition):
            logging = container.get("logConfiguration") or {}
            for item in [*(container.get("secrets") or []), *(logging.get("secretOptions") or [])]:
                source = item["valueFrom"]
                if (is_arn(source) and source.split(":")[2] == "secretsmanager") is (service == "secretsmanager"):
                    users.setdefault(source, []).append(f"secret {item['name']} of container {container['name']}")
            # By name or by ARN, a registry's credentials are always in Secrets Manager.
            registry = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
            if registry and service == "secretsmanager":
                users.setdefault(registry, []).append(f"the registry's credentials of container {container['name']}")
        return {source: ", ".join(told) for source, told in users.items() if not is_unknown(source)}

    def _is_of_another_account(self, account: str) -> bool:
        """Of another than the roles', which are of the tasks' own account."""
        own = {role.split(":")[4] for role in self._roles() if role.startswith("arn:")}
        return bool(own) and account not in own

    def _of_log_groups(self) -> Iterator[str]:
        role = self.definition.get("executionRoleArn")
        for (region, group), (users, may_be_made) in self._log_groups().items():
            found = self.cloud.client("logs", region).describe_log_groups(logGroupNamePrefix=group)["logGroups"]
            if any(known["logGroupName"] == group for known in found):
                continue
            told = masked(("options", "awslogs-group"), group)
            if not may_be_made:
                yield f"{users}: there is no log group {told} in {region}; make it, or set awslogs-create-group."
            # Without an execution role it is the instance's role that counts, which is not known here.
            elif role and not is_unknown(role) and not self._may_make(role, region, group):
                yield (
                    f"{users}: there is no log group {told} in {region}, and the role {role} may not make it; "
                    "make it, or allow logs:CreateLogGroup."
                )

    def _may_make(self, role: str, region: str, group: str) -> bool:
        arn = self._own_arn("logs", region, f"log-group:{group}")
        return any(self._may(role, "logs:CreateLogGroup", f"{arn}{rest}") for rest in ("", ":*"))

    def _log_groups(self) -> dict[tuple[str, str], tuple[str, bool]]:
        """By region and name: the containers that write there, and whether the agent is to make it."""
        groups: dict[tuple[str, str], tuple[str, bool]] = {}
        for container in containers(self.definition):
            logging = container.get("logConfiguration") or {}
            options = logging.get("options") or {}
            key = (options.get("awslogs-region"), options.get("awslogs-group"))
            if logging.get("logDriver") != "awslogs" or not all(key) or is_unknown(key):
                continue
            users, made = groups.get(key, ("", False))
            created = made or str(options.get("awslogs-create-group")).lower() == "true"
            told = f"container {container['name']}"
            groups[key] = (f"{users}, {told}" if users else told, created)
        return groups

    def _of_file_systems(self) -> Iterator[str]:
        zones: dict[str, str] | None = None
        for volume in self.definition.get("volumes") or []:
            efs = volume.get("efsVolumeConfiguration") or {}
            file_system = efs.get("fileSystemId")
            if not file_system or is_unknown(file_system):
                continue
            client = self.cloud.client("efs", self.region)
            told = f"volume {volume['name']}: the file system {file_system}"
            try:
                state = client.describe_file_systems(FileSystemId=file_system)["FileSystems"][0]["LifeCycleState"]
            except ClientError as error:
                if error_code(error) not in ("FileSystemNotFound", "BadRequest"):
                    raise
                yield f"{told} does not exist in {self.region}."
                continue
            if state not in ("available", "updating"):
                yield f"{told} is {state}, not available."
            yield from self._of_access_point(volume["name"], file_system, efs.get("authorizationConfig") or {})
            targets = client.describe_mount_targets(FileSystemId=file_system)["MountTargets"]
            served = {t["AvailabilityZoneName"] for t in targets if t["LifeCycleState"] == "available"}
            if not self.subnets or is_unknown(self.subnets):
                if not served:
                    yield f"{told} has no mount target that is available; no task can reach it."
                continue
            if zones is None:
                zones = self._zones()
            missing = sorted(zone for zone in zones if zone not in served)
            if missing:
                where = ", ".join(f"{zone} (subnet {zones[zone]})" for zone in missing)
                yield f"{told} has no available mount target in {where}; tasks there cannot reach it."

    def _of_access_point(self, volume: str, file_system: str, access: dict[str, Any]) -> Iterator[str]:
        access_point = access.get("accessPointId")
        if not access_point or is_unknown(access_point):
            return
        client = self.cloud.client("efs", self.region)
        try:
            found = client.describe_access_points(AccessPointId=access_point)["AccessPoints"][0]
        except ClientError as error:
            if error_code(error) not in ("AccessPointNotFound", "BadRequest"):
                raise
            yield f"volume {volume}: the access point {access_point} does not exist in {self.region}."
            return
        if found["FileSystemId"] != file_system:
            yield f"volume {volume}: access point {access_point} is of {found['FileSystemId']}, not of {file_system}."

    def _zones(self) -> dict[str, str]:
        """The Availability Zones of the service's subnets, and a subnet in each."""
        found = self.cloud.client("ec2", self.region).describe_subnets(SubnetIds=self.subnets)["Subnets"]
        return {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in found}

    def _of_target_groups(self) -> Iterator[str]:
        mode = network_mode(self.definition)
        known = {container["name"]: container for container in containers(self.definition)}
        for given in self.load_balancers:
            name, port = given.get("container_name"), given.get("container_port")
            if name and name not in known:
                yield f"load balancer: container {name!r} is not in the task; it has {', '.join(sorted(known))}."
                continue
            mapped = _ports([known[name]] if name else list(known.values()))
            told = ", ".join(map(str, sorted(mapped))) or "none"
            if port and port not in mapped:
                yield f"load balancer: container port {port} is not mapped; mapped are {told}."
            arn = given.get("target_group_arn")
            if not arn or is_unknown(arn):
                continue
            try:
                group = self.cloud.client("elbv2", self.region).describe_target_groups(TargetGroupArns=[arn])
            except ClientError as error:
                if error_code(error) not in ("TargetGroupNotFound", "ValidationError"):
                    raise
                yield f"load balancer: the target group {arn} does not exist in {self.region}."
                continue
            yield from _of_target_group(group["TargetGroups"][0], mode)


def _unnamed(what: str, region: str) -> str:
    """That none has the given name, which is not repeated: a secret may have been typed in its place."""
    where = "Secrets Manager" if what == "secret" else "SSM"
    return f"{where} has no {what} of the name that is given in {region} (not shown, it may be a secret itself)"


def _of_target_group(group: dict[str, Any], mode: str) -> Iterator[str]:
    """Its port is only the default for targets that name none; ECS names the container's."""
    name, kind = group["TargetGroupName"], group.get("TargetType")
    # Tasks with an interface of their own are targets by address; others, by the instance they are on.
    if mode == "awsvpc" and kind != "ip":
        yield f"target group {name} has targets of type {kind}; with network_mode awsvpc they are of type ip."
    if mode != "awsvpc" and kind == "ip":
        yield f"target group {name} has targets of type ip; with network_mode {mode} they are of type instance."


def _ports(of: list[Definition]) -> set[int]:
    ports: set[int] = set()
    for container in of:
        for mapping in container.get("portMappings") or []:
            first, _dash, last = str(mapping.get("containerPortRange") or mapping.get("containerPort")).partition("-")
            if first.isdigit():
                ports |= set(range(int(first), int(last or first) + 1))
    return ports
