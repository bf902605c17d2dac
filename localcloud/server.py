# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that is the embedded cloud: the AWS port, the task runner's threads, and the front door it watches over.

It starts in this order so that `up` can return early and nothing is lost later: listen, write state.json, start the
runner, start the front door. It ends in the opposite order, and leaves no process behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import importlib
import importlib.util
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Awaitable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from localcloud import home as homes
from localcloud.faults import FaultError
from localcloud.http_server import HttpServer, Request, Response
from localcloud.lock import LOCK
from localcloud.options import ACCOUNT_ID, LOOPBACK, Options
from localcloud.world import WORLD

log = logging.getLogger("localcloud")

PARENT_PERIOD = 2.0
"""How often a cloud looks whether the process it belongs to still lives (seconds)."""

ROUTES_PERIOD, ROUTES_IDLE_PERIOD, ROUTES_WAIT = 0.12, 0.5, 6.0
"""Seconds: how often it is looked whether the front door's table has changed, and how often where nobody has called AWS
for so long; after how many the door asks again."""
QUIET_SECONDS = 5.0
"""After so many without a call of AWS, what can change is only the health of targets."""


def serve(home: Path, options: Options) -> None:
    """Run the cloud in this process until SIGTERM or SIGINT."""
    gc.disable()  # until warm_up: what is loaded before stays
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(homes.environment(home, "server"))
    os.environ.update({"MOTO_ACCOUNT_ID": ACCOUNT_ID, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"})
    logging.basicConfig(
        filename=home / "server.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    asyncio.run(Server(home, options).run())


class Server:
    """One running cloud."""

    def __init__(self, home: Path, options: Options):
        self.home = home
        self.options = options
        self.run_id = uuid.uuid4().hex
        self.started_at = time.time()
        self.called_at = time.monotonic()
        self.door: Door | None = None
        self.runner: Any = None
        self.http = HttpServer(self.handle)
        self.gate: Any = None
        self.eventual: Any = None
        self.count_call: Any = None

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)

        from localcloud.backends import start_backends
        from localcloud.dispatch import Dispatcher
        from localcloud.eventual import Eventual
        from localcloud.gate import Gate
        from localcloud.observation import count_call

        self.count_call = count_call
        start_backends(self.options)
        await self.http.start(LOOPBACK, self.options.port)
        answer = Dispatcher(LOOPBACK, self.http.port).answer
        if self.options.eventual:
            self.eventual = Eventual(self.options.eventual, self.options.seed, answer)
            answer = self.eventual.answer
        self.gate = Gate(WORLD.faults, answer, home_of_bucket)
        door_port = self.options.door_port or free_port()
        homes.write_state(self.home, self.state(door_port))
        try:
            self.runner = start_runner(self.options, self.home)
            self.door = start_door(self.home, self.http.port, door_port, self.options.metric_seconds)
            warm_up()
            await until_stopped(stopped, os.environ.pop(homes.PARENT, ""))
        finally:
            await self._stop(loop)

    async def _stop(self, loop: asyncio.AbstractEventLoop) -> None:
        from localcloud.ecr.responses import stop_registries

        if self.door:
            self.door.stop()
        if self.runner:
            await loop.run_in_executor(None, self.runner.stop)
        stop_registries()
        await self.http.stop()
        with contextlib.suppress(FileNotFoundError):
            (self.home / homes.STATE_FILE).unlink()

    def state(self, door_port: int) -> dict[str, Any]:
        """What state.json tells other processes about this cloud."""
        return {
            "pid": os.getpid(),
            "port": self.http.port,
            "door_port": door_port,
            "endpoint": f"http://{LOOPBACK}:{self.http.port}",
            "door": f"{LOOPBACK}:{door_port}",
            "run_id": self.run_id,
        }

    def handle(self, request: Request) -> Any:
        """Answer one request: ours under /_localcloud, AWS's everywhere else."""
        if request.path.startswith("/_localcloud/"):
            return self.handle_private(request)
        self.called_at = time.monotonic()
        self.count_call(request)
        return self.gate.pass_on(request)

    def handle_private(self, request: Request) -> Response | Awaitable[Response]:
        """The private endpoints: status, routes, counted and observed (the front door's), inventory, layers, faults,
        scans, zones, settle (show what `--eventual` hides), metadata, observe, website (for the front door).
        """
        topic = request.path.removeprefix("/_localcloud/")
        if topic == "routes":
            return self.tell_routes(request.headers.get("if-none-match", ""))
        if topic == "status":
            return as_json({"run_id": self.run_id, "uptime": round(time.time() - self.started_at, 3)})
        if topic == "counted":
            from localcloud.elbv2.metrics import publish

            with LOCK:
                publish(json.loads(request.body))
            return as_json({})
        if topic == "observed":
            from localcloud.route53 import health_checks

            with LOCK:
                health_checks.observe(json.loads(request.body))
            return as_json({})
        if topic == "inventory":
            from localcloud.inventory import take_inventory

            with LOCK:
                return as_json(take_inventory())
        if topic == "reach":
            return tell_reach(request.query)
        if topic == "layers":
            return give_layer(request.query)
        if topic == "faults":
            self.called_at = time.monotonic()
            return set_faults(request.body) if request.method == "POST" else as_json(WORLD.faults.describe())
        if topic == "settle":
            if self.eventual:
                self.eventual.settle()
            return as_json({})
        if topic == "scans":
            return set_scans(request.body)
        if topic == "zones":
            return set_zones(request.body)
        if topic.startswith("website/"):
            return show_website(topic.removeprefix("website/"), request)
        if topic.startswith("observe"):
            return observe(topic, dict(parse_qsl(request.query)))
        if topic.startswith("metadata/"):
            runner = find_runner()
            with LOCK:
                answer = runner.metadata(topic.removeprefix("metadata/")) if runner else None
            if answer is not None:
                return as_json(answer)
        return as_json({"error": f"no such private endpoint: {request.path}"}, status=404)

    async def tell_routes(self, known: str) -> Response:
        """The front door's table as soon as it is another one than that whose ETag is `known`; 304 if it stays."""
        runner = find_runner()
        ends = time.monotonic() + ROUTES_WAIT
        while time.monotonic() < ends:
            with LOCK:
                answer = as_json(runner.routes() if runner else {})
            answer.headers["etag"] = hashlib.md5(answer.body, usedforsecurity=False).hexdigest()
            if answer.headers["etag"] != known:
                return answer
            is_quiet = time.monotonic() - self.called_at > QUIET_SECONDS
            await asyncio.sleep(ROUTES_IDLE_PERIOD if is_quiet else ROUTES_PERIOD)
        return Response(304, {"etag": known})


def tell_reach(query: str) -> Response:
    """Whether security groups let one thing connect to another; 400 and the reason if it cannot be said."""
    from localcloud.ec2.reach import UnknownEnd, answer_reach

    try:
        with LOCK:
            return as_json(answer_reach(query))
    except UnknownEnd as error:
        return as_json({"error": str(error)}, status=400)


def show_website(place: str, request: Request) -> Response:
    """What the website endpoint of S3 answers; `place` is REGION/BUCKET/PATH, the path as it was sent."""
    from localcloud.observation import bucket_named
    from localcloud.s3.website import serve

    region, _slash, rest = place.partition("/")
    name, _slash, path = rest.partition("/")
    with LOCK:
        bucket = bucket_named(name)
        here = bucket if bucket is not None and bucket.region_name == region else None
        page = serve(here, name, request.method, f"/{path}", request.headers)
    return Response(page.status, {**page.headers, "server": "AmazonS3"}, page.body)


def give_layer(query: str) -> Response:
    """A layer of an image, by the URL that GetDownloadUrlForLayer gave; 404 if it is gone."""
    from moto.core.exceptions import ServiceException

    from localcloud.ecr.responses import layer_at

    try:
        with LOCK:
            return Response(200, {"content-type": "application/octet-stream"}, layer_at(query))
    except (ServiceException, KeyError) as error:
        return as_json({"error": str(error)}, status=404)


def set_faults(body: bytes) -> Response:
    """Make something fail or well again; answers with all that is wrong then, or 400 and the reason why not."""
    from moto.dynamodb.models import dynamodb_backends

    try:
        wanted = json.loads(body)
        regions = [wanted.get("region"), *(wanted.get("link") or []), *(wanted.get("service") or [])[1:2]]
        unknown = [name for name in regions if name and name not in dynamodb_backends[ACCOUNT_ID].regions]
        if unknown:
            raise FaultError(f"region {unknown[0]!r}: AWS has no region of that name")
        with LOCK:
            WORLD.faults.apply(wanted)
            runner = find_runner()
            if runner:
                runner.lose_tasks()
    except (ValueError, AttributeError, TypeError) as error:
        return as_json({"error": str(error)}, status=400)
    log.warning("faults are now: %s", WORLD.faults.describe())
    return as_json(WORLD.faults.describe())


def set_scans(body: bytes) -> Response:
    """Have scans of images say something from now on; answers with that, or 400 and the reason why not."""
    from localcloud.ecr.scanning import set_verdict

    try:
        with LOCK:
            return as_json(set_verdict(json.loads(body)))
    except (ValueError, KeyError, TypeError) as error:
        return as_json({"error": str(error)}, status=400)


def set_zones(body: bytes) -> Response:
    """Give a region the zones that an account sees there; answers with them, or 400 and the reason why not."""
    from localcloud.ec2 import zones

    try:
        with LOCK:
            return as_json(zones.set_zones(json.loads(body)))
    except (ValueError, KeyError, TypeError) as error:
        return as_json({"error": str(error)}, status=400)


def observe(topic: str, asked: dict[str, str]) -> Response:
    """What an onlooker sees (observation.py): observe?table=&parameter=, observe/items|keys?region=&table=,
    observe/written?table=, observe/objects?bucket=."""
    from localcloud import observation

    views = {
        "observe": observation.observe,
        "observe/items": observation.items_of,
        "observe/keys": observation.keys_of,
        "observe/written": observation.written_at,
        "observe/objects": observation.objects_of,
    }
    if topic not in views:
        return as_json({"error": f"no such private endpoint: {topic}"}, status=404)
    try:
        with LOCK:
            return as_json(views[topic](**asked))
    except TypeError as error:
        return as_json({"error": f"{topic}: {error}"}, status=400)


def home_of_bucket(name: str) -> str | None:
    """The region a bucket lives in, None if there is no such bucket."""
    from localcloud.observation import bucket_named

    bucket = bucket_named(name)
    return bucket.region_name if bucket else None


async def until_stopped(stopped: asyncio.Event, parent: str) -> None:
    """Wait for a signal, or for the end of the process that this cloud was started with."""
    pid, _, birth = parent.partition(":")
    while not stopped.is_set() and (not pid or homes.birth_of(int(pid)) == birth):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), PARENT_PERIOD if pid else None)


