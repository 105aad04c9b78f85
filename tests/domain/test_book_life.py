"""The life of a book: two people, days of validity, what replaces what, and entries that nobody can slip in."""

import json
from typing import Any

import pytest

from domain.asking import Refusal
from domain.versions import History, body_text, bound, confirmed, content, entry_hash, hashes, passed, proposed, publishers, taken, withdrawn

TODAY = "2027-03-10"
BOOK = {"book": {"id": "b", "title": "办法"}, "term": {"case": {"zh": "办结", "from": "filed", "until": "closed", "limit": {"working_days": 10}, "clause": "1"}}}
OFFICE: dict[str, Any] = {"office": {"id": "o", "rulebook": "b"}, "vague": {"及时": {"working_days": 1}}, "person": {"li": {"posts": ["head"]}}}


def text(days: int = 10, zh: str = "办结", vague: int = 1) -> str:
    book = {**BOOK, "term": {"case": {**BOOK["term"]["case"], "zh": zh, "limit": {"working_days": days}}}}
    return content(book, [{"ref": "1", "zh": "十日"}], {**OFFICE, "vague": {"及时": {"working_days": vague}}})


def who(by: str, day: str = TODAY, reason: str = "核对无误") -> dict[str, str]:
    return {"by": by, "at": f"{day}T09:00:00+08:00", "reason": reason}


def publish(history: History, full: str, first: str, last: str = "", day: str = TODAY) -> History:
    history = taken(history, body_text(proposed(history, who("luo", day), "b", full, first, last)))
    assert history.pending is not None
    return taken(history, body_text(confirmed(history, who("li", day), history.pending.sha256)))


def refused(step: Any, *given: Any) -> str:
    with pytest.raises(Refusal) as no:
        step(*given)
    return str(no.value.code)


def number(history: History, received: str, today: str = TODAY) -> int:
    found = history.binding(received, today)
    return found.number if found else 0


def test_a_version_needs_two_people_and_the_same_hash() -> None:
    history = History("o")
    assert refused(confirmed, history, who("li"), "0" * 64) == "version_not_pending"
    assert refused(proposed, history, who("luo", reason=" "), "b", text(), "2027-01-01", "") == "reason_missing"
    history = taken(history, body_text(proposed(history, who("luo"), "b", text(), "2027-01-01", "")))
    assert (history.versions, history.binding(TODAY, TODAY)) == ([], None), "a proposal binds nobody"
    digest = hashes(text())["sha256"]
    assert refused(confirmed, history, who("luo"), digest) == "same_person"
    for wrong in ("", digest[:15], hashes(text(11))["sha256"], digest[1:]):
        assert refused(confirmed, history, who("li"), wrong) == "version_hash", wrong
    assert refused(proposed, history, who("qian"), "b", text(12), "2027-04-01", "") == "version_pending"
    entry = confirmed(history, who("li"), f" {digest[:8].upper()} {digest[8:16].upper()} ")
    assert taken(history, body_text(entry)).versions[0].number == 1


def test_a_proposal_can_be_taken_back_until_it_is_confirmed() -> None:
    history = taken(History("o"), body_text(proposed(History("o"), who("luo"), "b", text(), "2027-01-01", "")))
    history = taken(history, body_text(withdrawn(history, who("luo"))))
    assert (history.pending, history.state(history.proposals[0], TODAY)) == (None, "withdrawn")
    assert refused(withdrawn, history, who("luo")) == "version_not_pending"
    history = publish(history, text(), "2027-01-01")
    assert history.versions[0].number == 1, "what was withdrawn has no number"
    assert refused(withdrawn, history, who("luo")) == "version_not_pending"


def test_the_day_of_receipt_chooses_the_version_on_both_sides_of_each_boundary() -> None:
    history = publish(publish(History("o"), text(10), "2027-01-01"), text(12), "2027-04-01", "2027-06-30")
    assert [number(history, day) for day in ("2027-01-01", "2027-03-31", "2027-04-01", "2027-06-30")] == [1, 1, 2, 2]
    assert refused(history.binding, "2027-07-01", "2027-07-01") == "no_version_in_force", "the first does not come back when the second ends"
    first, second = history.versions
    assert (history.ends(first), history.ends(second), second.replaces) == ("2027-03-31", "2027-06-30", 1)
    states = {day: [history.state(one, day) for one in history.versions] for day in ("2027-03-31", "2027-04-01", "2027-06-30", "2027-07-01")}
    assert states == {
        "2027-03-31": ["in_force", "published"], "2027-04-01": ["superseded", "in_force"], "2027-06-30": ["superseded", "in_force"], "2027-07-01": ["superseded", "lapsed"],
    }  # fmt: skip


def test_before_the_first_version_the_folder_binds_until_it_has_begun() -> None:
    history = publish(History("o"), text(), "2027-04-01")
    assert number(history, "2027-03-31", "2027-03-31") == 0, "filing goes on as before"
    assert number(history, "2027-03-31", "2027-04-01") == 1, "received earlier, filed now: the first text that two people have signed"
    assert number(history, "2027-04-01", "2027-04-01") == 1


