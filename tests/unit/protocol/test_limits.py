# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every number of the protocol stands in protocol/limits.py: code takes it from there, and documents tell the same.

TOLD names each sentence of a document in which a number stands. Whoever changes a number sees here which ones to mend.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud.reference_images.toggle import CACHE_SECONDS
from localcloud.reference_images.worker import POLL_SECONDS
from protocol import limits
from sales_common.aws import patience_within
from sales_common.settings import PARAMETER_CACHE_SECONDS

COLLECTION = "ansible_collections.multiregion.ecs.plugins.module_utils"
CONSTANTS = {name: value for name, value in vars(limits).items() if name.isupper() and name not in ("MINUTE", "DAY")}
WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 10: "ten", 12: "twelve", 14: "fourteen"}

PROTOCOL, SWITCH = "docs/protocol.md", "docs/switch.md"
COMMON, WORKER = "workloads/sales_common/README.md", "workloads/sales_worker/README.md"

# Document → its sentences with numbers of the protocol; `number` says what stands in the braces.
TOLD = {
    "README.md": ["would have taken {fence} s if one had not"],
    PROTOCOL: [
        "written once, kept {done_days} days",
        "It writes the item again every {register} s; one writing counts for {registration} s",
        "wrote in the last {told_seconds} s",
        "writes its item every {held_refresh} s",
        "The default is {lease} s with a heartbeat every {heartbeat} s",
        "**right to claim** ends a ttl ({ttl} s) after",
        "or has waited {patience} s in which no peer answered",
        "hidden: {shadow_first} s, doubled with each receive, up to {shadow_last} min",
        "a task hides at most {hidden_thousands},000 at once",
        "hides further ones for {shadow_first} s only",
        "So every {steady_minutes} min one worker of each ACTIVE region",
        "claimed {attempts_word} times without success",
        "So the value is one of {shards}, `yes#0` to `yes#{last_shard}`",
        "modulo {shards}.",
        "only if it will end within {claim_to_effect} s of the check",
        "ttl + claim-to-effect, {fence} s from the last write",
        "outlive {queue_days_word} days in the queue and {dlq_days_word} in its DLQ, and {receives} receives",
        "{attempts_Word} failed attempts, then the DLQ",
    ],
    SWITCH: [
        "after it was watched for {lease} s",
        "{fence} s after the last write no task can still act on the old states",
        "after {shift} s without that it is *still deploying*",
        "Items younger than {reconcile_age} s are skipped, so this takes {reconcile_age} s",
        "over `shards` values of its hash key, {shards} by default: `yes#0` to `yes#{last_shard}`",
        "is taken over after {lease} s without a heartbeat",
        "did in its last {lake_minutes} min",
        "does not answer within {once} s is skipped",
        "both believe the state for {reference_cache} s; the worker judges messages by the state that it read before "
        "a poll of {reference_poll} s",
        "goes on deleting for up to {reference_stale} s",
    ],
    COMMON: [
        "| `VIEW_TTL_SECONDS` | {ttl} ({parameter_cache} without `STATE_TABLE`) |",
        "| `VIEW_REFRESH_SECONDS` | {refresh} (a third of the ttl without `STATE_TABLE`) |",
        "| `JOIN_PATIENCE_SECONDS` | {patience} |",
        "cached for at most {parameter_cache} s",
    ],
    WORKER: [
        "| `STEADY_SECONDS` | {steady} |",
        "| `CLAIM_TO_EFFECT_SECONDS` | {claim_to_effect} |",
        "| `RECEIVE_WAIT_SECONDS` | {receive_wait} |",
        "their own visibility timeout ({worker_visibility} s by default)",
        "After {attempts} failed attempts the worker moves it",
        "hidden, for {shadow_first} s at first and {shadow_last} min at last",
        "While {hidden_thousands},000 are hidden at once",
        "an ACTIVE one hides further ones for {shadow_first} s",
    ],
    "plugins/modules/region_switch.py": [
        "after: fence_seconds: {fence:.1f} will: wait until every reader has let go of the old epoch, at most "
        "{fence} s from the last write",
        "is asked once for {once} seconds and then skipped",
    ],
}

# Numbers that no document tells.
UNTOLD = {"TOLD_IDS", "DONE_SHARDS", "PEER_READ_SECONDS", "CLAIM_RETENTION_SECONDS", "VISIBILITY_SECONDS"}

