# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a task definition, however it is spelled, into the exact form of `RegisterTaskDefinition`.

The service model that botocore brings along says which members exist and of which type they are, so a parameter that
AWS adds is understood as soon as botocore knows it. Names may be written as AWS does (`portMappings`), in snake case
(`port_mappings`) or as CloudFormation does (`PortMappings`); the keys of maps, such as log options, are left alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..kernel.cloud import service_model
from ..kernel.values import KNOWN_AFTER_APPLY, is_unknown

PAIRS = {
    "KeyValuePair": ("name", "value"),
    "Secret": ("name", "valueFrom"),
    "SystemControl": ("namespace", "value"),
    "ContainerDependency": ("containerName", "condition"),
    "HostEntry": ("hostname", "ipAddress"),
    "Tag": ("key", "value"),
}
"""Structures whose lists may be written as a dictionary: `{name: value}`."""

NEEDED = {
    "ContainerDefinition": ("name", "image"),
    "MountPoint": ("sourceVolume", "containerPath"),
    "VolumeFrom": ("sourceContainer",),
    "Volume": ("name",),
    "SystemControl": ("namespace",),
    "KeyValuePair": ("name",),
}
"""By shape: what AWS demands although the service model does not mark it as required."""

BLANK_IS_A_VALUE = frozenset({"KeyValuePair", "SystemControl", "Tag"})
"""Shapes whose member `value` may be empty and means that then."""

BLANK_IS_NOTHING = frozenset({"RepositoryCredentials"})
"""Shapes that are not there when all they hold is blank; AWS itself describes containers with blank credentials."""

TRUE, FALSE = ("true", "yes"), ("false", "no")


@lru_cache(maxsize=1)
def request_shape() -> Any:
    """The botocore shape of a `RegisterTaskDefinition` request."""
    return service_model("ecs").shape_for("RegisterTaskDefinitionRequest")


@lru_cache(maxsize=1)
def answer_only() -> frozenset[str]:
    """What `DescribeTaskDefinition` returns and `RegisterTaskDefinition` does not take, such as `revision`."""
    described = service_model("ecs").shape_for("TaskDefinition").members
    return frozenset(described) - frozenset(request_shape().members)


def needed(shape: Any) -> tuple[str, ...]:
    """The members that a structure must have."""
    return tuple(dict.fromkeys((*shape.required_members, *NEEDED.get(shape.name, ()))))


def read(definition: dict[str, Any], *, nulls: bool = False) -> tuple[dict[str, Any], list[str]]:
    """A definition in the form of a `RegisterTaskDefinition` request, and what is wrong with how it is written.

    The answer of `DescribeTaskDefinition` may be given whole; what only AWS can set is left out. So are blank texts,
    which templates give for nothing, unless the member is needed or an empty value is one; and nulls, with environment
    variables that are null, as AWS does it. With `nulls` these stay, for a base from which they take something away. A
    value that cannot be read is `KNOWN_AFTER_APPLY`, so that nothing more is said of it.
    """
    inner = definition.get("taskDefinition")
    if isinstance(inner, dict):
        tags = {"tags": definition["tags"]} if definition.get("tags") else {}
        definition = {**inner, **tags}
    ignored = {_squashed(name) for name in answer_only()}
    given = {key: value for key, value in definition.items() if _squashed(key) not in ignored}
    problems: list[str] = []
    result = _structure(request_shape(), given, "", problems)
    return result if nulls else without_nulls(result), problems


def without_nulls(value: Any) -> Any:
    """A definition without nulls, and without environment variables that have no value: AWS drops them."""
    if isinstance(value, dict):
        kept = {name: without_nulls(item) for name, item in value.items() if item is not None}
        if isinstance(kept.get("environment"), list):
            kept["environment"] = [item for item in kept["environment"] if "value" in item]
        return kept
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def _squashed(name: str) -> str:
    return name.replace("_", "").lower()


def _read(shape: Any, value: Any, path: str, problems: list[str]) -> Any:
    if is_unknown(value) and isinstance(value, str):
        return value
    readers = {"structure": _structure, "list": _list, "map": _map, "string": _string, "boolean": _boolean}
    return readers.get(shape.type_name, _number)(shape, value, path, problems)


