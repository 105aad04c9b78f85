"""A complainant's own words within acts, sealed like the original text; opened again for readers to whom the core lets them pass."""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag

from api import sealing
from api.errors import Problem
from api.keyring import Destroyed, Keyring
from domain.acts import SEALED, TEXT_LIMIT

# Acts by whose fields a complainant speaks, or in which somebody writes down what a complainant said or is told.
WORDS: dict[str, tuple[str, ...]] = {
    "supplement": ("reason",), "withdraw": ("reason",), "appeal": ("reason",), "report_retaliation": ("text",), "add_material": ("note",), "rate": ("text",),
    "feedback": ("text", "suggestions", "call_note", "signature"), "answer_on_the_spot": ("text", "call_note", "signature"), "explain": ("text",),
    "refuse": ("explanation",), "disclose": ("text",), "settle_withdrawal": ("reason",), "note": ("text",), "reveal_contact": ("reason",), "incident": ("text",),
    "return_visit": ("note",), "unmask": ("reason",), "serve": ("text",),
    "do": ("note", "text"),
}  # fmt: skip


DISPOSED = "〔密钥已按规定销毁,内容不可恢复 / its key was destroyed by rule, the words are gone〕"


def sealed(keys: Keyring, office: str, year: int, act: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with their words sealed; raises Problem field_too_long, and field_invalid for what only looks sealed."""
    closed = dict(fields)
    for name, value in fields.items():
        if isinstance(value, str) and value.startswith(SEALED):
            raise Problem("field_invalid", detail=[name])
        if name in WORDS.get(act, ()) and isinstance(value, str) and value:
            if len(value) > TEXT_LIMIT:
                raise Problem("field_too_long", detail=[name])
            closed[name] = sealing.seal(keys, office, year, {"words": value})
    return closed


def opened(keys: Keyring, value: Any) -> Any:
    """A shown value with its words opened; identity stays closed, it has a door of its own."""
    if isinstance(value, str):
        return _opened(keys, value) if value.startswith(SEALED) else value
    if isinstance(value, Mapping):
        return {name: opened(keys, one) for name, one in value.items()}
    return [opened(keys, one) for one in value] if isinstance(value, (list, tuple)) else value


def _opened(keys: Keyring, text: str) -> str:
    try:
        content = sealing.unseal(keys, text)
    except Destroyed:
        return DISPOSED
    except (InvalidTag, ValueError):
        return text
    return str(content["words"]) if set(content) == {"words"} else text
