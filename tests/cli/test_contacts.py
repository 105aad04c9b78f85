"""`huiyin office check` names what would keep people from hearing: no administrator, unreadable addresses or quiet time."""

from pathlib import Path

import pytest

from cli import library, rules

OFFICE = (library.OFFICES / "district.toml").read_text(encoding="utf-8")


def found(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    text = OFFICE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / f"o{abs(hash(changes))}.toml"
    path.write_text(text, encoding="utf-8")
    return rules.check_office(str(path))


def test_an_office_without_an_administrator_is_named(tmp_path: Path) -> None:
    (line,) = found(tmp_path, ('posts = ["admin"]', "posts = []"))
    assert "admin" in line and "系统管理员" in line and "nobody is told when notices fail" in line


@pytest.mark.parametrize("quiet", ['["21:00"]', '["21:00", "21:00"]', '"21:00-08:00"', '["25:00", "08:00"]'])
def test_an_unreadable_quiet_time_is_named(tmp_path: Path, quiet: str) -> None:
    (line,) = found(tmp_path, ('quiet = ["21:00", "08:00"]', f"quiet = {quiet}"))
    assert line.startswith("office.")


def test_unreadable_addresses_are_named_by_place_not_by_content(tmp_path: Path) -> None:
    lines = found(
        tmp_path,
        ('posts = ["clerk"], unit = "jczx"', 'posts = ["clerk"], notify = ["mailto://u:secret@example.org", "nosuch://secret"], unit = "jczx"'),
        ('kind = "outside", liaison = "bai"', 'kind = "outside", notify = "mailto://secret", liaison = "bai"'),
    )
    assert [line.partition(":")[0] for line in lines] == ["person wang.notify 2", "unit bureau.notify"]
    assert "secret" not in "".join(lines)