def _structure(shape: Any, value: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, dict):
        problems.append(f"{path} is {_kind(value)}; it must be a dictionary.")
        return None
    known = {_squashed(name): name for name in shape.members}
    result = {}
    for key, item in value.items():
        name = known.get(_squashed(str(key)))
        where = f"{path}.{key}" if path else str(key)
        if name is None:
            problems.append(
                f"{where} is unknown; {path or 'a task definition'} takes {', '.join(sorted(shape.members))}."
            )
        elif item is None:
            result[name] = None
        elif not _is_blank(shape, name, item):
            result[name] = _read(shape.members[name], item, where, problems)
    if shape.name in BLANK_IS_NOTHING and not any(result.values()):
        return None
    if shape.name == "HealthCheck" and isinstance(value.get("command"), str):
        result["command"] = ["CMD-SHELL", value["command"]] if value["command"] else []
        problems[:] = [p for p in problems if not p.startswith(f"{path}.command is ")]
    return result


def _is_blank(shape: Any, name: str, value: Any) -> bool:
    """Whether a value stands for nothing."""
    if value != "" or shape.members[name].type_name != "string" or name in needed(shape):
        return False
    return not (name == "value" and shape.name in BLANK_IS_A_VALUE)


def _list(shape: Any, value: Any, path: str, problems: list[str]) -> Any:
    member = shape.member
    if isinstance(value, dict) and member.name in PAIRS:
        key, text = PAIRS[member.name]
        value = [{key: name, text: item} for name, item in value.items()]
    if not isinstance(value, list):
        problems.append(f"{path} is {_kind(value)}; it must be a list.")
        return None
    if member.name == "PortMapping":
        value = [item if isinstance(item, dict) else {"containerPort": item} for item in value]
    items = [
        _read(member, item, item_path(path, index, item), problems)
        for index, item in enumerate(value)
        if item is not None
    ]
    return [item for item in items if item is not None]


def called(container: dict[str, Any]) -> str:
    """A container as sentences name it."""
    return f"container {container.get('name') or '(without a name)'}"


def item_path(path: str, index: int, item: Any) -> str:
    """Where an item of a list is, by its name if it has one."""
    name = item.get("name") if isinstance(item, dict) else None
    return f"{path}[{name if isinstance(name, str) and name else index}]"


def _map(shape: Any, value: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, dict):
        problems.append(f"{path} is {_kind(value)}; it must be a dictionary.")
        return None
    return {
        str(key): _read(shape.value, item, f"{path}.{key}", problems) for key, item in value.items() if item is not None
    }


def _string(shape: Any, value: Any, path: str, problems: list[str]) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        problems.append(f"{path} is {_kind(value)}; it must be text.")
        return KNOWN_AFTER_APPLY
    if shape.enum and value not in shape.enum:
        problems.append(f"{path} is {value!r}; AWS accepts {', '.join(shape.enum)}.")
    return value


def _boolean(shape: Any, value: Any, path: str, problems: list[str]) -> Any:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in TRUE + FALSE:
        problems.append(f"{path} is {_told(value)}; it must be true or false.")
        return KNOWN_AFTER_APPLY
    return text in TRUE


def _number(shape: Any, value: Any, path: str, problems: list[str]) -> Any:
    # Templates give numbers as text.
    whole = shape.type_name in ("integer", "long")
    try:
        if isinstance(value, bool) or (whole and isinstance(value, float) and value != int(value)):
            raise ValueError
        return int(value) if whole else float(value)
    except (OverflowError, TypeError, ValueError):
        problems.append(f"{path} is {_told(value)}; it must be a {'whole ' if whole else ''}number.")
        return KNOWN_AFTER_APPLY


def _kind(value: Any) -> str:
    """What a value is, without the value: where a structure belongs, a text may be anything, a secret too."""
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"


def _told(value: Any) -> str:
    return repr(value) if isinstance(value, (str, int, float, bool)) else f"a {type(value).__name__}"
