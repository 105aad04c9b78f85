"""Who runs PostgreSQL. It refuses root, so under root another account of this machine is used.

Nothing is created and no folder of the user is opened wider: where the account may not enter a folder (a home with
mode 0700), the server keeps the one capability that lets it pass, and nothing else of root.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged account; `caps` are the capability numbers it keeps."""

    name: str
    uid: int
    gid: int
    caps: tuple[int, ...] = ()


class NoAccount(RuntimeError):
    """No ordinary account, or none that can enter the path. Bilingual."""


def account_for(cluster: Path, *needs: Path) -> Account | None:
    """The account for this cluster folder, None = ourselves (not root). `needs` = other paths it must enter."""
    if os.geteuid() != 0:
        return None
    entry = owner_of(cluster) or first_known()
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    if all(may_enter(account, path) for path in (cluster, *needs)):
        return account
    return Account(account.name, account.uid, account.gid, (passing_capability(),))


def owner_of(cluster: Path) -> pwd.struct_passwd | None:
    """The account that owns the cluster folder; None where it is absent or root's."""
    if not cluster.exists() or (uid := cluster.stat().st_uid) == 0:
        return None
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def first_known() -> pwd.struct_passwd:
    """The account of HUIYIN_POSTGRES_ACCOUNT, else the first of CANDIDATES that exists. NoAccount."""
    wish = os.environ.get("HUIYIN_POSTGRES_ACCOUNT")
    for name in (wish,) if wish else CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return entry
    raise NoAccount(
        "PostgreSQL 不能以 root 运行，且本机没有可用的普通账户（postgres、nobody）；请设置 HUIYIN_POSTGRES_ACCOUNT，"
        "或以普通用户运行，或用 HUIYIN_DATABASE_URL 指定数据库。\n"
        "PostgreSQL refuses root and no ordinary account (postgres, nobody) exists: set HUIYIN_POSTGRES_ACCOUNT, run as "
        "an ordinary user, or name a database by HUIYIN_DATABASE_URL."
    )


def may_enter(account: Account, path: Path) -> bool:
    """True when the account may pass every folder above `path` by plain permissions."""
    return all(passable(account, folder) for folder in path.resolve().parents if folder.exists())


def passable(account: Account, folder: Path) -> bool:
    """True when the account may pass this one folder by plain permissions."""
    stat = folder.stat()
    if stat.st_uid == account.uid:
        return bool(stat.st_mode & 0o100)
    return bool(stat.st_mode & (0o010 if stat.st_gid == account.gid else 0o001))


def passing_capability() -> int:
    """The narrower of the two capabilities that this process may hand on."""
    held = 0
    status = Path("/proc/self/status")
    if status.exists():
        line = next((line for line in status.read_text().splitlines() if line.startswith("CapPrm:")), "CapPrm: 0")
        held = int(line.split()[1], 16)
    for cap in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if held >> cap & 1:
            return cap
    raise NoAccount(
        "数据库账户进不了数据目录所在的路径；请把 HUIYIN_HOME 放到别处（如 /var/lib/huiyin）。\n"
        "The database's account cannot enter the path of the data folder: put HUIYIN_HOME elsewhere (/var/lib/huiyin)."
    )
