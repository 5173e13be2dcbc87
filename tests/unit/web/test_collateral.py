"""What the wire says of a lot reaches the case whole."""

from dataclasses import fields
from datetime import date

import pytest
from pydantic import ValidationError

from signing.domain.security import Collateral
from signing.web.routes.cases import collateral_of
from signing.wire.staff import NewCollateral

LOT = {
    "kind": "mortgage", "name": "林权", "quantity": "一宗", "marks": "小班 7", "condition": "良好", "place": "上杭县",
    "appraised_value": "260000.50",
}  # fmt: skip


def test_nothing_of_a_lot_is_left_off_the_wire() -> None:
    assert {one.name for one in fields(Collateral)} == set(NewCollateral.model_fields)


def test_a_rights_certificate_and_its_end_arrive() -> None:
    lot = NewCollateral.model_validate({**LOT, "certificate_no": " 闽(2026)林权第 7 号 ", "right_until": "2055-06-30"})
    found = collateral_of(lot)
    assert (found.certificate_no, found.right_until) == ("闽(2026)林权第 7 号", date(2055, 6, 30))


def test_a_right_without_end_or_certificate_needs_neither() -> None:
    found = collateral_of(NewCollateral.model_validate(LOT))
    assert (found.certificate_no, found.right_until) == ("", None)


@pytest.mark.parametrize("bad", [{"right_until": "soon"}, {"certificate_no": "9" * 101}])
def test_what_is_no_day_and_what_is_too_long_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NewCollateral.model_validate({**LOT, **bad})
