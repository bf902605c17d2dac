# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lake that joins later gets what is older than its replication: foretold, once, and also after a run was killed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import lake_bucket
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.lake_older_objects import MODULE, problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources import object_copy, older_objects
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.bucket_replication import OWES
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.older_objects import Listed, Missing, lacking
from tests.support.aws_clients import ACCOUNT, aws_client
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import checked

FIRST, SECOND, LATE = "sa-east-1", "us-east-1", "eu-west-1"
ALL = [FIRST, SECOND, LATE]
COMMON = {"workload": "sales", "prefix": "sales-lake"}
SALES = ["sales/1", "sales/2", "sales/3", "sales/4"]
Converge = Callable[..., dict[str, Any]]


def bucket(region: str) -> str:
    return f"sales-lake-{ACCOUNT}-{region}"


def s3(region: str) -> Any:
    return aws_client("s3", region)


def put(region: str, keys: Iterable[str], **said: Any) -> None:
    for key in keys:
        s3(region).put_object(Bucket=bucket(region), Key=key, Body=b"sale", **said)


def keys(region: str) -> list[str]:
    return [item["Key"] for item in s3(region).list_objects_v2(Bucket=bucket(region)).get("Contents", [])]


def rules(region: str) -> dict[str, tuple[str, bool]]:
    """Destination's region → the status of the rule, and whether it owes something."""
    configuration = s3(region).get_bucket_replication(Bucket=bucket(region))["ReplicationConfiguration"]
    found = {}
    for rule in configuration["Rules"]:
        there = rule["Destination"]["Bucket"].removeprefix(f"arn:aws:s3:::sales-lake-{ACCOUNT}-")
        found[there] = rule["Status"], rule["ID"].endswith(OWES)
    return found


def make(regions: list[str]) -> None:
    """Buckets that may replicate, without all else that a lake is."""
    for region in regions:
        place = {} if region == SECOND else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3(region).create_bucket(Bucket=bucket(region), **place)
        s3(region).put_bucket_versioning(Bucket=bucket(region), VersioningConfiguration={"Status": "Enabled"})


def replicate(regions: list[str]) -> dict[str, dict[str, Any]]:
    given = {"scope": "replication", "replicate_to": regions, **COMMON}
    return {each: run(lake_bucket.MODULE, checked(lake_bucket.MODULE, region=each, **given)) for each in regions}


def arguments(regions: list[str]) -> dict[str, Any]:
    return checked(MODULE, region=FIRST, regions=regions, **COMMON)


