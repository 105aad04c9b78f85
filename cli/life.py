"""The life of a book in an installation: put forward, confirm, withdraw, list, compare; what the commands of `huiyin rules` print."""

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from api.errors import OWN
from api.offices import drafted
from api.versions import Versions
from cli import library, rules
from cli.book_diff import compared
from domain.asking import Refusal
from domain.codes import CODES
from domain.versions import OPEN, History, Version, confirmed, hashes, proposed, publishers, withdrawn
from domain.workdays import ZONE

if TYPE_CHECKING:
    from workflows.place import Place

STATES = {
    "pending": "草稿,待确认 draft, waits for its confirmation", "withdrawn": "已撤回 withdrawn", "published": "已公布,未到施行日 published, not begun",
    "in_force": "施行中 in force", "superseded": "已被取代 superseded", "lapsed": "已失效 lapsed",
}  # fmt: skip


class NotDone(ValueError):
    """Why a step was not taken and what to do, in both languages."""


def said(no: Refusal) -> NotDone:
    """A refusal in words: code, what is wrong, remedy, details."""
    code = CODES.get(no.code)
    zh, en, remedy_zh, remedy_en = (code.zh, code.en, code.remedy_zh, code.remedy_en) if code else OWN[no.code][1:]
    detail = "\n".join(f"    {key}: {value}" for key, value in no.detail.items()) if isinstance(no.detail, Mapping) else "\n".join(f"    {one}" for one in no.detail or ())
    return NotDone(f"✗ {zh} {en} [{no.code}]\n    → {remedy_zh}  {remedy_en}" + (f"\n{detail}" if detail else ""))


@dataclass(frozen=True)
class Desk:
    """One office of an installation, before a step in the life of its book."""

    here: "Place"
    office: str
    path: Path
    file: dict[str, Any]

    @property
    def book(self) -> str:
        """The book that the office file names."""
        return str(self.file["office"]["rulebook"])

    def draft(self) -> str:
        """What the files say now."""
        return drafted(self.book, self.file)

    def allowed(self, kind: str, person: str) -> dict[str, str]:
        """Who takes the step; raises Refusal not_publisher."""
        people = publishers(kind, library.book(self.book), self.file)
        if person not in people:
            raise Refusal("not_publisher", None, {"may": ", ".join(people) or "-"})
        return {"by": person, "account": getpass.getuser()}


def desks(here: "Place", office: str = "") -> list[Desk]:
    """The offices of the installation's folder, or one of them; raises LibraryError where it is not there."""
    files = [(path, library.toml(path)) for path in sorted(here.offices.glob("*.toml"))]
    found = [Desk(here, str(file["office"]["id"]), path, file) for path, file in files if file.get("office", {}).get("id") and file["office"].get("rulebook")]
    if office and not (one := [desk for desk in found if desk.office == office]):
        raise library.LibraryError(f"没有此机构 no such office: {office}; 现有 there are: {', '.join(desk.office for desk in found) or '-'}; 文件夹 folder: HUIYIN_OFFICES = {here.offices}")
    return one if office else found


async def publish(desk: Desk, book: str, by: str, reason: str, first: str = "", last: str = "", again: int = 0) -> list[str]:
    """Put the text of the files forward, or that of an earlier version; raises NotDone."""
    try:
        if book != desk.book:
            raise Refusal("book_unsound", None, [f"{desk.path.name}: office.rulebook = {desk.book}, 不是 is not {book}"])
        who = {**desk.allowed("proposed", by), "reason": reason}
        if not again and (findings := [*rules.check(book), *rules.check_office(str(desk.path))]):
            raise Refusal("book_unsound", None, findings)
        async with connected(desk.here) as pool:
            versions = Versions(desk.here.keys)
            await versions.refresh(pool)
            text = _text(desk, versions, str(again)) if again else desk.draft()
            if (own := json.loads(text)["book"].get("book", {}).get("id")) != book:
                raise Refusal("book_unsound", None, [f"book.id = {own}, 不是 is not {book}"])
            history = await versions.enter(pool, desk.office, who, lambda known, at: proposed(known, at, book, text, first or _own_day(desk, known), last), text)
        return [*_put(desk, history, versions), *_changes(history, versions)]
    except Refusal as no:
        raise said(no) from None


def _own_day(desk: Desk, history: History) -> str:
    """The day that the text itself names, where it has not passed under an earlier version; '' asks for one."""
    own = str(library.book(desk.book).get("book", {}).get("in_force_from") or desk.file.get("param", {}).get("in_force_from") or "")
    return own if not history.versions or own >= _today() else ""


def _put(desk: Desk, history: History, versions: Versions) -> list[str]:
    one = history.pending
    if one is None:  # confirmed or withdrawn by somebody in this very moment
        return listed(desk, versions)
    return [
        f"✓ {desk.office}: {one.book} 已提出 is put forward ({one.by}, {_minute(one.at)})",
        f"  施行 in force {one.first} – {one.last or '…'}" + (f"  取代第 {one.replaces} 版 supersedes version {one.replaces}" if one.replaces else "  首个版本 the first version"),
        *(f"  {label} {digest}" for label, digest in _hashes(one)),
        f"  → 另一位负责人核对后 another person in charge, after reading: huiyin rules confirm --office {desk.office} --by … --reason … --hash {one.sha256}",
    ]


def _changes(history: History, versions: Versions) -> list[str]:
    one, texts = history.pending, versions.published.shelf.texts
    earlier = next((past for past in history.versions if one and past.number == one.replaces), None)
    if one is None or earlier is None:
        return []
    return [f"  与第 {earlier.number} 版相比 against version {earlier.number}:", *(compared(texts[earlier.sha256], texts[one.sha256]) or ["  内容相同 the same text"])]


