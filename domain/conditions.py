"""Conditions are data: tables of fact and wanted value, a small closed set of operators, nothing parsed."""

from collections.abc import Callable, Mapping
from typing import Any

Lookup = Callable[[str], Any]
Related = Callable[[str, str], bool]
Look = tuple[str, tuple[str, ...]]  # the fact that a row asks for first, and the words that it wants there
OPERATORS = frozenset({"at_least", "over", "below", "has", "unknown", "is", "under"})


def holds(row: Mapping[str, Any], lookup: Lookup, scale: tuple[str, ...] = (), related: Related | None = None) -> bool:
    """Whether a row applies: all of `when`, at least one of `any`, not all of `unless` (vocabulary, section 2)."""
    wished = row.get("when")
    if wished and not _fits(wished, lookup, scale, related):
        return False
    choices = row.get("any")
    if choices and not any(_fits(choice, lookup, scale, related) for choice in choices):
        return False
    barred = row.get("unless")
    return not (barred and _fits(barred, lookup, scale, related))


def look_of(row: Mapping[str, Any]) -> Look | None:
    """What a row asks for first, where plain words answer it."""
    name, wanted = next(iter((row.get("when") or {}).items()), ("", ()))
    words = (wanted,) if isinstance(wanted, str) else tuple(wanted) if isinstance(wanted, list) else ()
    return (name, words) if words and all(isinstance(one, str) for one in words) else None


def barred(look: Look, lookup: Lookup) -> bool:
    """Whether a look at the first fact shows that the row does not hold; most do not, and this costs a fifth of asking the row."""
    actual = lookup(look[0])
    return actual not in look[1] and not isinstance(actual, (list, tuple))


def _fits(table: Mapping[str, Any], lookup: Lookup, scale: tuple[str, ...], related: Related | None) -> bool:
    for name, wanted in table.items():  # asked thousands of times a case: a loop costs a third of a generator, and most terms name plain values
        if type(wanted) is str:
            actual = lookup(name)
            if actual != wanted and not (isinstance(actual, (list, tuple)) and wanted in actual):
                return False
        elif isinstance(wanted, dict):
            if not _operated(name, wanted, lookup, scale, related):
                return False
        elif isinstance(wanted, list):
            actual = lookup(name)
            if not any(_equal(actual, one) for one in wanted):
                return False
        elif not _equal(lookup(name), wanted):
            return False
    return True


def _equal(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, (list, tuple)):
        return wanted in actual
    if wanted is True or wanted is False:
        return bool(actual) is wanted
    return bool(actual == wanted)


def _operated(name: str, wanted: Mapping[str, Any], lookup: Lookup, scale: tuple[str, ...], related: Related | None) -> bool:
    if "is" in wanted:
        return related is not None and related(name, str(wanted["is"]))
    actual = lookup(name)
    return all(_operate(op, actual, _figure(value, lookup), scale) for op, value in wanted.items())


def _figure(value: Any, lookup: Lookup) -> Any:
    """A figure that the office sets: the right side may name a parameter; one without a value holds for nothing."""
    return lookup(value) if isinstance(value, str) and value.startswith("param.") else value


def _operate(operator: str, actual: Any, value: Any, scale: tuple[str, ...]) -> bool:
    missing = actual in (None, "", [])
    if operator == "unknown":
        return missing is bool(value)
    if missing:
        return False
    if operator == "has":
        return isinstance(actual, (list, tuple)) and value in actual
    if operator == "under":
        return isinstance(actual, (list, tuple)) and value in actual
    left, right = _rank(actual, scale), _rank(value, scale)
    if left is None or right is None:
        return False
    return {"at_least": left >= right, "over": left > right, "below": left < right}.get(operator, False)


def _rank(value: Any, scale: tuple[str, ...]) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str) and value in scale:
        return float(scale.index(value))
    return None
