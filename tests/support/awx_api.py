# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of AWX's REST API (v2) that `awx/configure.yml` needs: it keeps objects, and answers as AWX does.

It refuses what AWX refuses of them: an object that refers to none, a playbook that the project does not have, a survey
whose questions lack a key or whose default is none of its choices, and a node that says what its template does not ask.
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
QUESTION = {"question_name", "question_description", "variable", "type", "required", "default", "choices", "min", "max"}


class Refused(Exception):
    """AWX would answer 400: the message is keyed as there."""


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
        for name, other in REFERS.items():
            if item.get(name) is not None and item[name] not in self.objects[other]:
                raise Refused(f"{name}: object {item[name]} does not exist.")
        if collection == "job_templates" and item.get("playbook") not in self.playbooks:
            raise Refused(f"Playbook not found for project: {item.get('playbook')}.")
        if collection == "workflow_job_template_nodes" and item.get("unified_job_template"):
            template = self.objects["job_templates"].get(item["unified_job_template"])
            if template is None:
                raise Refused("unified_job_template: it does not exist.")
            asked = {each["variable"] for each in self.survey(template)} if template["survey_enabled"] else set()
            if set(item.get("extra_data") or {}) - asked:
                raise Refused("Variables are not allowed on launch.")
            if item.get("job_type") and not template["ask_job_type_on_launch"]:
                raise Refused("Field is not configured to prompt on launch.")

    def keep_survey(self, path: str, survey: Item) -> None:
        for key in ("name", "description", "spec"):
            if key not in survey:
                raise Refused(f"Survey lacks {key}.")
        for question in survey["spec"]:
            if set(question) != QUESTION:
                raise Refused(f"Question {question.get('variable')} has other keys.")
            choices, default = question["choices"], question["default"]
            if question["type"] == "multiplechoice" and not (choices and default in ("", *choices)):
                raise Refused(f"The default of {question['variable']} must be one of its choices.")
            if question["type"] == "integer" and default != "" and not isinstance(default, int):
                raise Refused(f"The default of {question['variable']} must be an integer.")
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
            return self._answer(400, {"__all__": [str(refusal)]})

    def _serve(self, path: str, asked: dict[str, str], given: Any) -> None:
        match = re.fullmatch(r"/api/v2/(\w+)/(?:(\d+)/(?:(\w+)/)?)?", path)
        if match is None:
            return self._answer(404, {"detail": "Not found."})
        collection, number, part = match[1], int(match[2] or 0), match[3]
        posted = self.command == "POST"
        if not number:
            if posted:
                return self._answer(201, self.awx.make(collection, given))
            results = self.awx.found(collection, asked)
            return self._answer(200, {"count": len(results), "next": None, "results": results})
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
            return self._answer(200, {"count": len(ids), "next": None, "results": [{"id": each} for each in ids]})
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
