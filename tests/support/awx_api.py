# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of AWX's REST API (v2) that `awx/configure.yml` needs: it keeps objects, and answers as AWX does.

It is written by hand, not recorded. Which requests there are, the collection awx.awx 24.6.1 says, which makes them.
What is refused, and in which words, is as in AWX's public source: awx/api/serializers.py (playbooks, types of
credentials, prompts, schedules), `JobTemplateSurveySpec` in awx/api/views/__init__.py (surveys), and their tests.
It differs from AWX in this: it keeps fields that AWX does not know, fills in no defaults, has no permissions, and finds
the playbooks of a project at once.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlparse

Item = dict[str, Any]

UNIFIED = ("job_templates", "workflow_job_templates", "projects")
TYPES = {
    "organizations": "organization",
    "projects": "project",
    "inventories": "inventory",
    "inventory_sources": "inventory_source",
    "credential_types": "credential_type",
    "credentials": "credential",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_job_template_nodes": "workflow_job_template_node",
    "workflow_approval_templates": "workflow_approval_template",
    "schedules": "schedule",
}
"""Collection of the API → type of what is in it."""

REFERS = {
    "organization": "organizations",
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "credential_type": "credential_types",
    "workflow_job_template": "workflow_job_templates",
}
"""Field → the collection in which its object is."""

SURVEYED = ("job_templates", "workflow_job_templates")
NEEDED = {"type": str, "question_name": str, "variable": str, "required": bool}
"""What every question of a survey has, and its type."""

DEFAULTS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": (float, int),
}
"""Type of a question → of its default."""

UNIQUE_WITHIN = {"credential_types": "kind", "credentials": "credential_type", "inventory_sources": "inventory"}
"""Collection → the field within which a name is unique, besides the organization."""


