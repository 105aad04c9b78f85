"""Every key that a row of a rulebook may have, down to the tables inside its tables: the one list for `rules check` and `rules schema`.

A word is `key` or `key:shape`; `[shape` is a list of such tables, `{shape` tables under names of the book's own.
"""

from functools import cache

from domain.deadlines import UNITS
from domain.limits import CHOICES, SOURCES

SAID = "zh en clause office reading"
HOLDS = "when:condition any:[condition unless:condition"
COMMON = f"{SAID} {HOLDS} by:[who needs rows"
ROWS: dict[str, str] = {
    "post": "may role named_by holders per", "unit_kind": "requires", "kind": "complainant respondent opened_by feedback flow:flow source turns channel channels", "channel": "opens_at declares",
    "fact": "is options:{option default reason until at_most:limit sets:facts rows:[fact_row", "form": "kind needed_for columns:{column sign medium", "admit": "code say registers turns_into",
    "term": "from:moment until:moment limit:limit set beside per nature runs:runs roll of act", "limits": "from:moment until:moment rows:[limits_row", "extend": "of why times asked in_all:limit adds:adds chain effect", "urge": "before at:limit to:[who form every:limit on:moment",
    "chain": "before on sets given:fields shares reopens_on rows:[chain_row", "gate": "act except code given:fields only_by:[who to:[who sequence bars_words", "recuse": "act bars code then decided_by", "first": "keeps_until also absent outside",
    "duty": "on:moment until:moment within:limit blocks does again waivable per", "finding": "bars", "check": "bars na items:{item on_fail", "answer": "to:[who event consent contents:{content modes:{mode",
    "secret": "hide from only_to:[who except opens until", "hold": "kinds return:handed_back", "order": "kind series to:[who due:limit grounds ends", "trigger": "on:moment then:then to:[who each",
    "measure": "one_of to:[who until:limit range:range must code", "publish": "board on:moment where per until:limit strip", "report": "to:[who", "incident": "tell outcomes:{outcome", "notice": "on:moment to:[who form at_once", "serve": "to:[who how proof",
    "counter": "counts:moment per dated within:window at:figure less warn:limit quota:figure sums and:limb each", "recur": "every:limit due:limit per to:[who on:moment until:moment blocks", "kpi": "what count:part of:part duration:stretch mean target:range excludes:[excluded per formula:figure rank:rank dated",
    "draw": "of:drawn per share:figure count:figure always coverage within:window by_hand", "param": "is default keys", "again": "from:moment within:limit kind to:[who times relation where", "body": "chair members", "roster": "rows:[roster_row",
    "book": "id title status gaps:[gap issuer source number issued_on in_force_from in_force_until based_on interpreter binds:bound", "flow": "accept register opinion close archive start dispose", "route": "rows:[route_row",
    "assign": "receive receive_limit:limit return:handing_back redo:redoing", "satisfy": "scale visit:visit scores", "archive": "contents keep:keep", "supervise": "reasons:{reason modes:{content", "rank": "scale",
}  # fmt: skip
_LIMIT = " ".join([*UNITS, *SOURCES, *(f"{choice}:[limit" for choice in CHOICES), "same_day entered end_of itself at_most:limit from:moment key clause unit"])
SHAPES: dict[str, str] = {
    "limit": _LIMIT, "adds": f"{_LIMIT} up_to:limit", "moment": "any all:[moment since again", "runs": "away back", "who": f"{HOLDS} is clause office reading",
    "option": f"{SAID} needs sets:facts", "column": f"{SAID} required from not_given sealed", "mode": f"{SAID} needs", "item": f"{SAID} na", "content": SAID, "outcome": SAID, "reason": f"{SAID} {HOLDS} text",
    "fact_row": f"{SAID} {HOLDS} value", "chain_row": f"{SAID} {HOLDS} steps needs", "roster_row": f"{SAID} {HOLDS} to", "limits_row": f"{COMMON} {ROWS['term']}",
    "route_row": f"{SAID} {HOLDS} do to:[who only_by:[who needs role support choice report_by ends_after",
    "flow": ROWS["flow"], "handed_back": f"{SAID} how proof", "handing_back": f"{SAID} open within:limit at_most needs", "redoing": f"{SAID} {HOLDS} by:[who", "visit": f"{SAID} {HOLDS} by:[who after reopens",
    "keep": f"{SAID} by:[who from floor:limit param", "then": "propose open issue find flag:facts supervise tell open_duty link to ground serious relation respondent", "gap": "what reading why param", "bound": "unit_kinds",
    "window": "calendar calendar_years calendar_months calendar_quarters rolling_years rolling_months rolling_days run_of_months param", "limb": "counts:moment some_late at", "figure": "param",
    "part": f"{HOLDS} sum", "excluded": f"{SAID} {HOLDS}", "stretch": "from until", "range": "at_least:figure at_most:figure", "rank": "last:figure ties:figure at_least:figure best", "drawn": "unit_kind",
}  # fmt: skip
NEEDED = {"fact_row": "value", "chain_row": "steps", "roster_row": "to", "route_row": "do", "gap": "what reading why", "who": "is"}
OF_THE_BOOK = ("condition", "facts", "fields")  # shapes whose keys are names: of facts, or of an act's fields


@cache
def keys_of(table: str) -> dict[str, str]:
    """The keys of a row of a mechanism, each with the shape inside it ('' where it holds no table)."""
    return _parsed(f"{COMMON} {ROWS.get(table, '')}")


@cache
def keys_in(shape: str) -> dict[str, str]:
    """The keys of a table inside a row, by its shape."""
    return _parsed(SHAPES[shape])


def _parsed(words: str) -> dict[str, str]:
    return {key: shape for key, _, shape in (word.partition(":") for word in words.split())}
