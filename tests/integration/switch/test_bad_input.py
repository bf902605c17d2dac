# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a switch cannot mean is refused by name, and nobody is signalled before somebody has approved it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import to_attributes
from harness.inventories import default_inventory
from harness.playbooks import PlaybookFailed, run_playbook

LEASE = Lease(generation=7, holder="4be1f0", operator="ana", reason="drill", since="2026-01-02T03:04:05Z")


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[str]]]:
    """An address at which a run holds the lease, and the operations that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
            asked.append(self.headers.get("X-Amz-Target", self.path).rpartition(".")[2])
            holds = body.get("Key") == {"id": {"S": "lease"}}
            answer = json.dumps({"Item": to_attributes(LEASE.to_item())} if holds else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def refused(playbook: str, endpoint: str, folder: Path, *said: str) -> str:
    environment = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIAOPERATOR0LAPTOP0",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret-but-as-long-as-one-would-be",
    }
    arguments = [each for word in said for each in ("-e", word)]
    with pytest.raises(PlaybookFailed) as failure:
        run_playbook(f"playbooks/{playbook}", default_inventory(), environment, folder / "log", *arguments)
    return " ".join(str(failure.value).split())


@pytest.mark.parametrize(
    ("playbook", "said", "words"),
    [
        ("toggle.yml", ["to=us-east-1"], "accepts target and turn, not to."),
        ("toggle.yml", ["target=us-east-1", "turn=on", "from=sa-east-1"], "accepts target and turn, not from."),
        ("failover.yml", ["target=us-east-1", "turn=off"], "accepts to and from, not target and turn."),
        ("failback.yml", ['{"turn": false}'], "accepts to and from, not turn."),
        ("failover.yml", ["to=us-east-1", "dead=[sa-east-1,us-east-1]"], "to is us-east-1, which dead names too"),
        ("failover.yml", ["to=us-east-1", "skip_checks=[digests,luck]"], "skip_checks names luck; the checks are"),
        ("failover.yml", ["to=us-east-1", 'skip_checks="digests, luck"'], "skip_checks names luck; the checks are"),
        ("failover.yml", ["to=us-east-1", "fence=reachable"], "fence is reachable, which goes on without a region"),
        ("failover.yml", ['{"to": "us-east-1", "skip_checks": ["luck"]}'], "skip_checks names luck; the checks are"),
    ],
)
def test_what_it_cannot_mean(playbook: str, said: list[str], words: str, endpoint: Any, tmp_path: Path) -> None:
    url, asked = endpoint
    assert words in refused(playbook, url, tmp_path, "reason=test", *said)
    assert asked == []


def test_a_run_under_way_is_not_told_to_go_back_before_somebody_approved(endpoint: Any, tmp_path: Path) -> None:
    url, asked = endpoint
    told = refused("cancel.yml", url, tmp_path)
    assert "run by ana since 2026-01-02T03:04:05Z: drill. It will be rolled back to the previous states." in told
    assert "Nothing was changed." in told
    assert "add -e approve=true" in told
    assert set(asked) == {"GetItem"}
