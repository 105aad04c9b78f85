"""Who stands in for somebody reads what that person may see by their post, and nothing that is closed to one of both."""

from cli import library
from domain.core import Law, Reader, in_place, reader_of, told, view, widest
from domain.stories import Run, run


def told_of(name: str) -> tuple[Run, Law]:
    story = next(story for _, story in library.stories() if story["story"] == name)
    law = library.law(story["rulebook"], story["office"])
    return run(story, law), law


def standing(person: str, law: Law, *meant: str) -> Reader:
    return reader_of(person, law, meant)


def test_a_clerk_without_a_post_sees_the_file_in_the_leaders_place() -> None:
    done, law = told_of("district-overdue-transferred")
    assert view(done.case, standing("xu", law), law) is None, "by themselves it is none of their business"
    met = widest(done.case, standing("xu", law, "li"), law, law)
    assert met is not None
    one, shown = met
    assert (one.person, one.acts_as, one.roles) == ("xu", ("li", f"unit:{law.office['person']['li']['unit']}"), reader_of("li", law).roles)
    whole = view(done.case, reader_of("li", law), law)
    assert shown == whole
    assert len(told(done.events, done.case, one, law)) == len(told(done.events, done.case, reader_of("li", law), law))


def test_who_looks_over_cases_stays_who_they_are() -> None:
    _, law = told_of("district-overdue-transferred")
    assert in_place(standing("wang", law, "li"), law) == []
    assert in_place(standing("shen", law, "li"), law) == [], "an auditor opens nothing by standing in"
    assert in_place(standing("xu", law), law) == []
    assert in_place(standing("xu", law, "zhou"), law) == [], "who stands in for somebody without such a post sees no more than before"
    assert in_place(standing("xu", law, "nobody"), law) == []


def test_for_two_people_each_place_is_tried_and_a_list_takes_both() -> None:
    _, law = told_of("district-overdue-transferred")
    places = in_place(standing("xu", law, "li", "wang"), law)
    assert ["li" in places[0].acts_as, "wang" in places[0].acts_as] == [True, False]
    assert ["li" in places[1].acts_as, "wang" in places[1].acts_as] == [False, True]
    assert set(places[-1].roles) == {*reader_of("li", law).roles, *reader_of("wang", law).roles}
    assert places[-1].names >= {"xu", "li", "wang"}


def test_the_accused_sees_no_more_by_standing_in() -> None:
    done, law = told_of("district-overdue-transferred")
    accused = next(row["person"] for row in done.case.attrs["respondents"] if row.get("person"))
    one = in_place(standing(accused, law, "li"), law)[-1]
    shown = view(done.case, one, law)
    assert shown is None or not {"identity", "contact", "original"} & set(shown)


def test_nobody_reads_in_the_place_of_one_who_has_withdrawn_nor_having_withdrawn() -> None:
    done, law = told_of("district-overdue-transferred")
    case = done.case
    one = in_place(standing("xu", law, "li"), law)[-1]
    assert view(case, one, law) is not None
    for who in ("li", "xu"):
        case.people["recused"], case.known = [who], None
        assert view(case, one, law) is None, who
        met = widest(case, standing("xu", law, "li"), law, law)
        assert met is None or met[0].acts_as == ()
