# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with this world at the moment: regions that are down, slow or out of reach, cut lines, silent services.

Only the state and what follows from it for one request; `gate.py` makes requests feel it, `links.py` what crosses
regions, the runner tasks, the front door traffic. It is set from any terminal (`python -m localcloud region …`), from
Python (`Cloud.fault`) or by POST /_localcloud/faults, and lives as long as the server.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from localcloud.links import Links

OK, DEAD, UNREACHABLE, SLOW, THROTTLED, LOSSY = "ok", "dead", "unreachable", "slow", "throttled", "lossy"
SICK = "sick"
"""It answers with 5xx, in every form that AWS and what stands before it has."""
DISABLED = "disabled"
"""An opt-in region that the account has not enabled: its endpoints do not know the credentials."""
LATE = "late"
"""What the service sends to other regions takes longer."""

REGION_STATES = (DEAD, UNREACHABLE, SLOW, THROTTLED, LOSSY, SICK, DISABLED, OK)
LINK_STATES = ("cut", OK)
CONTROL_PLANE_STATES = ("off", SICK, OK)
SERVICE_STATES = (SICK, LATE, OK)
CONTROL_PLANES = ("globalaccelerator", "route53")
"""Name on the command line → signing name. Their data planes go on without them."""

GLOBAL_SERVICES = frozenset({"iam", "route53", "globalaccelerator", "cloudfront", "organizations"})
"""Services whose one endpoint belongs to no workload region. STS is not among them: its endpoints are regional."""

TASK_KEY_PREFIX = "AKIATASK"
"""Tasks' keys begin so; everybody else, an assumed role included, is an operator outside the region."""

REGION_NAME = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class FaultError(ValueError):
    """A fault that makes no sense; the message says what would."""


class Way(Enum):
    """What becomes of a request."""

    PASS = "passes"
    CLOSE = "its connection is closed without an answer"
    HANG = "its connection stays open, and nothing comes"
    DELAY = "is answered late"
    THROTTLE = "may be answered with the service's throttling error"
    REFUSE = "is answered that the credentials are not valid there"
    LOSE = "is carried out, and then its connection may be closed without an answer"
    FAIL = "may be answered with a server's fault"


@dataclass(frozen=True)
class Call:
    """What of a request decides whether it gets through: its signature, and where the thing it names lives."""

    service: str
    regions: tuple[str, ...]
    access_key: str = ""


@dataclass(frozen=True)
class Fault:
    """One region's trouble."""

    state: str
    share: float = 0.2
    """Of calls that are throttled, whose answers are lost, or that meet a server's fault, 0 to 1."""
    latency: float = 0.8
    """Added to every call, in seconds."""
    hang: bool = False
    """Whether a call that gets no answer keeps its connection (a black hole), or loses it at once (a refusal)."""
    every: float = 0.0
    """A sick region is well again, and sick again, in turn, for so many seconds each; 0: it stays sick."""
    since: float = 0.0
    """When it fell sick, on the clock of `Faults`."""
    lag: float = 0.0
    """How much longer, in seconds, what a service that is late sends to other regions takes."""

    def is_felt(self, now: float) -> bool:
        return not self.every or (now - self.since) % (2 * self.every) < self.every


