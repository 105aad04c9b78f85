"""What `huiyin doctor` says about published rulebooks: what is unpublished, unproved, lost, about to end, or changed on disk since."""

from collections.abc import Iterator
from datetime import date, timedelta

from api.versions import Versions
from cli import library, life
from domain.core import text_hash
from domain.versions import OPEN
from engine.findings import Finding, fail, ok, warn
from workflows.place import Place

SOON = 30  # days before the last day of a version without a successor
ITEM = "rulebooks"


async def versions(here: Place, today: date) -> list[Finding]:
    """The findings; changes nothing but this host's file of published texts, never raises on what is broken."""
    try:
        desks, known = life.desks(here), await life.known(here)
    except (library.LibraryError, PermissionError) as wrong:
        return [fail(ITEM, f"机构文件读不懂:{wrong}", "an office file cannot be read", "huiyin office check", "huiyin office check")]
    unpublished = [desk.office for desk in desks if not known.published.history(desk.office).proposals and not known.published.unsound(desk.office)]
    found = [] if known.published.histories else [ok(ITEM, "没有公布过制度,按文件夹中的制度收件", "no rulebook is published: new cases are filed under the folder's books")]
    if unpublished:
        names = ", ".join(unpublished[:8]) + (f" … ({len(unpublished)})" if len(unpublished) > 8 else "")
        found = [warn(ITEM, f"制度未经两人公布:{names}", f"rulebooks not published by two people: {names}", "正式收件前:huiyin rules publish,再由另一人 confirm", "before real cases: `huiyin rules publish`, then `confirm` by another")]
    return [*found, *(one for desk in desks if desk.office not in unpublished for one in _of(desk, known, today))]


def _of(desk: life.Desk, known: Versions, today: date) -> Iterator[Finding]:
    history, day, name = known.published.history(desk.office), today.isoformat(), desk.office
    now = history.covering(day)
    if known.published.unsound(name):
        yield fail(ITEM, f"{name}: 已公布的版本无法核实,不能收件", f"{name}: its published versions cannot be verified, nothing is filed", "恢复密钥文件夹中的 rules 和 published;确已丢失的,由两人重新公布", "restore `rules` and `published` in the key folder; where they are lost, two people publish anew")
    elif history.unproved:
        yield fail(ITEM, f"{name}: {history.unproved} 条版本记录签名不符,不算数", f"{name}: {history.unproved} entries are not signed by this installation and count for nothing", "查明何人写入记录库", "find out who wrote into the record")
    if name in known.torn:
        yield fail(ITEM, f"{name}: 记录库与密钥文件夹 published 中的版本不一致", f"{name}: record and the file `published` tell different versions", "核对 huiyin rules versions;记录库为准时移走该文件", "compare; if the record is right, move that file away")
    if history.versions and now is None and all(one.first <= day for one in history.versions):
        yield fail(ITEM, f"{name}: 今天没有施行的版本,不能收件", f"{name}: no version is in force today, nothing can be filed", "huiyin rules publish", "huiyin rules publish")
    if history.versions and desk.book != history.versions[-1].book:
        yield warn(ITEM, f"{name}: 机构文件写的是 {desk.book},公布的是 {history.versions[-1].book}", f"{name}: the office file names another book than the published one", "公布新制度,或改回机构文件", "publish that book, or mend the office file")
    if now and (end := history.ends(now)) != OPEN and end <= (today + timedelta(days=SOON)).isoformat() and history.covering((date.fromisoformat(end) + timedelta(days=1)).isoformat()) is None:
        yield warn(ITEM, f"{name}: 第 {now.number} 版 {end} 失效,尚无后续版本", f"{name}: version {now.number} ends on {end} and none follows", "huiyin rules publish", "huiyin rules publish")
    if history.pending:
        yield warn(ITEM, f"{name}: 一项提案待确认({history.pending.by}, {history.pending.at[:10]})", f"{name}: a proposal waits for its confirmation", "huiyin rules confirm 或 withdraw", "`huiyin rules confirm` or `withdraw`")
    yield from _files(desk, known)
    if now:
        yield ok(ITEM, f"{name}: 第 {now.number} 版施行中", f"{name}: version {now.number} is in force")


def _files(desk: life.Desk, known: Versions) -> Iterator[Finding]:
    """Files that say something else than the last text put forward: drafts, which bind nobody."""
    history = known.published.history(desk.office)
    texts = [one.sha256 for one in (*history.versions[-1:], history.pending) if one]
    try:
        if texts and text_hash(desk.draft()) not in texts:
            yield warn(ITEM, f"{desk.office}: 文件与最后公布的版本不同(草稿,不影响收件)", f"{desk.office}: the files differ from the last published version (a draft; new cases are not touched)", f"huiyin rules diff {len(history.versions)} draft --office {desk.office}", "publish it, or put the files back")
    except library.LibraryError as wrong:
        yield warn(ITEM, f"{desk.office}: 制度文件读不懂(不影响收件):{wrong}", f"{desk.office}: its rulebook files cannot be read (new cases are not touched)", "huiyin rules check", "huiyin rules check")
