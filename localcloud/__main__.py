# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded cloud's command line: up, down, status, inventory, shell, serve; region, link, control-plane,
service; scan, zones."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from localcloud import Cloud, CloudError, Options, default_home
from localcloud import home as homes
from localcloud.faults import CONTROL_PLANE_STATES, CONTROL_PLANES, LINK_STATES, REGION_STATES, SERVICE_STATES, as_lines
from localcloud.options import add_arguments


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the process's exit status."""
    parsed = parse(arguments)
    try:
        return VERBS[parsed.verb](parsed)
    except CloudError as error:
        print(f"localcloud: {error}", file=sys.stderr)
        return 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m localcloud", description="An AWS for one laptop.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", type=Path, default=default_home(), help="directory of this cloud")
    for verb, explanation, takes_options in (
        ("up", "start in the background and return when it answers", True),
        ("serve", "run in the foreground", True),
        ("down", "end every process of this cloud, even after kill -9 of some", False),
        ("status", "tell whether it runs, and where", False),
        ("inventory", "list every resource that exists, per region and service", False),
        ("shell", "print the exports that point an SDK at it", False),
    ):
        verb_parser = verbs.add_parser(verb, help=explanation, description=explanation, parents=[common])
        if takes_options:
            add_arguments(verb_parser)
        if verb in ("status", "inventory"):
            verb_parser.add_argument("--json", action="store_true", help="for machines")
    add_faults(verbs, common)
    explanation = "tell what ECR's scans of an image find from now on; without findings it is clean"
    scan_parser = verbs.add_parser("scan", help=explanation, description=explanation, parents=[common])
    scan_parser.add_argument("image", help="repository, or repository@digest")
    scan_parser.add_argument("findings", nargs="*", metavar="SEVERITY=NAME[:PACKAGE]")
    scan_parser.add_argument("--status", default="COMPLETE", help="FAILED, UNSUPPORTED_IMAGE, IN_PROGRESS …")
    scan_parser.add_argument("--region", help="only there; by default in all regions")
    explanation = "tell which Availability Zones the account sees in a region from now on"
    zones_parser = verbs.add_parser("zones", help=explanation, description=explanation, parents=[common])
    zones_parser.add_argument("region")
    zones_parser.add_argument("zones", nargs="+", metavar="LETTER=ID[:STATE]")
    return parser.parse_args(arguments)


def add_faults(verbs: Any, common: argparse.ArgumentParser) -> None:
    """The verbs that make something fail, and well again."""

    def add(verb: str, explanation: str) -> argparse.ArgumentParser:
        return verbs.add_parser(verb, help=explanation, description=explanation, parents=[common])

    def add_silence(parser: argparse.ArgumentParser) -> None:
        silence = parser.add_mutually_exclusive_group()
        silence.add_argument("--hang", dest="hang", action="store_true", default=None, help="never answer")
        silence.add_argument("--refuse", dest="hang", action="store_false", help="close connections at once")

    region = add("region", "make a region fail, or well again")
    region.add_argument("region")
    region.add_argument("state", choices=REGION_STATES)
    region.add_argument(
        "--share",
        type=float,
        help="of calls that are throttled, or lose their answers (0.2), or that a sick region "
        "answers with a server's fault (0.7)",
    )
    region.add_argument("--latency", type=float, default=0.8, help="seconds added to every call of a slow region (0.8)")
    region.add_argument("--every", type=float, default=0.0, help="a sick region is well in between: seconds of each")
    add_silence(region)
    link = add("link", "cut the line between two regions, or mend it")
    link.add_argument("regions", nargs=2, metavar="region")
    link.add_argument("state", choices=LINK_STATES)
    plane = add("control-plane", "turn a global service's API off, make it ill, or well again")
    plane.add_argument("service", choices=CONTROL_PLANES)
    plane.add_argument("state", choices=CONTROL_PLANE_STATES)
    plane.add_argument("--share", type=float, help="of calls that a sick one answers with a server's fault (0.7)")
    add_silence(plane)
    service = add("service", "make one service of a region ill, S3's replication late, or well again")
    service.add_argument("service", help="as requests are signed for it: s3, sqs, dynamodb …")
    service.add_argument("region")
    service.add_argument("state", choices=SERVICE_STATES)
    service.add_argument("--share", type=float, help="of calls that a sick one answers with a server's fault (0.7)")
    service.add_argument("--lag", type=float, help="how much longer its objects take to other regions (60 s)")


