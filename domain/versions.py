"""The life of a book in one office: a proposal, its confirmation by somebody else, and from which day on a version binds what is received."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from domain.asking import Refusal
from domain.law import bare, bind, law_text, text_hash

TERMS = ("param", "vague", "policy")  # what an office decides about the law itself; its people, units and hours are no part of a version
OPEN = "9999-12-31"
HASH_LEAST = 16  # characters of a hash that say which one is meant


@dataclass(frozen=True)
class Version:
    """One proposal of a text for an office: a draft until somebody else has confirmed it, then a version with its number."""

    seq: int
    book: str
    sha256: str
    rule_sha256: str
    parts: Mapping[str, str]
    first: str
    last: str
    by: str
    at: str
    reason: str
    number: int = 0
    replaces: int = 0
    confirmed_by: str = ""
    confirmed_at: str = ""
    confirmed_why: str = ""
    withdrawn_by: str = ""
    withdrawn_at: str = ""
    withdrawn_why: str = ""


@dataclass(frozen=True)
class History:
    """What became of an office's versions; `head` and `seq` are those of the last entry, `unproved` counts entries that did not verify."""

    office: str
    proposals: tuple[Version, ...] = ()
    head: str = "0" * 64
    seq: int = 0
    unproved: int = field(default=0, compare=False)

    @property
    def versions(self) -> list[Version]:
        """The published ones, by number."""
        return sorted((one for one in self.proposals if one.number), key=lambda one: one.number)

    @property
    def pending(self) -> Version | None:
        """The proposal that waits for its confirmation."""
        return next((one for one in self.proposals if not one.number and not one.withdrawn_at), None)

    def ends(self, version: Version) -> str:
        """The last day of a version: its own, or the day before a later one begins."""
        later = [_before(one.first) for one in self.versions if one.number > version.number]
        return min([version.last or OPEN, *later])

    def covering(self, day: str) -> Version | None:
        """The version in force on a day."""
        return next((one for one in self.versions if one.first <= day <= self.ends(one)), None)

    def current(self, day: str) -> Version | None:
        """The version in force on a day, else the last that was; None while none has begun."""
        begun = [one for one in self.versions if one.first <= min(day, self.ends(one))]
        return self.covering(day) or max(begun, key=lambda one: one.number, default=None)

    def binding(self, received: str, day: str) -> Version | None:
        """The version under which what was received on a day is filed; None while no version has begun. Raises Refusal no_version_in_force.

        What was received before the first version began goes under the first, once that has begun: no other text was ever signed.
        """
        alive = [one for one in self.versions if one.first <= self.ends(one)]
        if not alive:
            return None
        earliest = min(alive, key=lambda one: one.first)
        if received < earliest.first:
            return earliest if earliest.first <= day else None
        found = self.covering(received)
        if found is None:
            raise Refusal("no_version_in_force", None, {"received": received, "versions": [{"version": one.number, "first": one.first, "last": self.ends(one)} for one in alive]})
        return found

    def state(self, version: Version, day: str) -> str:
        """pending, withdrawn, published (not begun), in_force, superseded or lapsed."""
        if not version.number:
            return "withdrawn" if version.withdrawn_at else "pending"
        end = self.ends(version)
        if day < version.first <= end:
            return "published"
        if version.first <= day <= end:
            return "in_force"
        return "lapsed" if version.last and end == version.last else "superseded"


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def content(book: Mapping[str, Any], clauses: Iterable[Mapping[str, Any]], office: Mapping[str, Any]) -> str:
    """The text that is published: the book with its words, its clause list, and what the office decides about terms."""
    terms = {name: office[name] for name in TERMS if office.get(name)}
    return law_text({"book": book, "clause": list(clauses), "terms": terms})


def hashes(text: str) -> dict[str, str]:
    """The hashes of a published text: all of it, what decides (without words), and its three parts; book and clause list as `rules show` prints them."""
    value = json.loads(text)
    parts = {"book": text_hash(law_text(value["book"])), "clauses": text_hash(law_text({"clause": value["clause"]})), "terms": text_hash(law_text(value["terms"]))}
    return {"sha256": text_hash(text), "rule_sha256": text_hash(law_text(bare({"book": value["book"], "terms": value["terms"]}))), **parts}


def bound(text: str, version: Version, office: Mapping[str, Any], calendars: list[dict[str, Any]]) -> Any:
    """The law of a version with the office's people of today; the head of its book says which version it is."""
    value = json.loads(text)
    head = {**value["book"].get("book", {}), "version": version.number, "published": {"sha256": version.sha256, "rule_sha256": version.rule_sha256, "from": version.first}}
    people = {name: part for name, part in office.items() if name not in TERMS}
    people["office"] = {**people.get("office", {}), "rulebook": version.book}
    return bind({**value["book"], "book": head}, {**people, **value["terms"]}, calendars)


def proposed(history: History, who: Mapping[str, str], book: str, text: str, first: str, last: str) -> dict[str, Any]:
    """The entry that puts a text forward. Raises Refusal: version_pending, version_dates, version_unchanged."""
    if history.pending is not None:
        raise Refusal("version_pending", None, {"by": history.pending.by, "sha256": history.pending.sha256})
    _dates(history, first, last, who["at"][:10])
    digests = hashes(text)
    same = next((one for one in reversed(history.versions) if one.first <= first <= history.ends(one)), None)
    if same is not None and same.sha256 == digests["sha256"] and history.ends(same) == (last or OPEN):
        raise Refusal("version_unchanged", None, {"version": same.number})
    replaces = same.number if same else (history.versions[-1].number if history.versions else 0)
    parts = {name: digests[name] for name in ("book", "clauses", "terms")}
    return {**_entry(history, "proposed", who), "book": book, "sha256": digests["sha256"], "rule_sha256": digests["rule_sha256"], "parts": parts, "first": first, "last": last, "replaces": replaces}