class Faults:
    """The faults of one cloud. Reading needs no lock; whoever changes them holds it."""

    def __init__(
        self,
        links: Links,
        seed: int = 0,
        throttled_share: float = 0.0,
        lost_share: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ):
        check("throttled and lost share", (throttled_share, lost_share), min(throttled_share, lost_share) >= 0
              and throttled_share + lost_share <= 1, "from 0 to 1 together")  # fmt: skip
        self.links = links
        self._rough = (throttled_share, lost_share)
        self.chance = random.Random(seed)
        self._regions: dict[str, Fault] = {}
        self._cut: set[tuple[str, str]] = set()
        # Control plane → its trouble: "off" or sick.
        self._planes: dict[str, Fault] = {}
        # Signing name and region → the trouble of that service alone.
        self._services: dict[tuple[str, str], Fault] = {}
        self.clock = clock

    def __bool__(self) -> bool:
        """Whether any request may feel something."""
        return bool(self._regions or self._planes or self._services or any(self._rough))

    def dead_regions(self) -> list[str]:
        return [region for region in self._regions if self.is_dead(region)]

    def is_dead(self, region: str) -> bool:
        fault = self._regions.get(region)
        return fault is not None and fault.state == DEAD

    def set_region(
        self,
        region: str,
        state: str,
        share: float | None = None,
        latency: float = 0.8,
        hang: bool | None = None,
        every: float = 0.0,
    ) -> None:
        """Give a region one state instead of its former.

        `share` None: of a sick region 0.7, of others 0.2. `hang` None: an unreachable region hangs, a dead one refuses.
        `every`: a sick region is well in between, see `Fault`.

        Raises:
            FaultError: for a state, a share or a latency that does not exist; nothing is changed then.
        """
        check("region", region, REGION_NAME.fullmatch(region), "a name like us-east-1")
        check("state", state, state in REGION_STATES, " or ".join(REGION_STATES))
        share = DEFAULT_SHARES.get(state, 0.2) if share is None else share
        check("share", share, 0 <= share <= 1, "from 0 to 1")
        check(
            "every",
            every,
            0 <= every <= 3600 and (not every or state == SICK),
            "from 0 to 3600 seconds, of a sick region",
        )
        check("latency", latency, 0 <= latency <= 60, "from 0 to 60 seconds")
        if state == OK:
            self._regions.pop(region, None)
        else:
            hangs = state == UNREACHABLE if hang is None else hang
            self._regions[region] = Fault(state, share, latency, hangs, every, self.clock())
        (self.links.silence if state == DEAD else self.links.revive)(region)

    def set_link(self, one: str, other: str, state: str) -> None:
        """Cut or mend the line between two regions, both ways.

        Raises:
            FaultError: for a state that does not exist.
        """
        for region in (one, other):
            check("region", region, REGION_NAME.fullmatch(region), "a name like us-east-1")
        check("region", other, one != other, f"another region than {one}")
        check("state", state, state in LINK_STATES, " or ".join(LINK_STATES))
        pair = (min(one, other), max(one, other))
        (self._cut.discard if state == OK else self._cut.add)(pair)
        act = self.links.mend if state == OK else self.links.cut
        act(one, other)
        act(other, one)

    def set_control_plane(self, service: str, state: str, hang: bool | None = None, share: float | None = None) -> None:
        """Silence a global service's API ("off"), make it answer ill ("sick"), or let it speak again.

        `hang` None: a silent one hangs. `share` None: of a sick one's calls 0.7 fail.

        Raises:
            FaultError: for a service without such a switch, or a state or share that does not exist.
        """
        check("service", service, service in CONTROL_PLANES, " or ".join(CONTROL_PLANES))
        check("state", state, state in CONTROL_PLANE_STATES, " or ".join(CONTROL_PLANE_STATES))
        share = DEFAULT_SHARES[SICK] if share is None else share
        check("share", share, 0 <= share <= 1, "from 0 to 1")
        if state == OK:
            self._planes.pop(service, None)
        else:
            self._planes[service] = Fault(state, share, hang=hang is not False)

    def set_service(
        self, service: str, region: str, state: str, share: float | None = None, lag: float | None = None
    ) -> None:
        """Make one service of a region ill, have S3 send its objects late, or make it well again.

        `share` None: of a sick one's calls 0.7 fail. `lag`: how much longer its objects take to other regions.

        Raises:
            FaultError: for a state, a share or a lag that does not exist, or another service that is late.
        """
        check("region", region, REGION_NAME.fullmatch(region), "a name like us-east-1")
        check("service", service, service not in GLOBAL_SERVICES, "one with an endpoint in each region")
        check("state", state, state in SERVICE_STATES, " or ".join(SERVICE_STATES))
        check("state", state, state != LATE or service == S3, f"{SICK} or {OK}; only {S3} can be late")
        share = DEFAULT_SHARES[SICK] if share is None else share
        check("share", share, 0 <= share <= 1, "from 0 to 1")
        lag = DEFAULT_LAG if lag is None else lag
        check("lag", lag, 0 <= lag <= 86_400, "from 0 to 86400 seconds")
        if state == OK:
            self._services.pop((service, region), None)
        else:
            self._services[service, region] = Fault(state, share, lag=lag)

    def lag_of(self, service: str, region: str) -> float:
        """How much longer what this service sends to other regions takes at the moment."""
        fault = self._services.get((service, region))
        return fault.lag if fault is not None and fault.state == LATE else 0.0

    def apply(self, wanted: dict[str, Any]) -> None:
        """Set what a POST to /_localcloud/faults asks for.

        One of {"region": name, "state", "share", "latency", "hang", "every"}, {"link": [name, name], "state"},
        {"control_plane": service, "state", "hang", "share"}, {"service": [name, region], "state", "share", "lag"}; all
        but the first two members may be left out.

        Raises:
            FaultError: for anything else.
        """
        given = dict(wanted) if isinstance(wanted, dict) else {}
        what = [name for name in ("region", "link", "control_plane", "service") if name in given]
        if len(what) != 1 or "state" not in given:
            raise FaultError(
                "expected one of region, link, control_plane, service, and a state; found: " + ", ".join(given)
            )
        subject = given.pop(what[0])
        try:
            if what == ["region"]:
                self.set_region(subject, **given)
            elif what == ["link"]:
                self.set_link(*subject, **given)
            elif what == ["service"]:
                self.set_service(*subject, **given)
            else:
                self.set_control_plane(subject, **given)
        except TypeError as error:
            raise FaultError(f"{what[0]} {subject}: {error}") from None

    def way(self, call: Call) -> tuple[Way, Fault | None]:
        """What becomes of a call, and the fault that does it."""
        if plane := self._planes.get(call.service):
            return (Way.FAIL if plane.state == SICK else Way.HANG if plane.hang else Way.CLOSE), plane
        regions = () if call.service in GLOBAL_SERVICES else tuple(dict.fromkeys(call.regions))
        found = [self._way_to(region, call.access_key) for region in regions]
        found += [self._way_of_service(call.service, region) for region in regions]
        # Of the endpoint's region and the bucket's, the one in which less works decides.
        worst = min(found, key=lambda pair: SEVERITY.index(pair[0]), default=(Way.PASS, None))
        return self._rough_way(call) if worst[0] is Way.PASS else worst

    def _rough_way(self, call: Call) -> tuple[Way, Fault | None]:
        """What becomes of an operator's call where nothing is wrong but the shares of all calls."""
        if not any(self._rough) or not call.service or call.access_key.startswith(TASK_KEY_PREFIX):
            return Way.PASS, None
        throttled_share, lost_share = self._rough
        drawn = self.chance.random()
        if drawn < throttled_share:
            return Way.THROTTLE, Fault(THROTTLED, share=1.0)
        return (Way.LOSE, Fault(LOSSY, share=1.0)) if drawn < throttled_share + lost_share else (Way.PASS, None)

    def _way_to(self, region: str, access_key: str) -> tuple[Way, Fault | None]:
        fault = self._regions.get(region)
        if fault is None:
            return Way.PASS, None
        if fault.state == UNREACHABLE and access_key.startswith(TASK_KEY_PREFIX):
            return Way.PASS, None
        if fault.state in (DEAD, UNREACHABLE):
            return (Way.HANG if fault.hang else Way.CLOSE), fault
        return (WAYS[fault.state] if fault.is_felt(self.clock()) else Way.PASS), fault

    def _way_of_service(self, service: str, region: str) -> tuple[Way, Fault | None]:
        fault = self._services.get((service, region))
        return (Way.FAIL, fault) if fault is not None and fault.state == SICK else (Way.PASS, None)

    def describe(self) -> dict[str, Any]:
        """What GET /_localcloud/faults says: only what is wrong, and how much waits on the lines because of it."""
        return {
            "regions": {region: described(fault) for region, fault in sorted(self._regions.items())},
            "links": [list(pair) for pair in sorted(self._cut)],
            "control_planes": {service: described(fault) for service, fault in self._planes.items()},
            "services": [
                {"service": service, "region": region, **described(fault, TELLING_OF_SERVICES)}
                for (service, region), fault in sorted(self._services.items())
            ],
            "held_back": self.links.held_back(),
        }


