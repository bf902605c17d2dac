# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of task definitions are in no plan, result or error; names and values that are none stay readable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision.masking import secrets
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import compare
from tests.support import task_definitions as make
from tests.support.task_definitions import form, generated, planned

SECRET = "not-to-be-told"


environments = st.dictionaries(
    st.sampled_from(["DB_PASSWORD", "API_TOKEN", "SECRET_KEY", "apikey", "PORT"]),
    st.sampled_from([SECRET, SECRET + "2", f"https://user:{SECRET}@host/"]),
).map(lambda given: {name: "8080" if name == "PORT" and "@" not in text else text for name, text in given.items()})


commands = st.sampled_from(
    [
        ["run", "--password", SECRET],
        [f"--api-key={SECRET}"],
        ["sh", "-c", f"curl -H 'Authorization: Bearer {SECRET}' x"],
    ]
)


@generated
@given(make.definitions(), *[environments] * 2, *[commands] * 2)
def test_a_plan_shows_no_secret(
    definition: dict[str, Any], before: dict[str, str], after: dict[str, str], one: list[str], other: list[str]
) -> None:
    def with_secrets(environment: dict[str, str], command: list[str]) -> dict[str, Any]:
        container = {"name": "api", "environment": environment, "dockerLabels": environment, "command": command}
        check = {"healthCheck": {"command": command}}
        return {**definition, "containerDefinitions": [container, {"name": "other", **check}]}

    old, new = with_secrets(before, one), with_secrets(after, other)
    assert SECRET not in json.dumps(planned(old, new))
    assert SECRET not in json.dumps(compare.shown(form(new)))
    assert bool(planned(old, new)) is (before != after or one != other)


def test_differences_are_named_by_path_and_secrets_are_masked() -> None:
    def with_environment(image: str, **environment: str) -> dict[str, Any]:
        return form({"containerDefinitions": [{"name": "api", "image": image, "environment": environment}]})

    found = compare.differences(
        with_environment("api:1", TOKEN="one", REGION="a", DATABASE="postgres://u:p@h/d"),
        with_environment("api:2", TOKEN="two", REGION="a", DATABASE="postgres://u:q@h/d", NEW_API_KEY="k"),
    )
    assert found == {
        "containerDefinitions.api.image": ("api:1", "api:2"),
        "containerDefinitions.api.environment.TOKEN": (compare.MASK, compare.CHANGED_MASK),
        "containerDefinitions.api.environment.DATABASE": (compare.MASK, compare.CHANGED_MASK),
        "containerDefinitions.api.environment.NEW_API_KEY": (None, compare.MASK),
    }


def test_ordinary_names_are_not_masked() -> None:
    ordinary = ("AWS_REGION", "SNS_SALES_PROCESSING_TOPIC", "MONGO_HOST", "AUTHOR", "KEYSPACE", "STATE_TABLE")
    for name in (*ordinary, "PWD", "JWT_ACCESS_EXPIRED", "COMPAT"):
        assert not compare.looks_secret(("environment", name), "value"), name
    secret = ("DB_PASSWORD", "DBPASS", "GITHUB_TOKEN", "api_key", "SECRET_KEY", "STRIPE_KEY", "MONGO_URI")
    for name in (*secret, "MYSQL_PWD", "GITHUB_PAT", "SLACK_WEBHOOK_URL", "SESSION_COOKIE"):
        assert compare.looks_secret(("environment", name), "value"), name


SECRET_NAMES = (
    *(
        "DB_PW",
        "PW",
        "dbPw",
        "PW_ADMIN",
        "DBPWD",
        "REDIS_PWD_1",
        "STRIPE_SK",
        "STRIPEKEY",
        "ENCRYPTIONKEY",
        "signingKey",
    ),
    *("SECRET_KEY_BASE", "KEY_BASE", "ENCRYPTION_KEYS", "JWT_KEY_PEM", "APP_KEY_OLD", "APP_KEY_2", "LICENSE_KEYS"),
    *("AZURE_STORAGE_CONNECTION", "STORAGE_CONNECTION", "AzureBusConnection", "SQL_CONN_STR"),
    *("ConnectionStrings__Default", "storage.connection-string", "REDIS_REQUIREPASS"),
)


