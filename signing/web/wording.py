"""Field names and validation problems in words a person understands."""

from collections.abc import Mapping, Sequence
from typing import Any

_FIELDS: Mapping[str, str] = {
    "active": "是否启用",
    "after": "接续位置",
    "aside": "协助人是否回避",
    "bars": "信号格数",
    "branch_id": "网点编号",
    "cause": "原因",
    "device": "设备标识",
    "dialect": "语言",
    "dialects": "语言",
    "end_calls": "是否结束通话",
    "ends_at": "结束时间",
    "figures": "线路数据",
    "frame_rate": "帧率",
    "gaps": "缺失的时段",
    "height": "高度",
    "may_delegate": "可否转委托",
    "message": "给客户看的话",
    "new": "新密码",
    "old": "原密码",
    "products": "产品",
    "reference": "外部编号",
    "relation": "与客户的关系",
    "required": "是否必须",
    "since": "变动时间",
    "starts_at": "开始时间",
    "text": "搜索内容",
    "until": "恢复时间",
    "user_agent": "浏览器说明",
    "what": "要查看的内容",
    "account": "收款账号",
    "accepted": "核验结论",
    "address": "地址",
    "amount": "金额",
    "appraised_value": "评估价值",
    "annual_rate_percent": "年利率",
    "answer": "回答",
    "call_id": "通话编号",
    "camera": "摄像头检测结果",
    "capability": "链接",
    "case_id": "业务编号",
    "code": "验证码",
    "collateral": "担保财产",
    "condition": "状况",
    "document_id": "文书编号",
    "duration_seconds": "录制时长",
    "ended_at": "结束时间",
    "granted": "是否同意",
    "insurance": "保险",
    "insurer": "保险人",
    "id_number": "身份证号",
    "kind": "种类",
    "line": "话术行号",
    "loudspeaker": "扬声器检测结果",
    "mandate": "委托内容",
    "marks": "标识",
    "matter": "委托事项",
    "microphone": "麦克风检测结果",
    "milliseconds": "停留时间",
    "held": "是否等候",
    "muted": "是否静音",
    "joint": "是否共同办理",
    "mode": "办理方式",
    "name": "姓名",
    "note": "备注",
    "on": "是否开启",
    "on_screen": "屏幕上的页码",
    "outcome": "办理结果",
    "released": "放行或退回",
    "rule": "风险规则",
    "requeue": "是否重新排队",
    "added": "新增的当事人",
    "corrected": "更正的当事人",
    "removed": "去掉的当事人",
    "in_person_reason": "放行理由",
    "index": "分段序号",
    "to_seat_id": "接手的席位",
    "transfer_id": "转接编号",
    "seat_id": "席位编号",
    "available": "是否空闲",
    "network": "网络检测结果",
    "number": "页码",
    "page": "页码",
    "pages": "页",
    "place": "存放地点",
    "policy_no": "保险单号",
    "quantity": "数量",
    "scope": "委托权限",
    "share_percent": "保证份额",
    "sum_insured": "保险金额",
    "valid_from": "起始日",
    "valid_until": "到期日",
    "parties": "当事人",
    "party_id": "当事人编号",
    "password": "密码",
    "phone": "手机号",
    "presence": "状态",
    "product_id": "产品",
    "purpose": "借款用途",
    "q": "搜索内容",
    "reason": "理由",
    "round_trip_ms": "网络往返时间",
    "recording_id": "录像编号",
    "repayment_method": "还款方式",
    "role": "角色",
    "segments": "录像分段",
    "sha256": "文件摘要",
    "side": "证件面",
    "size": "大小",
    "started_at": "开始时间",
    "strokes": "签名笔迹",
    "term_months": "期限",
    "text_sha256": "告知文本摘要",
    "ticket_id": "排队号",
    "token": "登录凭证",
    "type": "消息类型",
    "username": "用户名",
    "width": "宽度",
    "x": "笔迹位置",
    "y": "笔迹位置",
    "x-captured-at": "拍摄时间",
    "x-segment-chain": "录像分段链值",
    "x-segment-sha256": "录像分段摘要",
    "x-segment-start": "录像分段开始时间",
}

_PROBLEMS: Mapping[str, str] = {
    "missing": "没有填写",
    "extra_forbidden": "不是可识别的内容",
    "string_pattern_mismatch": "格式不正确",
    "string_type": "应为文字",
    "bool_type": "应为“是”或“否”",
    "bool_parsing": "应为“是”或“否”",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "enum": "不在可选范围内",
    "literal_error": "不在可选范围内",
    "union_tag_invalid": "不是可识别的消息",
    "union_tag_not_found": "没有说明消息类型",
    "json_invalid": "不是正确的 JSON",
    "model_attributes_type": "格式不正确",
    "timezone_aware": "应带时区",
    "terms_incomplete": "中的金额、年利率、期限、还款方式、借款用途和收款账号须全部填写；不是借款的，全部不填",
}


def field_in_words(location: Sequence[str | int]) -> str:
    """``("body", "parties", 0, "phone")`` → ``第 1 个当事人的“手机号”``."""
    names = [part for part in location if isinstance(part, str) and part not in ("body", "path", "query", "header")]
    indexes = [part for part in location if isinstance(part, int)]
    if not names:
        return "内容"
    said = f"“{_FIELDS.get(names[-1].lower(), names[-1])}”"
    if len(names) > 1 and indexes:
        return f"第 {indexes[0] + 1} 个{_FIELDS.get(names[0], names[0])}的{said}"
    return said


def problem_in_words(kind: str, context: Mapping[str, Any]) -> str:
    least, most = context.get("min_length", 1), context.get("max_length", "")
    if kind in ("string_too_short", "too_short") and least == 1:
        return _PROBLEMS["missing"]
    lengths = {
        "string_too_short": f"太短，至少 {least} 个字",
        "string_too_long": f"太长，至多 {most} 个字",
        "too_short": f"太少，至少 {least} 个",
        "too_long": f"太多，至多 {most} 个",
    }
    if kind in lengths:
        return lengths[kind]
    for key, words in (("ge", "不能小于"), ("gt", "应大于"), ("le", "不能大于"), ("lt", "应小于")):
        if key in context:
            return f"{words} {context[key]}"
    return _PROBLEMS.get(kind, "格式不正确")
