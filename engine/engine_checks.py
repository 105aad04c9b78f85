"""What `doctor` asks the engine itself."""

import asyncio
import re
import uuid

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import TimeSkippingConfig, WorkflowExecution
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest, UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from engine.attributes import ATTRIBUTES, RETENTION_DAYS
from engine.findings import Finding, fail, ok, warn
from engine.namespaces import known_attributes
from engine.versions import OLDEST


async def check_engine(address: str, namespace: str) -> list[Finding]:
    """Version, namespace and retention, attributes, time skipping; one finding when it does not answer."""
    try:
        client = await asyncio.wait_for(Client.connect(address, namespace=namespace), 5)
        found = [await check_version(client), await check_namespace(client)]
        if found[-1].level == "fail":
            return found
        return [*found, await check_attributes(client), await check_time(client)]
    except (RuntimeError, RPCError, TimeoutError, OSError) as error:
        return [
            fail(
                "engine",
                f"引擎 {address or '（未设置）'} 无应答（{type(error).__name__}）",
                f"the engine at {address or '(not set)'} does not answer ({type(error).__name__})",
                "运行 huiyin up，或检查 HUIYIN_ENGINE_ADDRESS",
                "run `huiyin up`, or check HUIYIN_ENGINE_ADDRESS",
            )
        ]


async def check_version(client: Client) -> Finding:
    """At least 1.32."""
    said = (await client.workflow_service.get_system_info(GetSystemInfoRequest())).server_version
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", said)
    if numbers and tuple(map(int, numbers.groups())) >= OLDEST:
        return ok("engine", f"Temporal {said} 应答正常", f"Temporal {said} answers")
    oldest = ".".join(map(str, OLDEST))
    return fail("engine", f"Temporal {said} 过旧", f"Temporal {said} is too old", f"升级到 {oldest} 或更新", f"upgrade to {oldest} or newer")


async def check_namespace(client: Client) -> Finding:
    """There, with our retention or a longer one."""
    name = client.namespace
    try:
        answer = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return fail("namespace", f"没有命名空间 {name}", f"no namespace {name}", "运行 huiyin up，或由管理员建立", "run `huiyin up`, or let an administrator make it")
    days = answer.config.workflow_execution_retention_ttl.ToTimedelta().days
    if days < RETENTION_DAYS:
        return warn("namespace", f"历史只保留 {days} 天", f"histories are kept {days} days only", f"设为 {RETENTION_DAYS} 天", f"set {RETENTION_DAYS} days")
    return ok("namespace", f"命名空间 {name} 保留 {days} 天", f"namespace {name} keeps {days} days")


async def check_attributes(client: Client) -> Finding:
    """All of ours exist: without one, every task of a case fails."""
    missing = sorted(set(ATTRIBUTES) - await known_attributes(client))
    if missing:
        names = "、".join(missing)
        return fail("attributes", f"缺少检索属性：{names}", f"search attributes missing: {names}", "运行 huiyin up，或由管理员添加", "run `huiyin up`, or add them")
    return ok("attributes", f"{len(ATTRIBUTES)} 个检索属性齐全", f"all {len(ATTRIBUTES)} search attributes exist")


async def check_time(client: Client) -> Finding:
    """Time skipping is off: then the server does not implement the wish; else it only fails to find the case."""
    if await time_skips(client):
        return fail(
            "time",
            "引擎允许跳时，不可用于正式办案",
            "time skipping is on: not for real cases",
            "动态配置中去掉 frontend.WorkflowTimeSkippingEnabled",
            "take frontend.WorkflowTimeSkippingEnabled out of the dynamic configuration",
        )
    return ok("time", "引擎不允许跳时", "time skipping is off")


async def time_skips(client: Client) -> bool:
    """True when the server would skip time for a case."""
    request = UpdateWorkflowExecutionOptionsRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=f"doctor-{uuid.uuid4()}"),
        workflow_execution_options=WorkflowExecutionOptions(time_skipping_config=TimeSkippingConfig(enabled=True)),
        update_mask=FieldMask(paths=["time_skipping_config"]),
    )
    try:
        await client.workflow_service.update_workflow_execution_options(request)
    except RPCError as error:
        if error.status == RPCStatusCode.UNIMPLEMENTED:
            return False
        if error.status == RPCStatusCode.NOT_FOUND:
            return True
        raise
    return True