INNOCENT_WORDS = (
    *("AWS", "REGION", "KEYBOARD", "MONKEY", "DONKEY", "TURKEY", "VALKEY", "HOTKEY", "KEYSPACE", "KEYCLOAK", "SKU"),
    *("TASK", "DISK", "DESK", "RISK", "MASK", "AUTHOR", "COMPASS", "BYPASS", "PASSENGER", "PWM", "HOST", "PORT"),
    *("CONNECTION", "CONNECTIONS", "TIMEOUT", "QUEUE", "BUCKET", "KMS", "ID", "ARN", "SKIP", "SKETCH", "SPWN"),
)


@pytest.mark.parametrize("name", SECRET_NAMES)
@pytest.mark.parametrize("member", sorted(compare.FREE_MAPS))
def test_names_of_secrets_are_known(name: str, member: str) -> None:
    for spelling in (name, name.lower(), name.upper()):
        assert compare.looks_secret((member, spelling), "x"), spelling


@generated
@given(st.lists(st.sampled_from(INNOCENT_WORDS), min_size=1, max_size=4), st.sampled_from("_-."), st.booleans())
def test_innocent_names_stay_readable(words: list[str], between: str, lower: bool) -> None:
    name = between.join(words)
    assert not compare.looks_secret(("environment", name.lower() if lower else name), "value")


KEYS = {  # written so that nobody who looks for keys in files finds one here
    "Stripe": "sk_" + "live_" + "a1B2" * 6,
    "Stripe, restricted": "rk_" + "test_" + "a1B2" * 6,
    "AWS": "AKI" + "A" + "ABCD" * 4,
    "AWS, for a while": "ASI" + "A" + "AB23" * 4,
    "PEM": "-----BEGIN " + "PRIVATE KEY-----\nMIIE\n",
    "PEM of RSA": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n",
    "PEM of SSH": "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nMIIE\n",
    "GitHub": "gh" + "p_" + "a1B2" * 9,
    "GitHub, an app": "gh" + "s_" + "a1B2" * 9,
    "GitHub, fine": "github_" + "pat_" + "a1B2_" * 9,
    "Slack, a bot": "xox" + "b-12345678-" + "a1B2" * 6,
    "Slack, a person": "xox" + "p-12345678-" + "a1B2" * 6,
    "GitLab": "glpat" + "-" + "a1B2_" * 4,
    "JWT": "ey" + "JhbGciOiJI." + "ey" + "JzdWIiOiIx.c2ln",
    "URL": "postgres://user:not/escaped@host/db",
}


ORDINARY_VALUES = (
    *("sa-east-1", "task_live_1", "disk_test_environment", "sk_live_", "AKIA", "AKIA-office", "ASIA", "ghp_docs"),
    *("xoxo-kisses-and-hugs", "-----BEGIN CERTIFICATE-----\nMIIE", "-----BEGIN PUBLIC KEY-----\nMIIE", "eyJ"),
    *("http://host:8080/users/a@b", "https://host:443/?mail=a@b", "kafka://a:9092,b:9092/x@y", "user@host", "a:b"),
    *("sha256:" + "0f" * 32, "AKIA" + "A" * 40, "nc -z mysql -p3306"),
)


@pytest.mark.parametrize("kind", KEYS)
def test_what_is_a_key_is_masked_whatever_its_name(kind: str) -> None:
    for text in (KEYS[kind], f"run {KEYS[kind]}"):
        for path in (("environment", "COLOUR"), ("containerDefinitions", "api", "command"), ("secrets", "A", "from")):
            assert compare.masked(path, text) == compare.MASK, path
        assert compare.masked(("command",), ["run", text]) == ["run", compare.MASK]


