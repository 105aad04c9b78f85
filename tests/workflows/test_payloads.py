"""Payloads are written as the SDK writes them, in their own order, without copying what lies in them."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from temporalio.converter import AdvancedJSONEncoder

from activities.types import Batch, Recorded
from cli import library
from domain.core import law_value
from workflows.contract import Start
from workflows.converter import OrderedJSON, Plain, write_once


@dataclass(frozen=True)
class Outer:
    inner: Recorded
    at: datetime
    row: dict[str, object]


def test_the_text_is_that_of_the_whole_copied() -> None:
    law = law_value(library.law("kaiyang-one-window", "kaiyang"))
    for value in (
        Start("c", "kaiyang", "kaiyang-one-window", law, {"k": "00"}, [{"z": 1, "a": [1, {"y": None}]}]),
        Batch("c", "o", "b", 0, [{"seq": 1}], [], [], {"b": 1, "a": 2}),
        Outer(Recorded(1, "h"), datetime(2026, 1, 2, tzinfo=UTC), {"b": 1, "a": Recorded(None, "x")}),
        {"z": 1, "a": 2},
        [Recorded(2, "h")],
    ):
        (payload,) = Plain().to_payloads([value])
        plain = asdict(value) if hasattr(value, "__dataclass_fields__") else value
        assert payload.data.decode() == json.dumps(plain, cls=AdvancedJSONEncoder, separators=(",", ":"), ensure_ascii=False)


def test_what_is_read_is_what_was_written() -> None:
    batch = Batch("c", "o", "b", 3, [{"seq": 4, "text": "窗口"}], [{"code": "accepted"}], [], {"b": 1, "a": [2]}, {"token": "#"})
    assert Plain().from_payloads(Plain().to_payloads([batch]), [Batch]) == [batch]


def test_what_is_written_once_is_written_alike() -> None:
    law = {"book": {"zh": "规则", "rows": [1, 2.5, None, True]}, "office": {}}
    start = Start("case-1", "kaiyang", "kaiyang-one-window", law, {"api-1": "00"}, [{"act": "file"}], 1.5)
    before = OrderedJSON().to_payload(start)
    write_once(law)
    assert OrderedJSON().to_payload(start) == before
    assert OrderedJSON().to_payload(replace(start, law={**law})) == before
