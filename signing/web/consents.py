"""What a customer is asked to agree to, each on a screen of its own, and the digest of its wording.

Sources: 个人信息保护法 arts. 13–17, 29–30; 人脸识别技术应用安全管理办法 (2025) arts. 4–10; 征信业管理条例 arts. 18–19;
反洗钱法 art. 34 (ten years).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from signing.domain.ledger import canonical
from signing.wire.case import ConsentKind
from signing.wire.phone import ConsentText


@dataclass(frozen=True)
class Wording:
    """``{institution}`` and ``{helpline}`` are filled in."""

    title: str
    paragraphs: tuple[str, ...]
    accept: str
    decline: str


WORDINGS: Mapping[ConsentKind, Wording] = {
    ConsentKind.RECORDING: Wording(
        "同意录音录像",
        (
            "接下来的视频办理，{institution}会全程录音录像，录下您的声音、图像和签字过程。",
            "网络中断时，您的手机会临时加密保存自己的画面和声音，只补传录像缺少的部分，随后自动删除。",
            "用途：证明这笔业务是您本人、自愿办理的。只用于本业务、监督检查和解决纠纷，不作其他用途。",
            "保存：加密保存，自业务关系结束起 10 年；有纠纷的，保存到纠纷解决。",
            "您可以不同意。不同意就不能通过视频办理，可以带身份证到网点柜台办理。",
        ),
        "我同意录音录像",
        "不同意，结束办理",
    ),
    ConsentKind.FACE: Wording(
        "单独同意：使用人脸信息",
        (
            "为了确认是您本人，{institution}想把视频里您的面部与身份证照片作一次比对。",
            "人脸信息属于敏感个人信息。比对结果只供客户经理参考，由人工作出决定，不会只凭机器判断。",
            "比对在本机构的电脑上进行，不提供给其他公司。抓拍的照片加密保存，自业务关系结束起 10 年。",
            "您可以不同意，不影响继续办理：客户经理会改用人工核对证件和提问的办法确认您的身份。",
        ),
        "我同意使用人脸信息",
        "不用人脸，改用其他办法",
    ),
    ConsentKind.PERSONAL_INFORMATION: Wording(
        "同意处理个人信息",
        (
            "为办理这笔业务，{institution}需要处理您的姓名、身份证号和证件照片、手机号、住址、收款账号、手写签名。",
            "用途：核实身份、订立和履行合同、履行反洗钱等法定义务。",
            "保存：自业务关系结束起至少 10 年（法律要求），到期删除。",
            "您有权查阅、复制、更正，也可以撤回同意。请拨打 {helpline}。撤回不影响之前已办的事项。",
            "不同意就不能办理这笔业务。",
        ),
        "我同意处理个人信息",
        "不同意，结束办理",
    ),
    ConsentKind.CREDIT_INQUIRY: Wording(
        "同意查询征信",
        (
            "您同意{institution}向金融信用信息基础数据库查询您的信用报告。",
            "用途：只用于审核这笔业务和这笔业务存续期间的贷后管理。",
            "您也同意把这笔业务的信息（包括逾期等不良信息）报送该数据库。",
            "接下来您还会看到《征信查询授权书》全文，由您阅读后签字，以授权书为准。",
            "不同意就不能办理这笔业务。",
        ),
        "我同意查询征信",
        "不同意，结束办理",
    ),
}


def consent_text(kind: ConsentKind, institution: str, helpline: str) -> ConsentText:
    """The wording as it is shown; ``sha256`` is that of its canonical JSON (RFC 8785) without the digest."""
    wording = WORDINGS[kind]
    shown: dict[str, object] = {
        "kind": kind.value,
        "title": wording.title,
        "paragraphs": [text.format(institution=institution, helpline=helpline) for text in wording.paragraphs],
        "accept": wording.accept,
        "decline": wording.decline,
    }
    return ConsentText.model_validate({**shown, "sha256": hashlib.sha256(canonical(shown)).hexdigest()})


def read_out(text: ConsentText) -> str:
    """What is said where it is read aloud."""
    return "\n".join([text.title, *text.paragraphs])


def shown_bytes(text: ConsentText) -> bytes:
    """What is kept of a wording: the canonical JSON that its ``sha256`` is the digest of."""
    return canonical(text.model_dump(mode="json", exclude={"sha256"}))
