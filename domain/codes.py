"""Every refusal code: its HTTP class, what it says and what to do next, in both languages. Codes are unique and never reused."""

from typing import NamedTuple


class Code(NamedTuple):
    """One refusal: status of the answer, text and remedy in Chinese and English."""

    status: int
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


def _table(text: str) -> dict[str, Code]:
    codes: dict[str, Code] = {}
    for line in text.strip().splitlines():
        code, status, zh, en, remedy_zh, remedy_en = (part.strip() for part in line.split("|"))
        if code in codes:
            raise ValueError(f"code {code} stands twice")
        codes[code] = Code(int(status), zh, en, remedy_zh, remedy_en)
    return codes


CODES = _table("""
malformed|422|报文无法读取|The message cannot be read|请检查后重新提交|Check it and send it again
undecryptable|422|报文无法解密|The message cannot be decrypted|请由系统管理员检查密钥|Ask the administrator to check the keys
unsigned_act|403|没有有效的签名声明|No valid actor statement|此行为未办成,请再办一次;仍被拒绝的,请系统管理员运行 huiyin doctor 查看密钥一行|The act was not done: repeat it; where that is refused too, an administrator runs huiyin doctor and looks at the keys
unknown_act|422|没有这种操作|No such act|见操作清单|See the list of acts
not_filed|409|尚未收件|Nothing has been filed yet|请先登记投诉|File the complaint first
already_filed|409|已经收件|Already filed|请查看原件|Look at the case filed first
archived|409|已归档,不再办理|The case is archived|如有新情况,请另行提出|File anew if there is something new
wrong_phase|409|当前阶段不能办理此事|Not open in this phase|请看本件当前阶段可办的事|See what may be done in the present phase
received_ahead|422|收件时间晚于现在|The time of receipt lies ahead|请更正收件时间|Correct the time of receipt
received_too_old|422|收件时间过早,须说明理由|Receipt lies too far back without a reason|请填写理由和经手人|Give the reason and the person
before_in_force|422|制度尚未施行|The rulebook is not yet in force|请选择适用的制度|Choose the rulebook in force
book_lapsed|422|制度已失效|The rulebook has lapsed|请选择现行制度|Choose the rulebook in force
unit_not_bound|422|本制度不适用于该单位|The rulebook does not bind this unit|请选择适用的制度|Choose the rulebook that binds it
param_missing|422|本单位尚未填写制度所需的参数|The office has not supplied what the text leaves open|请先在机构文件 param 中填写|Supply it under param in the office file
written_form_needed|422|须有书面形式|It must be in writing|请补书面投诉|Attach the written complaint
book_incomplete|422|制度文本缺失主要内容|The text lacks a main figure|请先补全参数|Supply the missing figure first
not_your_act|403|您的岗位无权办理此事|Your post may not do this|请交由有权的岗位办理|Hand it to a post that may
not_known|403|没有此人|No such person in the office|请核对人员名册|Check the list of people
recused|403|应当回避|You must withdraw from this case|请由替代人员办理|A substitute must act
own_work|403|不得审核自己经办的事|Nobody reviews their own work|请由他人审核|Somebody else must review
field_missing|422|缺少必填内容|A required field is missing|请补填所列各项|Fill in the fields listed
field_invalid|422|填写内容不符合要求|A field has a wrong value|请按说明更正|Correct it as described
field_unknown|422|没有这个栏目|No such field|请删去该栏目|Remove that field
field_too_long|422|内容过长|A field is too long|请精简,长文请作附件|Shorten it, or attach it
value_undefined|422|没有这个选项|No such option|请从所列选项中选择|Choose one of the options
not_yours_to_set|403|此项不由您认定|This is not yours to set|请由有权认定的岗位填写|The post named must set it
reason_missing|422|须说明理由|A reason is needed|请填写理由|Give the reason
fact_missing|422|尚有事项未认定|A fact is not settled yet|请先认定所列事项|Settle the facts listed first
too_late_to_set|409|已过认定阶段|The time to set this has passed|请用更正办理|Use a correction
kind_not_in_book|422|本制度不办理此类事项|The rulebook has no such kind|请选择所列类别|Choose a kind listed
channel_not_listed|422|本制度没有此渠道|The rulebook has no such channel|请选择所列渠道|Choose a channel listed
source_not_in_book|422|本制度没有此来源|The rulebook has no such source|请选择所列来源|Choose a source listed
recording_before_notice|422|未先告知即开始录音|Recording began before the notice|请先告知后录音|Tell first, then record
incomplete|409|投诉要素不全,暂不受理|Required facts are missing, held|请一次性告知投诉人补齐|Ask the complainant once for all that is missing
out_of_scope|422|不属于受理范围|Outside the scope|请作不予受理并告知途径|Refuse it and tell the proper way
invalid_complaint|422|无效投诉|Invalid complaint|请作不予受理并做好解释|Refuse it with an explanation
no_factual_basis|422|没有事实依据|No factual basis|请说明理由和依据|Give reason and basis
refusal_not_open|409|不具备不予受理的情形|There is no ground to refuse|应当受理|Accept it
turns_into|409|应转为其他类别办理|It must be turned into another kind|请转为所列类别|Turn it into the kind named
refusal_without_reason|422|不予受理须说明理由、依据和途径|A refusal needs its reason and route|请补填所列各项|Fill in the fields listed
approval_missing|409|尚未经审批|Not yet approved|请等待所列人员审批|Wait for the approver named
approval_refused|409|审批未通过|The approval was refused|请重新拟办|Propose anew
out_of_turn|409|未到您审批|It is not your turn yet|请等前一环节完成|Wait for the step before
not_approver|403|您不是审批人|You are not an approver here|请由所列人员审批|The person named must decide
already_decided|409|已经审批|Already decided|无需重复审批|Nothing left to decide
wrong_medium|422|文书形式不符合要求|It needs another form|请采用所列形式|Use a form that is listed
unsigned|422|尚未签字|It is not signed|请当事人签字;拒签的注明理由|Have it signed, or note the refusal with its reason
not_heard|409|尚未听取陈述申辩|Nobody has been heard|请先听取意见|Hear them first
out_of_range|422|超出规定幅度|Outside the range of the text|请在规定幅度内决定|Decide within the range
opinion_missing|422|缺少处理意见|The handling opinion is missing|请附处理意见|Attach the opinion
excerpt_missing|422|转办须附摘要|A transfer needs an excerpt|请填写给承办单位看的摘要|Write the excerpt the unit will see
unit_without_contact|409|承办部门没有联系人|The unit has no liaison|请先在名册中确定联系人|Name its liaison first
wrong_addressee|422|不得交给此对象|Not to this addressee|请交给所列对象|Send it to the addressee named
route_closed|409|此件不能这样办理|This way is closed for the case|请按所列途径办理|Take the way named
unit_unknown|422|没有这个单位|No such unit|请核对单位名册|Check the list of units
no_due_date|422|须写明期限|A date is needed|请填写报告期限|Give the date
already_sent|409|该单位正在承办|The unit has it in hand already|请等待该单位报告结果|Wait for its report
not_received|409|尚未签收|Not yet received|请先签收|Sign in first
no_assignment|409|没有可办的承办事项|There is no open assignment|请核对承办单位|Check the unit
return_closed|409|不能退回|It cannot be returned|请说明情况后继续办理|Go on and explain
not_held_by_you|403|此事不在您手中|This is not in your hands|请由承办单位办理|The unit in charge must act
duty_open|409|尚有应办之事未办|A duty is still open|请先办结所列事项|Do what is listed first
no_such_duty|409|没有这项待办|No such open duty|请核对待办事项|Check the open duties
wrong_person|403|此事应由他人办理|Somebody else must do this|请由所列人员办理|The person named must act
form_missing|409|尚缺文书|A document is missing|请先出具所列文书|Draw up the document listed
not_done_before|409|前一环节尚未完成|The step before is not done|请先完成所列环节|Do the step listed first
no_extension|409|本期限不得延长|This term has no extension|请在期限内办结|Finish within the term
too_late|409|已过申请时限|Asked too late|逾期不得再申请|It had to be asked before expiry
over_cap|422|超过最长期限|Beyond the longest term allowed|请缩短延期|Shorten the extension
not_told|422|须先向投诉人说明情况|The complainant was not told|请先说明情况|Explain it first
outside_window|409|不在可以提出的期间内|Outside the time in which it may be asked|请另行说明情况,由人员判断|Explain it, for a person to judge
too_early|409|尚未到可以办理的日期|The day has not come yet|请到期后再办|Do it after the day named
words_barred|422|不得以此类用语回绝|These words may not be used to turn people away|请改写答复|Put the answer in other words
twice|409|已延长过|Already extended|不得再次延长|No second extension
unapproved|409|延期未经批准|The extension is not approved|请先报批|Get it approved first
why_not_listed|422|不是制度所列的延期事由|Not a reason the text allows|请选择所列事由|Choose a reason listed
finding_missing|422|缺少调查结论|The finding is missing|请填写调查结论|State the finding
no_evidence|422|缺少依据材料|The evidence is missing|请附材料|Attach the material
not_fed_back|409|尚未答复投诉人|The complainant has no answer yet|请先反馈|Give the answer first
not_concluded|409|尚未办结,不能审核|Nothing concluded to review yet|请等承办人报告结果|Wait for the report
item_open|422|审核项目未逐项填写|An item of the review is open|请逐项填写|Answer each item
not_yet_reviewed|409|尚未审核|Not reviewed yet|请先审核|Review it first
wrong_giver|403|不应由您答复|The answer is not yours to give|请由所列人员答复|The person named must answer
consent_missing|403|未经同意|Consent is missing|请先征得同意|Get the consent first
content_missing|422|答复内容不全|The answer lacks a required part|请补填所列各项|Add the parts listed
unsatisfied_open|409|客户尚未满意,不能结案|Not closed while the customer is not satisfied|请继续处理,或按规定报批后结案|Go on with it, or get the exit approved
satisfaction_missing|422|未注明满意度|The satisfaction is not noted|请注明满意度|Note the satisfaction
nothing_to_answer|409|没有应作的答复|There is no answer due|请核对本件状态|Check the case
mode_not_listed|422|没有这种答复方式|No such way of answering|请选择所列方式|Choose a way listed
urge_fields_missing|422|催办单内容不全|The urging record is incomplete|请填写案情和进度|Fill in state and progress
nothing_to_urge|409|没有可催办的事项|There is nothing to urge|请核对承办情况|Check the assignments
not_supervisable|409|此件不属督查范围|Not open to supervision|仅转办件可督查|Only transferred cases are supervised
no_such_order|422|没有这种指令|No such order|请选择所列指令|Choose an order listed
order_not_open|409|没有待纠正的指令|No such order is open|请核对指令|Check the orders
not_issuer|403|您无权发出或确认|You may not issue or confirm it|请由所列岗位办理|The post named must act
proof_missing|422|缺少凭证|The proof is missing|请附凭证|Attach the proof
measure_barred|409|依调查结论不得采取此措施|The finding bars this measure|请核对调查结论|Check the finding
not_verified|409|尚未查实|Not verified yet|请先查实|Verify it first
no_decider|409|没有确定决定人|No decider is named|请先确定决定人|Name the decider
not_publishable|409|此项不得公开|This may not be published|请核对公开范围|Check what may be published
items_open|409|尚有现金或原件未退还|Cash or originals are not returned yet|请先办理退还|Return them first
no_such_item|422|没有这件物品|No such item|请核对登记|Check the register
no_proof|422|退还须有凭证号|The return needs its proof number|请填写挂号信号码|Give the registered-mail number
contents_missing|409|卷宗材料不全|The file lacks a document|请补齐所列材料|Add what is listed
nothing_withdrawn|409|没有撤回申请|Nobody asked to withdraw|请核对|Check the case
secret|403|依规定保密|Kept secret under the rules|如确需知悉,请依程序申请|Ask by the proper way
no_such_mark|422|没有这个时间可更正|No such instant to correct|请核对|Check the name
unknown_revision|422|没有这种修订|No such revision|仅限日历、机构、人员、密钥|Calendar, office, people or keys only
post_vacant|409|所需岗位空缺|The post is vacant|请先任命或指定替代人|Appoint or substitute first
incident_unlisted|422|没有这种情形|No such incident|请选择所列情形|Choose one listed
link_self|422|不能关联自身|A case cannot be linked to itself|请核对案件|Check the case
no_such_notice|422|本件没有这条通知|The case has no such notice|请核对通知编号|Check the key of the notice
notice_settled|409|该通知的状态已有记录|What became of this notice is recorded already|无需重复记录|Nothing left to record
no_such_entry|422|台账没有这一条|The ledger has no such entry|请核对台账|Check the ledger
no_such_proposal|422|没有这项建议|No such proposal|请核对待决事项|Check what is proposed
nothing_due|409|本期没有此项定期工作|Nothing of this kind is due|请核对周期|Check the period
already_done|409|已经办理|Already done|无需重复办理|Nothing left to do
not_in_population|409|不在抽取范围内|Not among those drawn from|请核对抽取范围|Check the population
no_supervisor|409|没有独立的监督人|No independent supervisor|请指定不参加检查的监督人|Name one who does not inspect
legal_hold|409|档案已暂停销毁|The file is under a hold|请先解除|Lift the hold first
version_pending|409|已有待确认的版本|A proposal waits already|请先由另一人确认,或撤回|Let somebody else confirm it, or withdraw it
version_not_pending|409|没有待确认的版本|No proposal waits|请先提出(huiyin rules publish)|Put one forward first (huiyin rules publish)
version_unchanged|409|与该日施行的版本相同|The same text and days as the version in force on that day|无需再公布|Nothing is left to publish
version_hash|409|内容校验值与待确认的版本不符|The content hash is not that of the proposal|请核对全文后重新输入,至少前16位|Compare the text, then give its hash again, at least 16 characters
version_dates|422|施行起止日期不合要求|The days of validity cannot stand|请用 --from 写明首日,如 2027-01-01;止日不得早于起日或今天;已有版本的,起日不得早于今天|Give the first day with --from, as 2027-01-01; the last not before the first or today; after a version, the first not before today
same_person|403|须由提出人以外的人确认|Somebody other than the proposer must confirm|请另一位负责人核对全文后确认|Let another person in charge read and confirm it
not_publisher|403|您无权公布制度|You may not publish rulebooks|请由所列人员办理,或在机构文件 [office] publishers 中列明|The people listed may, or name them as publishers under [office]
book_unsound|422|制度或机构文件还有问题|Rulebook or office file has findings|请先改正所列各项(huiyin rules check、office check)|Mend what is listed first (huiyin rules check, office check)
no_version_in_force|422|收件之日没有施行的制度版本|No published version was in force on the day of receipt|请由两人公布适用于该日的版本(huiyin rules publish)|Let two people publish the version of that day (huiyin rules publish)
report_addressee|422|报告对象不全|An addressee is missing|请补齐所列对象|Add the addressees listed
""")


def text_of(code: str, lang: str = "zh") -> str:
    """What a refusal says; an unknown code says itself."""
    known = CODES.get(code)
    return code if known is None else (known.zh if lang == "zh" else known.en)
