"""The closed list of fields that a template may use: name, what it holds, and for a list the columns of its rows."""

from typing import NamedTuple


class Field(NamedTuple):
    """One field: its name in a template, English, Chinese, and the columns where it is a list."""

    name: str
    en: str
    zh: str
    columns: tuple[str, ...] = ()


_TEXTS = """
机构|the office|机构名称
机构电话|its telephone|机构文件中的电话
制度|title of the rulebook|所依据的制度
表名|title of the form; the book's own name for it where it has one|表的名称，制度另有名称的用制度的
今天|today|制表当日
制表人|who prints it|当前办事人
制表时间|when it is printed|制表时刻
密级提示|a warning, only where the identity was opened for this print|启封身份时印“内部资料 注意保密”，否则为空
编号|register number|登记编号
收到时间|when the complaint was received|接到投诉的时刻
收到日期|the day of it|接到投诉之日
受理日期|day of acceptance|受理之日
登记日期|day of registration|登记之日
受理人|who took it in|受理或登记的人
渠道|channel|投诉途径
来源|source|来源
类别|kind of case|类别
件别|grade|件别
环节|phase|当前环节
投诉人姓名|complainant's name, sealed unless opened|投诉人姓名，未启封时印“已封存”或“保密”
投诉人称呼|how a letter addresses them: the name if opened, else 投诉人|信函抬头：启封时为姓名，否则为“投诉人”
联系方式|their telephone or other contact|联系方式
工作单位|their place of work|工作单位
职业|their occupation|职业
家庭住址|their address|家庭住址
证件号码|their identity number|证件号码
被投诉人|persons complained of|被投诉人
被投诉单位|units complained of|被投诉单位
窗口号|window|窗口号
具体办事时间|when the business was done|具体办事时间
办理事项|the business|办理事项
投诉理由|reason or ground|投诉理由
投诉内容|what is complained of: the summary written at registration, the original if opened, else the excerpt|登记时写的主要内容；启封时为原文；否则为转办摘要
投诉原文|the original words, only if opened|投诉人原话，启封时才有
要求|what the complainant asks for|投诉人的要求
投诉记录|record of the call or of what was said|通话记录或口头投诉记录
核实签字|the complainant's signature on the record|投诉人核实签字
录音告知|when the caller was told of the recording|告知录音的时刻
附件|attachments, how many|附件件数
拟办意见|proposed handling|拟办意见
审批意见|opinions of those who approved|审批意见
领导批示|instructions of leaders|领导批示
领导意见|approvals and instructions together|审批意见和领导批示
转办单位|units it was passed to|转办单位
转办日期|day it was passed on|转办之日
转办摘要|excerpt made for the unit|为承办单位写的摘要
转办意见|opinion that went with it|转办时附的意见
承办人|liaison or person in charge at the unit|承办单位联系人或承办人
主办单位|lead unit of several|主办单位
协办单位|supporting units|协办单位
签收日期|day the unit signed for it|承办单位签收之日
要求报告日期|report asked by|要求报告结果的日期
办结期限|day by which it must be done, as the core counts it|办结期限
期限说明|from when, how many days, under which clause|起算、天数、依据条款
查处情况|the report|调查核实和查处情况
认定结论|finding|认定结论
处理意见|proposed treatment|处理意见
责任人处理意见|treatment of the persons responsible|对相关责任人处理意见
教训和整改|lessons and correction|应吸取的教训及整改措施
处理措施|measures taken|处理措施
办结日期|day the handling ended|办结之日
经办人|who reported|经办人
审核意见|review|审核情况
反馈内容|the answer as given|答复内容
反馈方式|how it was given|反馈方式
反馈日期|on which day|反馈之日
反馈人|by whom|反馈人
满意度|the complainant's mark|满意程度
意见建议|what the complainant suggests|投诉人的意见建议
不予受理理由|why it is not taken in|不予受理的理由
不予受理依据|under which clause|不予受理的依据
去处|where it may be taken instead|可以向何处反映
不予受理说明|what was explained|解释说明
不予受理日期|on which day|作出决定之日
送达方式|how a paper was served|送达方式
送达日期|on which day|送达之日
结案日期|day of closing|结案之日
归档日期|day of archiving|归档之日
保管期限|how long the file is kept|保管期限
卷内件数|how many papers in the file|卷内文件件数
"""
_LISTS = """
事项|facts of the case|登记和认定的事项|名称 内容
本制度栏目|columns of the book's own form that this sheet has not yet|制度规定而本表未列的栏目|名称 内容
审批记录|proposals, approvals, instructions|拟办、审批、批示|环节 姓名 职务 意见 日期
承办记录|assignments|承办单位及其办理|单位 角色 承办人 转办日期 签收日期 报告日期 摘要
办理进度|progress as reported|办理经过|日期 经办人 内容
期限表|clocks with their counts|各项期限|名称 起算 到期 状态 依据
催办记录|urges|历次催办|时间 次数 被催办单位 承办人 查处情况 进度
送达文书|papers to serve|送达的文书|名称 编号 日期
卷内目录|papers of the file|卷内文件|序号 题名 责任者 日期 编号 备注
"""


def _fields() -> dict[str, Field]:
    rows = [(*line.split("|"), "") for line in _TEXTS.strip().splitlines()] + [tuple(line.split("|")) for line in _LISTS.strip().splitlines()]
    return {name: Field(name, en, zh, tuple(columns.split())) for name, en, zh, columns in rows}


FIELDS = _fields()


def sample(*, full: bool) -> dict[str, object]:
    """Every field with a value, or every field empty: what a template is tried with."""
    row = {name: name if full else "" for name in FIELDS}
    return {name: [{column: column for column in field.columns}] * 2 if full else [] for name, field in FIELDS.items() if field.columns} | {
        name: value for name, value in row.items() if not FIELDS[name].columns
    }
