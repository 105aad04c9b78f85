"""The closed list of acts: what may be asked, in which phases, with which fields, and which event answers (design, section 4)."""

from typing import NamedTuple

TEXT_LIMIT = 20_000
SEALED, SEALED_LIMIT = "v1.", 120_000  # how the API marks a text that it has sealed; what 20,000 characters become by sealing
PHASES = ("filed", "opinion", "handling", "review", "answering", "following", "closed")
OPEN = PHASES[:-1]


class Act(NamedTuple):
    """One act: its event, where it is legal, fields (name → kind, '*' = required), words, and who judges the actor."""

    event: str
    phases: tuple[str, ...]
    fields: dict[str, str]
    zh: str
    en: str
    judged: bool = False  # the act's own rule finds who may do it (chains, answers, duties), not the post's list


def _fields(text: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for word in text.split():
        name, _, kind = word.partition(":")
        known[name.rstrip("*")] = (kind or "text") + ("*" if name.endswith("*") else "")
    return known


def _phases(text: str) -> tuple[str, ...]:
    return {"open": OPEN, "any": PHASES, "ever": (*PHASES, "archived"), "none": ("none",)}.get(text) or tuple(text.split("+"))


_ROWS = """
file|filed|none|kind channel source facts:table respondents:list anonymous:flag real_name:flag has_contact:flag proxy:flag summary_sha identity digests:list attachments:list recording:table items:list forms:table reason source_person accusation:flag origin:table old_no|接到投诉|file
register|registered|filed+opinion|forms:table|登记|register
supplement|supplemented|open|reason facts:table respondents:list forms:table|补充材料|supplement
ask_once|asked_once|filed+opinion+handling|missing*:list note|一次性告知补充|ask once for what is missing
accept|accepted|filed|facts:table forms:table|受理|accept
refuse|not_accepted|filed|ground* reason basis route explanation facts:table|不予受理|refuse
guide|guided|filed+opinion+handling|where* reason* facts:table forms:table|引导|guide elsewhere
divert|diverted|open|to* reason* ends:flag|移送|divert
turn_into|turned_into|open|kind* reason|转为其他类别|turn into another kind
classify|classified|open|facts*:table reason|认定|classify
answer_on_the_spot|answered_on_the_spot|filed+opinion|text* satisfaction signature call_note facts:table finding mode measures|当场答复|answer on the spot
propose|proposed|open|opinion* chain facts:table unit reason|拟办|propose|judged
approve|approved|open|decision* opinion chain facts:table unit limit reason|审批|approve|judged
instruct|instructed|open|text* limit_on:date facts:table|批示|instruct
own|own|filed+opinion|opinion reason|自办|handle ourselves
transfer|transferred|filed+opinion+handling|unit person excerpt opinion means liaison lead:flag support:list report_by:date forms:table attachments:list|转办|transfer
assign|assigned|filed+opinion+handling|unit person excerpt opinion means liaison report_by:date form forms:table attachments:list|交办|assign
joint|joint|filed+opinion|lead* support*:list excerpt opinion report_by:date forms:table attachments:list|会同办理|handle jointly
submit|submitted|filed+opinion|person* excerpt opinion|呈报|submit
forward|forwarded|filed+opinion|unit* reason* excerpt opinion|转送|forward
sign_in|unit_received|handling|unit|签收|sign in
hand_back|returned|handling|reason* other_unit* unit|退单|hand back
hand_over|handed_over|handling|person* unit|移交承办人|hand over
tell_leader|leader_told|handling|reason* person|报告领导|tell the leader
do|done|any|duty* waived note called arrived told_at person participants satisfaction proof date text|办理待办|do a duty|judged
document|sent|any|form* fields:table facts:table medium signature reason|出具文书|draw up a document|judged
progress|progressed|handling|text*|报告进度|report progress
promise|promised|filed+opinion+handling|until*:date|承诺期限|promise a date
request_extension|extended|open|term unit why* until:date explained understood:flag mode|申请延期|ask for an extension
explain|explained|open|text* term to mode|说明情况|explain
conclude|concluded|handling|finding report* facts:table forms:table measures legal_basis unit evidence:list|办结报告|conclude
review|reviewed|review|items*:table remark|审核|review|judged
take_over|taken_over|handling+review|reason* unit|收回自办|take over
feedback|fed_back|answering+following+handling+review|text mode satisfaction signature call_note contents:table suggestions to facts:table|反馈答复|answer the complainant|judged
consent|consented|open|to* text|同意|consent
reply_to_source|replied_to_source|open|text*|回复来源单位|reply to the source|judged
report_up|reported_up|open|text* mode|上报结果|report upwards|judged
rate|rated|answering+following+closed|satisfaction text mode facts:table|评价|rate
reopen|reopened|following+closed|reason*|重新办理|reopen
urge|urged|handling+review|unit handler state progress note forms:table|催办|urge|judged
supervise|supervised|any|reason mode finding serious:flag text|督查|supervise|judged
order|order_issued|any|order* ground due_on:date basis demand|责令|order|judged
confirm|confirmed|any|order* proof*|确认整改|confirm a correction|judged
measure|measured|any|measure* value person amount:any declined reason|处理措施|measure|judged
publish|published|any|what* text*|公布|publish|judged
report|reported|any|what* to:list text forms:table|报告|report|judged
hold_item|item_held|any|kind* description* number amount custodian*|登记物品|register an item
hand_over_item|item_handed_over|any|item* to*|移交物品|hand over an item
return_item|item_returned|any|item* how* proof|退还物品|return an item
incident|incident_recorded|any|what* reported_to:list police_at outcome text|情况记录|record an incident
withdraw|withdrawal_wished|open|reason|申请撤回|ask to withdraw
settle_withdrawal|withdrawal_settled|open|own_wish*:flag reason*|核实撤回|settle a withdrawal
appeal|appealed|answering+following+closed|reason* way|申诉|appeal
serve|served|any|what* how proof date text facts:table|送达|serve|judged
comply|complied|any|order* text proof facts:table forms:table|回复整改|report compliance|judged
return_visit|return_visited|answering+following+closed|satisfaction note mode facts:table|回访|visit again|judged
redo|sent_back|handling+review+answering|reason* unit|责令重办|send back|judged
unmask|unmasked|any|to* what* reason consent|查阅保密内容|show what is closed
report_retaliation|retaliation_reported|any|text*|举报打击报复|report retaliation
add_material|material_added|any|sha* note|补交材料|add material
link|linked|any|relation* case*|关联|link
note|noted|any|text*|记事|note
disclose|disclosed|any|text* retaliation:flag|记录泄密|record a disclosure
recuse|recused_person|any|person* reason*|回避|recuse
substitute|substituted|any|for_person* by* from:date until:date|指定替代|substitute
reveal_contact|contact_revealed|open|to* reason* consent|告知联系方式|reveal the contact
correct|corrected|any|fact mark value*:any reason*|更正|correct
revise|revised|any|what* value*:any reason|修订|revise|judged
counted|counter|any|counter* subject count:any window fired|累计达到次数|a count was reached|judged
mark_unsent|notice_failed|ever|notice* since:date tries:any|通知未送达|mark a notice as not delivered|judged
mark_sent|notice_sent_late|ever|notice*|通知已补送|mark a late notice as delivered|judged
close|closed|answering+following|reason|结案|close
archive|archived|closed|forms:table note|归档|archive
"""


def _acts() -> dict[str, Act]:
    acts: dict[str, Act] = {}
    for line in _ROWS.strip().splitlines():
        name, event, phases, fields, zh, en, *judged = line.split("|")
        acts[name] = Act(event, _phases(phases), _fields(fields), zh, en, bool(judged))
    return acts


ACTS = _acts()
DISPOSITIONS = {"own": "own", "transfer": "transfer", "assign": "assign", "joint": "joint", "submit": "submit", "forward": "forward"}
