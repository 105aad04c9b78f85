"""The card that a person at a terminal is shown at the end: the address, who may sign in as what, where each role begins, receipt codes."""

import os
import shlex
import sys
import unicodedata
from pathlib import Path

from api.pages.labels import ROLES
from api.receipts import receipt
from cli import library
from cli.demo.accounts import PASSWORD
from cli.demo.stage import ENVIRONMENT, Stage
from domain.core import reader_of

# The page with which a role begins; {case} = a case of the office that is worth a look.
FIRST = {
    "intake": "/home", "centre_head": "/approvals", "leader_in_charge": "/approvals", "principal": "/approvals", "unit_liaison": "/unit",
    "supervisor": "/board", "auditor": "/audit/{case}", "admin": "/home",
}  # fmt: skip
WORTH = ("district-whole-transfer", "kaiyang-extended", "community-letter")


async def guide(stage: Stage) -> str:
    """All of it, ready to copy."""
    base, shown = stage.running.api, library.shown_offices()
    cases = {office: case for office in shown if (case := await worth(stage, office))}
    lines = [
        "【演示】网页已就绪  The demo's pages are ready", "",
        f"  {_wide('网址 address', 18)}{base}/",
        f"  {_wide('密码 password', 18)}{PASSWORD}  (所有账号相同,只在演示中有 of every account, in this demo only)",
        f"  {_wide('演示日 day', 18)}{stage.now():%Y-%m-%d %H:%M}  (页面按演示时钟 pages go by the demo's clock)",
    ]  # fmt: skip
    for office in shown:
        head = stage.laws[office].office["office"]
        lines += ["", f"  {head['zh']}  {head['en']}  [{office}]"]
        lines += [f"    {_wide(ROLES[role][0], 12)}{ROLES[role][1]:<18}{' '.join(people):<26}  {FIRST[role].format(case=cases.get(office, ''))}" for role, people in people_of(stage, office).items()]
        if office in cases:
            lines.append(f"    {_wide('投诉人', 12)}{'complainant':<18}{receipt(stage.keys, cases[office]):<26}  /follow")
    env, command, token = shlex.quote(str(stage.folder / ENVIRONMENT)), shlex.quote(os.path.relpath(Path(sys.executable).with_name("huiyin"))), _tokens(stage)
    office, case = next(iter(cases.items()), ("", ""))
    lines += [
        "",
        f"  {_wide('接口 API', 18)}curl -s -H @{token} '{base}/api/v1/complaints?limit=5'",
        *([f"  {_wide('审计 audit', 18)}( . {env}; {command} audit replay {case} )"] if office else []),
        f"  {_wide('日志 logs', 18)}{stage.running.folder.logs}",
        "", "  Ctrl-C 停止 stops",
    ]  # fmt: skip
    return "\n".join(lines)


async def worth(stage: Stage, office: str) -> str:
    """A case of the office that is worth a look; '' where it has none."""
    found = await stage.teller.pool.fetch("select case_id from cases where office = $1 order by case_id = any($2::text[]) desc, case_id limit 1", office, list(WORTH))
    return str(found[0]["case_id"]) if found else ""


def people_of(stage: Stage, office: str) -> dict[str, list[str]]:
    """Who signs in as what, by role in the order of the labels."""
    law = stage.laws[office]
    roles = {person: reader_of(person, law).role for person in law.office["person"]}
    return {role: mine for role in FIRST if (mine := [person for person, held in roles.items() if held == role])}


def _wide(text: str, columns: int) -> str:
    """Padded to so many columns of a terminal, where a Chinese character takes two."""
    return text + " " * (columns - sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text))


def _tokens(stage: Stage) -> str:
    """A file with the header line for each person, so that no token stands on the screen or in a shell's memory; the one to try first."""
    folder = stage.folder / "tokens"
    folder.mkdir(mode=0o700, exist_ok=True)
    files = [_token(stage, folder / f"{office}-{person}", office, person) for office in library.shown_offices() for people in people_of(stage, office).values() for person in people]
    return shlex.quote(str(next((file for file in files if file.name == "kaiyang-wang"), files[0])))


def _token(stage: Stage, file: Path, office: str, person: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(f"Authorization: Bearer {stage.desk.tokens.issue(person, office)}\n", encoding="utf-8")
    return file
