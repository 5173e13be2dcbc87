"""Where nothing is attached: it says so, and to each what they can do."""

import pytest

from signing.adapters.unattached import NoNationalId, NoTextMessages
from signing.domain.errors import OutsideError


def test_a_customer_whose_code_cannot_be_sent_is_sent_to_their_agent() -> None:
    """The words stand on the customer's own phone: a villager sets up no gateway."""
    with pytest.raises(OutsideError) as refused:
        NoTextMessages().send("13800138000", "x")
    assert refused.value.hint.startswith("请联系您的客户经理")
    assert "13800138000" not in refused.value.message


def test_an_identity_counts_as_unchecked() -> None:
    with pytest.raises(OutsideError, match="没有接入居民身份信息核验"):
        NoNationalId().check("王秀兰", "11010519491231002X")