def test_nothing_reaches_back_over_a_version_that_binds() -> None:
    history = publish(History("o"), text(), "2020-01-01")
    for first, last in (("2027-03-09", ""), ("2027-13-01", ""), ("", ""), ("20270401", ""), ("2027-04-01", "2027-03-31"), ("2027-04-01", "x")):
        assert refused(proposed, history, who("luo"), "b", text(11), first, last) == "version_dates", (first, last)
    history = taken(history, body_text(proposed(history, who("luo"), "b", text(11), TODAY, "")))
    digest = hashes(text(11))["sha256"]
    assert refused(confirmed, history, who("li", day="2027-03-11"), digest) == "version_dates", "confirmed a day late it would reach back"
    assert taken(history, body_text(confirmed(history, who("li"), digest))).versions[1].replaces == 1


def test_a_version_that_has_not_begun_is_replaced_whole() -> None:
    history = publish(publish(publish(History("o"), text(10), "2027-01-01"), text(12), "2027-04-01"), text(14), "2027-04-01")
    assert [number(history, day) for day in ("2027-03-31", "2027-04-01")] == [1, 3]
    assert history.state(history.versions[1], "2027-04-01") == "superseded"
    assert [one.replaces for one in history.versions] == [0, 1, 2]


def test_a_version_that_has_not_begun_is_called_off_by_the_text_in_force() -> None:
    history = publish(publish(History("o"), text(10), "2027-01-01"), text(12), "2027-04-01")
    history = publish(history, text(10), TODAY)
    assert number(history, "2027-04-01", "2027-04-01") == 3
    assert [history.state(one, "2027-04-01") for one in history.versions] == ["superseded", "superseded", "in_force"]


def test_the_same_text_for_the_same_days_is_no_new_version() -> None:
    history = publish(History("o"), text(), "2027-01-01")
    assert refused(proposed, history, who("luo"), "b", text(), TODAY, "") == "version_unchanged"
    ended = publish(history, text(), TODAY, "2027-12-31")
    assert refused(ended.binding, "2028-01-01", "2028-01-01") == "no_version_in_force", "the same text with a last day ends it"


def test_words_rules_and_the_offices_terms_are_told_apart() -> None:
    one, words, rule, office = (hashes(full) for full in (text(), text(zh="办理完毕"), text(11), text(vague=2)))
    assert len({h["sha256"] for h in (one, words, rule, office)}) == 4
    assert words["rule_sha256"] == one["rule_sha256"]
    assert len({h["rule_sha256"] for h in (one, rule, office)}) == 3
    assert (office["book"], office["clauses"]) == (one["book"], one["clauses"])


def test_a_version_binds_with_the_people_of_today_and_its_own_terms() -> None:
    history = publish(History("o"), text(vague=2), "2027-01-01")
    today = {**OFFICE, "vague": {"及时": {"working_days": 9}}, "policy": {"term": {"more": {}}}, "person": {"new": {}}}
    law = bound(text(vague=2), history.versions[0], today, [])
    assert (law.office["vague"], law.office["person"], law.table("term").keys()) == ({"及时": {"working_days": 2}}, {"new": {}}, {"case"})
    assert law.table("book")["version"] == 1
    assert law.table("book")["published"]["sha256"] == hashes(text(vague=2))["sha256"]


def test_entries_that_do_not_follow_or_say_what_they_may_not_are_not_taken() -> None:
    history = taken(History("o"), body_text(proposed(History("o"), who("luo"), "b", text(), "2027-01-01", "")))
    good = confirmed(history, who("li"), hashes(text())["sha256"])
    for wrong in ({"by": "luo"}, {"sha256": "0" * 64}, {"seq": 3}, {"prev": "0" * 64}, {"office": "p"}, {"proposal": 7}):
        with pytest.raises(ValueError, match="entry"):
            taken(history, body_text({**good, **wrong}))
    skipped = passed(history, "{}")
    assert (skipped.unproved, skipped.seq, skipped.head, skipped.versions) == (1, 2, entry_hash("{}"), [])
    later = confirmed(skipped, who("li"), hashes(text())["sha256"])
    assert taken(skipped, body_text(later)).versions[0].number == 1, "what follows honestly still counts"
    assert json.loads(body_text(later))["prev"] == entry_hash("{}")


def test_who_may_publish_is_a_matter_of_posts_unless_the_office_names_people() -> None:
    book = {"post": {"head": {"role": "centre_head"}, "admin": {"role": "admin"}, "clerk": {"role": "intake"}}}
    office: dict[str, Any] = {"office": {}, "person": {"li": {"posts": ["head"]}, "luo": {"posts": ["admin"]}, "wang": {"posts": ["clerk"]}}}
    assert publishers("proposed", book, office) == publishers("withdrawn", book, office) == ["li", "luo"]
    assert publishers("confirmed", book, office) == ["li"]
    assert publishers("confirmed", book, {**office, "office": {"publishers": ["wang", "luo"]}}) == ["luo", "wang"]
