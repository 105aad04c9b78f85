"""Approval chains: rows chosen by the facts, steps in turn, no step standing in for another (vocabulary: chain)."""

from collections.abc import Mapping
from typing import Any

from domain.acts import ACTS, PHASES
from domain.asking import Ask, Draft, Refusal
from domain.case import iso
from domain.context import Context
from domain.facts import set_facts
from domain.kinds import flow

SAYS_YES = frozenset({"decide", "agree", "instruct", "consent", "sign", "file"})


def row_of(context: Context, chain: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first row of a chain whose conditions hold; {} where none does (then nothing needs approval)."""
    return next((row for row in chain.get("rows", ()) if context.holds(row)), {})


def steps_of(context: Context, chain: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """(who, does) for each step of the row that applies now."""
    return [next(iter(step.items())) for step in row_of(context, chain).get("steps", ())]


def state_of(context: Context, name: str) -> dict[str, Any]:
    """What a chain has so far: done steps, whether it was rejected; empty again when a fact that reopens it has changed."""
    state = context.case.chains.get(name) or {}
    chain = context.law.row("chain", name)
    basis = {fact: context.fact(fact) for fact in chain.get("reopens_on", ())}
    if state and state.get("basis", basis) != basis:
        return {}
    return dict(state)


def done_steps(context: Context, name: str) -> list[dict[str, Any]]:
    """The steps of a chain that count, those shared with another chain among them."""
    return list(state_of(context, name).get("steps", ()))


def is_approved(context: Context, name: str) -> bool:
    """Whether every step of the row that applies has been done."""
    chain = context.law.row("chain", name)
    return all(_has(context, name, chain, step, n) for n, step in enumerate(steps_of(context, chain)))


def _has(context: Context, name: str, chain: Mapping[str, Any], step: tuple[Any, str], n: int) -> bool:
    done = done_steps(context, name)
    if any(s["n"] == n and s["who"] == step[0] for s in done):
        return True
    shared = str(chain.get("shares", ""))
    return bool(shared) and any(s["who"] == step[0] and s["does"] in SAYS_YES for s in done_steps(context, shared))


def next_step(context: Context, name: str) -> tuple[int, Any, str] | None:
    """(number, who, does) of the step that is due; None when approved."""
    chain = context.law.row("chain", name)
    for n, step in enumerate(steps_of(context, chain)):
        if not _has(context, name, chain, step, n):
            return n, step[0], step[1]
    return None


def open_chains(context: Context) -> list[str]:
    """Chains that apply now and lack a step, in the book's order."""
    names = []
    for name, chain in context.fitting("chain"):
        if next_step(context, name) is not None and _in_time(context, chain):
            names.append(name)
    return names


def _in_time(context: Context, chain: Mapping[str, Any]) -> bool:
    here = context.case.phase
    if here not in PHASES:
        return False
    if "on" in chain:
        return chain["on"] in context.case.marks
    legal = [PHASES.index(p) for act in chain.get("before", ()) if act in ACTS for p in ACTS[act].phases if p in PHASES]
    return bool(legal) and PHASES.index(here) <= max(legal)


def check_chains(ask: Ask) -> None:
    """Refuse an act that a chain must open first."""
    act = ask.command.act
    for name, chain in ask.law.once(("chains", act), lambda law: [(n, c) for n, c in law.table("chain").items() if act in c.get("before", ())]):
        if not ask.holds(chain) or any(ask.fields.get(name) != value for name, value in chain.get("given", {}).items()):
            continue
        if state_of(ask, name).get("rejected"):
            raise Refusal("approval_refused", row_of(ask, chain) or chain, name)
        due = next_step(ask, name)
        if due is not None:
            raise Refusal("approval_missing", row_of(ask, chain) or chain, name, ask.who(due[1]))


def propose(ask: Ask) -> Draft:
    """A proposal (拟办): the first step of a chain, by its post."""
    name = _chosen(ask, "propose")
    chain = ask.law.row("chain", name) if name else {}
    facts = set_facts(ask, ask.fields.get("facts") or {}, free=tuple(chain.get("sets", ())))
    draft = Draft("proposed", name, tuple(_clause(ask, name)))
    draft.put("attrs", proposer=ask.person, proposed_opinion=ask.text("opinion"))
    draft.put("facts", **facts)
    if name:
        n = next_step(ask, name)
        _record(ask, draft, name, n[0] if n else 0, n[1] if n else "", "propose")
    return draft


def approve(ask: Ask) -> Draft:
    """A leader's answer: agree, return to the proposer, or reject; it may set the facts that the chain names."""
    decision = ask.text("decision")
    if decision not in ("agree", "return", "reject"):
        raise Refusal("field_invalid", None, ["decision"])
    name = _chosen(ask, "approve")
    chain = ask.law.row("chain", name)
    due = next_step(ask, name)
    if due is None:
        raise Refusal("already_decided", row_of(ask, chain) or chain, name)
    n, who, does = due
    draft = Draft("approved" if decision == "agree" else f"approval_{decision}ed", "", tuple(_clause(ask, name)))
    draft.more["chain"] = name
    if decision != "agree":
        draft.put("chains", **{name: {"steps": [], "rejected": decision == "reject", "basis": {f: ask.fact(f) for f in chain.get("reopens_on", ())}}})
        draft.put("attrs", last_opinion=ask.text("opinion"))
        if (ask.case.attrs.get("extension_asked") or {}).get("chain") == name:
            draft.put("attrs", extension_asked="")  # asked in vain: the term stays, it may be asked for anew
        return draft
    facts = set_facts(ask, ask.fields.get("facts") or {}, free=tuple(chain.get("sets", ())))
    row = row_of(ask, chain)
    needs = row.get("needs", chain.get("needs", ()))
    missing = [need for need in needs if facts.get(need.removeprefix("fact:"), ask.fact(need.removeprefix("fact:"))) in (None, "")]
    if missing:
        raise Refusal("fact_missing", row if "needs" in row and row.get("clause") else chain, missing)
    draft.put("facts", **facts).put("attrs", last_opinion=ask.text("opinion"))
    if ask.text("unit"):
        draft.put("attrs", suggested_unit=ask.text("unit"))
    _record(ask, draft, name, n, who, does)
    return draft


def _record(ask: Ask, draft: Draft, name: str, n: int, who: Any, does: str) -> None:
    facts = draft.patch.get("facts", {})
    chain = ask.law.row("chain", name)
    basis = {fact: facts.get(fact, ask.fact(fact)) for fact in chain.get("reopens_on", ())}
    step = {"n": n, "who": who, "does": does, "person": ask.person, "at": iso(ask.command.received_at)}
    draft.put("chains", **{name: {"steps": [*done_steps(ask, name), step], "rejected": False, "basis": basis}})
    total = steps_of(ask, chain)
    if all(_has(ask, name, chain, one, i) or i == n for i, one in enumerate(total)):
        draft.subject = name
        draft.marks.append(f"approved:{name}")
        draft.marks.append(f"decided:{name}")
        if flow(ask, "opinion", "") == name:
            draft.marks.append("opinion_fixed")
    elif draft.kind == "proposed":
        draft.subject = name


def _clause(ask: Ask, name: str) -> tuple[str, ...]:
    from domain.clocks import clause_of

    chain = ask.law.row("chain", name)
    return clause_of(row_of(ask, chain)) or clause_of(chain)


def _chosen(ask: Ask, act: str) -> str:
    """The chain an act is about: the one named, else the first open one whose step is the actor's."""
    names = [ask.text("chain")] if ask.text("chain") else open_chains(ask)
    if ask.text("chain") and ask.text("chain") not in ask.law.table("chain"):
        raise Refusal("value_undefined", None, {"chain": ask.text("chain")})
    if ask.text("chain") and ask.text("chain") not in dict(ask.fitting("chain")):
        raise Refusal("out_of_turn", ask.law.row("chain", names[0]), names[0])  # nobody approves beforehand what may never need it
    later, waiting = "", ""
    for name in names:
        due = next_step(ask, name)
        if due is None:
            continue
        if ask.named(due[1]) and (due[2] == "propose") is (act == "propose"):
            return name
        waiting = waiting or name
        if any(ask.named(who) for who, _ in steps_of(ask, ask.law.row("chain", name))[due[0] :]):
            later = later or name
    if act == "propose":
        if later or waiting:
            due = next_step(ask, later or waiting)
            raise Refusal("out_of_turn" if later else "not_approver", row_of(ask, ask.law.row("chain", later or waiting)), later or waiting, ask.who(due[1]) if due else [])
        return _free_proposal(ask)
    if later:
        due = next_step(ask, later)
        raise Refusal("out_of_turn", row_of(ask, ask.law.row("chain", later)), later, ask.who(due[1]) if due else [])
    done = [n for n, chain in ask.fitting("chain") if steps_of(ask, chain) and next_step(ask, n) is None]
    for name in done:
        if any(ask.named(who) for who, _ in steps_of(ask, ask.law.row("chain", name))):
            raise Refusal("already_decided", row_of(ask, ask.law.row("chain", name)), name)
    if waiting:
        due = next_step(ask, waiting)
        raise Refusal("not_approver", row_of(ask, ask.law.row("chain", waiting)), waiting, ask.who(due[1]) if due else [])
    raise Refusal("already_decided" if done else "not_approver", None, names or done)


def _free_proposal(ask: Ask) -> str:
    if not any(p in ask.may() for p in ask.posts()):
        raise Refusal("not_your_act", None, None, ask.may())
    return ""
