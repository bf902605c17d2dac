# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AWS for one laptop: moto, what moto lacks, tasks as real processes, and a front door, on two loopback ports.

`Cloud` starts one in the background and ends it again; `python -m localcloud` does the same from a shell. It is
strict: it refuses what AWS refuses. Nothing here is imported by the collection's modules.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from localcloud import home as homes
from localcloud.options import DEFAULT_REGION, OPERATOR_ACCESS_KEY, OPERATOR_SECRET_KEY, Options, default_home

__all__ = ["Cloud", "CloudError", "Options", "default_home"]

START_PATIENCE = 60.0

_MAKING_CLIENTS = threading.Lock()
"""A session makes one client at a time."""


@cache
def _session() -> Any:
    """One for all clouds of a process: each would read the models of the services anew."""
    import boto3

    return boto3.session.Session()


class CloudError(Exception):
    """The embedded cloud could not be started, or is not running."""


class Cloud:
    """One embedded cloud, in a home directory of its own.

    Used as a context manager it starts on entry and is gone on exit. Keyword arguments are those of `Options`;
    `home=None` makes a temporary home.

    >>> with Cloud(port=0, door_port=0) as cloud:  # doctest: +SKIP
    ...     cloud.client("sqs", "us-east-1").list_queues()
    """

    def __init__(self, home: str | os.PathLike[str] | None = None, **options: Any):
        self.home = Path(home or tempfile.mkdtemp(prefix="localcloud-")).resolve()
        self.options = Options.from_mapping(options)
        self._clients: dict[tuple[str, str], Any] = {}

    def __enter__(self) -> Cloud:
        # A test run that is killed cannot stop its cloud; so the cloud watches it.
        self.start(ends_with=os.getpid())
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, ends_with: int | None = None) -> None:
        """Start the server unless it already answers; returns when it answers.

        The cloud ends with the process whose id is `ends_with`; None lets it outlive everybody.

        Raises:
            CloudError: it does not within a minute; the message holds the end of its log.
        """
        if self.is_running():
            return
        homes.end_processes(self.home)  # what a killed server may have left behind
        self.home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "localcloud", "serve", "--home", str(self.home), *self.options.to_arguments()]
        root = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        parent = {} if ends_with is None else {homes.PARENT: f"{ends_with}:{homes.birth_of(ends_with)}"}
        output_file = self.home / "server.out"
        # The server talks to itself: credentials, profiles and endpoints of the caller must not reach it.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with output_file.open("wb") as output:
            process = subprocess.Popen(
                command,
                env={**inherited, **homes.environment(self.home, "server"), **parent, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_PATIENCE
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                homes.end_processes(self.home)
                said = output_file.read_text(errors="replace")[-2000:]
                raise CloudError(
                    f"the embedded cloud in {self.home} did not start on port {self.options.port} within "
                    f"{START_PATIENCE:.0f} s (exit status {process.poll()}). Is the port taken? It said:\n{said}"
                )
            time.sleep(0.02)

    def stop(self) -> list[int]:
        """End every process of this cloud, whatever state it is in; returns their process ids."""
        self._clients.clear()
        return homes.end_processes(self.home)

    def is_running(self) -> bool:
        """Whether the server that wrote state.json answers."""
        state = homes.read_state(self.home)
        if state is None:
            return False
        try:
            with urllib.request.urlopen(state["endpoint"] + "/_localcloud/status", timeout=2) as answer:
                return json.load(answer)["run_id"] == state["run_id"]
        except (OSError, ValueError, KeyError):
            return False

    @property
    def state(self) -> dict[str, Any]:
        """state.json: pid, port, door_port, endpoint, door, run_id.

        Raises:
            CloudError: no cloud runs in this home.
        """
        state = homes.read_state(self.home)
        if state is None:
            raise CloudError(f"no embedded cloud runs in {self.home}: start it with `python -m localcloud up`")
        return state

    @property
    def endpoint(self) -> str:
        """URL of the AWS API, for instance http://127.0.0.1:4566."""
        return self.state["endpoint"]

    @property
    def door(self) -> str:
        """host:port of the front door."""
        return self.state["door"]

    def env(self) -> dict[str, str]:
        """The environment variables that point AWS SDKs and our modules at this cloud."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": OPERATOR_ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": OPERATOR_SECRET_KEY,
            "AWS_DEFAULT_REGION": DEFAULT_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "MULTIREGION_CONNECT_TO": self.door,
            "MULTIREGION_CA_FILE": str(self.home / homes.TLS_FOLDER / "ca.pem"),
        }

    def client(self, service: str, region: str = DEFAULT_REGION, **settings: Any) -> Any:
        """A boto3 client of this cloud (one per service and region unless `settings` differ)."""
        from botocore.config import Config

        key = (service, region)
        if settings or key not in self._clients:
            rough = self.options.throttled_share or self.options.lost_share
            patience = {"config": Config(retries={"max_attempts": 20, "mode": "standard"})} if rough else {}
            with _MAKING_CLIENTS:
                client = _session().client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint,
                    aws_access_key_id=OPERATOR_ACCESS_KEY,
                    aws_secret_access_key=OPERATOR_SECRET_KEY,
                    **patience | settings,
                )
            if settings:
                return client
            self._clients[key] = client
        return self._clients[key]

    def fault(self, region: str, state: str, **details: Any) -> dict[str, Any]:
        """Make a region "dead", "unreachable" (to all but its tasks), "slow", "throttled", "lossy", "sick" or "ok".

        `details` are `share` of calls that are throttled (0.2) or answered with a server's fault (0.7), `every`: for
        how many seconds a sick region is well in between (0: never), `latency` in seconds of a slow region's calls
        (0.8), and `hang`: whether calls without an answer keep their connection (unreachable: True, dead: False).
        Returns all that is wrong then, as `faults()` does.

        Raises:
            CloudError: for a region, state or detail that does not exist.
        """
        return self.ask("faults", wanted={"region": region, "state": state, **details})

    def link(self, one: str, other: str, state: str) -> dict[str, Any]:
        """Make the line between two regions "cut", or "ok" again; both ways.

        Raises:
            CloudError: for a region or state that does not exist.
        """
        return self.ask("faults", wanted={"link": [one, other], "state": state})

    def control_plane(self, service: str, state: str, **details: Any) -> dict[str, Any]:
        """Turn the API of "globalaccelerator" or "route53" "off", "sick", or "ok" again; traffic goes on.

        `details` may have `hang`: whether calls keep their connection (True), and `share` of a sick one's calls that
        are answered with a server's fault (0.7).

        Raises:
            CloudError: for a service or state that does not exist.
        """
        return self.ask("faults", wanted={"control_plane": service, "state": state, **details})

    def service(self, service: str, region: str, state: str, **details: Any) -> dict[str, Any]:
        """Make one service of a region "sick", have "s3" send its objects "late", or make it "ok" again.

        `details` may have `share` of a sick one's calls that are answered with a server's fault (0.7), and `lag`: how
        many seconds longer objects take to other regions (60).

        Raises:
            CloudError: for a region, state or detail that does not exist.
        """
        return self.ask("faults", wanted={"service": [service, region], "state": state, **details})

    def faults(self) -> dict[str, Any]:
        """What is wrong: regions, links, control_planes, services, and how many deliveries are held_back."""
        return self.ask("faults")

    def scan(self, image: str, *findings: str, status: str = "COMPLETE", region: str | None = None) -> dict[str, Any]:
        """Have ECR's scans of an image (`repository`, or `repository@digest`) find this from now on; nothing is clean.

        `findings` are `SEVERITY=NAME`, or `SEVERITY=NAME:PACKAGE`. `status` is what the scan ends with, or stays in.

        Raises:
            CloudError: for a severity, a status or a region that does not exist.
        """
        told = [(severity, *name.partition(":")[::2]) for severity, _is, name in (f.partition("=") for f in findings)]
        return self.ask("scans", wanted={"image": image, "findings": told, "status": status, "region": region})

    def zones(self, region: str, *zones: str | dict[str, str], account: str | None = None) -> dict[str, Any]:
        """Have an account see these Availability Zones in a region, in this order, from now on.

        A zone is `LETTER=ID`, `LETTER=ID:STATE`, or `{"letter" or "name", "id", "state", "type", "opt_in"}` in EC2's
        words. Subnets that exist stay where they are.

        Raises:
            CloudError: for a region, or a zone, that cannot be.
        """
        told = []
        for zone in zones:
            if isinstance(zone, str):
                letter, _is, rest = zone.partition("=")
                name, _colon, state = rest.partition(":")
                zone = {"letter": letter, "id": name, "state": state or "available"}
            told.append(zone)
        return self.ask("zones", wanted={"region": region, "zones": told, "account": account})

    def ask(self, topic: str, timeout: float = 30.0, wanted: dict[str, Any] | None = None) -> Any:
        """GET a private endpoint, for instance "status" or "inventory"; or POST it what is `wanted`.

        Raises:
            CloudError: it does not answer, or refuses; the message is its reason then.
        """
        url = f"{self.endpoint}/_localcloud/{topic}"
        body = None if wanted is None else json.dumps(wanted).encode()
        try:
            with urllib.request.urlopen(url, body, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            reason = json.load(error)["error"] if error.code == 400 else f"{url}: {error}"
            raise CloudError(reason) from error
        except urllib.error.URLError as error:
            raise CloudError(f"the embedded cloud does not answer at {url}: {error}") from error
