"""The namespace and its search attributes, as the workflows name them."""

from temporalio.api.enums.v1 import IndexedValueType

from workflows import attributes
from workflows.place import NAMESPACE

__all__ = ["ATTRIBUTES", "NAMESPACE", "RETENTION_DAYS"]
RETENTION_DAYS = 90
ATTRIBUTES: dict[str, IndexedValueType.ValueType] = {
    key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in attributes.ALL
}
