"""Secrets come from files, never from the environment: the one place that joins them to what a setting names."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

URL, PASSWORD_FILE = "HUIYIN_DATABASE_URL", "HUIYIN_DATABASE_PASSWORD_FILE"


def database_url(env: Mapping[str, str] = os.environ) -> str:
    """HUIYIN_DATABASE_URL, its password taken from HUIYIN_DATABASE_PASSWORD_FILE where that is set; empty when unset. ValueError."""
    url, file = env.get(URL) or "", env.get(PASSWORD_FILE) or ""
    return with_password(url, secret(Path(file), PASSWORD_FILE)) if url and file else url


def secret(path: Path, setting: str) -> str:
    """The one line of a secret's file; ValueError that names the setting where it cannot be read or is empty."""
    try:
        text = path.read_text("utf-8").rstrip("\r\n")
    except OSError as wrong:
        raise ValueError(f"{setting}: 读不到 {path}({type(wrong).__name__}),请检查文件与权限 / cannot read it: check the file and its permissions") from None
    if not text:
        raise ValueError(f"{setting}: {path} 是空的,请写入密码 / is empty: write the password into it")
    return text


def with_password(url: str, password: str) -> str:
    """The address with that password in place of any other."""
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    user = parts.username or ""
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{where}"))
