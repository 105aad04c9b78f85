"""Words that nobody implements: consequences, choices and values outside the closed lists of the core and of the book itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.checks.base import Book, Found, Row, conditions, walk, words
from cli.rule_keys import keys_in
from domain.acts import DISPOSITIONS
from domain.chains import SAYS_YES
from domain.conditions import OPERATORS
from domain.context import BUILT_IN
from domain.law import NAMED, SINGLE
from domain.views import HIDEABLE

ACROSS = ("counter", "kpi", "draw", "publish", "recur")  # their conditions read entries of the ledger, which bring facts of their own
CONSEQUENCES = {"propose": ("measure", "kind"), "open": ("kind",), "issue": ("order",), "find": ("finding",), "flag": ("fact",), "supervise": (), "tell": (), "open_duty": (), "link": ()}
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("extend", "effect"): ("move", "explain"), ("extend", "asked"): ("before_due",), ("term", "nature"): ("must", "soft", "target", "window", "floor"), ("term", "per"): ("assignment", "order", "item", "step", "case", ""),
    ("term", "roll"): ("none", "next_workday"), ("check", "on_fail"): ("take_over", "send_back"), ("order", "ends"): ("complied", "confirmed"), ("first", "by"): ("person", "unit"), ("duty", "per"): ("assignment",),
    ("answer", "event"): ("fed_back", "answered_on_the_spot", "replied_to_source", "reported_up"), ("fact", "is"): ("flag", "one_of", "some_of", "number", "date", "unit", "person", "text"),
    ("form", "kind"): ("register", "slip", "letter", "report", "record"),
}  # fmt: skip
FLOWS = {"accept": ("auto", "act"), "close": ("auto", "act"), "archive": ("auto", "act"), "register": ("filed", "accepted", "registered"), "dispose": ("own", "act"), "receive": ("none", "deemed", "act")}


def effects(book: Book) -> Iterator[Found]:
    """A consequence, or a choice from a closed list, that nobody implements."""
    for key, row in book.named("trigger"):
        yield from _then(book, f"trigger.{key}.then", row)
    for (table, word), listed in CHOICES.items():
        for key, row in book.named(table):
            if word in row and row[word] not in listed:
                yield Found(f"{table}.{key}.{word}", f"“{row[word]}”无人执行;可用:{'、'.join(filter(None, listed))}", f"nobody implements '{row[word]}'; there are: {', '.join(filter(None, listed))}")
    for key, row in book.named("secret"):
        yield from (Found(f"secret.{key}.hide", f"“{one}”不是可以保密的内容", f"'{one}' cannot be hidden") for one in row.get("hide", ()) if one not in HIDEABLE)
        if "opens" in row and row["opens"] not in ("need", "consent", "never") and row["opens"] not in book.table("chain"):
            yield Found(f"secret.{key}.opens", f"“{row['opens']}”不是打开的办法", f"'{row['opens']}' is no way to open it")
    for path, flow in [("flow", book.table("flow")), *((f"kind.{key}.flow", row["flow"]) for key, row in book.named("kind") if isinstance(row.get("flow"), Mapping))]:
        for step, listed in FLOWS.items():
            if step in flow and flow[step] not in listed:
                yield Found(f"{path}.{step}", f"“{flow[step]}”无人执行;可用:{'、'.join(listed)}", f"nobody implements '{flow[step]}'; there are: {', '.join(listed)}")
        if flow.get("opinion") and flow["opinion"] not in book.table("chain"):
            yield Found(f"{path}.opinion", f"没有此审批 '{flow['opinion']}'", f"no such chain '{flow['opinion']}'")
    for key, row in book.named("chain"):
        for n, one in enumerate(row.get("rows", ()), 1):
            yield from (Found(f"chain.{key}.rows[{n}]", f"“{does}”不是审批的动作", f"'{does}' is no step of an approval") for step in one.get("steps", ()) for does in step.values() if does not in SAYS_YES | {"propose"})


def _then(book: Book, path: str, row: Row) -> Iterator[Found]:
    then = row.get("then")
    if not isinstance(then, Mapping) or not CONSEQUENCES.keys() & then.keys():
        yield Found(path, f"没有后果;可用:{'、'.join(CONSEQUENCES)}", f"brings nothing about; there are: {', '.join(CONSEQUENCES)}")
        return
    yield from (Found(f"{path}.{word}", f"“{word}”无人执行;可用:{'、'.join(CONSEQUENCES)}", f"nobody implements '{word}'; there are: {', '.join(CONSEQUENCES)}") for word in then if word not in keys_in("then"))
    if len(mine := [word for word in CONSEQUENCES if word in then]) > 1:
        yield Found(path, f"只执行一个后果:{'、'.join(mine)}", f"only one consequence is taken: {', '.join(mine)}")
    for word, tables in CONSEQUENCES.items():
        wanted = words(list(then[word]) if isinstance(then.get(word), Mapping) else then.get(word)) if word in then and tables else []
        yield from (Found(f"{path}.{word}", f"制度没有 '{name}'({'、'.join(tables)})", f"the book has no '{name}' ({', '.join(tables)})") for name in wanted if not any(name in book.table(table) for table in tables))
    for name in words(then.get("open_duty")):
        if not any(f"opened:{name}" in words(duty.get("on")) for _, duty in book.named("duty")):
            yield Found(f"{path}.open_duty", f"没有由“opened:{name}”开始的待办", f"no duty begins on 'opened:{name}'")


def unknown_facts(book: Book) -> Iterator[Found]:
    """A condition about a fact, an operator or a value that does not exist."""
    for table in (*NAMED, *SINGLE):
        for path, row in conditions(book.rows.get(table), table):
            if table in ACROSS:
                continue
            for name, wanted in row.items():
                yield from _fact(book, f"{path}.{name}", name, wanted)


def _fact(book: Book, path: str, name: str, wanted: Any) -> Iterator[Found]:
    if isinstance(wanted, Mapping):
        yield from (Found(path, f"没有此比较 '{op}';可用:{'、'.join(sorted(OPERATORS))}", f"no such operator '{op}'; there are: {', '.join(sorted(OPERATORS))}") for op in wanted if op not in OPERATORS)
        if "is" in wanted:
            return
    row = book.table("fact").get(name)
    if name.startswith("param."):
        if name.removeprefix("param.") not in book.table("param"):
            yield Found(path, f"没有此参数 '{name}'", f"no such parameter '{name}'")
        return
    if not isinstance(row, Mapping) and name not in BUILT_IN and not name.startswith("event.") and name not in ("count", "reason", "limit_on"):
        yield Found(path, f"没有此事项 '{name}',条件永远不成立", f"no such fact '{name}': the condition never holds")
        return
    listed = _listed(book, name, row if isinstance(row, Mapping) else {})
    given = wanted.get("has") if isinstance(wanted, Mapping) else wanted
    for value in given if isinstance(given, list) else [given]:
        if listed is not None and value is not None and value not in listed:
            yield Found(path, f"“{name}”没有“{value}”这一项;有:{'、'.join(map(str, listed))}", f"'{name}' has no '{value}'; there are: {', '.join(map(str, listed))}")


def _listed(book: Book, name: str, row: Row) -> list[Any] | None:
    """The values that a fact can have, None where they are open."""
    if row.get("options"):
        given = [one.get("value") for one in row.get("rows", ()) if isinstance(one, Mapping)]
        return [*row["options"], *(one for one in given if one not in row["options"])]
    if row.get("is") == "flag":
        return [True, False]
    tables = {"kind": "kind", "channel": "channel", "unit_kind": "unit_kind", "handling_unit_kind": "unit_kind", "clerk_unit_kind": "unit_kind"}
    if name in tables:
        return list(book.table(tables[name]))
    if name == "source":
        return ["self", *book.table("source")]
    if name == "found":
        return [*book.table("finding"), *(row["then"]["find"] for _, row in book.named("trigger") if "find" in row.get("then", {}))] or None
    if name == "satisfaction":
        return list(book.table("satisfy").get("scale", ())) or None
    return {"disposition": [*DISPOSITIONS, "on_the_spot"], "hour_kind": ["working", "off_hours", "day_off"], "respondent_kind": ["person", "unit"]}.get(name)


def unknown_rows(book: Book) -> Iterator[Found]:
    """A row that points to another that the book does not have."""
    for path, row in walk(book.rows):
        if not path or path.startswith(("book", "param")):
            continue
        for word, table in POINTS.items():
            if path.partition(".")[0] == table[0] and isinstance(row.get(word), (str, list)):
                yield from (Found(f"{path}.{word}", f"没有 {table[1]}.{name}", f"no such row {table[1]}.{name}") for name in words(row[word]) if name not in book.table(table[1]) and not (table[1] == "fact" and name in BUILT_IN))
    for key, row in book.named("term"):
        yield from (Found(f"term.{key}.beside", f"没有此期限 '{name}'", f"no such term '{name}'") for name in words(row.get("beside")) if name not in book.table("term"))
        yield from (Found(f"term.{key}.of", f"没有此审批 '{name}'", f"no such chain '{name}'") for name in words(row.get("of")) if name not in book.table("chain"))
    for path, row in walk(book.rows):
        if isinstance(row.get("param"), str) and not path.startswith("book") and row["param"] not in book.table("param"):
            yield Found(f"{path}.param", f"没有此参数 '{row['param']}'", f"no such parameter '{row['param']}'")
    for key in words(book.table("book").get("needs")):
        if key not in book.table("param"):
            yield Found("book.needs", f"没有此参数 '{key}'", f"no such parameter '{key}'")


POINTS = {"form": ("urge", "form"), "chain": ("extend", "chain"), "shares": ("chain", "chain"), "reopens_on": ("chain", "fact"), "turns_into": ("admit", "kind"), "turns": ("kind", "kind")}
