"""What holds for every calendar, start and term."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.calendars import load_calendar
from domain.counting import explain
from domain.deadlines import Due, Term, before, due, parse_limit
from domain.workdays import ZONE, Calendar

PUBLISHED = load_calendar()
ROLLED = ("days", "weeks", "months", "years", "day_of_next_month", "end_of")

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
starts = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(ZONE))
hours = st.sampled_from([(), [["09:00", "17:00"]], [["08:30", "12:00"], ["14:00", "18:00"]]])
calendars = st.builds(
    lambda base, closed, opened, spans: base.with_office(closed, set(opened) - set(closed), spans),
    st.sampled_from([PUBLISHED, Calendar()]),
    st.lists(days, max_size=12),
    st.lists(days, max_size=12),
    hours,
)
counts = st.integers(1, 60)
words = st.sampled_from(["working_days", "days", "weeks", "months", "hours", "working_hours", "minutes"])


@st.composite
def limits(draw: st.DrawFn) -> Term:
    word = draw(
        st.sampled_from(["working_days", "days", "weeks", "months", "years", "hours", "working_hours", "same_day", "end_of", "day_of_next_month"])
    )
    figure: object = draw(counts)
    if word == "same_day":
        figure = True
    if word == "end_of":
        figure = draw(st.sampled_from(["month", "quarter", "half", "year"]))
    if word == "day_of_next_month":
        figure = draw(st.integers(1, 31))
    return parse_limit({word: figure})


@given(limits(), starts, calendars)
def test_an_end_never_lies_before_its_start(limit: Term, start: datetime, calendar: Calendar) -> None:
    end = due(limit, start, calendar)
    assert end.overdue_at > start
    assert end.overdue_at - end.due_at == timedelta(seconds=1)
    assert end.due_at.date() == end.due_day


@given(limits(), starts, starts, calendars)
def test_a_later_start_never_ends_earlier(limit: Term, one: datetime, other: datetime, calendar: Calendar) -> None:
    earlier, later = sorted((one, other))
    assert due(limit, earlier, calendar).due_day <= due(limit, later, calendar).due_day


@given(words, counts, counts, starts, calendars)
def test_a_longer_term_never_ends_earlier(word: str, one: int, other: int, start: datetime, calendar: Calendar) -> None:
    ends = [due(parse_limit({word: n}), start, calendar).overdue_at for n in sorted((one, other))]
    assert ends == sorted(ends)


@given(counts, starts, calendars)
def test_the_working_days_of_the_term_are_the_count(count: int, start: datetime, calendar: Calendar) -> None:
    end = due(parse_limit({"working_days": count}), start, calendar)
    after = [start.date() + timedelta(days=n) for n in range(1, (end.due_day - start.date()).days + 1)]
    assert sum(calendar.is_workday(d) for d in after) == count
    assert calendar.is_workday(end.due_day)


@given(limits(), starts, calendars)
def test_a_rolled_end_is_the_first_working_day_after(limit: Term, start: datetime, calendar: Calendar) -> None:
    kept, rolled = due(limit, start, calendar, roll="none"), due(limit, start, calendar)
    if limit.unit in ("working_day", "hour", "working_hour", "same_day"):
        assert kept == rolled
        return
    assert calendar.is_workday(rolled.due_day)
    between = [kept.due_day + timedelta(days=n) for n in range((rolled.due_day - kept.due_day).days)]
    assert not any(calendar.is_workday(d) for d in between)
    assert (rolled.rolled_from is None) is (kept.due_day == rolled.due_day)


units = st.sampled_from(["working_day", "calendar_day", "week", "month", "hour", "working_hour", "minute"])


@given(limits(), starts, st.integers(1, 20), units, calendars)
def test_a_reminder_lies_inside_its_term(limit: Term, start: datetime, count: int, unit: str, calendar: Calendar) -> None:
    end = due(limit, start, calendar)
    moment = before(end, count, unit, calendar)
    assert moment is None or end.start < moment < end.overdue_at


@given(st.integers(1, 20), st.integers(1, 20), starts, calendars)
def test_back_and_forth_in_working_days(count: int, back: int, start: datetime, calendar: Calendar) -> None:
    end = due(parse_limit({"working_days": count + back}), start, calendar)
    shorter: Due = due(parse_limit({"working_days": count}), start, calendar)
    moment = before(end, back, "working_day", calendar)
    assert moment is not None
    assert moment.date() == shorter.due_day


@given(st.integers(1, 60), starts, calendars)
def test_working_hours_there_and_back(count: int, start: datetime, calendar: Calendar) -> None:
    end = due(parse_limit({"working_hours": count}), start, calendar)
    assert calendar.is_workday(end.due_day)
    if count > 1:
        moment = before(end, count - 1, "working_hour", calendar)
        first = due(parse_limit({"working_hours": 1}), start, calendar)
        assert moment is not None
        assert due(parse_limit({"working_hours": count - 1}), moment, calendar).due_at == end.due_at
        assert first.due_at <= due(parse_limit({"working_hours": 1}), moment, calendar).due_at


@given(limits(), starts)
def test_a_firm_date_rests_on_published_years_only(limit: Term, start: datetime) -> None:
    end = due(limit, start, PUBLISHED)
    guess = due(limit, start, Calendar())
    touched = {start.year, end.due_day.year, (end.rolled_from or end.due_day).year}
    if touched <= {2025, 2026}:
        assert not end.provisional
    if limit.unit not in ("hour", "same_day"):
        assert guess.provisional
        assert end.provisional or end.due_day.year in (2025, 2026)
    if limit.unit in ("hour", "same_day"):
        assert not end.provisional


@given(limits(), starts, calendars)
@settings(max_examples=60)
def test_the_explanation_reaches_the_end_day_by_day(limit: Term, start: datetime, calendar: Calendar) -> None:
    end = due(limit, start, calendar)
    if (end.due_day - start.date()).days > 800:
        return
    steps = explain(end, calendar)
    assert [s.day for s in steps] == [start.date() + timedelta(days=n) for n in range(len(steps))]
    assert (steps[-1].day, steps[-1].is_due) == (end.due_day, True)
    numbers = [s.n for s in steps if s.n is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    if limit.unit == "working_day":
        assert len(numbers) == limit.count


@given(calendars)
def test_a_calendar_survives_its_journey(calendar: Calendar) -> None:
    assert Calendar.load(calendar.dump()) == calendar
