"""Changes of an office's people since its file was written, applied in their order. The file itself is never changed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

PEOPLE = ("person", "unit", "substitute")  # the tables of an office file that say who is who
Tables = dict[str, Any]


def applied(office: Mapping[str, Any], changes: Iterable[Mapping[str, Any]], day: str) -> dict[str, Any]:
    """The office with every change that is valid by a day (ISO). What speaks of somebody whom the file no longer has changes nothing."""
    tables: Tables = {
        "person": {key: dict(row) for key, row in (office.get("person") or {}).items()},
        "unit": {key: dict(row) for key, row in (office.get("unit") or {}).items()},
        "substitute": [dict(row) for row in office.get("substitute") or ()],
    }
    due = [one for one in changes if one["from"] <= day]
    for one in due:
        if one["what"] in CHANGES and (one["person"] in tables["person"] or one["what"] == "added"):
            CHANGES[one["what"]](tables, one)
    return {**office, **tables} if due else dict(office)


def people_of(office: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an office that says who is who: what a running case is told."""
    return {"person": office.get("person") or {}, "unit": office.get("unit") or {}, "substitute": list(office.get("substitute") or ())}


def gone(row: Mapping[str, Any]) -> bool:
    """Whether a person has left the office."""
    return bool(row.get("left"))


def _added(tables: Tables, one: Mapping[str, Any]) -> None:
    tables["person"].setdefault(one["person"], dict(one["value"]))  # a file that has them meanwhile goes first


def _posts(tables: Tables, one: Mapping[str, Any]) -> None:
    """Posts, unit and rank together: what a person is; an empty rank is unknown."""
    row = tables["person"][one["person"]]
    row |= {"posts": list(one["value"]["posts"]), "unit": one["value"]["unit"], "rank": one["value"].get("rank", "")}
    if not row["rank"]:
        del row["rank"]


def _left(tables: Tables, one: Mapping[str, Any]) -> None:
    """Without posts; the name stays, for what they did. Where units name them, their successor is named."""
    who, heir = one["person"], one["value"].get("successor", "")
    tables["person"][who] |= {"posts": [], "left": one["from"]}
    for row in tables["unit"].values() if heir else ():
        row |= {role: heir for role, named in row.items() if named == who}
    for standing in [row for row in tables["substitute"] if who in (row["for"], row["by"])]:
        _shorten(tables, standing, one["from"])


def _substitute(tables: Tables, one: Mapping[str, Any]) -> None:
    value = one["value"]
    if value["by"] in tables["person"]:
        tables["substitute"].append({"for": one["person"], "by": value["by"], "from": value["from"], "until": value["until"]})


def _ended(tables: Tables, one: Mapping[str, Any]) -> None:
    value = one["value"]
    for row in [row for row in tables["substitute"] if (row["for"], row["by"], row.get("from", "")) == (one["person"], value["by"], value["from"])]:
        _shorten(tables, row, value["on"])


def _shorten(tables: Tables, row: dict[str, Any], day: str) -> None:
    """Ended at once: its last day is the day before."""
    last = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    if row.get("from", "0") > last:
        tables["substitute"].remove(row)
    elif row.get("until", "9") > last:
        row["until"] = last


CHANGES: dict[str, Callable[[Tables, Mapping[str, Any]], None]] = {
    "added": _added, "posts": _posts, "left": _left, "substitute": _substitute, "substitute_ended": _ended,
}  # fmt: skip
