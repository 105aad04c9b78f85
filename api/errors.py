"""One error shape for every route: RFC 9457 problems with our code and clause, Chinese and English."""

import logging
import traceback
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from domain.codes import CODES

OWN = {
    "unauthenticated": (401, "请先登录", "Sign in first", "请携带有效令牌", "Send a valid token"),
    "not_found": (404, "没有这一件", "No such case", "请核对编号", "Check the number"),
    "no_such_route": (404, "没有这个地址", "No such address", "见接口说明 /api/v1/docs", "See the description at /api/v1/docs"),
    "code_unknown": (404, "没有这个查询码", "No such receipt code", "请核对;刚提交的请稍候再查", "Check it; just after filing, wait a little"),
    "method_not_allowed": (405, "此地址不接受这种请求", "This address takes another method", "见接口说明 /api/v1/docs", "See the description at /api/v1/docs"),
    "type_unsupported": (415, "不接受这种内容类型", "This content type is not taken", "请用所列类型提交", "Send one of the types listed"),
    "idempotency_key_missing": (422, "缺少 Idempotency-Key", "Idempotency-Key is missing", "请为每次提交附一个新的随机键,至多200字符", "Send a fresh random key with each submission, at most 200 characters"),
    "idempotency_mismatch": (422, "同一个键用于不同内容", "The same key with another body", "请换一个键,或重发原内容", "Use another key, or send the same body"),
    "office_unknown": (422, "没有这个机构", "No such office", "请从机构清单中选择", "Choose one of the offices listed"),
    "body_invalid": (422, "提交内容不符合要求", "The body is not as described", "请按说明更正", "Correct it as described"),
    "too_large": (413, "内容过大", "Too large", "正文至多两万字;附件至多10个,每个至多20 MB", "At most 20,000 characters of text; at most 10 files of 20 MB each"),
    "file_refused": (422, "不接受这种文件", "This kind of file is not taken", "请转换为所列格式后提交", "Convert it to one of the kinds listed"),
    "file_unreadable": (422, "登记册无法读取", "The register cannot be read", "请按 detail 所述更正文件", "Mend the file as `detail` says"),
    "import_busy": (409, "此次导入正在进行", "This import is at work", "请稍候,或查看进度", "Wait, or look at its progress"),
    "import_unchecked": (409, "尚未预演,或对照表有误", "It has no sound dry run yet", "请先更正对照表并预演", "Correct the mapping and dry-run it first"),
    "import_changed": (409, "预演结果已有变化", "The dry run has changed since you looked", "请重新查看预演结果再运行", "Look at the report again before you run it"),
    "picture_unreadable": (409, "图片无法清除拍摄信息,不予下载", "The picture cannot be cleaned of its metadata, so it is not handed out", "请由提交人另交一份", "Ask for another copy"),
    "form_unknown": (404, "没有这种表", "No such form", "请从所列表中选择", "Choose one of the forms listed"),
    "form_not_now": (409, "此表现在不能制作", "This form cannot be drawn up now", "原因见 detail", "See why in `detail`"),
    "form_template_broken": (409, "本单位替换的表样有误，未制作", "The office's own template is broken, nothing was drawn up", "请管理员用 huiyin forms check 检查并更正；急用可选标准表样", "Have the administrator run `huiyin forms check` and mend it; until then ask for the standard form"),
    "disposed": (410, "该年度的密钥已按规定销毁,身份、原文和附件不可恢复", "The key of that year was destroyed by rule: identity, text and files are gone", "案件的办理记录仍可查阅", "The record of how the case was handled can still be read"),
    "stale": (412, "此件已有变化", "The case has changed", "请查看变化后再办", "Look at what changed, then repeat"),
    "paper_missing": (422, "代为录入须附书面依据", "Typing for somebody else needs their signed paper", "请附扫描件的 SHA-256", "Give the SHA-256 of the scan"),
    "engine_down": (503, "系统暂时不能收件", "The engine cannot be reached", "请稍后用同一个键重试", "Try again with the same key"),
    "record_down": (503, "记录库暂时不能读取", "The record cannot be read now", "收件不受影响,请稍后再查或再办", "Filing goes on; read or act again later"),
    "versions_unsound": (503, "已公布的制度版本无法核实,暂不能收件", "The published rulebooks cannot be verified, so nothing is filed", "请立即告知管理员(huiyin doctor)", "Tell the administrator at once (huiyin doctor)"),
    "files_down": (503, "附件暂时不能保存", "Files cannot be stored now", "请稍后用同一个键重试", "Try again with the same key"),
    "too_many_tries": (429, "尝试次数过多", "Too many tries", "请稍后再试", "Wait a while"),
    "sign_in_wrong": (403, "账号或密码不对", "Wrong account or password", "请核对后再试;忘记密码请找管理员重设", "Check both; the administrator can set a new password"),
    "password_weak": (422, "密码太简单", "The password is too simple", "至少10个字符,不要用姓名或重复的字符", "At least 10 signs, not a name, not one sign over and over"),
    "caller_two_facts": (422, "请让来电人说出至少两项", "Let the caller tell at least two things", "姓名、电话、身份证号、查询码中任意两项", "Any two of name, telephone, identity number and receipt code"),
    "call_over": (409, "这次来电的核对已失效", "The verified call is over", "请重新核对来电人说的两项信息", "Verify the two things again that the caller tells"),
    "caller_unknown": (404, "所说的各项不相符", "What the caller told does not fit", "请核对后再试;不说是哪一项,次数有限", "Check and try again; which of them is not said, and tries are few"),
    "cross_site": (403, "请求不是从本站页面发出的", "The request did not come from a page of this site", "请从本站页面重新操作", "Use the pages of this site"),
    "not_admin": (403, "只有系统管理员可以改动他人", "Only an administrator changes others", "请找本机构的系统管理员", "Ask the administrator of your office"),
    "own_posts": (403, "不能给自己设岗位、单位或代理权", "Nobody gives themselves posts, a unit or somebody's powers", "请由另一位管理员办理,或由委托人本人办理", "Have another administrator do it, or the person who delegates"),
    "person_unknown": (404, "没有此人,或已离任", "No such person, or they have left", "请从名单中选择", "Choose one of the list"),
    "people_unfit": (422, "这样改动后机构设置不合规定,未生效", "The office would not stand with this change, so it is not made", "请按所列逐项处理后再改", "See to what is listed first"),
    "people_changed": (409, "别人刚刚也作了改动", "Others have just made a change", "请查看名单后再改", "Look at the list, then repeat"),
    "people_torn": (503, "人员记录与本机文件不一致,暂不能改动", "Record and file of people contradict each other, so nothing is changed", "请立即告知维护人员(服务日志中有说明)", "Tell whoever runs the installation at once (the service log says which office)"),
    "drafts_full": (409, "暂存的草稿已满", "No room for another draft", "请先提交或删除一份", "Submit or delete one first"),
    "internal": (500, "系统出错", "Something went wrong here", "请稍后重试;仍不行请告知管理员", "Try again; tell the administrator if it stays"),
}
LOG = logging.getLogger("huiyin.api")


