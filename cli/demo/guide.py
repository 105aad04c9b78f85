"""What a person at a terminal is shown at the end: addresses, a token for each role, receipt codes, and how to audit."""

import os
import shlex
import sys
import unicodedata
from pathlib import Path

from api.receipts import receipt
from cli.demo.stage import ENVIRONMENT, Stage
from domain.core import reader_of
from engine.up import addresses

ROLES = {
    "intake": "受理", "centre_head": "中心负责人", "leader_in_charge": "分管领导", "principal": "主要领导", "unit_liaison": "承办单位", "supervisor": "督查", "auditor": "审计", "admin": "管理员",
}  # fmt: skip
FOLLOWED = ("district-whole-transfer", "kaiyang-extended", "community-letter")


def guide(stage: Stage) -> str:
    """All of it, ready to copy."""
    folder = stage.folder / "tokens"
    folder.mkdir(mode=0o700, exist_ok=True)
    lines = [addresses(stage.running), "", f"演示日 the demo's day: {stage.now():%Y-%m-%d %H:%M}(演示时钟 its own clock)", "", "各角色看什么 what each role sees:"]
    for office, law in stage.laws.items():
        lines.append(f"  {law.office['office']['zh']}  {office}")
        seen: set[str] = set()
        for person in law.office["person"]:
            role = reader_of(person, law).role
            if role in ROLES and role not in seen:
                seen.add(role)
                lines.append(f"    {_wide(ROLES[role], 12)}{role:<17}{person:<6}curl -s -H @{_token(stage, folder, office, person)} '{stage.running.api}/api/v1/{_first(role)}'")
    lines += ["", "投诉人凭查询码 complainants by receipt code:"]
    lines += [f"  {case:<24} curl -s -H 'X-Receipt-Code: {receipt(stage.keys, case)}' {stage.running.api}/api/v1/follow" for case in FOLLOWED]
    env, command = shlex.quote(str(stage.folder / ENVIRONMENT)), shlex.quote(os.path.relpath(Path(sys.executable).with_name("huiyin")))
    lines += ["", "审计任何一件 audit any case:", f"  ( . {env}; {command} audit replay {FOLLOWED[0]} )", "", "Ctrl-C 停止 stops"]
    return "\n".join(lines)


def _wide(text: str, columns: int) -> str:
    """Padded to so many columns of a terminal, where a Chinese character takes two."""
    return text + " " * (columns - sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text))


def _first(role: str) -> str:
    return "tasks" if role in ("centre_head", "leader_in_charge", "principal") else "complaints?limit=5"


def _token(stage: Stage, folder: Path, office: str, person: str) -> str:
    """A file with the header line, so that no token stands on the screen or in a shell's memory."""
    file = folder / f"{office}-{person}"
    file.touch(mode=0o600)
    file.write_text(f"Authorization: Bearer {stage.desk.tokens.issue(person, office)}\n", encoding="utf-8")
    return shlex.quote(str(file))
