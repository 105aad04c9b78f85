"""Who enters paper for whom: leaders sign paper and units answer by it, and somebody else types it in. A table of the office file."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.views import Reader

EVERYONE, OWN_UNIT, COMPLAINANT = "everyone", "own_unit", "complainant"
USUAL = ({"by": "intake", "for": EVERYONE}, {"by": "centre_head", "for": EVERYONE}, {"by": EVERYONE, "for": OWN_UNIT})
ROLES = ("intake", "centre_head", "leader_in_charge", "principal", "unit_liaison", "supervisor", "auditor", "admin")


def rows(office: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The rows of an office, the usual ones where it has none: intake and centre heads for anybody, others for people of their own unit."""
    return office.get("paper") or USUAL


def may_type(office: Mapping[str, Any], typist: Reader, person: str) -> bool:
    """Whether somebody may enter what a person of the office, or the complainant, has signed."""
    theirs = {EVERYONE, typist.person, typist.unit, *typist.posts, *typist.roles} - {""}
    row = (office.get("person") or {}).get(person, {})
    meant = {EVERYONE, person, row.get("unit", ""), *row.get("posts", ())} - {""}
    if typist.unit and row.get("unit") == typist.unit:
        meant.add(OWN_UNIT)
    return any(_names(one.get("by")) & theirs and _names(one.get("for")) & meant for one in rows(office))


def typed_for(office: Mapping[str, Any], typist: Reader) -> list[str]:
    """Everybody for whom somebody may type, the complainant last."""
    people = [key for key in office.get("person") or {} if key != typist.person]
    return [one for one in (*people, COMPLAINANT) if may_type(office, typist, one)]


def _names(value: Any) -> set[str]:
    return {value} if isinstance(value, str) else {str(one) for one in value or ()}
