"""`make secrets`, `python -m engine.secret_files [FOLDER]`: the passwords of docker-compose.yml, made once, mode 0600. Never overwritten.

Containers read them as user 1000, so the files belong to that user: run it as that user, or as root (it gives them away).
"""

import os
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "secrets"
NAMES = ("postgres_password", "temporal_password", "huiyin_password")
CONTAINER_USER = 1000


def make_secrets(folder: Path, *, owner: int | None = CONTAINER_USER) -> list[str]:
    """Make what is missing; a line each. PermissionError where the files could not be read by the containers (owner None = do not care)."""
    ours = os.geteuid()
    if owner is not None and ours not in (0, owner):
        raise PermissionError(
            f"容器以用户 {owner} 读取密码文件,而你是 {ours}。请用 sudo make secrets。\n"
            f"Containers read the secrets as user {owner} and you are {ours}: run `sudo make secrets`."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [made(folder / name) for name in NAMES]
    if owner is not None and ours == 0:
        for path in (folder, *(folder / name for name in NAMES)):
            os.chown(path, owner, owner)
    return lines


def made(path: Path) -> str:
    """One random password, unless it is there."""
    if path.exists():
        path.chmod(0o600)
        return f"· {path.name}: 已有,不改动 kept"
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(0o600)
    fresh.write_text(secrets.token_urlsafe(32) + "\n", "ascii")
    fresh.replace(path)
    return f"✓ {path.name}: 已生成 made"


if __name__ == "__main__":
    try:
        sys.stdout.write("\n".join(make_secrets(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)) + "\n")
    except PermissionError as wrong:
        sys.exit(str(wrong))
