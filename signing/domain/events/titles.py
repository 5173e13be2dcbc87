"""What happened, in Chinese, for people."""

from collections.abc import Mapping

TITLES = {
    "case.opened": "建立业务 {case_no}",
    "case.call_mode": "当事人改为{mode_title}",
    "case.aborted": "终止业务：{reason}",
    "document.frozen": "生成并冻结《{title}》",
    "document.signed": "{party}签署《{title}》",
    "document.sealed": "《{title}》加盖机构印章",
    "party.invited": "邀请{party}",
    "party.code_sent": "向{party}发送验证码",
    "party.code_proven": "{party}通过手机验证",
    "party.device_changed": "{party}换了一部手机继续办理",
    "party.link_renewed": "向{party}换发链接，原链接停用",
    "party.consent_given": "{party}同意：{kind_title}",
    "party.consent_refused": "{party}不同意：{kind_title}",
    "party.refused": "{party}拒绝办理",
    "party.precheck_passed": "{party}设备检查通过",
    "party.precheck_failed": "{party}设备检查未通过",
    "party.signed": "{party}签署完毕",
    "party.dialect_chosen": "{party}选择用{dialect_title}办理",
    "appointment.made": "为{party}预约 {window}",
    "appointment.cancelled": "取消{party}的预约 {window}：{reason}",
    "queue.joined": "{party}进入排队",
    "queue.rejoined": "{party}断线后回到队首",
    "queue.left": "{party}离开排队",
    "call.connected": "{seat}接通{party}",
    "call.joined": "{seat}接入{party}，加入通话",
    "call.rejoined": "{party}断线后回到通话",
    "call.held": "请{party}稍候，暂不参与通话",
    "call.resumed": "{party}恢复参与通话",
    "call.left": "{party}离开通话：{reason}",
    "call.dropped": "与{party}的通话中断",
    "call.ended": "挂断与{parties}的通话",
    "call.transfer_requested": "请{to_seat}接手通话：{reason}",
    "call.transfer_failed": "转接{to_seat}没有成功：{outcome}",
    "call.handed_over": "{seat}接手与{parties}的通话",
    "call.taken_over": "主管在{seat}接管与{parties}的通话：{reason}",
    "call.listening_started": "主管{supervisor}开始旁听",
    "call.listening_stopped": "主管{supervisor}结束旁听",
    "call.whisper_started": "主管{supervisor}开始对坐席耳语",
    "call.whisper_stopped": "主管{supervisor}结束对坐席耳语",
    "call.wrapped_up": "通话整理结束：{outcome_title}",
    "helper.declared": "{declared_by_title}登记{party}的协助人：{relation}{helper}",
    "helper.dismissed": "{party}不再由{relation}{helper}协助",
    "helper.stepped_aside": "坐席确认：{party}的协助人{helper}已回避",
    "helper.returned": "{party}的协助人{helper}回到画面",
    "identity.card_read": "读取{party}身份证{side_title}",
    "identity.national_id": "居民身份信息核验：{message}",
    "identity.snapshot": "抓拍{party}面部",
    "identity.accepted": "坐席确认{party}身份",
    "identity.rejected": "坐席未通过{party}身份",
    "disclosure.shown": "宣读告知第 {line} 条",
    "disclosure.answered": "{party}回答第 {line} 条：{answer_title}",
    "disclosure.completed": "{party}风险告知完成",
    "reading.page_shown": "{party}看到《{title}》第 {page} 页",
    "reading.completed": "{party}读完《{title}》",
    "recording.started": "开始录像",
    "recording.finished": "录像结束",
    "recording.verified": "录像回读完整",
    "recording.damaged": "录像回读发现损坏",
    "recording.lost": "声明录像遗失：{reason}",
    "risk.found": "风险规则“{rule_title}”{outcome_title}：{said}",
    "risk.cleared": "风险规则“{rule_title}”不再适用：{said}",
    "risk.acknowledged": "坐席已知悉风险提示“{rule_title}”：{said}",
    "risk.released": "主管放行“{rule_title}”（{said}）：{decision_reason}",
    "risk.returned": "主管退回“{rule_title}”（{said}）：{decision_reason}",
    "seal.requested": "申请用印",
    "package.closed": "证据包封存",
}


def title_of(type_: str, body: Mapping[str, object]) -> str:
    """What happened, in Chinese, for people; an unknown type is shown as it is."""
    template = TITLES.get(type_, type_)
    return template.format_map(_Gaps(body))


class _Gaps(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""
