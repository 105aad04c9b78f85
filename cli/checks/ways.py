"""Dead ends: steps that nobody can take, needs that nothing can meet, ways that lead nowhere."""

from collections.abc import Iterator, Mapping

from cli.checks.base import CONDITIONS, Book, Found, words
from cli.checks.events import WAYS, able, flows, ledger_only, possible
from domain.acts import ACTS

NEVER = "never"  # a gate that needs this closes its act for good, and says so
NEED_KINDS = frozenset({"field", "fact", "event", "form", "approved", "done", "consent", "finding", "found", "no_open", NEVER})
REFUSING = ("incomplete", "lapsed")  # books that take no new cases
SENT_ON = frozenset({"own", "transfer", "assign", "joint", "submit"})
OWN_FIELDS = frozenset({"do", "urge", "hand_back", "comply", "incident"})  # acts that take the fields their rows ask for


def dead_ends(book: Book) -> Iterator[Found]:
    """A phase that no post can lead a case out of."""
    if not book.table("kind") or book.table("book").get("status") in REFUSING:
        return
    if "act" in flows(book, "accept", "act") and flows(book, "start", "filed") == {"filed"} and not able(book, "accept"):
        yield Found("flow.accept", "没有岗位可以“受理”,收到的件无路可走", "no post may 'accept': what is filed goes nowhere")
    if not any(able(book, act) for act in (*WAYS, "answer_on_the_spot", "guide", "divert")) and "own" not in flows(book, "dispose", "act"):
        yield Found("flow", f"受理之后没有岗位可以处置({'、'.join(ACTS[act].zh for act in WAYS)}、当场答复)", "after acceptance no post may dispose of a case")
    handled = any(able(book, act) for act in (*WAYS[:-1],)) or "own" in flows(book, "dispose", "act")
    if handled and not able(book, "conclude"):
        yield Found("post", "没有岗位可以“办结报告”(conclude),办理没有出口", "no post may 'conclude': handling has no way out")
    if handled and book.table("check") and not any("by" in row for _, row in book.named("check")) and not able(book, "review"):
        yield Found("check", "没有人可以审核", "nobody can review")
    for step in ("close", "archive"):
        if "act" in flows(book, step, "auto") and not able(book, step):
            yield Found(f"flow.{step}", f"没有岗位可以“{ACTS[step].zh}”({step}),案件不能结束", f"no post may '{step}': a case never ends")
    for key, row in book.named("admit"):
        if "turns_into" in row and not any("turn_into" in post.get("may", ()) for _, post in book.named("post")):
            yield Found(f"admit.{key}.turns_into", "没有岗位可以“转为其他类别”(turn_into)", "no post may 'turn_into'")
        elif "turns_into" not in row and not able(book, "refuse"):
            yield Found(f"admit.{key}", "没有岗位可以“不予受理”(refuse),此类件既不能受理又不能退", "no post may 'refuse': such a case can be neither accepted nor refused")


def skipped(book: Book) -> Iterator[Found]:
    """A book in which somebody accepts, and a case may be sent on without: what runs from acceptance would never begin."""
    sent = [act for act in WAYS if act in SENT_ON and able(book, act)]
    if "act" not in flows(book, "accept", "act") or not book.table("kind") or book.table("book").get("status") in REFUSING or not sent or not able(book, "accept"):
        return
    gates = [row for _, row in book.named("gate") if "event:accepted" in words(row.get("needs"))]
    if not any(act in words(row.get("act")) for row in gates for act in (*sent, "*")):
        names = "、".join(ACTS[act].zh for act in sent)
        yield Found("flow.accept", f"不经受理就可以{names},自受理起算的期限永远不会开始", f"can be sent on without being accepted ({', '.join(sent)}): what runs from acceptance never begins")


def unmet(book: Book) -> Iterator[Found]:
    """A need that nothing can meet: the act, or what the row opens, is closed for ever."""
    for path, acts, needs in _needs(book):
        for need in needs:
            if wrong := _cannot(book, acts, need):
                yield Found(path, f"永远不能满足“{need}”:{wrong[0]}", f"'{need}' can never be met: {wrong[1]}")