WAYS = {SLOW: Way.DELAY, THROTTLED: Way.THROTTLE, LOSSY: Way.LOSE, SICK: Way.FAIL, DISABLED: Way.REFUSE}

DEFAULT_SHARES = {SICK: 0.7}

S3, DEFAULT_LAG = "s3", 60.0

SEVERITY = (Way.HANG, Way.CLOSE, Way.REFUSE, Way.FAIL, Way.LOSE, Way.THROTTLE, Way.DELAY, Way.PASS)
"""Ways, the worst first."""

TELLING = {
    DEAD: ("state", "hang"),
    UNREACHABLE: ("state", "hang"),
    SLOW: ("state", "latency"),
    SICK: ("state", "share", "every"),
    "off": ("state", "hang"),
    DISABLED: ("state",),
}
"""Fields of a fault that mean something in each state."""


TELLING_OF_SERVICES = {LATE: ("state", "lag")}


def described(fault: Fault, told: dict[str, tuple[str, ...]] = TELLING) -> dict[str, Any]:
    telling = told.get(fault.state, ("state", "share"))
    return {name: value for name, value in asdict(fault).items() if name in telling}


def check(what: str, found: Any, holds: Any, expected: str) -> None:
    """Demand what a request must fulfil; `message` says what that is.

    Raises:
        FaultError: it does not hold.
    """
    if not holds:
        raise FaultError(f"{what} {found!r}: expected {expected}")


def as_lines(found: dict[str, Any]) -> list[str]:
    """What `describe` says, for people."""
    lines = []
    for region, fault in found["regions"].items():
        details = ", ".join(f"{name} {value}" for name, value in fault.items() if name != "state")
        lines.append(f"region {region} is {fault['state']} ({details})")
    lines += [f"the line between {one} and {other} is cut" for one, other in found["links"]]
    lines += [f"the control plane of {service} is {each['state']}" for service, each in found["control_planes"].items()]
    for each in found["services"]:
        details = ", ".join(f"{n} {v}" for n, v in each.items() if n not in ("service", "region", "state"))
        lines.append(f"{each['service']} of {each['region']} is {each['state']} ({details})")
    if found["held_back"]:
        lines.append(f"{found['held_back']} deliveries wait for a region or a line")
    return lines
