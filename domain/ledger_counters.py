"""Counters over windows: which subjects have reached the figure, when, with which entries. Order of arrival never matters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.law import Law
from domain.ledger_entries import Entry, dated, figure, fits, per_of
from domain.ledger_periods import months_on, period_of
from domain.ledger_watch import and_words, words

ROLLING = {"rolling_years": 12, "rolling_months": 1}
_CALENDAR = {"calendar_years": "year", "calendar_months": "month", "calendar_quarters": "quarter"}


@dataclass(frozen=True, slots=True)
class Hit:
    """One reaching of a counter's figure: for whom, in which window, when, how many, by which entries (the last completes it)."""

    subject: str
    label: str
    at: datetime
    count: float
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _One:
    at: datetime
    key: str
    case: str
    amount: float


def counted(row: Mapping[str, Any], entries: Iterable[Entry], law: Law) -> dict[str, list[Entry]]:
    """By subject, the entries that count: conditions hold, not taken back, and of each case only what it says last."""
    names, less = set(words(row.get("counts"))), set(words(row.get("less")))
    last: dict[str, Entry] = {}
    back: dict[str, str] = {}
    for entry in sorted(entries, key=lambda e: (e["at"], e["key"])):
        if less & set(entry["what"]):
            back[entry["case"]] = entry["at"]
        if names & set(entry["what"]):
            last[entry["key"] if row.get("each") or not entry["case"] else entry["case"]] = entry
    found: dict[str, list[Entry]] = {}
    for entry in last.values():
        if fits(row, entry, law) and not (entry["case"] and back.get(entry["case"], "") >= entry["at"]):
            for subject in per_of(entry, str(row.get("per", ""))):
                found.setdefault(subject, []).append(entry)
    return found


def hits(row: Mapping[str, Any], entries: Iterable[Entry], law: Law) -> list[Hit]:
    """Every reaching of the figure, once per window: in a calendar period, each time a rolling window fills anew, each run of months."""
    entries = list(entries)
    least = figure(row.get("at"), law)
    if not isinstance(least, (int, float)) or isinstance(least, bool):
        return []
    within = _window(row, law)
    found: list[Hit] = []
    for subject, mine in counted(row, entries, law).items():
        ones = sorted((_One(dated(e, row), e["key"], e["case"], _amount(row, e)) for e in mine), key=lambda o: (o.at, o.key))
        limb = _limb(row, entries, law, subject)
        if "run_of_months" in within:
            found += _runs(ones, subject, int(figure(within["run_of_months"], law) or least), int(row.get("each_month", 1)))
        elif rolling(within, law):
            found += _rolled(ones, limb, subject, least, rolling(within, law))
        else:
            found += _periods(ones, limb, subject, least, unit(within))
    return sorted(found, key=lambda hit: (hit.at, hit.subject))


def count_now(row: Mapping[str, Any], entries: Iterable[Entry], law: Law, subject: str, now: datetime) -> float:
    """How far a counter stands for one subject: in the period of `now`, in the window that ends now, or the run that reaches this month."""
    mine = [e for e in counted(row, entries, law).get(subject, ()) if dated(e, row) <= now]
    within, here = _window(row, law), now.date()
    if "run_of_months" in within:
        months = {dated(e, row).date().replace(day=1) for e in mine}
        month = here.replace(day=1)
        month = month if month in months else months_on(month, -1)
        length = 0
        while month in months:
            length, month = length + 1, months_on(month, -1)
        return length
    if span := rolling(within, law):
        return sum(_amount(row, e) for e in mine if _ends(dated(e, row).date(), span) >= here)
    label = _label(unit(within), here)
    return sum(_amount(row, e) for e in mine if _label(unit(within), dated(e, row).date()) == label)


def unit(within: Mapping[str, Any]) -> str:
    """The calendar unit of a window, '' where it never ends."""
    return str(within.get("calendar") or next((word for key, word in _CALENDAR.items() if key in within), ""))


def rolling(within: Mapping[str, Any], law: Law) -> tuple[int, int] | None:
    """Months and days that a rolling window reaches back."""
    for key, months in ROLLING.items():
        if key in within:
            return int(figure(within[key], law) or 1) * months, 0
    return (0, int(figure(within["rolling_days"], law) or 1)) if "rolling_days" in within else None


def _window(row: Mapping[str, Any], law: Law) -> Mapping[str, Any]:
    value = figure(row.get("within"), law)
    return value if isinstance(value, Mapping) else {"calendar": value} if isinstance(value, str) else {}