# Documents in which no other number has a unit of time.
WHOLE = (PROTOCOL, SWITCH)
WITH_UNIT = re.compile(rf"\b(?:\d+(?:\.\d+)?|{'|'.join(WORDS.values())}) (?:s|min|minutes?|seconds?|hours?|days?)\b")

OPTIONS = {
    "view_ttl": "VIEW_TTL_SECONDS",
    "claim_to_effect": "CLAIM_TO_EFFECT_SECONDS",
    "lease_duration": "LEASE_DURATION_SECONDS",
    "lease_heartbeat": "LEASE_HEARTBEAT_SECONDS",
    "reconcile.minimum_age": "RECONCILE_AGE_SECONDS",
    "reconcile.shards": "UNPROCESSED_SHARDS",
    "lake.seconds": "LAKE_SECONDS",
    "queues.visibility_timeout": "VISIBILITY_SECONDS",
    "queues.receive_wait": "RECEIVE_WAIT_SECONDS",
    "queues.retention": "QUEUE_RETENTION_SECONDS",
    "queues.dlq.max_receive_count": "MAX_RECEIVE_COUNT",
    "queues.dlq.retention": "DLQ_RETENTION_SECONDS",
}
MODULES = {
    "region_switch": [
        "view_ttl",
        "claim_to_effect",
        "lease_duration",
        "lease_heartbeat",
        *(name for name in OPTIONS if name.startswith("reconcile.")),
        "lake.seconds",
    ],
    "region_toggle": ["view_ttl", "claim_to_effect", "lease_duration", "lease_heartbeat"],
    "messaging": [name for name in OPTIONS if name.startswith("queues.")],
}


class Number(float):
    """Is written as people do, 10 and not 10.0, unless a format says otherwise."""

    def __format__(self, spec: str) -> str:
        return format(float(self), spec or "g")


def numbers(constants: Mapping[str, float]) -> dict[str, Any]:
    """What stands in the braces of TOLD."""
    from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import ONCE
    from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.shift import SHIFT_SECONDS

    claim_to_effect = constants["CLAIM_TO_EFFECT_SECONDS"]
    told = {
        "ttl": constants["VIEW_TTL_SECONDS"],
        "refresh": constants["VIEW_REFRESH_SECONDS"],
        "held_refresh": constants["HELD_REFRESH_SECONDS"],
        "register": constants["REGISTER_SECONDS"],
        "registration": constants["REGISTRATION_SECONDS"],
        "told_seconds": constants["TOLD_SECONDS"],
        "claim_to_effect": claim_to_effect,
        "fence": constants["VIEW_TTL_SECONDS"] + claim_to_effect,
        "patience": constants["JOIN_PATIENCE_SECONDS"],
        "lease": constants["LEASE_DURATION_SECONDS"],
        "heartbeat": constants["LEASE_HEARTBEAT_SECONDS"],
        "shadow_first": constants["SHADOW_FIRST_SECONDS"],
        "shadow_last": constants["SHADOW_LAST_SECONDS"] / limits.MINUTE,
        "hidden_thousands": constants["HIDDEN_MESSAGES"] / 1000,
        "attempts": constants["MAX_ATTEMPTS"],
        "receives": constants["MAX_RECEIVE_COUNT"],
        "receive_wait": constants["RECEIVE_WAIT_SECONDS"],
        "done_days": constants["DONE_RETENTION_SECONDS"] / limits.DAY,
        "shards": constants["UNPROCESSED_SHARDS"],
        "last_shard": constants["UNPROCESSED_SHARDS"] - 1,
        "reconcile_age": constants["RECONCILE_AGE_SECONDS"],
        "steady_minutes": constants["STEADY_SECONDS"] / limits.MINUTE,
        "steady": constants["STEADY_SECONDS"],
        "lake_minutes": constants["LAKE_SECONDS"] / limits.MINUTE,
        "parameter_cache": PARAMETER_CACHE_SECONDS,
        "worker_visibility": claim_to_effect + 4 * patience_within(claim_to_effect / 2).longest_call,
        "once": ONCE["read_timeout"],
        "shift": SHIFT_SECONDS,
        "reference_cache": CACHE_SECONDS,
        "reference_poll": POLL_SECONDS,
        "reference_stale": CACHE_SECONDS + POLL_SECONDS,
    }
    spelt = {
        "attempts_word": constants["MAX_ATTEMPTS"],
        "queue_days_word": constants["QUEUE_RETENTION_SECONDS"] / limits.DAY,
        "dlq_days_word": constants["DLQ_RETENTION_SECONDS"] / limits.DAY,
    }
    words = {name: WORDS.get(value, f"{value:g}") for name, value in spelt.items()}
    words["attempts_Word"] = words["attempts_word"].capitalize()
    return {name: Number(value) for name, value in told.items()} | words


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("document", TOLD)
def test_a_document_tells_the_numbers_of_the_code(repository: Path, document: str) -> None:
    text = plain((repository / document).read_text(encoding="utf-8"))
    for sentence in TOLD[document]:
        wanted = sentence.format_map(numbers(CONSTANTS))
        assert wanted in text, f"{document} does not say {wanted!r}; see protocol/limits.py"