class Refused(Exception):
    """What AWX would answer: the message by its field, or as its `detail` or `error`."""

    def __init__(self, field: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {field: message if field in ("detail", "error") else [message]}


def _rrule_problem(rule: str) -> str:
    """What AWX's serializer of schedules finds wrong with a rule; "" for nothing."""
    if not re.match(r"DTSTART(;TZID=[^:]+:\d{8}T\d{6}|:\d{8}T\d{6}Z)\s", rule):
        return "Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ"
    if "RRULE" not in rule:
        return "One or more rule required in rrule."
    if "INTERVAL" not in rule:
        return "INTERVAL required in rrule"
    return "SECONDLY is not supported" if "SECONDLY" in rule else ""


def survey_problem(survey: Item) -> str:
    """What AWX finds wrong with a survey; "" for nothing."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if key not in survey:
            return f"Field '{key}' is missing from survey spec."
        if not isinstance(survey[key], kind):
            return f"Expected {kind.__name__} for field '{key}'."
    if not survey["spec"]:
        return "'spec' doesn't contain any items."
    variables: set[str] = set()
    for index, question in enumerate(survey["spec"]):
        problem = _question_problem(index, question, variables)
        if problem:
            return problem
        variables.add(question["variable"])
    return ""


def _question_problem(index: int, question: Item, before: set[str]) -> str:
    for key, kind in NEEDED.items():
        if key not in question:
            return f"'{key}' missing from survey question {index}"
        if not isinstance(question[key], kind):
            return f"'{key}' in survey question {index} expected to be {kind.__name__}."
    if question["variable"] in before:
        return f"'variable' '{question['variable']}' duplicated in survey question {index}."
    if question["type"] not in DEFAULTS:
        return f"'{question['type']}' in survey question {index} is not one of the allowed question types."
    for key in ("min", "max"):
        if question.get(key) is not None and not isinstance(question[key], int):
            return f"The {key} limit in survey question {index} expected to be integer."
    default, choices = question.get("default", ""), question.get("choices")
    if default != "" and not isinstance(default, DEFAULTS[question["type"]]):
        return f"Default value {default} in survey question {index} expected to be another type."
    if question["type"] in ("multiplechoice", "multiselect"):
        if not choices:
            return f"Survey question {index} of type {question['type']} must specify choices."
        if default != "" and not set(default.splitlines()) <= set(choices):
            return "Default choice must be answered from the choices listed."
    return ""


@dataclass
class Awx:
    """What AWX has. playbooks: the files that a project finds in its repository.

    objects: collection → id → object.  surveys, linked: path → survey, or ids.  calls: method and path of each request.
    """

    playbooks: set[str]
    url: str = ""
    objects: dict[str, dict[int, Item]] = field(default_factory=lambda: {name: {} for name in TYPES})
    surveys: dict[str, Item] = field(default_factory=dict)
    linked: dict[str, list[int]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)

    def named(self, collection: str) -> dict[str, Item]:
        """The objects of a collection by name, or identifier."""
        return {each.get("identifier") or each["name"]: each for each in self.objects[collection].values()}

    def survey(self, item: Item) -> list[Item]:
        return self.surveys.get(item["related"].get("survey_spec", ""), {}).get("spec", [])

    def links(self, item: Item, association: str) -> list[str]:
        """The names of what is associated with an object."""
        collection = "credentials" if association == "credentials" else "workflow_job_template_nodes"
        names = {each["id"]: name for name, each in self.named(collection).items()}
        return [names[one] for one in self.linked.get(f"{item['url']}{association}/", [])]

    # --- what requests do ---------------------------------------------------------------------------------------

    def make(self, collection: str, given: Item) -> Item:
        number = 1 + sum(len(each) for each in self.objects.values())
        url = f"/api/v2/{collection}/{number}/"
        item: Item = {"id": number, "type": TYPES[collection], "url": url, "related": {}, "summary_fields": {}}
        if collection in SURVEYED:
            item["related"]["survey_spec"] = f"{url}survey_spec/"
        if collection == "projects":
            item["scm_revision"] = ""
        self._check(collection, item | given)
        item |= self._kept(given)
        if collection == "job_templates":
            # Of whichever organization its project is.
            item["organization"] = self.objects["projects"][item["project"]]["organization"]
        self.objects[collection][number] = item
        return item

    def change(self, collection: str, number: int, given: Item) -> Item:
        item = self.objects[collection][number]
        self._check(collection, item | given)
        item |= self._kept(given)
        return item

    @staticmethod
    def _kept(given: Item) -> Item:
        """What AWX keeps of what it is given; it shows no secret."""
        kept = {name: value for name, value in given.items() if name != "type"}
        if isinstance(kept.get("inputs"), dict) and "secret_key" in kept["inputs"]:
            kept["inputs"] = {**kept["inputs"], "secret_key": "$encrypted$"}
        return kept

    def _check(self, collection: str, item: Item) -> None:
        """Raises Refused unless an object may become this."""
        for name, other in REFERS.items():
            if item.get(name) is not None and item[name] not in self.objects[other]:
                raise Refused(name, f'Invalid pk "{item[name]}" - object does not exist.')
        self._check_name(collection, item)
        if collection == "job_templates" and item.get("playbook") not in self.playbooks:
            raise Refused("playbook", "Playbook not found for project.")
        if collection == "schedules" and (problem := _rrule_problem(item.get("rrule", ""))):
            raise Refused("rrule", problem)
        if collection == "credential_types":
            self._check_type(item)
        if collection == "workflow_job_template_nodes" and item.get("unified_job_template"):
            self._check_node(item)

    def _check_name(self, collection: str, item: Item) -> None:
        if collection == "workflow_job_template_nodes":
            return
        if not item.get("name"):
            raise Refused("name", "This field is required.")
        within = ("name", "organization", UNIQUE_WITHIN.get(collection, "organization"))
        for other in self.objects[collection].values():
            if other["id"] != item["id"] and all(other.get(each) == item.get(each) for each in within):
                raise Refused("__all__", f"{collection} with this {', '.join(within)} already exists.")

    def _check_type(self, item: Item) -> None:
        if item["kind"] not in ("cloud", "net"):
            raise Refused("kind", f"Must be 'cloud' or 'net', not {item['kind']}")
        before = self.objects["credential_types"].get(item["id"], item)
        in_use = any(each["credential_type"] == item["id"] for each in self.objects["credentials"].values())
        if in_use and before["inputs"] != item["inputs"]:
            why = "Modifications to inputs are not allowed for credential types that are in use"
            raise Refused("detail", why, status=403)

    def _check_node(self, item: Item) -> None:
        """A node may say only what its template asks for at a launch."""
        template = self.objects["job_templates"].get(item["unified_job_template"])
        if template is None:
            raise Refused(
                "unified_job_template", f'Invalid pk "{item["unified_job_template"]}" - object does not exist.'
            )
        asked = {each["variable"] for each in self.survey(template)} if template["survey_enabled"] else set()
        unasked = sorted(set(item.get("extra_data") or {}) - asked)
        if unasked:
            why = "Check the Prompt on Launch setting on the Job Template to include Extra Variables."
            raise Refused("extra_data", f"Variables {', '.join(unasked)} are not allowed on launch. {why}")
        if item.get("job_type") and not template["ask_job_type_on_launch"]:
            raise Refused("job_type", "Field is not configured to prompt on launch.")

    def keep_survey(self, path: str, survey: Item) -> None:
        problem = survey_problem(survey)
        if problem:
            raise Refused("error", problem)
        self.surveys[path] = survey

    def found(self, collection: str, asked: dict[str, str]) -> list[Item]:
        """The objects that a list answers. Of the words with or__ one is enough."""
        pool = [
            each
            for name in (UNIFIED if collection == "unified_job_templates" else (collection,))
            for each in self.objects[name].values()
        ]
        either = {name.removeprefix("or__"): value for name, value in asked.items() if name.startswith("or__")}
        exact = {name: value for name, value in asked.items() if not name.startswith("or__")}
        return [
            each
            for each in pool
            if all(str(each.get(name)) == value for name, value in exact.items())
            and (not either or any(str(each.get(name)) == value for name, value in either.items()))
        ]

    def approval(self, node: int, given: Item) -> Item:
        made = self.make("workflow_approval_templates", given)
        item = self.objects["workflow_job_template_nodes"][node]
        item["unified_job_template"] = made["id"]
        item["related"]["unified_job_template"] = made["url"]
        return made


class _Handler(BaseHTTPRequestHandler):
    awx: Awx

    def _answer(self, status: int, body: Any = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.end_headers()
        self.wfile.write(data)

    def _handle(self) -> None:
        url = urlparse(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        given = json.loads(self.rfile.read(length)) if length else {}
        self.awx.calls.append((self.command, url.path))
        if self.headers.get("Authorization") != "Bearer a-token":
            return self._answer(401, {"detail": "Authentication credentials were not provided."})
        try:
            return self._serve(url.path, dict(parse_qsl(url.query)), given)
        except Refused as refusal:
            return self._answer(refusal.status, refusal.body)

    def _serve(self, path: str, asked: dict[str, str], given: Any) -> None:
        match = re.fullmatch(r"/api/v2/(\w+)/(?:(\d+)/(?:(\w+)/)?)?", path)
        collection, number, part = (match[1], int(match[2] or 0), match[3]) if match else ("", 0, None)
        listed = {**self.awx.objects, "unified_job_templates": {}}
        if collection not in listed or (number and number not in listed[collection]):
            return self._answer(404, {"detail": "Not found."})
        posted = self.command == "POST"
        if not number:
            if posted:
                return self._answer(201, self.awx.make(collection, given))
            results = self.awx.found(collection, asked)
            return self._answer(200, {"count": len(results), "next": None, "previous": None, "results": results})
        if part is None:
            if self.command == "PATCH":
                return self._answer(200, self.awx.change(collection, number, given))
            return self._answer(200, self.awx.objects[collection][number])
        if part == "survey_spec":
            if posted:
                self.awx.keep_survey(path, given)
            return self._answer(200, self.awx.surveys.get(path, {}))
        if part == "create_approval_template":
            return self._answer(201, self.awx.approval(number, given))
        ids = self.awx.linked.setdefault(path, [])
        if not posted:
            results = [{"id": each} for each in ids]
            return self._answer(200, {"count": len(ids), "next": None, "previous": None, "results": results})
        if given.get("disassociate"):
            ids.remove(given["id"])
        else:
            ids.append(given["id"])
        return self._answer(204)

    do_GET = do_POST = do_PATCH = _handle

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serve(playbooks: set[str]) -> Iterator[Awx]:
    """An AWX with the organization Default, on a port of its own."""
    awx = Awx(playbooks)
    awx.make("organizations", {"name": "Default"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"awx": awx}))
    awx.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield awx
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