@pytest.fixture
def joined(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lakes that hold something, and a third one that has just joined."""
    monkeypatch.setattr(older_objects, "HEEDED_SECONDS", 0.0)
    make([FIRST, SECOND])
    replicate([FIRST, SECOND])
    for region in (FIRST, SECOND):  # nothing replicates here: moto keeps the rules and copies nothing
        put(region, SALES)
    make([LATE])
    replicate(ALL)


def test_lists_are_merged_in_the_order_of_s3() -> None:
    def listing(*names: str) -> Iterator[Listed]:
        return iter([Listed(name, len(name), "STANDARD") for name in sorted(names, key=str.encode)])

    sources = {"a": listing("1", "ü", "\U0001f600", "\uffee"), "b": listing("0", "1", "3", "ü")}
    found = list(lacking(listing("1", "2"), sources))
    expected = [("0", "b"), ("3", "b"), ("ü", "a"), ("\uffee", "a"), ("\U0001f600", "a")]
    assert found == [Missing(Listed(key, 1, "STANDARD"), source) for key, source in expected]


@pytest.mark.usefixtures("joined")
def test_what_is_older_is_foretold_and_copied_once(converge: Converge) -> None:
    assert rules(FIRST) == {SECOND: ("Enabled", False), LATE: ("Enabled", True)}
    made = converge(MODULE, region=FIRST, regions=ALL, **COMMON)
    (change,) = made["changes"]
    told = change["before"]["owed"]
    assert {key: told[LATE][key] for key in ("objects", "bytes", "from")} == {
        "objects": 4,
        "bytes": 16,
        "from": {FIRST: 4},
    }
    assert told[LATE]["requests"] == 4 + len(ALL)  # each lake is one page long
    assert {region: each["objects"] for region, each in told.items()} == {FIRST: 0, SECOND: 0, LATE: 4}
    assert made["left"] == {}
    assert keys(LATE) == SALES
    for region in ALL:
        assert set(rules(region).values()) == {("Enabled", False)}


@pytest.mark.usefixtures("joined")
def test_what_only_one_of_the_others_has_is_copied_too() -> None:
    put(SECOND, ["sales/5"])  # under way to the first
    (change,) = run(MODULE, arguments(ALL))["changes"]
    assert change["before"]["owed"][LATE]["from"] == {FIRST: 4, SECOND: 1}
    assert keys(LATE) == [*SALES, "sales/5"]


@pytest.mark.usefixtures("joined")
def test_where_nothing_is_owed_nothing_is_listed() -> None:
    run(MODULE, arguments(ALL))
    again = run(MODULE, arguments(ALL))
    assert (again["changes"], again["left"]) == ([], {})
    assert again["aws_calls"] == 1 + len(ALL)  # whose account it is, and the rules of each
    for region, told in replicate(ALL).items():
        assert (told["changes"], told["bucket"]["owes_older_objects_to"]) == ([], []), region


@pytest.mark.usefixtures("aws")
def test_lakes_that_are_made_together_owe_each_other_nothing() -> None:
    make(ALL)
    for told in replicate(ALL).values():
        assert told["bucket"]["owes_older_objects_to"] == []
    assert run(MODULE, arguments(ALL), check_mode=True)["changes"] == []


@pytest.mark.usefixtures("aws")
def test_before_the_rules_are_made_it_is_foretold_too() -> None:
    assert run(MODULE, arguments(ALL), check_mode=True)["changes"] == []  # there are no buckets either
    make([FIRST, SECOND])
    put(FIRST, ["sales/1"])
    (change,) = run(MODULE, arguments(ALL), check_mode=True)["changes"]
    assert {region: each["objects"] for region, each in change["before"]["owed"].items()} == {
        FIRST: 0,
        SECOND: 1,
        LATE: 1,
    }


@pytest.mark.usefixtures("joined")
def test_a_lake_that_joins_sends_nothing_while_it_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(cloud: Any, source: str, place: Any, *others: Any) -> bool:
        seen.append((others[-2], {status for status, _owed in rules(LATE).values()}))
        return object_copy.copy_object(cloud, source, place, *others)

    monkeypatch.setattr(older_objects, "copy_object", look)
    run(MODULE, arguments(ALL))
    assert seen == [(LATE, {"Disabled"})] * 4
    assert {status for status, _owed in rules(LATE).values()} == {"Enabled"}


@pytest.mark.usefixtures("joined")
def test_what_a_joining_lake_wrote_itself_is_copied_to_the_others() -> None:
    put(LATE, ["sales/9"])
    run(MODULE, arguments(ALL))
    assert "sales/9" in keys(FIRST) and "sales/9" in keys(SECOND)


@pytest.mark.usefixtures("joined")
def test_a_killed_run_leaves_it_owed_and_the_next_one_copies_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    def die(cloud: Any, source: str, place: Any, *others: Any) -> bool:
        if len(copied) == 2:
            raise CollectionError("killed")
        copied.append(place["Key"])
        return object_copy.copy_object(cloud, source, place, *others)

    with monkeypatch.context() as patch:
        patch.setattr(older_objects, "copy_object", die)
        patch.setattr(older_objects, "AT_ONCE", 1)
        patch.setattr(older_objects.OlderObjects, "_set_status", off_only)
        with pytest.raises(CollectionError, match="killed"):
            run(MODULE, arguments(ALL))
    assert rules(FIRST)[LATE] == ("Enabled", True)
    assert set(rules(LATE).values()) == {("Disabled", True)}  # as kill -9 leaves it
    told = replicate(ALL)
    assert [each["kind"] for each in told[LATE]["changes"]] == ["s3_bucket_replication"]
    assert bucket(LATE) in told[FIRST]["bucket"]["owes_older_objects_to"]
    (change,) = run(MODULE, arguments(ALL))["changes"]
    assert change["before"]["owed"][LATE]["objects"] == 4 - len(copied)
    assert keys(LATE) == SALES
    assert set(rules(FIRST).values()) == set(rules(LATE).values()) == {("Enabled", False)}


def off_only(resource: Any, cloud: Any, region: str, status: str) -> None:
    if status == "Disabled":
        resource._rewrite(cloud, region, lambda rule: {**rule, "Status": status})


@pytest.mark.usefixtures("joined")
def test_what_there_is_no_time_for_is_told_and_stays_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0, 500)
    with monkeypatch.context() as patch:
        patch.setattr(older_objects, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=None))
        patch.setattr(older_objects, "CHUNK", 3)
        made = run(MODULE, arguments(ALL))
    assert made["left"].keys() == {LATE}
    assert keys(LATE) == ["sales/1", "sales/2", "sales/3"]
    assert rules(FIRST) == {SECOND: ("Enabled", False), LATE: ("Enabled", True)}
    assert rules(LATE) == {FIRST: ("Enabled", False), SECOND: ("Enabled", False)}
    (change,) = run(MODULE, arguments(ALL))["changes"]
    assert {region: each["objects"] for region, each in change["before"]["owed"].items()} == {LATE: 1}
    assert keys(LATE)[-1] == "sales/4"


@pytest.mark.usefixtures("joined")
def test_what_is_said_of_an_object_is_copied_too(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"ContentType": "application/json", "Metadata": {"by": "hand"}, "Tagging": "team=sales"}
    said |= {"StorageClass": "STANDARD_IA"}
    put(FIRST, ["small"], **said)
    s3(FIRST).put_object(Bucket=bucket(FIRST), Key="too large", Body=b"0123456789", **said)
    monkeypatch.setattr(object_copy, "LARGEST", 9)
    run(MODULE, arguments(ALL))
    for key, body in (("small", b"sale"), ("too large", b"0123456789")):
        there = s3(LATE).get_object(Bucket=bucket(LATE), Key=key)
        assert (there["Body"].read(), there["ContentType"], there["Metadata"]) == (
            body,
            "application/json",
            {"by": "hand"},
        )
        tags = s3(LATE).get_object_tagging(Bucket=bucket(LATE), Key=key)["TagSet"]
        assert (tags, there["StorageClass"]) == ([{"Key": "team", "Value": "sales"}], "STANDARD_IA")
    assert s3(LATE).head_object(Bucket=bucket(LATE), Key="too large")["ETag"].endswith('-1"')


@pytest.mark.usefixtures("joined")
def test_an_upload_that_comes_too_late_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else puts the object while it is copied in parts."""
    monkeypatch.setattr(object_copy, "LARGEST", 3)
    parts = object_copy._copy_parts

    def late(cloud: Any, source: str, place: Any, size: int, target: str, there: Any) -> None:
        put(target, [place["Key"]])
        parts(cloud, source, place, size, target, there)

    monkeypatch.setattr(object_copy, "_copy_parts", late)
    run(MODULE, arguments(ALL))
    versions = s3(LATE).list_object_versions(Bucket=bucket(LATE))["Versions"]
    assert len(versions) == 4
    assert s3(LATE).list_multipart_uploads(Bucket=bucket(LATE)).get("Uploads", []) == []


@pytest.mark.usefixtures("joined")
def test_an_object_that_is_deleted_meanwhile_is_none_to_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Missing(Listed("zz", 1, "STANDARD"), FIRST)
    monkeypatch.setattr(older_objects, "lacking", lambda target, sources: iter([gone]))
    assert run(MODULE, arguments(ALL))["left"] == {}
    assert keys(LATE) == []


@pytest.mark.usefixtures("joined")
def test_a_rule_that_was_off_owes_what_was_written_meanwhile(converge: Converge) -> None:
    run(MODULE, arguments(ALL))
    configuration = s3(FIRST).get_bucket_replication(Bucket=bucket(FIRST))["ReplicationConfiguration"]
    for rule in configuration["Rules"]:
        rule["Status"] = "Disabled" if rule["Destination"]["Bucket"].endswith(SECOND) else "Enabled"
    s3(FIRST).put_bucket_replication(Bucket=bucket(FIRST), ReplicationConfiguration=configuration)
    s3(SECOND).delete_object(Bucket=bucket(SECOND), Key="sales/4")
    told = replicate(ALL)
    assert told[FIRST]["bucket"]["owes_older_objects_to"] == [bucket(SECOND)]
    converge(MODULE, region=FIRST, regions=ALL, **COMMON)
    assert keys(SECOND) == SALES
    assert set(rules(FIRST).values()) == {("Enabled", False)}


@pytest.mark.usefixtures("joined")
def test_a_copy_that_is_refused_fails_and_stays_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    s3(LATE).put_bucket_policy(
        Bucket=bucket(LATE),
        Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",'
        f' "Resource": "arn:aws:s3:::{bucket(LATE)}/*"}}]}}',
    )
    with pytest.raises(CollectionError, match="s3_older_objects"):
        run(MODULE, arguments(ALL))
    assert rules(FIRST)[LATE] == ("Enabled", True)
    assert {status for status, _owed in rules(LATE).values()} == {"Enabled"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"regions": [FIRST]}, "name two or more"),
        ({"regions": [FIRST, "us-esat-1"]}, "'us-esat-1', which is not an AWS region"),
        ({"prefix": "Lake"}, "prefix is 'Lake'"),
    ],
)
def test_problems_name_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    params = checked(MODULE, region=FIRST, **{"regions": ALL, **COMMON, **change})
    assert any(expected in problem for problem in problems(params))