@pytest.mark.parametrize("text", ORDINARY_VALUES)
def test_ordinary_values_stay_readable(text: str) -> None:
    assert compare.masked(("environment", "COLOUR"), text) == text


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("redis-server --requirepass foo --port 6379", {2}),
        ("redis-server --masterauth foo", {2}),
        ("redis-cli -h redis -a foo ping", {4}),
        ("mysqladmin ping -ph4rd", {2}),
        ("CMD mysqladmin -uroot -ph4rd ping", {3}),
        ("/usr/bin/mariadb-admin -ph4rd status", {1}),
        ("timeout 5 mysql -ph4rd -e select", {3}),
        ("run --db-pass x", {2}),
        ("CMD mongosh -u root -p h4rd --eval 1", {5}),
        ("mongodump -ph4rd", {1}),
        ("cypher-shell -u neo4j -p h4rd", {4}),
        ("rabbitmqadmin -u guest -p h4rd list queues", {4}),
        ("/opt/mssql-tools/bin/sqlcmd -U sa -P h4rd -Q x", {4}),
        ("mosquitto_sub -u me -P h4rd -t x", {4}),
        ("curl -s -u elastic:h4rd http://localhost:9200", {3}),
        ("curl -sfu elastic:h4rd http://localhost:9200", {2}),
        ("curl --user elastic:h4rd http://localhost:9200", {2}),
        ("curl --proxy-user=me:h4rd http://localhost:9200", {1}),
        ("env DB_PASS=x STRIPE_KEY=y ENCRYPTION_KEY=z DB_PW=w run", {1, 2, 3, 4}),
        ("az --connection DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b;", {2}),
        ("mysqladmin -p$MYSQL_PWD ping", set()),
        ("mysql -p --protocol tcp --port 3306 -P 3306", set()),
        ("nc -z mysql -p3306", set()),
        ("mongosh -p --quiet", set()),
        ("mongosh --port 27017 -p $MONGO_PWD", set()),
        ("mongod -p 27017", set()),
        ("curl -fsS -u elastic:$ELASTIC_PWD http://localhost:9200/", set()),
        ("curl -fsS -o /dev/null http://localhost:8080/health", set()),
        ("sqlcmd -S localhost -P ${SA_PWD}", set()),
        ("mkdir -p /data", set()),
        ("nginx -p/etc/nginx -a x", set()),
        ("ffmpeg -pass 1 --bypass x --compass north", set()),
        ("run --keyboard us --task a --author me --key-count 3 --skip-pass-through", set()),
    ],
)
def test_secrets_of_commands_are_masked_and_nothing_else(words: str, hidden: set[int]) -> None:
    path, items = ("containerDefinitions", "api", "command"), words.split(" ")
    assert compare.secret_items(path, items) == hidden
    assert compare.secret_items(path, ["sh", "-c", words]) == ({2} if hidden else set())
    assert compare.masked(("environment", "RUN"), words) == (compare.MASK if hidden else words)


def test_secrets_inside_commands_are_masked() -> None:
    def shown(*words: str) -> list[str]:
        return compare.masked(("containerDefinitions", "api", "command"), list(words))

    assert shown("run", "--db-password", "x", "--port", "80") == ["run", "--db-password", "(masked)", "--port", "80"]
    assert shown("run", "--token=x", "API_KEY=y", "postgres://u:p@h/d") == ["run", *["(masked)"] * 3]
    assert shown("curl", "-H", "Authorization: Basic bWU6aDRyZA==", "http://host/")[2] == "(masked)"
    plain = ["sh", "-c", "serve --secrets-from-environment && echo tokens", "--author", "me", "http://host:80/"]
    assert shown(*plain) == plain