class Problem(Exception):
    """An answer other than yes, raised anywhere below a route."""

    def __init__(self, code: str, *, status: int = 0, clause: tuple[str, ...] = (), detail: Any = None, headers: dict[str, str] | None = None, more: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code, self.clause, self.detail, self.headers, self.more = code, clause, detail, headers, more or {}
        self.status = status or (OWN[code][0] if code in OWN else CODES[code].status if code in CODES else 422)


def body_of(problem: Problem) -> dict[str, Any]:
    """The problem as RFC 9457 JSON."""
    own, known = OWN.get(problem.code), CODES.get(problem.code)
    zh, en, remedy_zh, remedy_en = own[1:] if own else (known[1:] if known else (problem.code, problem.code, "", ""))
    body: dict[str, Any] = {
        "type": f"urn:huiyin:{problem.code}", "status": problem.status, "code": problem.code, "title": zh, "title_en": en,
        "remedy": remedy_zh, "remedy_en": remedy_en, "clause": list(problem.clause),
    }  # fmt: skip
    return body | ({"detail": problem.detail} if problem.detail is not None else {}) | problem.more


def answer(problem: Problem) -> JSONResponse:
    """The problem as an answer."""
    return JSONResponse(body_of(problem), problem.status, problem.headers, "application/problem+json")


async def on_problem(request: Request, problem: Exception) -> JSONResponse:
    """The handler of our own problems."""
    return answer(problem if isinstance(problem, Problem) else Problem("internal"))


async def on_disposed(request: Request, gone: Exception) -> JSONResponse:
    """What was sealed under a key that is no more."""
    return answer(Problem("disposed"))


async def on_invalid(request: Request, wrong: Exception) -> JSONResponse:
    """FastAPI's own validation in our shape: which field, never the value (it may be somebody's name)."""
    errors = wrong.errors() if isinstance(wrong, (RequestValidationError, ValidationError)) else []
    fields = [{"field": ".".join(str(part) for part in one["loc"]), "why": one["type"]} for one in errors]
    return answer(Problem("body_invalid", detail=fields))


async def on_http(request: Request, wrong: Exception) -> JSONResponse:
    """What the framework itself refuses: unknown addresses and methods."""
    status = wrong.status_code if isinstance(wrong, HTTPException) else 500
    headers = dict(wrong.headers or {}) if isinstance(wrong, HTTPException) else {}
    code = {404: "no_such_route", 405: "method_not_allowed", 413: "too_large"}.get(status, "body_invalid" if status < 500 else "internal")
    return answer(Problem(code, headers=headers))


async def on_record_down(request: Request, wrong: Exception) -> JSONResponse:
    """The record does not answer; nothing was changed by asking."""
    return answer(Problem("record_down", headers={"Retry-After": "5"}))


def unforeseen(wrong: Exception) -> Problem:
    """Anything nobody foresaw: its type and place go to the log, its words (which may name somebody) nowhere."""
    frames = traceback.extract_tb(wrong.__traceback__)
    LOG.error("%s at %s", type(wrong).__name__, " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(frames[-6:])))
    return Problem("internal")
