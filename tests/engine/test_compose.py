"""docker-compose.yml: sound as it stands; each thing that could be wrong with it is found; its services really run."""

import copy
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.build import SQL_TOOL, cache_of
from engine.compose_file import FILE, PROJECT, filled, load, seconds, services
from engine.compose_loader import differences, loader, loader_faults
from engine.compose_process import Place
from engine.compose_rules import RULES, Compose, rule_faults, schema_faults
from engine.find import look
from engine.progress import Progress

Break = Callable[[dict[str, Any]], Any]
WHOLE = load()


def faults(raw: dict[str, Any]) -> dict[str, list[str]]:
    return {en: found for _, en, found in rule_faults(Compose(raw)) if found}


def broken(change: Break) -> dict[str, Any]:
    raw = copy.deepcopy(WHOLE)
    change(raw["services"])
    return raw


def test_the_file_is_valid_and_sound() -> None:
    assert schema_faults(Compose(WHOLE)) == []
    assert faults(WHOLE) == {}


BROKEN: list[tuple[str, str, Break]] = [
    ("latest", "images by exact version", lambda s: s["postgres"].update(image="postgres:latest")),
    ("no tag", "images by exact version", lambda s: s["temporal-ui"].update(image="temporalio/ui")),
    ("major only", "images by exact version", lambda s: s["postgres"].update(image="postgres:18")),
    ("another patch", "one and the same patch of Temporal", lambda s: s["temporal-schema"].update(image="temporalio/admin-tools:1.32.0")),
    ("auto-setup", "one and the same patch of Temporal", lambda s: s["temporal"].update(image="temporalio/auto-setup:1.32.1")),
    ("another UI", "one and the same patch of Temporal", lambda s: s["temporal-ui"].update(image="temporalio/ui:2.54.0")),
    ("undeclared secret", "every secret is a file", lambda s: s["api"].update(secrets=["api_password"])),
    ("password", "no secret in an environment", lambda s: s["postgres"]["environment"].update(POSTGRES_PASSWORD="x")),
    ("password in an address", "no secret in an environment", lambda s: s["api"]["environment"].update(HUIYIN_DATABASE_URL="postgresql://a:b@postgres:5432/huiyin")),
    ("token", "no secret in an environment", lambda s: s["worker"]["environment"].update(SMS_TOKEN="x")),
    ("secret not mounted", "no secret in an environment", lambda s: s["api"].update(secrets=[])),
    ("no health check", "long-running services are watched and restarted", lambda s: s["worker"].pop("healthcheck")),
    ("never restarted", "long-running services are watched and restarted", lambda s: s["api"].pop("restart")),
    ("a job without end", "long-running services are watched and restarted", lambda s: s["migrate"].update(restart="always")),
    ("waits for nobody", "every wait can be fulfilled", lambda s: s["api"]["depends_on"].update(cache={"condition": "service_healthy"})),
    ("waits for an unwatched one", "every wait can be fulfilled", lambda s: s["temporal"].pop("healthcheck")),
    ("waits for a start only", "every wait can be fulfilled", lambda s: s["temporal-namespace"].update(depends_on=["temporal"])),
    ("data in the container", "data lies in named volumes", lambda s: s["postgres"].update(volumes=["postgres:/var/lib/postgresql/data"])),
    ("unnamed volume", "data lies in named volumes", lambda s: s["api"].update(volumes=["spare:/var/lib/huiyin/files"])),
    ("writable configuration", "data lies in named volumes", lambda s: s["temporal"].update(volumes=["./deploy/temporal/config.yaml:/etc/huiyin/temporal.yaml"])),
    ("configuration that is not there", "data lies in named volumes", lambda s: s["temporal"].update(volumes=["./deploy/nothing.yaml:/etc/huiyin/temporal.yaml:ro"])),
    ("database published", "only API and UI are published, on loopback", lambda s: s["postgres"].update(ports=["127.0.0.1:5432:5432"])),
    ("API on every address", "only API and UI are published, on loopback", lambda s: s["api"].update(ports=["8080:8080"])),
    ("engine on the outer network", "only API and UI are published, on loopback", lambda s: s["temporal"].update(networks=["inside", "outside"])),
    ("undeclared network", "only API and UI are published, on loopback", lambda s: s["api"].update(networks=["elsewhere"])),
    ("privileged", "least privilege, bounded logs", lambda s: s["api"].update(privileged=True)),
    ("root", "least privilege, bounded logs", lambda s: s["worker"].pop("user")),
    ("capabilities", "least privilege, bounded logs", lambda s: s["worker"].pop("cap_drop")),
    ("writable root", "least privilege, bounded logs", lambda s: s["worker"].update(read_only=False)),
    ("endless logs", "least privilege, bounded logs", lambda s: s["temporal"].pop("logging")),
    ("killed while draining", "workers have time to drain", lambda s: s["worker"].update(stop_grace_period="8s")),
    ("few shards", "the engine is fit for real cases", lambda s: s["temporal"]["environment"].update(NUM_HISTORY_SHARDS="4")),
    ("story clock", "the engine is fit for real cases", lambda s: s["worker"]["environment"].update(HUIYIN_STORY_CLOCK="1")),
]