async def confirm(desk: Desk, by: str, reason: str, digest: str) -> list[str]:
    """Make the proposal a version; raises NotDone."""
    return await _step(desk, "confirmed", by, reason, lambda history, who: confirmed(history, who, digest))


async def withdraw(desk: Desk, by: str, reason: str) -> list[str]:
    """Take the proposal back; raises NotDone."""
    return await _step(desk, "withdrawn", by, reason, withdrawn)


async def _step(desk: Desk, kind: str, by: str, reason: str, step: Any) -> list[str]:
    try:
        who = {**desk.allowed(kind, by), "reason": reason}
        async with connected(desk.here) as pool:
            versions = Versions(desk.here.keys)
            await versions.enter(pool, desk.office, who, step)
    except Refusal as no:
        raise said(no) from None
    return listed(desk, versions)


def connected(here: "Place") -> Any:
    """A pool on the record of the installation."""
    return asyncpg.create_pool(here.database, min_size=0, max_size=1, timeout=5, command_timeout=10)


async def known(here: "Place") -> Versions:
    """The versions as record and file know them; the file's alone where the record is away."""
    versions = Versions(here.keys)
    versions.published.fresh()
    if here.database:
        async with connected(here) as pool:
            await versions.once(pool)
    return versions


def listed(desk: Desk, versions: Versions) -> list[str]:
    """Every version of an office's book with state, days, people and hashes; the files of today last."""
    history, today = versions.published.history(desk.office), _today()
    lines = [f"{desk.office}  {desk.file['office'].get('zh', '')}"]
    for one in history.proposals:
        name = f"第 {one.number} 版 version {one.number}" if one.number else f"提案 proposal {one.seq}"
        end = history.ends(one) if one.number else one.last or OPEN
        lines.append(f"  {name}  {STATES[history.state(one, today)]}  {one.book}  施行 in force {one.first} – {'…' if end == OPEN else end}" + (f"  取代第 {one.replaces} 版 supersedes {one.replaces}" if one.replaces else ""))
        lines.append(f"      提出 put forward {one.by} {_minute(one.at)}: {one.reason}")
        lines += [f"      确认 confirmed {one.confirmed_by} {_minute(one.confirmed_at)}: {one.confirmed_why}"] if one.number else []
        lines += [f"      撤回 withdrawn {one.withdrawn_by} {_minute(one.withdrawn_at)}: {one.withdrawn_why}"] if one.withdrawn_at else []
        lines += [f"      {label} {digest}" for label, digest in _hashes(one)]
    if history.unproved:
        lines.append(f"  ✗ {history.unproved} 条未能核实,不算数 entries do not verify and count for nothing; 见 see: huiyin doctor")
    return [*lines, f"  {drafting(desk, history)}"]


def _hashes(one: Version) -> list[tuple[str, str]]:
    return [("内容 content SHA-256", one.sha256), ("规则(不含文字) rules without words", one.rule_sha256), ("制度/条款/本单位所定 book/clauses/terms", "  ".join(one.parts[name][:16] for name in ("book", "clauses", "terms")))]


def drafting(desk: Desk, history: History) -> str:
    """What the files of today are beside the versions: the same as the last, a draft, or in force unpublished."""
    digest = hashes(desk.draft())["sha256"]
    if history.pending and history.pending.sha256 == digest:
        return "文件即待确认的提案 the files are the proposal"
    if not history.versions:
        return f"未公布:按文件夹中的 {desk.book} 收件 unpublished: new cases are filed under {desk.book} of the folder ({digest[:16]})"
    last = history.versions[-1]
    if last.sha256 == digest:
        return f"文件与第 {last.number} 版相同 the files are version {last.number}"
    return f"草稿:文件与第 {last.number} 版不同,不影响收件 draft: the files differ from version {last.number}; new cases are not touched ({digest[:16]}). 见 see: huiyin rules diff {last.number} draft --office {desk.office}"


def difference(desk: Desk | None, versions: Versions | None, old: str, new: str) -> list[str]:
    """Two texts compared; each is a version's number or `draft` of an office, a book of this program, or a rulebook file. Raises NotDone."""
    texts = [_text(desk, versions, name) for name in (old, new)]
    return compared(*texts) or ["内容相同 the same text"]


def _text(desk: Desk | None, versions: Versions | None, name: str) -> str:
    from domain.versions import content

    if desk and versions and name == "draft":
        return desk.draft()
    if desk and versions and name.isdigit():
        history = versions.published.history(desk.office)
        found = next((one for one in history.versions if one.number == int(name)), None)
        text = versions.published.shelf.texts.get(found.sha256) if found else None
        if text is None:
            raise NotDone(f"{desk.office} 没有第 {name} 版 has no version {name}; 现有 there are: {', '.join(str(one.number) for one in history.versions) or '-'}")
        return text
    if desk and versions and name == "pending" and (waiting := versions.published.history(desk.office).pending):
        return versions.published.shelf.texts[waiting.sha256]
    if name.isdigit() or name in ("draft", "pending"):
        raise NotDone(f"{name}: 请写明机构 name the office with --office" if not desk else f"{desk.office}: 没有待确认的提案 no proposal waits")
    path = Path(name) if name.endswith(".toml") else library.BOOKS / f"{name}.toml"
    book = library.toml(path)
    beside = library.CLAUSES / path.name if path.parent == library.BOOKS else path.parent / "clauses" / path.name
    return content(book, library.toml(beside).get("clause", ()) if beside.exists() else (), desk.file if desk else {})


def _today() -> str:
    return datetime.now(ZONE).date().isoformat()


def _minute(text: str) -> str:
    return text[:16].replace("T", " ")
