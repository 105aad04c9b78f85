"""Namespace and search attributes, made at start; safe to repeat. `python -m engine.namespaces` is the job of docker-compose.yml."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from engine.attributes import ATTRIBUTES, NAMESPACE, RETENTION_DAYS
from workflows.policies import TASK_QUEUE

NOT_YET = (
    *(RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.RESOURCE_EXHAUSTED),
    *(RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED),  # CANCELLED: our own limit on one call
)
ONE_CALL = timedelta(seconds=3)
STRANGERS = 16  # ids that nobody has; together they reach each of the embedded engine's four shards


async def reachable(address: str) -> bool:
    """True when a frontend answers."""
    try:
        await asyncio.wait_for(Client.connect(address), 2)
    except (RuntimeError, RPCError, TimeoutError):
        return False
    return True


async def prepare(address: str, namespace: str, *, seconds: float = 60) -> None:
    """Make the namespace (90 days' retention) and its attributes; wait until a query may name them and cases and their
    queue are served. TimeoutError.
    """
    async with asyncio.timeout(seconds):
        client = await Client.connect(address, namespace=namespace)
        await patiently(client, register)
        await patiently(client, keep_long_enough)
        await patiently(client, add_attributes)
        await patiently(client, usable)
        await patiently(client, serving)


async def patiently(client: Client, step: Callable[[Client], Awaitable[None]]) -> None:
    """Repeat a step while the server's caches do not know yet what was made."""
    while True:
        try:
            await step(client)
        except RPCError as error:
            if error.status not in NOT_YET:
                raise
            await asyncio.sleep(0.05)
        else:
            return


async def register(client: Client) -> None:
    """Make the namespace where absent; RPCError while it is not yet known everywhere."""
    request = RegisterNamespaceRequest(namespace=client.namespace)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=RETENTION_DAYS))
    with contextlib.suppress(RPCError):
        await client.workflow_service.register_namespace(request)
    await client.count_workflows()


async def known_attributes(client: Client) -> set[str]:
    """The custom attributes that the namespace has."""
    answer = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    return set(answer.custom_attributes)


async def add_attributes(client: Client) -> None:
    """Add the search attributes that are missing."""
    missing = {name: kind for name, kind in ATTRIBUTES.items() if name not in await known_attributes(client)}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )


async def usable(client: Client) -> None:
    """RPCError until a query may name every attribute."""
    await client.count_workflows(" AND ".join(f"{name} IS NULL" for name in ATTRIBUTES))


async def serving(client: Client) -> None:
    """RPCError until the history and the matching service answer: the frontend takes questions before they have found each other."""
    for number in range(STRANGERS):
        await no_such_case(client, f"engine-probe-{number}")
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=TASK_QUEUE), task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    )
    await client.workflow_service.describe_task_queue(request, timeout=ONE_CALL)


async def no_such_case(client: Client, case_id: str) -> None:
    """Return when the history service itself says that it does not know the case; RPCError otherwise."""
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=WorkflowExecution(workflow_id=case_id))
    try:
        await client.workflow_service.describe_workflow_execution(request, timeout=ONE_CALL)
    except RPCError as error:
        if not any(detail.Is(NotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details):
            raise


async def keep_long_enough(client: Client) -> None:
    """Raise a retention that is shorter than ours (a namespace made by hand); a longer one stays."""
    known = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    if known.config.workflow_execution_retention_ttl.ToTimedelta() < timedelta(days=RETENTION_DAYS):
        request = UpdateNamespaceRequest(namespace=client.namespace)
        request.config.workflow_execution_retention_ttl.FromTimedelta(timedelta(days=RETENTION_DAYS))
        await client.workflow_service.update_namespace(request)


def run() -> int:
    """The command's body: waits up to two minutes for the engine."""
    address, namespace = os.environ.get("HUIYIN_ENGINE_ADDRESS", "127.0.0.1:7233"), os.environ.get("HUIYIN_NAMESPACE", NAMESPACE)

    async def job() -> None:
        async with asyncio.timeout(120):
            while not await reachable(address):
                await asyncio.sleep(0.5)
        await prepare(address, namespace, seconds=120)

    try:
        asyncio.run(job())
    except (TimeoutError, RPCError, RuntimeError) as wrong:
        sys.stderr.write(f"✗ {address} {namespace}: {type(wrong).__name__} {wrong}\n")
        return 1
    sys.stdout.write(f"✓ {namespace}: {RETENTION_DAYS} 天保留 days kept, {len(ATTRIBUTES)} 个检索属性 search attributes\n")
    return 0


if __name__ == "__main__":
    code = run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a process that used the SDK may abort while Python tears down
