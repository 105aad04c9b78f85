"""All that `huiyin rules check` looks for, in one table: what it finds and how to mend it."""

from cli.checks import keys, moments, rows, shape, use, vocabulary, ways, who
from cli.checks.base import Check

CHECKS: tuple[Check, ...] = (
    Check("tables", "不认识的表", "a table that no mechanism has", "改正表名,或查对照表", "mend the name: the reference of docs/rulebooks.md has them all", shape.tables),
    Check("clauses", "没有条款,或条款不在清单", "a row without a clause, or with one that the list lacks", "写明条款;原文没有的写 office = true", "cite the sentence, or write office = true", shape.cited),
    Check("list", "清单里没有状态、理由或要旨", "a clause without status, reason or gist", "补上 status 和 where 或 why,以及 zh、en", "fill in status with where or why, and zh, en", shape.listed),
    Check("acts", "没有的操作或代码", "an act or a code that does not exist", "从 docs/acts.md 取名;代码见 domain/codes.py", "take the name from docs/acts.md; codes are in domain/codes.py", shape.acts),
    Check("limits", "缺起止的期限、算不出的时限、没有的期限", "a term without start or end, a limit that cannot be counted, a term that does not exist", "写 from、until 和一个时间单位", "write from, until and one unit of time", shape.limits),
    Check("across", "台账各行缺项", "what the rows across cases lack", "照 docs/stories.md 的表补齐", "complete it from the table in docs/stories.md", shape.across),
    Check("keys", "没有此栏", "a key that the core does not know, in a row or in a table inside it", "改正栏名,见 huiyin rules schema", "mend the name: huiyin rules schema lists them", keys.unknown_keys),
    Check("effects", "无人执行的后果或选项", "a consequence or a choice that nobody implements", "改用所列的词", "take a word of those listed", vocabulary.effects),
    Check("conditions", "条件里没有的事项、比较或取值", "a condition about a fact, an operator or a value that does not exist", "改正名称,或补上该事项、选项", "mend the name, or add the fact or option", vocabulary.unknown_facts),
    Check("references", "指向没有的行", "a row that points to one the book does not have", "改正名称,或补上该行", "mend the name, or add the row", vocabulary.unknown_rows),
    Check("unreachable", "永远到不了的行", "a row that can never be reached", "把条件窄的行放在前面,或删去此行", "put the narrower row first, or take this one out", rows.unreachable),
    Check("impossible", "条件自相矛盾", "conditions that exclude each other", "改正 when、any、unless", "mend when, any, unless", rows.impossible),
    Check("overlap", "只能一行有效而两行同时成立", "two rows hold where only one can be meant", "补条件使之互斥;期限可列入同一 set,两个都要的写 beside", "let their conditions exclude each other; put terms into one set, or say beside where both are meant", rows.overlapping),
    Check("doubled", "重复的行", "the same row twice", "合为一行,两个条款写在一起", "make them one row with both clauses", rows.doubled),
    Check("endless", "没有可能的终点", "a term, secret or duty without a possible end", "让一个岗位有权办那件事,或改 until", "give a post the act that ends it, or change until", moments.endless),
    Check("startless", "永远不会开始", "a term, duty, notice or trigger that can never begin", "让一个岗位有权办那件事,或改 from、on", "give a post the act that starts it, or change from, on", moments.startless),
    Check("reminders", "起算之前或届满之后的提醒;不比原期限长的总计", "a reminder before the start or after the limit; a total no longer than the term", "改近提醒的时间,或加长总计", "bring the reminder nearer to the end, or lengthen the total", moments.reminders),
    Check("words", "指不到人的词", "a word that names nobody", "改为岗位、关系、单位或人员类事项", "write a post, a relation, a unit, or a fact that is a person or unit", who.nameless),
    Check("posts", "没有机构设有的岗位", "a post that no office has", "在机构文件 person 中安排人,或删去此岗位", "name somebody under person in an office file, or take the post out", who.unheld),
    Check("powerless", "无权的人被要求办事;无事的岗位", "people are asked for an act that none of them may do; an idle post", "在该岗位 may 中加上此操作,或改 by", "add the act to the post's may, or change by", who.powerless),
    Check("judge", "由本人决定对自己的处理", "somebody decides about themselves", "另定决定人", "name another decider", who.own_judge),
    Check("dead-ends", "没有出口的阶段", "a phase without a way out", "在岗位 may 中加上所缺的操作", "add the missing act to a post's may", ways.dead_ends),
    Check("skipped", "不经受理就可以处置", "a case that may be sent on without being accepted", '补前提:needs = ["event:accepted"];收到即受理的写 accept = "auto"', 'add a gate on what sends it on: needs = ["event:accepted"]; where receipt is acceptance, accept = "auto"', ways.skipped),
    Check("unmet", "永远不能满足的前提", "a need that nothing can meet", '改正前提;本来就不许的写 needs = ["never"]', 'mend the need; what is closed for good says needs = ["never"]', ways.unmet),
    Check("circles", "互相等待的操作", "acts that wait for each other", "去掉其中一个前提", "take one of the two needs away", ways.circles),
    Check("stuck", "挡住自己的待办", "a duty that blocks the way to itself", "改 blocks 为后面的操作", "let it block a later act", ways.stuck_duties),
    Check("asked", "填了无处使用,或无人能填", "a fact that is asked and used nowhere, or that nobody can set", "在文书栏目中写 from,或用在条件里,或删去", "show it as a column (from), use it in a condition, or take it out", use.idle_facts),
    Check("options", "永远不会有的选项", "an option that can never be", "补一行推导,或删去此项", "add a row that gives it, or take it out", use.idle_options),
    Check("unseen", "填了看不到的文书、谁也看不到的内容", "a form or content that nobody sees", "去掉阶段条件,补栏目,或改 only_to", "drop the phase, add columns, or change only_to", use.unseen),
    Check("figures", "没有一行读取的参数", "a parameter that no row reads", "用在期限或条件里,或删去", "use it in a limit or a condition, or take it out", use.idle_figures),
    Check("idle", "无人决定的措施、总是一个值的推导", "a measure that nobody decides, a fact that is always the same", "补 by,或改推导的条件", "add by, or mend the conditions", use.idle_rows),
)