def test_secret_values_are_kept_out_of_the_invocation() -> None:
    environment = {"API_TOKEN": "do-not-tell", "AWS_REGION": "sa-east-1", "PIN_KEY": "123"}
    assert secrets({"containers": [{"name": "a", "environment": environment}]}) == {"do-not-tell", "123"}
    same_name = [{"name": "a"}, {"name": "a", "environment": environment, "command": ["run", "--token", "nor-this"]}]
    assert secrets({"containers": same_name}) == {"do-not-tell", "nor-this", "123"}
    both = [{"name": "PIN_KEY", "value": "do-not-tell"}, {"name": "PIN_KEY", "value": "nor-this"}]
    assert secrets({"containers": [{"name": "a", "environment": both}]}) == {"do-not-tell", "nor-this"}


def test_secrets_in_what_cannot_be_read_are_kept_out_of_the_invocation() -> None:
    variable, command = "API_TOKEN=do-not-tell", "run --token nor-this"
    for container in (
        {"environment": [variable], "command": command},
        {"Environment": variable, "entryPoint": command},
    ):
        assert secrets({"containers": [{"name": "a", **container}]}) == {variable, command}
        assert secrets({"definition": {"containerDefinitions": [container]}}) == {variable, command}
    assert (
        secrets({"containers": [{"environment": {"AWS_REGION": "sa-east-1"}, "command": "run --port 8080"}]}) == set()
    )


def test_what_is_no_name_of_a_secret_is_kept_out_of_the_invocation() -> None:
    sources = {"A": "do not tell", "B": "/goals/key", "C": "goals", "D": "arn:aws:ssm:sa-east-1:1:parameter/${x}"}
    logging = {"logDriver": "splunk", "secretOptions": {"splunk-token": "nor this"}}
    container = {"name": "a", "secrets": sources, "logConfiguration": logging}
    # What can be a name is needed in the result, and is hidden only where it is a name.
    assert secrets({"containers": [container]}) == {"do not tell", "nor this"}


@pytest.mark.parametrize("typed", ["not-to-be-told", "not/to/be/told", "/not-to-be-told", "arn:not-to-be-told", "x y"])
def test_a_secret_typed_in_place_of_its_name_is_not_in_a_plan(typed: str) -> None:
    arn = "arn:aws:secretsmanager:sa-east-1:123456789012:secret:db-AbCdEf"

    def with_source(source: Any) -> dict[str, Any]:
        sources = {"DB": source} if isinstance(source, str) else [{"name": "DB", "valueFrom": s} for s in source]
        logging = {"logDriver": "splunk", "secretOptions": sources}
        registry = {"repositoryCredentials": {"credentialsParameter": source}} if isinstance(source, str) else {}
        container = {"name": "secrets", "image": "api:1", "secrets": sources, "logConfiguration": logging, **registry}
        return {"containerDefinitions": [container], "volumes": [{"name": "secrets"}]}

    for source in (typed, [typed, "b"]):
        assert typed not in json.dumps(planned(with_source("a"), with_source(source)))
        assert typed not in json.dumps(compare.shown(form(with_source(source))))
    assert compare.shown(form(with_source(typed)))["containerDefinitions.secrets.image"] == "api:1"
    assert planned(with_source(arn), with_source(typed))["containerDefinitions.secrets.secrets.DB"] == (arn, "(masked)")
    assert typed not in compare.without_secrets(f"no: {typed}", form(with_source(typed)))
    unknown = form(with_source(KNOWN_AFTER_APPLY))
    assert compare.shown(unknown)["containerDefinitions.secrets.secrets.DB"] == KNOWN_AFTER_APPLY


def test_a_name_is_hidden_where_it_stands_alone_and_not_in_other_words() -> None:
    definition = form({"containerDefinitions": [{"name": "web", "secrets": {"KEY": "api"}}]})
    told = compare.without_secrets("role sales-api-execution may not read api", definition)
    assert told == "role sales-api-execution may not read (masked)"


def test_a_secret_is_masked_however_an_error_quotes_it() -> None:
    value = 'two\n"lines"\\'
    definition = form({"containerDefinitions": [{"name": "api", "environment": {"API_TOKEN": value}}]})
    for quoted in (value, repr(value), json.dumps(value)):
        assert "lines" not in compare.without_secrets(f"Invalid: {quoted}", definition)
