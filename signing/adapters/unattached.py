"""What stands where an outside system is not attached: every use says so, nothing is pretended."""

from signing.domain.errors import OutsideError
from signing.domain.party import NationalIdAnswer


class NoTextMessages:
    """``TextMessages``"""

    stand_in = False

    def send(self, phone: str, text: str) -> None:
        raise OutsideError("没有接入短信网关，验证码发不出去", "请联系您的客户经理；须由管理员接入短信网关后才能继续")


class NoNationalId:
    """``NationalId``"""

    stand_in = False

    def check(self, name: str, id_number: str) -> NationalIdAnswer:
        raise OutsideError("没有接入居民身份信息核验", "请由坐席核对后写明理由")
