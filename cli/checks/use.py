"""What is asked and never shown, offered and never taken: facts, options, forms, figures, secrets that no row, form or reader makes use of."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.checks.base import Book, Found, Row, around, conditions, walk, words
from cli.checks.events import able, ledger_only
from cli.checks.worlds import World, Worlds
from domain.acts import ACTS, PHASES
from domain.people import OUTSIDERS, RELATIONS

FACT_ACTS = tuple(act for act, row in ACTS.items() if "facts" in row.fields)


def idle_facts(book: Book) -> Iterator[Found]:
    """A fact that is asked and that no condition, form, gate, term, person or figure makes use of."""
    used = book.once("used", _used)
    for key, row in book.named("fact"):
        if key not in used and "rows" not in row and not _does(row):
            yield Found(f"fact.{key}", "填了却无处使用:没有条件、文书、门槛、期限、通知或统计用到它", "is asked and used nowhere: no condition, form, gate, term, notice or figure has it")
        if "rows" not in row and not _settable(book, row):
            yield Found(f"fact.{key}", "没有人能填写", "nobody can set it")


def _used(book: Book) -> set[str]:
    found: set[str] = set()
    for path, row in walk(book.rows):
        own = path.split(".")[1] if path.startswith("fact.") else ""
        for _, table in conditions({k: v for k, v in row.items() if k in ("when", "any", "unless")}):
            found |= {name for name in table if name != own}
        for word in ("from", "key", "fact", "reopens_on", "mean", "sum", "sums", "per", "by", "to", "only_by", "also", "follows", "on", "until", "contents", "counts", "of", "members", "what", "scores"):
            found |= {part for name in words(row.get(word)) for part in name.split(":") if not (path.startswith("fact.") and word == "by" and part == own)}
        found |= {name.removeprefix("fact:") for name in words(row.get("needs")) if name.startswith("fact:")}
        if isinstance(row.get("flag"), Mapping):
            found |= set(row["flag"])
        if path.startswith("recur."):
            found |= set(words(row.get("needs")))
    return found


def _does(row: Row) -> bool:
    """Whether an option of a fact sets others or asks for one."""
    return any(isinstance(one, Mapping) and {"sets", "needs"} & set(one) for one in (row.get("options") or {}).values())


def _settable(book: Book, row: Row) -> bool:
    return "by" in row or any(able(book, act) for act in FACT_ACTS)


def idle_options(book: Book) -> Iterator[Found]:
    """An option that no row gives and nobody may choose."""
    for key, row in book.named("fact"):
        if "rows" not in row or "by" in row or not isinstance(row.get("options"), Mapping):
            continue
        given = {str(one.get("value")) for one in row["rows"]} | {str(row.get("default"))} | _set_elsewhere(book, key)
        yield from (Found(f"fact.{key}.options.{one}", "没有一行给出此项,也无人可选", "no row gives this option, and nobody may choose it") for one in row["options"] if one not in given)


def _set_elsewhere(book: Book, key: str) -> set[str]:
    return {str(row[word][key]) for _, row in walk(book.rows) for word in ("sets", "flag") if isinstance(row.get(word), Mapping) and key in row[word]}


def unseen(book: Book) -> Iterator[Found]:
    """A form that is filled and then no longer shown; a column that nobody can read; a secret that closes its content to everybody."""
    for key, row in book.named("form"):
        if ledger_only(row):
            continue
        if any("phase" in table for _, table in conditions(around(row))) and _vanishes(book, row):
            yield Found(f"form.{key}", "文书以阶段为条件,阶段一过就不再显示", "depends on the phase, and is shown no longer once that has passed")
        required = [name for name, one in (row.get("columns") or {}).items() if isinstance(one, Mapping) and one.get("required")]
        if row.get("needed_for") and not row.get("columns"):
            yield Found(f"form.{key}", "要求出具,却没有一个栏目", "is demanded and has no column")
        if required and not row.get("needed_for") and not _wanted(book, key) and not row.get("by"):
            yield Found(f"form.{key}", "无人出具,也无处要求", "nobody draws it up, and nothing asks for it")
    for key, row in book.named("secret"):
        only = words(row.get("only_to"))
        if only and not any(_somebody(book, word) for word in [*only, *words(row.get("except"))]):
            yield Found(f"secret.{key}.only_to", "只给的人都不存在,内容无人能看", "is open to nobody: those it names do not exist")


def _vanishes(book: Book, row: Row) -> bool:
    """Whether a form holds in one phase and, all else alike, no longer in a later one."""
    for world in Worlds(book, [around(row)]).each():
        phase = world.fact("phase")
        later = PHASES[PHASES.index(phase) + 1 :] if phase in PHASES else ()
        if later and world.holds(row) and not all(World(world.worlds, {**world.values, "phase": one}).holds(row) for one in later):
            return True
    return False


def _wanted(book: Book, form: str) -> bool:
    names = {f"{kind}:{form}" for kind in ("form", "sent", "signed", "refused")}
    return any(names & set(words(row.get(word))) or row.get("form") == form for _, row in walk(book.rows) for word in ("needs", "on", "from", "until", "contents", "counts"))


def _somebody(book: Book, word: str) -> bool:
    post = word.rpartition(":")[0] or word
    if post in RELATIONS or post in OUTSIDERS or word.rpartition(":")[2] in RELATIONS:
        return True
    return any(post in person.get("posts", ()) for office in book.offices for person in office.get("person", {}).values()) or (not book.offices and post in book.table("post"))


def idle_figures(book: Book) -> Iterator[Found]:
    """A parameter that the office fills in and no row reads."""
    asked = {str(row[word]) for _, row in walk(book.rows) for word in ("param", "table") if isinstance(row.get(word), str)}
    asked |= {name.removeprefix("param.") for _, table in conditions(book.rows) for name in table}
    asked |= {word.removeprefix("param.") for word in _strings(book.rows) if word.startswith("param.")}
    asked |= {*words(book.table("book").get("needs")), "in_force_from", "in_force_until", "telephone"}
    for key, row in book.named("param"):
        if key not in asked and row.get("is") != "text":  # a text is there to be read by people
            yield Found(f"param.{key}", "本单位填了却没有一行读取", "is filled in by the office, and no row reads it")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def idle_rows(book: Book) -> Iterator[Found]:
    """A measure that no named person decides, a derived fact that is the same whatever happens."""
    for key, row in book.named("measure"):
        if not words(row.get("by")):
            yield Found(f"measure.{key}", "没有写由谁决定", "no decider is named")
    for key, row in book.named("fact"):
        if "rows" not in row or "by" in row:
            continue
        about = {k: v for k, v in row.items() if k != "default"}
        worlds = Worlds(book, [around(one) for one in about["rows"]])
        outcomes = {str(next((one["value"] for one in about["rows"] if world.holds(one)), row.get("default"))) for world in worlds.each()}
        if len(outcomes) == 1:
            yield Found(f"fact.{key}.rows", "怎么推导都是同一个值", "comes out the same whatever the facts")