def _needs(book: Book) -> Iterator[tuple[str, list[str], list[str]]]:
    for key, row in book.named("gate"):
        yield f"gate.{key}.needs", words(row.get("act")), words(row.get("needs"))
    for table, act in (("publish", "publish"), ("report", "report"), ("serve", "serve"), ("measure", "measure"), ("finding", "conclude"), ("form", "document"), ("fact", "classify")):
        for key, row in book.named(table):
            yield f"{table}.{key}.needs", [act], words(row.get("needs"))
    yield "archive.contents", ["archive"], words(book.table("archive").get("contents"))
    for key, row in book.named("answer"):
        act = {"answered_on_the_spot": "answer_on_the_spot", "replied_to_source": "reply_to_source", "reported_up": "report_up"}.get(str(row.get("event")), "feedback")
        for mode, about in (row.get("modes") or {}).items():
            yield f"answer.{key}.modes.{mode}", [act], [f"field:{name}" for name in about.get("needs", ())] if isinstance(about, Mapping) else []
        if row.get("modes") and "mode" not in ACTS[act].fields:
            yield f"answer.{key}.modes", [act], ["field:mode"]
    for key, row in book.named("extend"):
        yield f"extend.{key}.needs", ["request_extension"], [f"field:{name}" for name in words(row.get("needs"))]
    for key, row in book.named("admit"):
        yield f"admit.{key}.say", ["refuse"], [f"field:{name}" for name in words(row.get("say"))]


def _cannot(book: Book, acts: list[str], need: str) -> tuple[str, str] | None:
    """Why a need cannot be met, None where it can."""
    kind, _, name = need.partition(":")
    fact, form = book.table("fact").get(name), book.table("form").get(name)
    gated = {name for _, row in book.named("gate") for act in words(row.get("act")) if act in acts for one in words(row.get("needs")) for head, _, name in [one.partition(":")] if head == "field"}
    wrong: dict[str, tuple[bool, str, str]] = {
        "fact": (not isinstance(fact, Mapping), "没有此事项", "no such fact"),
        "form": (not isinstance(form, Mapping) or ledger_only(form), "没有此文书", "no such form"),
        "event": (not possible(book, name), "此事不会发生", "it cannot happen"),
        "approved": (name not in book.table("chain"), "没有此审批", "no such approval"),
        "done": (name not in book.table("duty"), "没有此待办", "no such duty"),
        "consent": (name == NEVER, "用“never”表示永不开放,consent 谁都能记", "write 'never' for what is closed for good: anybody may record a consent"),
        "field": (name not in gated and not any(name in ACTS[act].fields or act in OWN_FIELDS for act in acts if act in ACTS), "该操作没有此栏目", "the act has no such field"),
    }
    if kind not in NEED_KINDS:
        return None if possible(book, need) else ("不会发生", "it cannot happen")
    bad = wrong.get(kind)
    return (bad[1], bad[2]) if bad and bad[0] else None


def circles(book: Book) -> Iterator[Found]:
    """Acts that wait for each other: each needs the other's event first."""
    after: dict[str, set[str]] = {}
    first: dict[tuple[str, str], str] = {}
    for key, row in book.named("gate"):
        if any(word in row for word in (*CONDITIONS, "given")):
            continue
        for act in words(row.get("act")):
            for need in words(row.get("needs")):
                for other in _doers(need):
                    after.setdefault(act, set()).add(other)
                    first.setdefault((act, other), key)
    order = list(first)
    for act, other in order:
        if act == other or (act in after.get(other, ()) and order.index((act, other)) < order.index((other, act))):
            yield Found(f"gate.{first[act, other]}", f"“{ACTS[act].zh}”与“{ACTS[other].zh}”互相等待", f"'{act}' and '{other}' wait for each other")


def _doers(need: str) -> list[str]:
    """The one act that brings the event a gate needs."""
    kind, _, name = need.partition(":")
    acts = [act for act, row in ACTS.items() if kind == "event" and row.event == name]
    return acts if len(acts) == 1 and name not in ("accepted", "registered", "closed", "unit_received", "own") else []


def stuck_duties(book: Book) -> Iterator[Found]:
    """A duty that blocks the very act, or the very phase, in which alone it can be done."""
    for key, row in book.named("duty"):
        act = str(row.get("does", "do"))
        if act not in ACTS or row.get("until"):
            continue
        for blocked in words(row.get("blocks")):
            if blocked in ACTS and blocked in _before(act):
                yield Found(f"duty.{key}.blocks", f"未办不得“{ACTS[blocked].zh}”,而“{ACTS[act].zh}”要在其后才能办", f"it blocks '{blocked}', and '{act}' is possible only after that")


def _before(act: str) -> set[str]:
    """Acts without which the phase of another is not reached."""
    phases = set(ACTS[act].phases)
    earlier = {"accept": {"opinion", "handling", "review", "answering", "following", "closed"}, "conclude": {"answering", "following", "closed", "review"}, "close": {"closed"}}
    return {one for one, later in earlier.items() if phases and phases <= later}


