# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge with an API in two regions: real requests over TLS, from the domain to a target behind it all."""

from __future__ import annotations

import http.client
import http.server
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from harness.playbooks import run_playbook
from harness.sales_system import LOGS_ROLE, allow_api_logs
from localcloud import Cloud
from tests.support.modules import run_named
from tests.support.waiting import eventually

REGIONS = {"sa-east-1": "10.1.0.0/16", "us-east-1": "10.2.0.0/16"}
DOMAIN, SHOP = "api.example.com", "shop.example.com"

PLAYBOOK = [
    {
        "name": "The edge",
        "hosts": "regions",
        "gather_facts": False,
        "tasks": [
            {
                "name": name,
                "ansible.builtin.include_role": {"name": "multiregion.ecs.edge", "tasks_from": tasks},
                "when": wanted,
            }
            for name, tasks, wanted in (
                ("The load balancers", "main", True),
                ("What guards the API", "web_acl", "edge_web_acl is defined"),
                ("The API in front of them", "api", True),
            )
        ],
    }
]
"""What site.yml does for the layer, without all that it does beside."""

CONSENTS = ("-e", "destroy=sales", "-e", "destroy_active=sa-east-1", "-e", "approve=true")


class Target(http.server.BaseHTTPRequestHandler):
    """Tells what reached it, and whether its server is `ready`."""

    def do_GET(self) -> None:
        told = {name: self.headers[name] for name in ("Host", "X-Forwarded-Proto")}
        body = json.dumps({"path": self.path, **told}).encode()
        self.send_response(200 if self.path != "/sales/ready" or self.server.ready else 503)  # type: ignore[attr-defined]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def targets() -> Iterator[dict[str, Any]]:
    """Region → a server on this machine. Its `ready` is what its health check sees."""
    servers: dict[str, Any] = {}
    for region in REGIONS:
        servers[region] = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
        servers[region].ready = region == "sa-east-1"
        threading.Thread(target=servers[region].serve_forever, daemon=True).start()
    yield servers
    for server in servers.values():
        server.shutdown()


GUARDED = {
    # A client on this machine may have any address of its loopback.
    "edge_web_acl": {"blocked": ["127.0.0.2", "2001:db8::/32"], "largest_body": 4096},
    "edge_api_requests": [
        {
            "route": "POST /sales",
            "headers": ["X-Id"],
            "body": {"type": "object", "required": ["product"], "properties": {"product": {"type": "string"}}},
        }
    ],
}
"""What only a REST API can have."""


def variables() -> dict[str, Any]:
    port = "{{ served_at | int }}"
    behind = {
        "name": "sales",
        "scheme": "internal",
        "subnets": "private",
        "security_groups": ["edge"],
        "target_groups": [
            {"name": "sales-api", "port": port, "targets": [{"id": "127.0.0.1", "port": port}]},
        ],
        "listeners": [
            {
                "port": 80,
                "default": {"fixed_response": {"status_code": 404}},
                "rules": [{"priority": 1, "paths": ["/sales", "/sales/*"], "target_group": "sales-api"}],
            },
            {"port": 443, "domain": SHOP, "default": {"target_group": "sales-api"}},
            {"port": 81, "default": {"redirect": {"protocol": "HTTPS", "port": 443}}},
        ],
    }
    group = {"name": "to-sales", "port": 80, "target_type": "alb", "targets": [{"load_balancer": "sales"}]}
    front = {
        "name": "front",
        "type": "network",
        "scheme": "internal",
        "subnets": "private",
        "target_groups": [group],
        "listeners": [{"port": 80, "default": {"target_group": "to-sales"}}],
    }
    return {
        "workload": "sales",
        "workload_tags": {},
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        # The one in front stands first and is made last.
        "edge_load_balancers": [front, behind],
        "edge_api": "rest",
        "edge_api_domain": DOMAIN,
        "edge_api_load_balancer": "front",
        "edge_api_security_groups": ["edge"],
        "edge_routed_services": [],
        "routing": "health_gate",
        "routing_health_check": {"path": "/sales/ready", "failure_threshold": 1},
        # What destroy.yml removes beside.
        "network_nat": "none",
        "network_security_groups": [{"name": "edge"}],
        "toggle_control_regions": ["us-east-2"],
    }


