"""The record of a case in its package: whatever a product asks for can be written down."""

import json
from datetime import date

import pytest

from signing.adapters.documents import catalogue
from signing.adapters.documents.checking import INSTITUTION, specimen_case
from signing.service.case_json import case_json


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("product_id", sorted(catalogue.products()))
def test_a_case_of_every_product_can_be_written_down(product_id: str, full: bool) -> None:
    product = catalogue.product(product_id)
    for mode in product.modes or (None,):
        case = specimen_case(product, full=full, mode=mode)
        record = json.loads(case_json(case, INSTITUTION))["case"]
        assert record["product_id"] == product_id
        assert len(record["collateral"]) == len(case.collateral)


def test_days_are_written_as_days() -> None:
    case = specimen_case(catalogue.product("crop_wildlife_insurance"))
    assert case.particulars.cover
    cover = json.loads(case_json(case, INSTITUTION))["case"]["particulars"]["cover"]
    assert date.fromisoformat(cover["valid_until"]) == case.particulars.cover.valid_until
    insured = json.loads(case_json(specimen_case(catalogue.product("cattle_mortgage_loan")), INSTITUTION))
    assert date.fromisoformat(insured["case"]["collateral"][0]["insurance"]["valid_until"])
