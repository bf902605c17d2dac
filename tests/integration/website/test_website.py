# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A website over its whole life: opened as far as needed, uploaded where it differs, and gone with all it holds."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.resources import bucket
from localcloud import Cloud
from tests.support.modules import run_named, told

REGION = "sa-east-1"
BUCKET = f"sales-site-123456789012-{REGION}"
Go = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page, what is shown where nothing is, a style in a folder, and what nobody is to see."""
    for name in ("index.html", "error.html", "css/style.css", ".git/config", ".well-known/security.txt", "raw.unknown"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.fixture
def go(cloud: Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Go]:
    """Runs the module, and asserts that check mode foretold it and that it then has nothing to do."""
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)

    def go(**arguments: Any) -> dict[str, Any]:
        given = {"region": REGION, "prefix": "site", "folder": str(folder), **arguments}
        given["prefix"] = f"sales-{given['prefix']}"
        planned = run_named("website", check_mode=True, **given)
        made = run_named("website", **given)
        assert made["changes"] == planned["changes"]
        assert run_named("website", **given)["changes"] == []
        return made

    yield go
    go(state="absent")


def shown(cloud: Cloud, path: str) -> tuple[int, str, str]:
    """Status, type and text of a page."""
    host = f"{BUCKET}.s3-website-{REGION}.amazonaws.com"
    request = urllib.request.Request(f"http://{cloud.door}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def changed(result: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((action, name.partition("/")[2] or name) for action, _kind, name in told(result))


def test_it_is_open_for_reading_and_for_nothing_else(cloud: Cloud, go: Go) -> None:
    made = go(config={"api": "api.example.com"})
    assert made["website"]["url"] == f"http://{BUCKET}.s3-website-{REGION}.amazonaws.com"
    assert shown(cloud, "/") == (200, "text/html; charset=utf-8", "index.html")
    assert shown(cloud, "/css/style.css")[1] == "text/css; charset=utf-8"
    assert shown(cloud, "/raw.unknown")[1] == "application/octet-stream"
    assert json.loads(shown(cloud, "/config.json")[2]) == {"api": "api.example.com"}
    assert shown(cloud, "/.well-known/security.txt")[0] == 200
    for hidden in ("/.git/config", "/gone"):
        assert shown(cloud, hidden) == (404, "text/html; charset=utf-8", "error.html")
    s3 = cloud.client("s3", REGION)
    block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert [name for name, closed in block.items() if not closed] == ["BlockPublicPolicy", "RestrictPublicBuckets"]
    read, write = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert (read["Effect"], read["Action"], read["Resource"]) == ("Allow", "s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")
    assert (write["Effect"], write["NotAction"]) == ("Deny", "s3:GetObject")


def test_only_what_differs_is_uploaded_and_pages_go_last(cloud: Cloud, go: Go, folder: Path) -> None:
    first = go(config={"api": "one"})
    order = [change["name"].partition("/")[2] for change in first["changes"]]
    assert order[0] == "" and {*order[-2:]} == {"index.html", "error.html"}
    (folder / "index.html").write_text("other", encoding="utf-8")
    (folder / "raw.unknown").rename(folder / "raw.svg")
    assert changed(go(config={"api": "two"})) == [
        ("create", "raw.svg"),
        ("delete", "raw.unknown"),
        ("update", "config.json"),
        ("update", "index.html"),
    ]
    # The same content with another type or caching is another file.
    cloud.client("s3", REGION).put_object(Bucket=BUCKET, Key="css/style.css", Body=b"css/style.css")
    (change,) = go(config={"api": "two"})["changes"]
    assert (change["after"], change["before"]["cache_control"]) == (
        {"content_type": "text/css; charset=utf-8", "cache_control": "no-cache"},
        None,
    )
    assert changed(go()) == [("delete", "config.json")]


def test_what_was_changed_by_hand_is_as_it_was(cloud: Cloud, go: Go) -> None:
    go()
    s3 = cloud.client("s3", REGION)
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=bucket.BLOCKED)
    s3.put_bucket_website(Bucket=BUCKET, WebsiteConfiguration={"IndexDocument": {"Suffix": "other.html"}})
    (change,) = go()["changes"]
    assert sorted(change["after"]) == ["policy", "public_access_blocked", "website"]
    assert shown(cloud, "/")[0] == 200


def test_a_public_policy_is_put_again_until_s3_takes_it(
    cloud: Cloud, go: Go, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if S3 did not know everywhere yet that the block was opened."""
    put: list[bool] = []
    set_block = bucket.Bucket._set

    def late(self: bucket.Bucket, session: Any, client: Any, key: str, value: Any) -> None:
        if key != "public_access_blocked":
            set_block(self, session, client, key, value)
            return
        late_client = client.meta.events
        opened = {"Bucket": self.name, "PublicAccessBlockConfiguration": bucket.OPEN_TO_POLICY}

        def open_after_a_refusal(**_others: Any) -> None:
            put.append(True)
            if len(put) == 2:
                client.put_public_access_block(**opened)

        late_client.register("before-call.s3.PutBucketPolicy", open_after_a_refusal)

    monkeypatch.setattr(bucket.Bucket, "_set", late)
    made = run_named("website", region=REGION, prefix="sales-site", folder=str(folder))
    assert len(put) == 2 and made["changed"]
    assert shown(cloud, "/")[0] == 200


def test_an_account_that_blocks_public_access_is_told(
    cloud: Cloud, go: Go, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the account's block were there: what opens the bucket changes nothing."""
    monkeypatch.setattr(bucket, "OPEN_SECONDS", 0.5)
    monkeypatch.setattr(bucket, "OPEN_TO_POLICY", bucket.BLOCKED)
    with pytest.raises(CollectionError, match="the whole account blocks public access .* --account-id 123456789012"):
        run_named("website", region=REGION, prefix="sales-site", folder=str(folder))


@pytest.mark.parametrize(
    ("given", "told_why"),
    [
        ({"folder": "/nowhere"}, "which is no folder"),
        ({"error_document": "404.html"}, "has no 404.html (error_document)"),
        ({"index_document": "css/style.css"}, "S3 takes the name of a file"),
        ({"config": {"api": "x"}, "config_file": "raw.unknown"}, "has raw.unknown, which config makes"),
        ({"prefix": "Site"}, "lower-case letters"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_made(folder: Path, given: Any, told_why: str) -> None:
    arguments = {"region": REGION, "prefix": "sales-site", "folder": str(folder), **given}
    with pytest.raises(InvalidInput) as refused:
        run_named("website", **arguments)
    assert told_why in str(refused.value)


def test_a_link_that_leads_out_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("home") / "credentials"
    secret.write_text("secret", encoding="utf-8")
    (folder / "out").symlink_to(secret)
    with pytest.raises(InvalidInput, match="out in it leads out of it"):
        run_named("website", region=REGION, prefix="sales-site", folder=str(folder))
