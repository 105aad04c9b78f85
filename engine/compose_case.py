"""One complaint through the services of docker-compose.yml as they run: filed, recorded, read back, with all workers killed in between."""

import asyncio
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from engine.compose_file import Service
from engine.compose_process import HERE, Place
from engine.compose_told import Stopped, Told
from engine.process import Child

OFFICE, CLERK = "kaiyang", "wang"
FILING = {"office": OFFICE, "channel": "telephone", "text": "窗口人员态度粗暴", "identity": {"name": "示例·投诉人", "telephone": "13800000000"}}


class Runs(Protocol):
    """What is needed of the run: where it lies, what runs, and how to start a service again."""

    place: Place
    told: Told
    children: dict[str, Child]

    def service(self, name: str) -> Service: ...

    async def start(self, name: str, instance: str = "") -> None: ...


async def one_complaint(run: Runs, workers: list[str]) -> None:
    """Filed, recorded, read back by the clerk and by receipt; again with one worker killed; again after it came back; then `doctor`."""
    place, told = run.place, run.told
    base = f"http://{HERE}:{place.port('api', 8080)}/api/v1"
    code, token = await asyncio.to_thread(place.run, run.service("api"), ["huiyin", "token", "issue", CLERK, OFFICE])
    if code:
        told.bad("huiyin token issue", "failed", token)
        raise Stopped
    clerk = {"Authorization": f"Bearer {token.split()[-1]}"}
    await filed_and_read(told, base, clerk, "经接口立案并读回", "filed through the API and read back")
    for instance in workers:
        run.children.pop(instance).kill()
    answer = await asyncio.to_thread(ask, f"{base}/complaints", FILING, {"Idempotency-Key": "while-down", "Prefer": "wait=1"})
    told.ok("工作进程全停时仍收件(202)", "taken while no worker runs (202)") if answer[0] == 202 else told.bad("工作进程全停时收件", f"{answer}")
    for instance in workers:
        await run.start("worker", instance)
    await filed_and_read(told, base, clerk, "工作进程重启后,停机期间的那件已登记", "after the workers' restart the one taken meanwhile is recorded", key="while-down")
    code, said = await asyncio.to_thread(place.run, run.service("api"), ["huiyin", "doctor"])
    faults = "\n".join(line for line in said.splitlines() if line.startswith("✗"))
    (told.bad if faults or code else told.ok)("huiyin doctor", "in the API's container finds nothing wrong" if not faults else "finds", *((said,) if faults or code else ()))


async def filed_and_read(told: Told, base: str, clerk: Mapping[str, str], zh: str, en: str, *, key: str = "") -> None:
    """File (the same key is the same case), wait for its record, read as clerk and by receipt. Stopped."""
    headers = {"Idempotency-Key": key or uuid.uuid4().hex, "Prefer": "wait=30"}
    for _ in range(6):
        status, answer = await asyncio.to_thread(ask, f"{base}/complaints", FILING, headers)
        if status == 201:
            break
    read, case = await asyncio.to_thread(ask, f"{base}/complaints/{answer.get('case', '-')}", None, clerk)
    follow, mine = await asyncio.to_thread(ask, f"{base}/follow", None, {"X-Receipt-Code": answer.get("receipt", "-")})
    if (status, read, follow) != (201, 200, 200):
        told.bad(zh, f"{en}: {status} {read} {follow}", json.dumps([answer, case, mine], ensure_ascii=False)[:1500])
        raise Stopped
    told.ok(f"{zh}({case.get('phase')})", en)


def ask(url: str, body: object, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request; 0 where nobody answers."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as wrong:
        return wrong.code, {"problem": wrong.read().decode("utf-8", "replace")}
    except OSError as wrong:
        return 0, {"problem": str(wrong)}