@pytest.mark.parametrize(("rule", "change"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_wrong_is_found(rule: str, change: Break) -> None:
    assert rule in faults(broken(change))


def test_every_rule_has_a_file_that_breaks_it() -> None:
    assert {en for _, en, _ in RULES} == {row[1] for row in BROKEN}


def test_a_secret_from_the_environment_is_found() -> None:
    raw = copy.deepcopy(WHOLE)
    raw["secrets"]["huiyin_password"] = {"environment": "PASSWORD"}
    assert schema_faults(Compose(raw)) == []
    assert "every secret is a file" in faults(raw)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["api"].update(comand=["python"]),
        lambda s: s["api"].update(ports="8080:8080"),
        lambda s: s["api"].update(depends_on={"migrate": {"condition": "service_done"}}),
        lambda s: s["worker"]["deploy"].update(replicas=[2]),
    ],
    ids=["unknown key", "no list", "unknown condition", "no count"],
)
def test_what_the_specification_does_not_allow_is_found(change: Break) -> None:
    assert schema_faults(Compose(broken(change)))


def test_time_skipping_in_a_configuration_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "deploy" / "temporal"
    folder.mkdir(parents=True)
    (folder / "dynamic.yaml").write_text("frontend.WorkflowTimeSkippingEnabled:\n  - value: true\n")
    found = {en: rows for _, en, rows in rule_faults(Compose(WHOLE, tmp_path))}
    assert found["the engine is fit for real cases"] == ["dynamic.yaml: WorkflowTimeSkippingEnabled"]


def test_where_the_reference_loader_reads_otherwise_is_said() -> None:
    api = services(WHOLE)["api"]
    theirs = {"image": api.image, "command": api.argv, "environment": api.environment}
    assert differences("api", api.argv, api.environment, api.image, theirs) == []
    assert differences("api", [*api.argv, "x"], api.environment, api.image, theirs) == [f"api.command: {[*api.argv, 'x']!r} ≠ {api.argv!r}"]
    assert len(differences("api", api.argv, api.environment, api.image, {})) == 3


@pytest.mark.skipif(isinstance(loader(Progress(quiet=True), may_build=False), str), reason="the reference loader was not built here: make compose-check builds it where Go is")
def test_the_reference_loader_takes_the_file_and_refuses_a_broken_one(tmp_path: Path) -> None:
    binary = loader(Progress(quiet=True), may_build=False)
    assert isinstance(binary, Path)
    assert loader_faults(binary, FILE) == []
    bad = tmp_path / "docker-compose.yml"
    bad.write_text(FILE.read_text("utf-8").replace("  read_only: true\n", "  read_onli: true\n"), "utf-8")
    assert "read_onli" in loader_faults(binary, bad)[0]


