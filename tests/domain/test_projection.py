"""The flat row of a case: what lists sort and search by."""

from cli import library
from domain import stories
from domain.core import projection


def test_a_refused_filing_stands_in_lists_at_the_instant_of_its_refusal() -> None:
    story = next(one for _, one in library.stories() if one["story"] == "district-channel-unlisted")
    out = stories.run({**story, "act": story["act"][:1], "expect": []}, library.law(story["rulebook"], story["office"]))
    row = projection(out.case, out.law)
    assert row["phase"] == "none"
    assert row["received_at"] == out.events[0].at.isoformat()
