# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting and ending a cloud: quickly, more than once, and whatever was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud, CloudError
from localcloud.home import processes
from tests.support.waiting import eventually

REPOSITORY = Path(__file__).resolve().parents[3]


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "localcloud", *arguments, "--home", str(home)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)


def test_up_shell_status_down(tmp_path: Path) -> None:
    started = time.monotonic()
    up = run(tmp_path, "up", "--port", "0", "--door-port", "0")
    assert up.returncode == 0, up.stderr
    assert time.monotonic() - started < 10  # five seconds, and as much again for a machine that is busy
    again = run(tmp_path, "up", "--port", "0", "--door-port", "0")
    assert again.stdout == up.stdout
    state = json.loads((tmp_path / "state.json").read_text())
    exports = run(tmp_path, "shell").stdout
    assert f"export AWS_ENDPOINT_URL={state['endpoint']}\n" in exports
    assert f"export MULTIREGION_CONNECT_TO={state['door']}\n" in exports
    assert run(tmp_path, "status").returncode == 0
    inventory = json.loads(run(tmp_path, "inventory", "--json").stdout)
    assert inventory == {"count": 0, "resources": {}, "inactive": []}
    assert run(tmp_path, "down").returncode == 0
    assert processes(tmp_path) == {}
    assert run(tmp_path, "status").returncode == 3
    assert run(tmp_path, "down").stdout == "nothing was running\n"


def test_down_leaves_nothing_after_the_server_was_killed(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path, port=0, door_port=0)
    cloud.start()
    eventually(lambda: "door" in processes(tmp_path).values())
    os.kill(cloud.state["pid"], signal.SIGKILL)
    eventually(lambda: "server" not in processes(tmp_path).values())
    cloud.stop()
    assert processes(tmp_path) == {}
    with pytest.raises(CloudError, match="no embedded cloud runs"):
        _ = cloud.endpoint


def test_a_killed_door_comes_back_and_a_killed_server_is_replaced_by_up(tmp_path: Path) -> None:
    with Cloud(tmp_path, port=0, door_port=0) as cloud:
        eventually(lambda: "door" in processes(tmp_path).values())
        door = next(pid for pid, part in processes(tmp_path).items() if part == "door")
        os.kill(door, signal.SIGKILL)
        eventually(lambda: any(pid != door and part == "door" for pid, part in processes(tmp_path).items()))
        run_id = cloud.state["run_id"]
        os.kill(cloud.state["pid"], signal.SIGKILL)
        cloud.start()
        assert cloud.state["run_id"] != run_id
    assert processes(tmp_path) == {}


def test_a_cloud_ends_with_the_process_that_used_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from localcloud import Cloud\nwith Cloud(sys.argv[1], port=0, door_port=0): time.sleep(60)"
    )
    user = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY)
    eventually(lambda: Cloud(tmp_path).is_running(), within=20)
    user.kill()
    user.wait()
    eventually(lambda: processes(tmp_path) == {}, within=15)


def test_a_taken_port_is_told(tmp_path: Path, cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="Is the port taken"):
        Cloud(tmp_path, port=cloud.state["port"], door_port=0).start()


def test_only_marked_processes_are_ended(tmp_path: Path) -> None:
    """A shell that merely exports the home is not part of the cloud."""
    bystander = subprocess.Popen(["sleep", "30"], env={**os.environ, "LOCALCLOUD_HOME": str(tmp_path)})
    try:
        Cloud(tmp_path).stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_the_private_endpoints_answer(cloud: Cloud) -> None:
    assert cloud.ask("status")["run_id"] == cloud.state["run_id"]
    assert isinstance(cloud.ask("routes"), dict)
    with pytest.raises(CloudError, match="404"):
        cloud.ask("nonsense")


def test_an_unsupported_call_says_so_at_once(cloud: Cloud) -> None:
    started = time.monotonic()
    with pytest.raises(ClientError, match="does not implement") as told:
        cloud.client("ecs").list_services_by_namespace(namespace="x")
    assert time.monotonic() - started < 2
    assert told.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_rest_services_answer(cloud: Cloud, name: str) -> None:
    zone = cloud.client("route53").create_hosted_zone(Name=f"{name}.org", CallerReference=name)["HostedZone"]
    assert cloud.client("route53").get_hosted_zone(Id=zone["Id"])["HostedZone"]["Name"] == f"{name}.org."
    cloud.client("route53").delete_hosted_zone(Id=zone["Id"])
    efs = cloud.client("efs")
    made = efs.create_file_system(CreationToken=name)["FileSystemId"]
    assert made in [found["FileSystemId"] for found in efs.describe_file_systems()["FileSystems"]]
    efs.delete_file_system(FileSystemId=made)
    api = cloud.client("apigateway").create_rest_api(name=name)["id"]
    assert cloud.client("apigateway").get_rest_api(restApiId=api)["name"] == name
    cloud.client("apigateway").delete_rest_api(restApiId=api)
    assert cloud.client("apigatewayv2").get_apis()["Items"] == []


def test_services_outside_the_table_go_through_motos_application(cloud: Cloud, name: str) -> None:
    client = cloud.client("batch")
    assert client.describe_job_queues()["jobQueues"] == []


def test_large_and_chunked_bodies_arrive_whole(cloud: Cloud, name: str) -> None:
    client = cloud.client("s3", "us-east-1")
    client.create_bucket(Bucket=name)
    body = os.urandom(3_000_000)
    client.put_object(Bucket=name, Key="large", Body=body)
    assert client.get_object(Bucket=name, Key="large")["Body"].read() == body
    assert client.head_object(Bucket=name, Key="large")["ContentLength"] == len(body)
    url = client.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "large"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == body
