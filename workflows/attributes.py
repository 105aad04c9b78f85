"""Search attributes: clear text, so status, book and office only; never a person, a unit or a ground."""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

STATUS = SearchAttributeKey.for_keyword("HuiyinStatus")
RULEBOOK = SearchAttributeKey.for_keyword("HuiyinRulebook")
OFFICE = SearchAttributeKey.for_keyword("HuiyinOffice")
LATE = SearchAttributeKey.for_bool("HuiyinLate")
ALL = (STATUS, RULEBOOK, OFFICE, LATE)


def at_start(office: str, book: str) -> TypedSearchAttributes:
    """What the starter sets."""
    return TypedSearchAttributes([SearchAttributePair(STATUS, "open"), SearchAttributePair(RULEBOOK, book), SearchAttributePair(OFFICE, office)])
