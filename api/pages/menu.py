"""Where a person may go, by role: the entries of the navigation, each shown only to whom its page serves."""

from api.pages.visitor import Visitor

LEADERS = frozenset({"leader_in_charge", "principal", "centre_head"})
# address, Chinese words (the catalogue has the English), roles; () = everybody who is signed in
ENTRIES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("/home", "待办", frozenset()),
    ("/desk", "受理录入", frozenset({"intake", "centre_head"})),
    ("/approvals", "待我审批", LEADERS),
    ("/unit", "本单位承办", frozenset({"unit_liaison"})),
    ("/board", "督办看板", LEADERS | {"supervisor", "intake", "auditor"}),
    ("/register", "登记簿", frozenset({"intake", "centre_head", "leader_in_charge", "principal", "supervisor", "auditor", "unit_liaison"})),
    ("/inbox", "通知", frozenset()),
    ("/old-records", "旧册", frozenset({"intake", "centre_head", "leader_in_charge", "principal", "supervisor", "auditor"})),
    ("/away", "外出代理", frozenset()),
    ("/people", "人员", frozenset({"admin"})),
    ("/imports", "导入", frozenset({"intake", "centre_head"})),
    ("/rules", "制度", frozenset({"admin", "centre_head", "leader_in_charge", "principal", "supervisor", "auditor"})),
)


def menu(who: Visitor) -> list[tuple[str, str]]:
    """The entries for one person."""
    return [(address, word) for address, word, roles in ENTRIES if not roles or not roles.isdisjoint(who.roles)]
