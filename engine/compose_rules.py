"""What docker-compose.yml must hold to: the Compose Specification's own schema, and our rules. Each finds faults, or nothing.

The schema is the one that the package `check-jsonschema` (a development dependency) carries; it is not copied here.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema

from engine.attributes import RETENTION_DAYS
from engine.compose_file import DONE, PROJECT, Service, services
from engine.secret_files import CONTAINER_USER, NAMES
from engine.versions import UI_VERSION, VERSION
from workflows.policies import DRAIN

EXACT = re.compile(r"\d+\.\d+(\.\d+)*(-[a-z0-9.]+)?")
SECRET_NAME = re.compile(r"PASSWORD|PASSWD|PWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY")
MAY_PUBLISH = {"api", "temporal-ui"}
SHARDS = "512"
STEADY_RESTARTS, JOB_RESTARTS = ("always", "unless-stopped"), ("no", "on-failure")


@dataclass(frozen=True)
class Compose:
    """The file and where it lies (its relative paths count from there)."""

    raw: Mapping[str, Any]
    folder: Path = PROJECT

    @property
    def services(self) -> dict[str, Service]:
        return services(self.raw)


Rule = Callable[[Compose], Iterator[str]]


def schema_faults(compose: Compose) -> list[str]:
    """Where the file is not what the Compose Specification allows."""
    schema = json.loads(files("check_jsonschema.builtin_schemas.vendor").joinpath("compose-spec.json").read_bytes())
    found = jsonschema.Draft202012Validator(schema).iter_errors(compose.raw)
    return sorted(f"{'.'.join(map(str, one.absolute_path)) or '/'}: {one.message[:200]}" for one in found)


def exact_images(compose: Compose) -> Iterator[str]:
    """Exact versions: what is tested today is what is pulled next year."""
    for one in compose.services.values():
        if not EXACT.fullmatch(one.tag) or one.tag.count(".") < 1:
            yield f"{one.name}: {one.image or '(no image)'}"
    for line in dockerfile(compose):
        if line.startswith("FROM ") and line.split()[1] not in stages(compose) and not EXACT.fullmatch(line.split()[1].rpartition(":")[2]):
            yield f"deploy/Dockerfile: {line}"


def dockerfile(compose: Compose) -> list[str]:
    path = compose.folder / "deploy" / "Dockerfile"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def stages(compose: Compose) -> set[str]:
    return {line.split()[3] for line in dockerfile(compose) if line.startswith("FROM ") and len(line.split()) > 3}


def one_temporal(compose: Compose) -> Iterator[str]:
    """Server, admin tools and the binary we build are one and the same patch; auto-setup is not used."""
    tags = {one.name: one.tag for one in compose.services.values() if one.image.startswith(("temporalio/server:", "temporalio/admin-tools:"))}
    if len(tags) < 2:
        yield "temporalio/server, temporalio/admin-tools: 缺 missing"
    yield from (f"{name}: {tag} ≠ engine.versions.VERSION {VERSION}" for name, tag in tags.items() if tag != VERSION)
    yield from (f"{one.name}: {one.tag} ≠ engine.versions.UI_VERSION {UI_VERSION}" for one in compose.services.values() if one.image.startswith("temporalio/ui:") and one.tag != UI_VERSION)
    yield from (f"{one.name}: {one.image}" for one in compose.services.values() if "auto-setup" in one.image)


def secrets_are_files(compose: Compose) -> Iterator[str]:
    """Every secret is a file that `make secrets` makes, and nothing names one that is not declared."""
    declared: Mapping[str, Any] = compose.raw.get("secrets", {})
    yield from (f"secrets.{name}: 不是文件 is not a file" for name, row in declared.items() if not (row or {}).get("file"))
    yield from (f"secrets.{name}: make secrets 不生成它 does not make it" for name in declared if name not in NAMES)
    yield from (f"{one.name}: 未声明 not declared: {name}" for one in compose.services.values() for name in one.secrets if name not in declared)


def no_secret_in_environment(compose: Compose) -> Iterator[str]:
    """An environment holds paths of secrets, never a secret; no address holds a password."""
    for one in compose.services.values():
        for key, value in one.environment.items():
            if SECRET_NAME.search(key.upper()) and not (key.endswith("_FILE") and value.startswith("/run/secrets/")):
                yield f"{one.name}: {key}"
            if "://" in value and urlsplit(value).password:
                yield f"{one.name}: {key} 含密码 holds a password"
            if value.startswith("/run/secrets/") and value.removeprefix("/run/secrets/") not in one.secrets:
                yield f"{one.name}: {key} 指向未挂载的密码 names a secret the service does not get"


def watched_and_restarted(compose: Compose) -> Iterator[str]:
    """What runs for long has a health check and comes back; a job ends."""
    for one in compose.services.values():
        restart = str(one.raw.get("restart", "no")).partition(":")[0]
        if one.is_job and restart not in JOB_RESTARTS:
            yield f"{one.name}: restart {restart} (job)"
        if not one.is_job and restart not in STEADY_RESTARTS:
            yield f"{one.name}: restart {restart}"
        if not one.is_job and not one.health:
            yield f"{one.name}: healthcheck 缺 missing"


def waits_are_sound(compose: Compose) -> Iterator[str]:
    """Every wait has somebody who can fulfil it."""
    known = compose.services
    for one in known.values():
        for name, condition in one.needs.items():
            if name not in known:
                yield f"{one.name} → {name}: 没有 no such service"
            elif condition == "service_healthy" and not known[name].health:
                yield f"{one.name} → {name}: service_healthy, 但无 but no healthcheck"
            elif condition == "service_started":
                yield f"{one.name} → {name}: service_started 不等它可用 does not wait until it works"
            elif condition not in ("service_healthy", DONE):
                yield f"{one.name} → {name}: {condition}?"


def data_is_kept(compose: Compose) -> Iterator[str]:
    """Data lies in named volumes; a file of ours is mounted read-only and exists. PostgreSQL 18 wants the folder above its data."""
    named: Mapping[str, Any] = compose.raw.get("volumes", {})
    for one in compose.services.values():
        for mount in one.mounts:
            if not mount.source or (mount.named and mount.source not in named):
                yield f"{one.name}: {mount.target} 不是具名卷 is no named volume"
            if not mount.named and not mount.read_only:
                yield f"{one.name}: {mount.source} 可写 is writable"
            if not mount.named and not (compose.folder / mount.source).exists():
                yield f"{one.name}: {mount.source} 不存在 does not exist"
    databases = [one for one in compose.services.values() if one.image.startswith("postgres:")]
    yield from (f"{one.name}: /var/lib/postgresql 未挂卷 has no volume" for one in databases if "/var/lib/postgresql" not in [mount.target for mount in one.mounts])


def little_is_open(compose: Compose) -> Iterator[str]:
    """Only API and UI are published, on loopback unless an administrator says otherwise; the rest is on a network without a way out."""
    networks: Mapping[str, Any] = compose.raw.get("networks", {})
    for one in compose.services.values():
        if one.published and one.name not in MAY_PUBLISH:
            yield f"{one.name}: ports {one.published}"
        yield from (f"{one.name}: {port} 不在回环地址 is not on loopback" for port in one.published if not port.startswith("127.0.0.1:"))
        yield from (f"{one.name}: networks {name} 未声明 not declared" for name in one.raw.get("networks", []) if name not in networks)
        outside = [name for name in one.raw.get("networks", ["default"]) if not (networks.get(name) or {}).get("internal")]
        if outside and one.name not in MAY_PUBLISH | {"worker"}:
            yield f"{one.name}: 可连外网 may reach the outside: {outside}"


def little_is_allowed(compose: Compose) -> Iterator[str]:
    """An ordinary user, no new privileges, no capabilities, a read-only root, bounded logs. PostgreSQL's entrypoint leaves root by itself."""
    for one in compose.services.values():
        raw = one.raw
        if raw.get("user") != f"{CONTAINER_USER}:{CONTAINER_USER}" and not one.image.startswith("postgres:"):
            yield f"{one.name}: user {raw.get('user', '?')}"
        if "no-new-privileges:true" not in raw.get("security_opt", []) or raw.get("cap_drop") != ["ALL"] or raw.get("privileged"):
            yield f"{one.name}: security_opt, cap_drop"
        if not raw.get("read_only"):
            yield f"{one.name}: read_only"
        if not {"max-size", "max-file"} <= set(raw.get("logging", {}).get("options", {})):
            yield f"{one.name}: logging"