@pytest.fixture
def built(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The layers below: the networks, and the hosted zone."""
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)
    cloud.client("route53").create_hosted_zone(Name="example.com", CallerReference="test")
    allow_api_logs(cloud.client, REGIONS)
    for region, cidr in REGIONS.items():
        group = {"name": "edge", "ingress": [{"port": 80, "cidrs": [cidr]}]}
        place = {"region": region, "cidr": cidr, "nat": "none", "gateway_endpoints": [], "security_groups": [group]}
        made = run_named("region_network", **place)
        outputs = {key: made[key] for key in ("vpc_id", "subnets", "security_groups")}
        run_named("layer_outputs", region=region, layer="network", outputs=outputs)
    return cloud


def ask(cloud: Cloud, path: str, host: str = DOMAIN) -> dict[str, Any]:
    """The first answer to a request, whatever its status."""
    asked = {"url": f"https://{host}{path}", "connect_to": cloud.door, "ca_file": cloud.env()["MULTIREGION_CA_FILE"]}
    return run_named("http_check", status=[200, 403, 404, 502, 503], wait_timeout=5, **asked)


def sell(cloud: Cloud, body: str, client: str = "127.0.0.1", **headers: str) -> tuple[int, Any]:
    """Status and message of the answer to a sale that comes from an address of this machine."""
    trusted = ssl.create_default_context(cafile=cloud.env()["MULTIREGION_CA_FILE"])
    host, _colon, port = cloud.door.partition(":")
    with socket.create_connection((host, int(port)), source_address=(client, 0)) as plain:
        connection = http.client.HTTPConnection(DOMAIN)
        connection.sock = trusted.wrap_socket(plain, server_hostname=DOMAIN)
        connection.request("POST", "/sales", body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("message")


def regions(cloud: Cloud, times: int = 20) -> set[str]:
    """Where the public name leads to."""
    return {ask(cloud, "/sales")["served_by"].removeprefix("region=") for _time in range(times)}


def test_a_request_goes_from_the_domain_to_the_target_of_a_region_that_is_ready(
    built: Cloud, targets: dict[str, Any], tmp_path: Path
) -> None:
    playbook, inventory = tmp_path / "edge.yml", tmp_path / "hosts.yml"
    playbook.write_text(yaml.safe_dump(PLAYBOOK))
    hosts = {
        region: {
            "region_cidr": cidr,
            "region_role": role,
            "region_state": state,
            "served_at": targets[region].server_port,
        }
        for (region, cidr), (role, state) in zip(
            REGIONS.items(), (("primary", "ACTIVE"), ("recovery", "PASSIVE")), strict=True
        )
    }
    groups = {"regions": {"hosts": hosts}, "control": {"hosts": {"localhost": None}}}

    def write(**changes: Any) -> None:
        inventory.write_text(yaml.safe_dump({"all": {"children": groups, "vars": {**variables(), **changes}}}))

    def play(name: str, *arguments: str) -> Any:
        return run_playbook(name, inventory, built.env(), tmp_path / "play.log", *arguments)

    def check_the_way(refused: int) -> None:
        answer = ask(built, "/sales/1?a=b")
        assert (answer["status"], json.loads(answer["body"])) == (
            200,
            {"path": "/sales/1?a=b", "Host": DOMAIN, "X-Forwarded-Proto": "https"},
        )
        # The load balancer behind has no rule for it, so that the API does not let it through.
        assert ask(built, "/other")["status"] == refused

    def check_the_domain_of_the_listener() -> None:
        """The load balancer itself over TLS, under a name that a record of somebody's leads to it."""
        balancer = built.client("elbv2", "us-east-1").describe_load_balancers(Names=["sales"])["LoadBalancers"][0]
        alias = {"DNSName": balancer["DNSName"], "HostedZoneId": balancer["CanonicalHostedZoneId"]}
        record = {"Name": SHOP, "Type": "A", "AliasTarget": {**alias, "EvaluateTargetHealth": False}}
        for action in ("CREATE", "DELETE"):
            batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
            dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
            if action == "CREATE":
                eventually(lambda: ask(built, "/shop", host=SHOP)["served_by"] == "region=us-east-1")
                moved = run_named("http_check", url=f"http://{SHOP}:81/shop", connect_to=built.door, status=[301])
                assert moved["status"] == 301

    def check_what_guards_it() -> None:
        sale, known = json.dumps({"product": "a"}), {"X-Id": "1"}
        assert sell(built, sale, **known)[0] in (200, 503)  # whether the region is ready
        assert sell(built, sale, client="127.0.0.2", **known) == (403, "Forbidden")
        assert sell(built, json.dumps({"product": "a" * 4096}), **known) == (403, "Forbidden")
        assert sell(built, json.dumps({"product": 1}), **known) == (400, "Invalid request body")
        assert sell(built, sale) == (400, "Missing required request parameters: [X-Id]")

    write(**GUARDED)
    play(str(playbook))
    check_the_way(refused=403)
    check_what_guards_it()
    dns = built.client("route53")
    zone = dns.list_hosted_zones()["HostedZones"][0]["Id"]
    records = dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert sorted((each["Type"], each.get("Weight", -1)) for each in records if DOMAIN in each["Name"]) == [
        ("A", 100),
        ("A", 100),
        ("CNAME", -1),
    ]
    check_the_domain_of_the_listener()
    # Route 53 leads to the region that is ready, also while its control plane is silent, and to all when none is.
    eventually(lambda: regions(built) == {"sa-east-1"})
    checks = [each["Id"] for each in dns.list_health_checks()["HealthChecks"]]
    seen = [dns.get_health_check_status(HealthCheckId=each)["HealthCheckObservations"][0] for each in checks]
    assert {each["StatusReport"]["Status"].partition(",")[0] for each in seen} == {
        "Success: HTTP Status Code 200",
        "Failure: HTTP Status Code 503",
    }
    built.control_plane("route53", "off")
    targets["sa-east-1"].ready = False
    eventually(lambda: regions(built) == set(REGIONS))
    targets["us-east-1"].ready = True
    eventually(lambda: regions(built) == {"us-east-1"})
    built.control_plane("route53", "ok")
    with pytest.raises(CollectionError, match="did not answer"):  # without TLS nobody listens
        run_named("http_check", url=f"http://{DOMAIN}/sales", connect_to=built.door, wait_timeout=0)
    with pytest.raises(CollectionError, match="did not answer"):  # nor to a name that is nobody's
        ask(built, "/sales", host="other.example.com")
    assert play(str(playbook)).changed == 0
    # An HTTP API takes the place of the REST API, and leaves nothing of it.
    write(edge_api="http")
    assert play(str(playbook)).changed == len(REGIONS)
    check_the_way(refused=404)
    assert [built.client("apigateway", each).get_rest_apis()["items"] for each in REGIONS] == [[], []]
    assert play(str(playbook), "--check").changed == 0
    play("playbooks/destroy.yml", *CONSENTS)
    built.client("iam").delete_role(RoleName=LOGS_ROLE)
    left = built.ask("inventory")["resources"]
    assert left == {"global": {"route53": ["hosted zone: example.com. (2 record sets)"]}}
    records = dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert sorted(each["Type"] for each in records) == ["NS", "SOA"]
