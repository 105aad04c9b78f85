"""A dry run in short: what a person looks at before saying yes."""

import json
from collections import Counter
from typing import Any

from api.imports.cases import Judged
from api.imports.planning import Plan

PREVIEW, GROUPS = 5, 50


class Summary:
    """What a person looks at before saying yes: how the first rows are understood, and what is wrong most often. No personal value."""

    def __init__(self) -> None:
        self.first: dict[str, list[dict[str, Any]]] = {}
        self.groups: Counter[str] = Counter()
        self.missed = 0

    def add(self, plan: Plan, judged: Judged | None, sort: str) -> None:
        """One row more."""
        for found in plan.findings:
            about = found.detail if isinstance(found.detail, dict) else {}
            group = {"column": found.column, "code": found.code, **{key: about[key] for key in ("value", "act", "known", "detail", "who") if key in about}}
            self.groups[json.dumps(group, ensure_ascii=False, default=str)] += 1
        if judged and judged.missed:
            self.missed += 1
        rows = self.first.setdefault(sort, [])
        if sort in ("record", "case") and len(rows) < PREVIEW:
            rows.append({
                "row": plan.row, "number": plan.number, "received_at": _iso(plan.received_at), "closed_at": _iso(plan.closed_at), "units": plan.about.get("units", []),
                **{name: plan.about.get(name) for name in ("kind", "channel", "source", "facts")}, "phase": judged.phase if judged else "archived",
                "steps": [{"act": deed.act, "at": deed.at.isoformat(), "actor": deed.actor} for deed in plan.deeds], "missed": list(judged.missed) if judged else [],
            })  # fmt: skip

    def dump(self) -> dict[str, Any]:
        """The summary, JSON-safe."""
        groups = [{**json.loads(group), "rows": n} for group, n in self.groups.most_common(GROUPS)]
        return {"preview": [row for rows in self.first.values() for row in rows], "groups": groups, "with_missed": self.missed}


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None