@pytest.mark.parametrize("document", WHOLE)
def test_a_document_tells_no_other_number(repository: Path, document: str) -> None:
    text = plain((repository / document).read_text(encoding="utf-8"))
    for sentence in TOLD[document]:
        text = text.replace(sentence.format_map(numbers(CONSTANTS)), "")
    others = set(WITH_UNIT.findall(text))
    assert not others, f"{document} tells {others}: write the sentence into TOLD, with the constant that it tells"


@pytest.mark.parametrize("constant", CONSTANTS)
def test_documents_that_tell_a_constant_are_noticed_when_it_changes(repository: Path, constant: str) -> None:
    changed = numbers({**CONSTANTS, constant: CONSTANTS[constant] * 2})
    missed = []
    for document, sentences in TOLD.items():
        text = plain((repository / document).read_text(encoding="utf-8"))
        now = [sentence for sentence in sentences if sentence.format_map(numbers(CONSTANTS)) in text]
        missed += [sentence for sentence in now if sentence.format_map(changed) not in text]
    told = constant not in UNTOLD
    assert bool(missed) == told, (
        f"{constant} is told by no sentence of TOLD" if told else f"{constant} is told: {missed}"
    )


def defaults(options: Mapping[str, Any], children: str) -> dict[str, Any]:
    """Every default of arguments or documented options, by its path."""
    found = {}
    for name, option in options.items():
        if "default" in option:
            found[name] = option["default"]
        below = defaults(option.get(children) or {}, children)
        found |= {f"{name}.{path}": default for path, default in below.items()}
    return found


def documented(repository: Path, module: str) -> dict[str, Any]:
    """The options of a module, those of its fragments of this collection too."""
    text = (repository / "plugins/modules" / f"{module}.py").read_text(encoding="utf-8")
    doc = yaml.safe_load(_text_of(ast.parse(text), "DOCUMENTATION"))
    options = dict(doc["options"])
    for fragment in doc["extends_documentation_fragment"]:
        if fragment.startswith("multiregion.ecs."):
            _namespace, _name, file, *part = fragment.split(".")
            fragments = import_module(f"ansible_collections.multiregion.ecs.plugins.doc_fragments.{file}")
            told = yaml.safe_load(getattr(fragments.ModuleDocFragment, (part or ["documentation"])[0].upper()))
            options |= told.get("options", {})
    return options


def _text_of(tree: ast.Module, name: str) -> str:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == [name]:
            return ast.literal_eval(node.value)
    raise LookupError(name)


@pytest.mark.parametrize("module", MODULES)
def test_arguments_and_their_documentation_have_the_constants_as_defaults(repository: Path, module: str) -> None:
    arguments = defaults(import_module(f"{COLLECTION}.modules.{module}").MODULE.argument_spec, "options")
    told = defaults(documented(repository, module), "suboptions")
    for option in MODULES[module]:
        wanted = CONSTANTS[OPTIONS[option]]
        assert arguments[option] == wanted, f"{module}: {option} of the arguments"
        assert told[option] == wanted, f"{module}: {option} of DOCUMENTATION or its fragment; see protocol/limits.py"


def test_no_role_says_a_number_again(repository: Path) -> None:
    """A role leaves them out, so that the module's own default holds."""
    names = {name.rpartition(".")[2] for name in OPTIONS}
    for file in [*repository.glob("roles/*/defaults/*.yml"), *repository.glob("roles/*/meta/argument_specs.yml")]:
        for path, value in _leaves(yaml.safe_load(file.read_text(encoding="utf-8"))):
            key = next((name for name in reversed(path) if name not in ("default", "0")), "")
            said = any(key == name or key.endswith(f"_{name}") for name in names) and isinstance(value, (int, float))
            assert not said or isinstance(value, bool), f"{file.relative_to(repository)}: {'.'.join(path)} is {value}"


