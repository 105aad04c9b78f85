"""People: words that name nobody, posts that no office has, duties and decisions that nobody can take."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.checks.base import Book, Found, words
from cli.checks.events import has_row
from domain.acts import ACTS
from domain.asking import COMPLAINT_ACTS, RESPONDENT_ACTS
from domain.people import OUTSIDERS, RELATIONS

UNIT_ROLES = {"principal", "leader_in_charge", "head", "leader", "liaison", "parent", "superior", "unit"}
# Where a word names people: table → fields. What a report or an incident names are addressees in the reader's own words.
NAMING: dict[str, tuple[str, ...]] = {
    "admit": ("by",), "answer": ("by", "to"), "check": ("by", "bars"), "duty": ("by",), "extend": ("by",), "fact": ("by",), "finding": ("by",), "form": ("by",), "gate": ("only_by", "to"),
    "kind": ("opened_by",), "channel": ("by", "opens_at"), "measure": ("by", "to"), "notice": ("to",), "order": ("by", "to"), "publish": ("by",), "report": ("by",), "recuse": ("bars",),
    "secret": ("from", "only_to", "except"), "serve": ("by", "to"), "trigger": ("to",), "urge": ("by", "to"), "again": ("by",), "hold": ("by",), "recur": ("by",), "draw": ("by",), "first": ("also",),
}  # fmt: skip
MANY = 6  # more names than that are not listed
SPOKEN = {"system", "trigger", "office"}  # words of `opened_by` that are no people


def named(book: Book) -> Iterator[tuple[str, str]]:
    """Every word by which a row names people, with its path."""
    for table, fields in NAMING.items():
        for key, row in book.named(table):
            for field in fields:
                yield from ((f"{table}.{key}.{field}", word) for word in _people(row.get(field)))
    for n, row in enumerate(book.table("route").get("rows", ()), 1):
        yield from ((f"route.rows[{n}].{field}", word) for field in ("to", "only_by", "support") for word in _people(row.get(field)))
    for key, row in book.named("chain"):
        for n, one in enumerate(row.get("rows", ()), 1):
            yield from ((f"chain.{key}.rows[{n}].steps", who) for step in one.get("steps", ()) for who in step)
    for key, row in book.named("trigger"):
        yield from ((f"trigger.{key}.then.{field}", word) for field in ("to", "tell") for word in _people(row.get("then", {}).get(field)))
    for key, row in book.named("roster"):
        yield from ((f"roster.{key}.rows", word) for one in row.get("rows", ()) for word in words(one.get("to")))
    for key, row in book.named("body"):
        yield from ((f"body.{key}", word) for field in ("chair", "members") for word in words(row.get(field)))
    for table, part in (("supervise", ""), ("satisfy", "visit"), ("assign", "redo"), ("archive", "")):
        row = book.table(table).get(part, {}) if part else book.table(table)
        yield from ((f"{table}.{part}.by" if part else f"{table}.by", word) for word in _people(row.get("by") if isinstance(row, Mapping) else None))


def _people(value: Any) -> list[str]:
    """Words of a field that names people: a word, a list, or rows `{ when, is }`."""
    rows = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
    return [word for row in rows for word in words(row.get("is"))] if rows else words(value)


def nameless(book: Book) -> Iterator[Found]:
    """A word that no post, relation, unit or fact has."""
    for path, word in dict.fromkeys(named(book)):
        if not _known(book, word) and not (path.endswith("opened_by") and word in SPOKEN):
            yield Found(path, f"“{word}”指不到任何岗位、关系、单位或事项", f"'{word}' names no post, relation, unit or fact")


def _known(book: Book, word: str) -> bool:
    post, _, last = word.rpartition(":")
    units = {key for office in book.offices for key in (*office.get("unit", {}), *office.get("person", {}))}
    roles = {key for office in book.offices for row in office.get("unit", {}).values() for key in row}
    if post:
        return _known(book, last) and (post in book.table("post") or post in UNIT_ROLES | roles)
    if word.partition(".")[0] in ("param", "roster", "body") and "." in word:
        table, name = word.split(".", 1)
        return name in book.table(table)
    fact = book.table("fact").get(word)
    return word in {*book.table("post"), *book.table("unit_kind"), *RELATIONS, *OUTSIDERS, *units} or (isinstance(fact, Mapping) and fact.get("is") in ("unit", "person"))


def unheld(book: Book) -> Iterator[Found]:
    """A post that the text creates and no office under the book has anybody in."""
    held = {post for office in book.offices for person in office.get("person", {}).values() for post in person.get("posts", ())}
    for key, row in book.named("post"):
        if book.offices and key not in held and not row.get("office"):
            yield Found(f"post.{key}", f"没有机构设有此岗位({_names(book)})", f"no office has anybody in this post ({_names(book)})")


def _names(book: Book) -> str:
    return ", ".join(str(office.get("office", {}).get("id", "?")) for office in book.offices)


def powerless(book: Book) -> Iterator[Found]:
    """An act that a row lays on people none of whose posts may do it."""
    for path, act, who in _laid(book):
        if act in ACTS and not _may(book, act, who):
            who = who if len(who) < MANY else ["…"]
            yield Found(path, f"“{'、'.join(who)}”都无权“{ACTS[act].zh}”({act}),无人能办", f"none of '{', '.join(who)}' may '{act}': nobody can do it")
    for key, row in book.named("post"):
        if not row.get("may") and not any(word == key or word.startswith(f"{key}:") for _, word in named(book)) and not _required(book, key):
            yield Found(f"post.{key}", "此岗位无事可办,也无一行提到", "this post may do nothing, and no row names it")


def _required(book: Book, post: str) -> bool:
    return any(post in row.get("requires", ()) or post == row.get("named_by") for table in ("unit_kind", "post") for _, row in book.named(table))


def _laid(book: Book) -> Iterator[tuple[str, str, list[str]]]:
    for key, row in book.named("duty"):
        if "does" in row:
            yield f"duty.{key}", str(row["does"]), _people(row.get("by"))
    for table, act in (("admit", "refuse"), ("extend", "request_extension")):
        for key, row in book.named(table):
            if "by" in row and "turns_into" not in row:
                yield f"{table}.{key}.by", act, _people(row["by"])
    for key, row in book.named("answer"):
        if row.get("event") == "answered_on_the_spot" and "by" in row:
            yield f"answer.{key}.by", "answer_on_the_spot", _people(row["by"])
    for key, row in book.named("kind"):
        people = [word for word in words(row.get("opened_by")) if word not in SPOKEN | {*OUTSIDERS}]
        if people:
            yield f"kind.{key}.opened_by", "file", people
    for n, row in enumerate(book.table("route").get("rows", ()), 1):
        act = {"answer": "answer_on_the_spot"}.get(row.get("do", ""), str(row.get("do")))
        yield f"route.rows[{n}]", act, _people(row["only_by"]) if "only_by" in row else list(book.table("post"))
    for key, row in book.named("gate"):
        if "only_by" in row:
            for act in words(row.get("act")):
                yield f"gate.{key}.only_by", act, _people(row["only_by"])
    for key, row in book.named("secret"):
        if row.get("opens", "never") != "never" and {"identity", "contact", "original"} & set(row.get("hide", ())):
            yield f"secret.{key}.opens", "unmask", list(book.table("post"))
    if (redo := book.table("assign").get("redo")) and "by" in redo:
        yield "assign.redo.by", "redo", _people(redo["by"])


def _may(book: Book, act: str, who: list[str]) -> bool:
    """Whether one of these may do an act; of people whom only the case knows, anybody may be meant."""
    if ACTS[act].judged or not has_row(book, act):
        return ACTS[act].judged
    for word in who:
        post, _, last = word.rpartition(":")
        name = post or last
        if word in ("respondent", "respondent_unit") and act not in RESPONDENT_ACTS:
            continue
        if word in ("complainant", "public", "proxy"):
            if act in COMPLAINT_ACTS:
                return True
            continue
        if name not in book.table("post"):
            return any(act in row.get("may", ()) for _, row in book.named("post"))
        if act in book.table("post")[name].get("may", ()):
            return True
    return not who and any(act in row.get("may", ()) for _, row in book.named("post"))


def own_judge(book: Book) -> Iterator[Found]:
    """A proposal or an order whose only decider is whom it is about."""
    for table in ("measure", "order"):
        for key, row in book.named(table):
            by, to = set(_people(row.get("by"))), set(_people(row.get("to")))
            if by and (by <= to or by == {"respondent"}):
                yield Found(f"{table}.{key}", f"由“{'、'.join(sorted(by))}”决定对自己的处理", f"'{', '.join(sorted(by))}' decides about themselves")
    for key, row in book.named("trigger"):
        then = row.get("then", {})
        about = book.table("measure").get(then.get("propose"), {}) if isinstance(then.get("propose"), str) else {}
        deciders, subject = set(_people(then.get("to", row.get("to")))), set(_people(about.get("to")))
        if deciders and deciders <= subject:
            yield Found(f"trigger.{key}", f"提请“{'、'.join(sorted(deciders))}”决定对自己的处理", f"proposes to '{', '.join(sorted(deciders))}' what is to become of themselves")
    for key, row in book.named("check"):
        by, bars = set(_people(row.get("by"))), set(_people(row.get("bars")))
        if by and by <= bars:
            yield Found(f"check.{key}", "审核人正是须回避的人,无人可审", "those who review are those who must not: nobody can review")

