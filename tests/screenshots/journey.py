"""The pictures that the unattended demonstration takes of its own journey, by what is to be seen in them."""

import re

ENDS = {"phone": "客户手机", "window": "坐席窗口"}
TITLES = {
    "code": "短信验证码",
    "code-entered": "短信验证码已填",
    "consent_recording": "同意录音录像",
    "consent_face": "同意人脸信息",
    "consent_personal": "同意处理个人信息",
    "consent_credit": "同意查询征信",
    "precheck-start": "设备检测：开始",
    "precheck-look": "设备检测：看画面",
    "precheck-listen": "设备检测：听声音",
    "precheck-slow": "设备检测：网络慢",
    "queue": "排队",
    "id_front": "身份证人像面",
    "id_front-preview": "身份证人像面：核对照片",
    "id_back": "身份证国徽面",
    "id_back-preview": "身份证国徽面：核对照片",
    "await_identity": "等待身份核验",
    "disclosure": "风险告知",
    "reading": "阅读文书",
    "reading-last": "阅读文书：最后一页",
    "signing": "签名",
    "signing-drawn": "签名：已写",
    "signing-confirm": "签名：确认",
    "await_seal": "等待用印",
    "done": "领取文书",
    "ended": "业务已终止",
    "failed": "没有走完",
    "login-zhang": "登录",
    "idle": "空闲",
    "ringing": "振铃",
    "waiting-to-be-admitted": "当事人等候请入",
    "joint": "多人通话，共{}位",
    "dropped": "第{}位断线",
    "returned": "第{}位回到通话",
    "silent": "客户的手机断网",
    "identity": "身份核验",
    "signed": "签署完成",
    "proof": "挂断前核对",
    "ready-to-seal": "可以用印",
    "sealed": "已用印封存",
    "login-lin": "审计员登录",
    "audit-list": "审计：业务列表",
    "audit-replay": "审计：回放",
    "audit-tab": "审计：第{}页内容",
    "audit-verdict": "审计：验证结论",
}
_FILE = re.compile(r"(phone|window)-\d+-(.+)")


def title_of(stem: str) -> str:
    """In Chinese, of a file's name without its ending. Raises ``KeyError`` where nobody has given it one."""
    found = _FILE.fullmatch(stem)
    if found is None:
        raise KeyError(stem)
    end, name = ENDS[found[1]], found[2]
    if name.startswith("stuck-"):
        return f"{end}：停住了，{TITLES[name.removeprefix('stuck-')]}"
    if name in TITLES:
        return f"{end}：{TITLES[name]}"
    rest, _, number = name.rpartition("-")
    title = TITLES[rest]
    return f"{end}：{title.format(number)}" if "{}" in title else f"{end}：{title}（另一窗口）"