def confirmed(history: History, who: Mapping[str, str], digest: str) -> dict[str, Any]:
    """The entry by which somebody else makes the proposal a version. Raises Refusal: version_not_pending, same_person, version_hash, version_dates."""
    one = _waiting(history)
    if who["by"] == one.by:
        raise Refusal("same_person", None, {"proposed_by": one.by})
    given = "".join(digest.split()).lower()
    if len(given) < HASH_LEAST or not one.sha256.startswith(given):
        raise Refusal("version_hash", None, {"given": given, "proposed_by": one.by, "proposed_at": one.at})
    _dates(history, one.first, one.last, who["at"][:10])
    return {**_entry(history, "confirmed", who), "proposal": one.seq, "sha256": one.sha256, "version": max((past.number for past in history.versions), default=0) + 1}


def withdrawn(history: History, who: Mapping[str, str]) -> dict[str, Any]:
    """The entry that takes the proposal back. Raises Refusal version_not_pending."""
    one = _waiting(history)
    return {**_entry(history, "withdrawn", who), "proposal": one.seq, "sha256": one.sha256}


def _waiting(history: History) -> Version:
    if history.pending is None:
        raise Refusal("version_not_pending", None, {"office": history.office})
    return history.pending


def _dates(history: History, first: str, last: str, day: str) -> None:
    """Nothing reaches back over versions that bind already; the first one may say since when its text has been in force."""
    try:
        sound = date.fromisoformat(first) and (not last or date.fromisoformat(last)) and len(first) == 10 and len(last) in (0, 10)
    except ValueError:
        sound = False
    if not sound or (last and last < first) or (history.versions and first < day) or (last and last < day):
        raise Refusal("version_dates", None, {"from": first, "until": last, "today": day})


def _entry(history: History, kind: str, who: Mapping[str, str]) -> dict[str, Any]:
    if len(who.get("reason", "").strip()) < 2:
        raise Refusal("reason_missing", None, ["reason"])
    return {"kind": kind, "office": history.office, "seq": history.seq + 1, "prev": history.head, "at": who["at"], "by": who["by"], "account": who.get("account", ""), "reason": who["reason"].strip()}


def body_text(entry: Mapping[str, Any]) -> str:
    """The one text of an entry that is signed, hashed and stored."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entry_hash(body: str) -> str:
    """SHA-256 (hex) of an entry's text; the next entry names it, so none can be left out."""
    return hashlib.sha256(body.encode()).hexdigest()


def taken(history: History, body: str) -> History:
    """The history with one more entry, which has been verified. Raises ValueError where it does not follow."""
    entry = json.loads(body)
    if (entry["office"], entry["seq"], entry["prev"]) != (history.office, history.seq + 1, history.head):
        raise ValueError(f"entry {entry['seq']} of {entry['office']} does not follow entry {history.seq}")
    rows = {one.seq: one for one in history.proposals}
    by = {"by": entry["by"], "at": entry["at"], "reason": entry["reason"]}
    if entry["kind"] == "proposed":
        rows[entry["seq"]] = Version(entry["seq"], entry["book"], entry["sha256"], entry["rule_sha256"], entry["parts"], entry["first"], entry["last"], **by, replaces=entry["replaces"])
    elif (one := rows.get(entry["proposal"])) is None:
        raise ValueError(f"entry {entry['seq']} of {entry['office']} is about a proposal that is not proved")
    elif entry["kind"] == "confirmed":
        if one.by == entry["by"] or one.sha256 != entry["sha256"] or one is not history.pending:
            raise ValueError(f"entry {entry['seq']} of {entry['office']} confirms what it may not")
        rows[one.seq] = replace(one, number=entry["version"], confirmed_by=by["by"], confirmed_at=by["at"], confirmed_why=by["reason"])
    else:
        rows[one.seq] = replace(one, withdrawn_by=by["by"], withdrawn_at=by["at"], withdrawn_why=by["reason"])
    return History(history.office, tuple(rows.values()), entry_hash(body), entry["seq"], history.unproved)


def passed(history: History, body: str) -> History:
    """The history past an entry that did not verify: it counts for nothing, and what follows still follows it."""
    return replace(history, head=entry_hash(body), seq=history.seq + 1, unproved=history.unproved + 1)


# Who may put a text forward, and who may say yes to it; an office that names its `publishers` is taken at its word for both.
ROLES = {"proposed": frozenset({"admin", "centre_head", "leader_in_charge", "principal"}), "confirmed": frozenset({"centre_head", "leader_in_charge", "principal"})}
ROLES["withdrawn"] = ROLES["proposed"]


def publishers(kind: str, book: Mapping[str, Any], office: Mapping[str, Any]) -> list[str]:
    """The people of an office who may take a step in a book's life."""
    if named := (office.get("office") or {}).get("publishers"):
        return sorted(named)
    posts = book.get("post") or {}
    return sorted(key for key, row in (office.get("person") or {}).items() if ROLES[kind] & {str(posts.get(post, {}).get("role", "")) for post in row.get("posts", ())})
