import pytest

from signing.domain.masking import mask_account, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"), [("王建国", "王*国"), ("王强", "王*"), ("欧阳建国", "欧**国"), ("王", "*"), ("", "")]
)
def test_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_numbers() -> None:
    assert mask_id_number("11010519491231002X") == "1101**********002X"
    assert mask_phone("13800138000") == "138****8000"
    assert mask_account("6217000000000000000") == "6217***********0000"


@pytest.mark.parametrize("short", ["", "1", "1234567"])
def test_what_is_too_short_is_hidden_whole(short: str) -> None:
    assert mask_phone(short) == "*" * len(short)