def _amount(row: Mapping[str, Any], entry: Entry) -> float:
    if "sums" not in row:
        return 1
    value = entry["facts"].get(str(row["sums"]))
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def _limb(row: Mapping[str, Any], entries: list[Entry], law: Law, subject: str) -> tuple[int, list[_One]] | None:
    """The second limb's least number and its entries, None where the row has none."""
    names = set(and_words(row))
    if not names:
        return None
    part = {"when": row["and"]["when"]} if "when" in row["and"] else {}
    per = str(row.get("per", ""))
    found = [e for e in entries if names & set(e["what"]) and fits(part, e, law) and subject in per_of(e, per)]
    return int(row["and"].get("at", 1)), [_One(dated(e, row), e["key"], e["case"], 1) for e in found]


def _label(word: str, day: date) -> str:
    return period_of(word, day).label if word else ""


def _ends(day: date, span: tuple[int, int]) -> date:
    """The last day on which an entry of `day` still lies in the window (Civil Code 201, 202: the day itself is not counted)."""
    months, days = span
    return months_on(day, months) if months else date.fromordinal(day.toordinal() + days)


def _full(ones: list[_One], limb: tuple[int, list[_One]] | None, least: float) -> bool:
    if not ones or sum(one.amount for one in ones) < least:
        return False
    if limb is None:
        return True
    cases = {one.case for one in ones if one.case}
    return sum(1 for other in limb[1] if not other.case or not cases or other.case in cases) >= limb[0]


def _upto(limb: tuple[int, list[_One]] | None, keep: Any) -> tuple[int, list[_One]] | None:
    return None if limb is None else (limb[0], [one for one in limb[1] if keep(one)])


def _instants(ones: list[_One], limb: tuple[int, list[_One]] | None) -> list[datetime]:
    return sorted({one.at for one in (*ones, *(limb[1] if limb else ()))})


def _periods(ones: list[_One], limb: tuple[int, list[_One]] | None, subject: str, least: float, word: str) -> list[Hit]:
    found: dict[str, Hit] = {}
    for at in _instants(ones, limb):
        label = _label(word, at.date())
        if label in found:
            continue
        inside = [one for one in ones if one.at <= at and _label(word, one.at.date()) == label]
        if _full(inside, _upto(limb, lambda one, at=at: one.at <= at), least):
            found[label] = Hit(subject, label, at, sum(one.amount for one in inside), tuple(one.key for one in inside))
    return list(found.values())


def _rolled(ones: list[_One], limb: tuple[int, list[_One]] | None, subject: str, least: float, span: Any) -> list[Hit]:
    """A rolling window fires when it fills, and again only after it has been below the figure."""
    found: list[Hit] = []
    full, ended = False, date.min
    for at in _instants(ones, limb):
        inside = [one for one in ones if one.at <= at and _ends(one.at.date(), span) >= at.date()]
        now_full = _full(inside, _upto(limb, lambda one, at=at: one.at <= at and _ends(one.at.date(), span) >= at.date()), least)
        if now_full and full and at.date() > ended:  # it had emptied in between, unseen by any entry
            full = False
        if now_full and not full:
            found.append(Hit(subject, at.date().isoformat(), at, sum(one.amount for one in inside), tuple(one.key for one in inside)))
        if now_full:
            ended = _holds_until(inside, span, least)
        full = now_full
    return found


def _holds_until(inside: list[_One], span: Any, least: float) -> date:
    """The last day on which the entries inside still make the figure, if none comes."""
    left = sum(one.amount for one in inside)
    for one in sorted(inside, key=lambda o: o.at):
        left -= one.amount
        if left < least:
            return _ends(one.at.date(), span)
    return date.min


def _runs(ones: list[_One], subject: str, length: int, least: int) -> list[Hit]:
    """One hit for each run of consecutive months, when its n-th month is reached."""
    months: dict[date, list[_One]] = {}
    for one in ones:
        months.setdefault(one.at.date().replace(day=1), []).append(one)
    full = sorted(month for month, inside in months.items() if len(inside) >= least)
    found: list[Hit] = []
    run: list[date] = []
    for month in full:
        run = [*run, month] if run and months_on(run[-1], 1) == month else [month]
        if len(run) == length:
            before = [one for m in run[:-1] for one in months[m]]
            last = months[month][:least]
            found.append(Hit(subject, f"{run[0].year}-{run[0].month:02}", last[-1].at, length, tuple(one.key for one in (*before, *last))))
    return found