def options_of(parsed: argparse.Namespace) -> Options:
    return Options(**{field.name: getattr(parsed, field.name) for field in fields(Options)})


def up(parsed: argparse.Namespace) -> int:
    cloud = Cloud(parsed.home, **asdict(options_of(parsed)))
    cloud.start()
    print(f"AWS API at {cloud.endpoint}, front door at {cloud.door}, home {cloud.home}")
    return 0


def serve(parsed: argparse.Namespace) -> int:
    from localcloud.server import serve as run_server

    run_server(parsed.home.resolve(), options_of(parsed))
    return 0


def down(parsed: argparse.Namespace) -> int:
    ended = Cloud(parsed.home).stop()
    print(f"ended {len(ended)} process(es)" if ended else "nothing was running")
    return 0


def status(parsed: argparse.Namespace) -> int:
    cloud = Cloud(parsed.home)
    running = cloud.is_running()
    answer: dict[str, Any] = {"running": running, "home": str(cloud.home)}
    if running:
        answer.update(cloud.state)
        answer["faults"] = cloud.faults()
    answer["processes"] = homes.processes(cloud.home)
    if parsed.json:
        print(json.dumps(answer, indent=2))
    elif running:
        print(
            f"running: AWS API at {cloud.endpoint}, front door at {cloud.door}, {len(answer['processes'])} process(es)"
        )
        print_faults(answer["faults"])
    else:
        print(f"not running ({len(answer['processes'])} process(es) left over)")
    return 0 if running else 3


def inventory(parsed: argparse.Namespace) -> int:
    answer = Cloud(parsed.home).ask("inventory")
    if parsed.json:
        print(json.dumps(answer, indent=2))
        return 0
    for region, services in answer["resources"].items():
        for service, names in services.items():
            for name in names:
                print(f"{region:15} {service:24} {name}")
    print(f"{answer['count']} resource(s), {len(answer['inactive'])} inactive task definition(s)")
    return 0


def shell(parsed: argparse.Namespace) -> int:
    for name, value in Cloud(parsed.home).env().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def region(parsed: argparse.Namespace) -> int:
    details = {name: getattr(parsed, name) for name in ("share", "latency", "hang", "every")}
    print_faults(Cloud(parsed.home).fault(parsed.region, parsed.state, **details))
    return 0


def link(parsed: argparse.Namespace) -> int:
    print_faults(Cloud(parsed.home).link(*parsed.regions, parsed.state))
    return 0


def control_plane(parsed: argparse.Namespace) -> int:
    details = {"hang": parsed.hang, "share": parsed.share}
    print_faults(Cloud(parsed.home).control_plane(parsed.service, parsed.state, **details))
    return 0


def service(parsed: argparse.Namespace) -> int:
    details = {"share": parsed.share, "lag": parsed.lag}
    print_faults(Cloud(parsed.home).service(parsed.service, parsed.region, parsed.state, **details))
    return 0


def scan(parsed: argparse.Namespace) -> int:
    told = Cloud(parsed.home).scan(parsed.image, *parsed.findings, status=parsed.status, region=parsed.region)
    found = ", ".join(f"{severity} {name}" for severity, name, _package in told["findings"]) or "nothing"
    print(f"scans of {told['image']}: {told['status']}" + (f", find {found}" if told["status"] == "COMPLETE" else ""))
    return 0


def zones(parsed: argparse.Namespace) -> int:
    print(", ".join(Cloud(parsed.home).zones(parsed.region, *parsed.zones)["zones"]))
    return 0


def print_faults(found: dict[str, Any]) -> None:
    for line in as_lines(found) or ["no faults"]:
        print(line)


VERBS = {
    "up": up,
    "serve": serve,
    "down": down,
    "status": status,
    "inventory": inventory,
    "shell": shell,
    "region": region,
    "link": link,
    "control-plane": control_plane,
    "service": service,
    "scan": scan,
    "zones": zones,
}

if __name__ == "__main__":
    sys.exit(main())