def _leaves(value: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, *path, str(key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _leaves(each, *path, str(number))
    else:
        yield path, value


TIMES = {name.rpartition(".")[2] for name in OPTIONS} | {"ttl", "duration", "every", "bound"}
"""Parameters and arguments whose defaults are numbers of the protocol."""


def test_no_code_says_a_number_again(repository: Path) -> None:
    """No constant of the same name, no literal as the default of a parameter or of a module's argument."""
    utils = repository / "plugins/module_utils"
    folders = [utils / name for name in ("protocol", "lease", "toggle", "switch", "modules")] + [
        repository / "workloads"
    ]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(files) > 60
    for file in files:
        if file.name == "limits.py":
            continue
        for line, what in _said_again(ast.parse(file.read_text(encoding="utf-8"))):
            raise AssertionError(f"{file.relative_to(repository)}:{line} says {what}; take it from protocol/limits.py")


def _said_again(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for name in (getattr(target, "id", "") for target in node.targets):
                if name in CONSTANTS and _is_number(node.value):
                    yield node.lineno, name
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if getattr(key, "value", None) in TIMES and _default_is_number(value):
                    yield node.lineno, f"the default of {key.value}"
        elif isinstance(node, ast.FunctionDef):
            given = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            for argument, default in zip(given, node.args.defaults, strict=True):
                if argument.arg in TIMES and _is_number(default) and ast.literal_eval(default):
                    yield node.lineno, f"the default of {argument.arg}"


def _default_is_number(value: ast.AST) -> bool:
    if not isinstance(value, ast.Dict):
        return _is_number(value)
    return any(
        getattr(k, "value", None) == "default" and _is_number(v) for k, v in zip(value.keys, value.values, strict=True)
    )


def _is_number(node: ast.AST) -> bool:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return False
    return isinstance(value, (int, float)) and not isinstance(value, bool)


ACTS = """
import inspect, json, sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location

utils, limits_file, changed = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
for name in ("protocol.limits", f"{utils}.protocol.limits"):  # before anybody imports it
    spec = spec_from_file_location(name, limits_file)
    sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    vars(sys.modules[name]).update(changed)

lease, messaging, switch, toggle, protocol = (
    import_module(f"{utils}.{name}")
    for name in ("lease", "modules.messaging", "modules.region_switch", "modules.region_toggle", "protocol")
)
from sales_common import register, settings, view_watch

environment = {
    "AWS_REGION": "sa-east-1", "SSM_PARAMETER_STORE_STATE": "state", "STATE_TABLE": "state", "S3_SALES_BUCKET": "lake",
    "SQS_SALES_QUEUE": "https://sqs/queue", "DYNAMO_SALES_TABLE": "sales", "DYNAMO_SALES_IDEMPOTENCY_TABLE": "claims",
}
told = settings.read_worker_settings(environment)
# A third of the ttl would bound it.
unhurried = settings.read_worker_settings({**environment, "VIEW_TTL_SECONDS": "300"})
holding, switching = toggle.MODULE.argument_spec, switch.MODULE.argument_spec
reader = protocol.Reader("sa-east-1", 0.0)
sale = protocol.Sale.from_dict({"id": protocol.new_sale_id(0, bytes(10)), "product": "p", "amount": 1})
claim = {name: protocol.from_attributes({"": value})[""] for name, value in
         protocol.claim_write("claims", sale.id, "sa-east-1", "w", 0)["ExpressionAttributeValues"].items()}
attempts = next(n for n in range(99) if protocol.after_failure(n, 1).action == protocol.DEAD_LETTER)
spent = next(n for n in range(99) if protocol.judge_claim(protocol.Claim(n, 0, "w"), 1) == "spent")
bound = next(n for n in range(999) if not protocol.may_send_effect(0, n + 1, 0))
held = protocol.Reader("sa-east-1", 0.0)
held.view.observe([protocol.RegionMap(1, {"sa-east-1": "HELD"}, "run", "lease")], 0.0)
registration = protocol.Registration(True)
registration.written(0.0, 0.0)
due = next(n for n in range(9999) if registration.is_due(n))
counts = next(n for n in range(9999) if not registration.covers(0.0, n))

def lately_after(seconds, many=1):
    clock = [0.0]
    lately = register.Lately(lambda: clock[0])
    lately.add("t", map(str, range(many)))
    clock[0] = seconds
    return lately.ids().get("t", [])

new = {"product": "p", "amount": 1}
sold = [protocol.Sale.from_dict({**new, "id": protocol.new_sale_id(n, bytes(10))}) for n in range(2000)]
shards = {int(each.to_item(processed=False)["unprocessed"].partition("#")[2]) for each in sold}
queue = messaging.MODULE.argument_spec["queues"]["options"]
default = lambda options, name: options[name]["default"]
acted = {
    "VIEW_TTL_SECONDS": [reader.view.ttl, told.view.ttl, *(default(each, "view_ttl") for each in (holding, switching))],
    "VIEW_REFRESH_SECONDS": [unhurried.view.refresh],
    "HELD_REFRESH_SECONDS": [held.refresh_seconds(9999.0)],
    "REGISTER_SECONDS": [due],
    "REGISTRATION_SECONDS": [counts],
    "TOLD_SECONDS": [next(n for n in range(999) if not lately_after(n)) - 1],
    "TOLD_IDS": [len(lately_after(0, many=10**5))],
    "CLAIM_TO_EFFECT_SECONDS": [
        told.claim_to_effect, claim[":until"], bound,
        *(default(each, "claim_to_effect") for each in (holding, switching)),
    ],
    "PEER_READ_SECONDS": [view_watch.PEER_READ_SECONDS],
    "JOIN_PATIENCE_SECONDS": [reader.joining.patience, told.view.join_patience],
    "SHADOW_FIRST_SECONDS": [protocol.shadow_seconds(1)],
    "SHADOW_LAST_SECONDS": [protocol.shadow_seconds(99)],
    "HIDDEN_MESSAGES": [next(n for n in range(10**6) if not protocol.may_receive("PASSIVE", n))],
    "MAX_ATTEMPTS": [attempts, spent, claim[":most"]],
    "MAX_RECEIVE_COUNT": [default(queue["dlq"]["options"], "max_receive_count")],
    "RECEIVE_WAIT_SECONDS": [told.receive_wait, default(queue, "receive_wait")],
    "VISIBILITY_SECONDS": [default(queue, "visibility_timeout")],
    "QUEUE_RETENTION_SECONDS": [default(queue, "retention")],
    "DLQ_RETENTION_SECONDS": [default(queue["dlq"]["options"], "retention")],
    "DONE_RETENTION_SECONDS": [protocol.done_item(sale, "sa-east-1", 0)["expires_at"]],
    "CLAIM_RETENTION_SECONDS": [claim[":expires"]],
    "STEADY_SECONDS": [told.steady_seconds],
    "DONE_SHARDS": [len(protocol.done_keys("sa-east-1"))],
    "LEASE_DURATION_SECONDS": [
        lease.Lease().duration, lease.Run("r").duration,
        *(default(each, "lease_duration") for each in (holding, switching)),
    ],
    "LEASE_HEARTBEAT_SECONDS": [
        inspect.signature(lease.Tenure.beating).parameters["every"].default,
        *(default(each, "lease_heartbeat") for each in (holding, switching)),
    ],
    "LAKE_SECONDS": [default(switching["lake"]["options"], "seconds")],
    "RECONCILE_AGE_SECONDS": [default(switching["reconcile"]["options"], "minimum_age")],
    "UNPROCESSED_SHARDS": [default(switching["reconcile"]["options"], "shards"), len(shards), max(shards) + 1],
}
print(json.dumps({"fence": protocol.fence_seconds(), "acted": acted}))
"""


def test_whoever_acts_on_a_number_takes_it_from_there(repository: Path) -> None:
    """With every number changed where it stands, in a process of its own, everybody acts on the changed ones."""
    changed = {name: value * 3 for name, value in CONSTANTS.items()}
    paths = [str(repository / each) for each in ("collections", "workloads", "plugins/module_utils")]
    limits_file = str(repository / "plugins/module_utils/protocol/limits.py")
    done = subprocess.run(
        [sys.executable, "-c", ACTS, COLLECTION, limits_file, json.dumps(changed)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["fence"] == changed["VIEW_TTL_SECONDS"] + changed["CLAIM_TO_EFFECT_SECONDS"]
    assert told["acted"].keys() == changed.keys(), "say who acts on a number, or remove it"
    for name, values in told["acted"].items():
        assert set(values) == {changed[name]}, name
