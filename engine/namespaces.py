"""Namespace and search attributes, made at start; safe to repeat."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from engine.attributes import ATTRIBUTES, RETENTION_DAYS

NOT_YET = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.DEADLINE_EXCEEDED)


async def reachable(address: str) -> bool:
    """True when a frontend answers."""
    try:
        await asyncio.wait_for(Client.connect(address), 2)
    except (RuntimeError, RPCError, TimeoutError):
        return False
    return True


async def prepare(address: str, namespace: str, *, seconds: float = 30) -> None:
    """Make the namespace (90 days' retention) and its attributes, wait until a query may name them. TimeoutError."""
    async with asyncio.timeout(seconds):
        client = await Client.connect(address, namespace=namespace)
        await patiently(client, register)
        await patiently(client, add_attributes)
        await patiently(client, usable)


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
