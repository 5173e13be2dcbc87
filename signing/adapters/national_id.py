"""Stand-in for the resident identity register: knows the people it was told of, and can fail like the real one."""

from collections.abc import Mapping

from signing.domain.errors import OutsideError
from signing.domain.idcard import is_valid
from signing.domain.party import NationalIdAnswer


class StandInNationalId:
    """``NationalId``. ``people`` maps identity numbers to names; ``unreachable`` makes it time out."""

    stand_in = True

    def __init__(self, people: Mapping[str, str]) -> None:
        self._people = dict(people)
        self.unreachable = False

    def check(self, name: str, id_number: str) -> NationalIdAnswer:
        if self.unreachable:
            raise OutsideError("居民身份信息系统没有响应", "可稍后重试，或由坐席写明理由")
        known = self._people.get(id_number.upper())
        if known == name and is_valid(id_number):
            return NationalIdAnswer(True, "姓名与身份证号码一致（演示核验）", True)
        words = "库中无此号码" if known is None else "姓名与身份证号码不一致"
        return NationalIdAnswer(False, f"{words}（演示核验）", True)