def drains(compose: Compose) -> Iterator[str]:
    """A worker gets longer than its draining takes before it is killed."""
    for one in compose.services.values():
        if one.argv[-1:] == ["worker"] and one.grace <= DRAIN.total_seconds():
            yield f"{one.name}: stop_grace_period {one.grace:.0f} s ≤ {DRAIN.total_seconds():.0f} s"


def engine_for_real_cases(compose: Compose) -> Iterator[str]:
    """512 shards for ever, 90 days of histories, no time skipping, no story clock, no injected faults."""
    yield from (f"{one.name}: NUM_HISTORY_SHARDS" for one in compose.services.values() if one.image.startswith("temporalio/server:") and one.environment.get("NUM_HISTORY_SHARDS") != SHARDS)
    yield from (f"{one.name}: HUIYIN_STORY_CLOCK" for one in compose.services.values() if one.environment.get("HUIYIN_STORY_CLOCK"))
    if RETENTION_DAYS < 90:
        yield f"engine.attributes.RETENTION_DAYS {RETENTION_DAYS}"
    for path in sorted((compose.folder / "deploy" / "temporal").glob("*.yaml")):
        yield from (f"{path.name}: {word}" for word in ("WorkflowTimeSkippingEnabled", "faultInjection") if word in path.read_text("utf-8"))


RULES: tuple[tuple[str, str, Rule], ...] = (
    ("镜像都是确切版本", "images by exact version", exact_images),
    ("Temporal 各部分同一补丁版本", "one and the same patch of Temporal", one_temporal),
    ("密码都是文件", "every secret is a file", secrets_are_files),
    ("环境变量中没有密码", "no secret in an environment", no_secret_in_environment),
    ("常驻服务有健康检查并会重启", "long-running services are watched and restarted", watched_and_restarted),
    ("依赖条件都能成立", "every wait can be fulfilled", waits_are_sound),
    ("数据在具名卷中", "data lies in named volumes", data_is_kept),
    ("对外只有接口和界面,且在回环地址", "only API and UI are published, on loopback", little_is_open),
    ("权限最小,日志有界", "least privilege, bounded logs", little_is_allowed),
    ("工作进程有时间收尾", "workers have time to drain", drains),
    ("引擎用于正式办案", "the engine is fit for real cases", engine_for_real_cases),
)


def rule_faults(compose: Compose) -> list[tuple[str, str, list[str]]]:
    """Each rule in words, with its faults."""
    return [(zh, en, list(rule(compose))) for zh, en, rule in RULES]
