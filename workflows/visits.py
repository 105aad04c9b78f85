"""One visit to the payloads of each task where the SDK makes three, and no converter built for each.

The SDK walks through a task three times each way: for references to a store outside, for that store, and for the codec; and it builds a converter for the
context of every command. Nothing of ours lies outside, and our converter looks at no context (`converter.Sealed`), so two of the walks move bytes to and fro
and the converters are all alike. It was a tenth of the worker's work.

This stands on names inside the SDK: it is done for the version that was read, and any other keeps its own way, which is slower and does the same.
"""

import logging
from typing import Any

import temporalio
import temporalio.bridge.worker
import temporalio.worker._workflow as sdk
from temporalio.bridge._visitor import PayloadVisitor
from temporalio.bridge.worker import _Visitor
from temporalio.converter import DataConverter
from temporalio.converter._extstore import StorageOperationMetrics

from workflows.converter import Sealed

READ = "1.35.0"  # the version of the SDK that this was written against
log = logging.getLogger("huiyin.worker")

_OWN = (temporalio.bridge.worker.decode_activation, temporalio.bridge.worker.encode_completion, sdk._CommandAwareDataConverter.create)


async def _decoded(activation: Any, data_converter: DataConverter, decode_headers: bool, storage_concurrency_limit: int) -> StorageOperationMetrics:
    if not isinstance(data_converter, Sealed):
        return await _OWN[0](activation, data_converter, decode_headers, storage_concurrency_limit)
    await PayloadVisitor(skip_search_attributes=True, skip_headers=not decode_headers).visit(_Visitor(data_converter._decode_payload_sequence), activation)
    return StorageOperationMetrics()


async def _encoded(completion: Any, data_converter: DataConverter, encode_headers: bool, storage_concurrency_limit: int) -> StorageOperationMetrics:
    if not isinstance(data_converter, Sealed):
        return await _OWN[1](completion, data_converter, encode_headers, storage_concurrency_limit)
    await PayloadVisitor(skip_search_attributes=True, skip_headers=not encode_headers).visit(_Visitor(data_converter._encode_payload_sequence), completion)
    return StorageOperationMetrics()


def _converter(instance: Any, context_free_dc: DataConverter, workflow_context_dc: DataConverter, workflow_context: Any) -> DataConverter:
    if not isinstance(context_free_dc, Sealed):
        return _OWN[2](instance, context_free_dc, workflow_context_dc, workflow_context)
    return context_free_dc


def once() -> None:
    """Walk once in this process from now on; with another SDK than the one read, say so and change nothing."""
    if temporalio.__version__ != READ:
        log.info("the SDK is %s and not %s: its own way through the payloads is kept", temporalio.__version__, READ)
        return
    temporalio.bridge.worker.decode_activation = _decoded
    temporalio.bridge.worker.encode_completion = _encoded
    sdk._CommandAwareDataConverter.create = staticmethod(_converter)  # type: ignore[assignment]
