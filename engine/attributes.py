"""The namespace and its search attributes, as the workflows name them."""

from temporalio.api.enums.v1 import IndexedValueType

from workflows import attributes

NAMESPACE = "huiyin"
RETENTION_DAYS = 90
ATTRIBUTES: dict[str, IndexedValueType.ValueType] = {
    key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in attributes.ALL
}