def test_variables_of_the_file() -> None:
    assert filled("${A:-x}:${B:-}$$C", {"A": "1"}) == "1:$C"
    assert [seconds(text) for text in ("15s", "1m30s", "500ms")] == [15, 90, 0.5]
    assert load(FILE, {"HUIYIN_PORT": "9000"})["services"]["api"]["ports"] == ["127.0.0.1:9000:8080"]


def test_a_container_becomes_a_process_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "huiyin_password").write_text("x\n")
    place = Place(tmp_path, services(WHOLE), tmp_path / "secrets", ())
    api = place.services["api"]
    place.furnish(api, "api")
    env = place.environment(api, "api")
    database, engine, own = place.port("postgres", 5432), place.port("temporal", 7233), place.port("api", 8080)
    assert env["HUIYIN_DATABASE_URL"] == f"postgresql://huiyin_app@127.0.0.1:{database}/huiyin"
    assert (env["HUIYIN_ENGINE_ADDRESS"], env["HUIYIN_PORT"], env["HUIYIN_HOST"]) == (f"127.0.0.1:{engine}", str(own), "127.0.0.1")
    assert Path(env["HUIYIN_DATABASE_PASSWORD_FILE"]).read_text() == "x\n"
    assert Path(env["HUIYIN_OFFICES"]).resolve() == PROJECT / "examples" / "offices"
    assert place.translated(api.health[-1], api, "api") == f"http://127.0.0.1:{own}/api/v1/health"
    assert not [name for name in env if name in os.environ and name.startswith("HUIYIN_") and name not in api.environment]


NOT_IN_THE_IMAGE = {".ci", "bench", "deploy", "docs", "tests"}


def test_the_image_holds_every_room_that_runs() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
    rooms = {name.partition("/")[0] for name in tracked if "/" in name}
    taken = {line[1:] for line in (PROJECT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert rooms - taken - NOT_IN_THE_IMAGE == set(), "add the new room to .dockerignore, or to NOT_IN_THE_IMAGE"
    assert {name for name in taken if not (PROJECT / name).exists()} == set()
    assert "deploy/secrets" in (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    ignored = subprocess.run(["git", "check-ignore", "-q", "deploy/secrets/postgres_password"], cwd=PROJECT, check=False)
    assert ignored.returncode == 0, "secrets must never be committed"


def test_the_image_is_of_this_version() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {one.image for one in services(WHOLE).values() if "build" in one.raw} == {f"huiyin:{version}"}


def can_run() -> bool:
    """A server, and the schema tool of the same version: here already, or Go builds them."""
    found = look()
    return bool(found and found.kind == "server" and (shutil.which(SQL_TOOL) or (cache_of() / SQL_TOOL).exists())) or shutil.which("go") is not None


@pytest.mark.engine
@pytest.mark.database
@pytest.mark.skipif(not can_run(), reason="no Temporal server with its schema tool on this machine, and no Go to build them")
def test_every_service_really_runs() -> None:
    done = subprocess.run([sys.executable, "-m", "engine.compose_check", "--as-is"], capture_output=True, text=True, check=False, cwd=PROJECT, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    for line in ("roles:", "temporal-schema:", "passwordCommand", "filed through the API and read back", "taken while no worker runs", "huiyin doctor"):
        assert line in done.stdout, done.stdout


def test_a_broken_file_is_not_run(tmp_path: Path) -> None:
    bad = tmp_path / "docker-compose.yml"
    bad.write_text(FILE.read_text("utf-8").replace("postgres:18.6-trixie", "postgres:latest"), "utf-8")
    done = subprocess.run([sys.executable, "-m", "engine.compose_check", "--file", str(bad)], capture_output=True, text=True, check=False, cwd=PROJECT, timeout=60)
    assert done.returncode == 1
    assert "✗ 镜像都是确切版本" in done.stdout
    assert "postgres: postgres:latest" in done.stdout
    assert "roles:" not in done.stdout