class Door:
    """The front door's process, started again whenever it dies."""

    def __init__(self, command: list[str], environment: dict[str, str], log_file: Path):
        self.command = command
        self.environment = environment
        self.log_file = log_file
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._watch, name="door", daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        delay = 0.1
        while not self.stopping.is_set():
            started = time.monotonic()
            with self.log_file.open("ab") as output:
                self.process = subprocess.Popen(
                    self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
                )
            status = self.process.wait()
            if not self.stopping.is_set():
                log.warning("front door ended with status %s, starting it again", status)
            # Whatever killed it once may kill it again at once; then each attempt waits longer.
            delay = 0.1 if time.monotonic() - started > 10 else min(delay * 2, 10)
            self.stopping.wait(delay)

    def stop(self) -> None:
        self.stopping.set()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()


def start_door(home: Path, port: int, door_port: int, metric_seconds: float) -> Door | None:
    """Start the front door, unless this installation has none."""
    if importlib.util.find_spec("localcloud.frontdoor") is None:
        return None
    command = [sys.executable, "-m", "localcloud.frontdoor", "--server", f"http://{LOOPBACK}:{port}"]
    command += ["--host", LOOPBACK, "--port", str(door_port), "--metric-seconds", str(metric_seconds)]
    command += ["--tls-folder", str(home / homes.TLS_FOLDER)]
    return Door(command, child_environment(home, "door"), home / "door.log")


def find_runner() -> Any:
    """The task runner's module, or None where it is not installed."""
    return importlib.import_module("localcloud.runner") if importlib.util.find_spec("localcloud.runner") else None


def start_runner(options: Options, home: Path) -> Any:
    runner = find_runner()
    return runner.start(options, home) if runner and hasattr(runner, "start") else None


def child_environment(home: Path, part: str) -> dict[str, str]:
    """This process's environment for a child that runs our own code, marked as `part` of the cloud."""
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, **homes.environment(home, part), "PYTHONPATH": path}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def warm_up() -> None:
    """Keep the collector away from what lives as long as the process: modules and service models."""
    gc.freeze()
    gc.enable()


def as_json(value: Any, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(value, default=str).encode())
