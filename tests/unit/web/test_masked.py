"""The last net: whose data is masked in whatever somebody has typed."""

from dataclasses import replace

import pytest

from signing.domain.case import Case, Ending
from signing.domain.helper import Helper
from signing.domain.party import Party, Role
from signing.service.snapshots import AuditSnapshot, EventPlace
from signing.service.store import StoredEvent
from signing.web.views.audit import audit_case
from signing.web.views.case import case_view
from signing.web.views.masked import masker_of
from tests.unit.web.samples import CASE, DIGEST, NOW, PARTY, case_snapshot

HELPER = Helper("赵村长", "村干部", "customer", NOW, "350823197001011234", "13900139001")
GONE = Party("party_9", Role.CO_BORROWER, "王小河", "35082319880808331x".upper(), "13900139002")
WRONG = Party(PARTY.party_id, PARTY.role, "王建园", "350823198808083123", "13900139003")
KNOWN = [
    *((one.name, one.id_number, one.phone) for one in (GONE, WRONG)),
    (HELPER.name, HELPER.id_number, HELPER.phone),
]


def whole() -> Case:
    parties = (replace(CASE.parties[0], helper=HELPER), *CASE.parties[1:])
    return replace(CASE, parties=parties, former_parties=(GONE,), put_right=(WRONG,))


@pytest.mark.parametrize("values", KNOWN)
def test_who_was_a_party_was_put_right_or_helps_is_masked(values: tuple[str, str, str]) -> None:
    text = "，".join(values)
    masked = masker_of(whole()).text(text)
    assert not [value for value in values if value in masked]
    assert masker_of(CASE).text(text) == text, "it is nobody of this case"
    spoken = masker_of(whole(), names=False).text(text)
    assert spoken.startswith(values[0])
    assert not [value for value in values[1:] if value in spoken]


def test_a_former_partys_helper_is_masked_too() -> None:
    case = replace(CASE, former_parties=(replace(GONE, helper=HELPER),))
    assert HELPER.phone not in masker_of(case).text(f"请拨 {HELPER.phone}")


def test_a_helper_without_a_number_masks_nothing() -> None:
    bare = replace(HELPER, id_number="", phone="")
    case = replace(CASE, parties=(replace(CASE.parties[0], helper=bare),))
    assert masker_of(case).text("手机号") == "手机号"


@pytest.mark.parametrize("values", KNOWN)
def test_no_typed_text_of_a_case_shows_them_to_staff(values: tuple[str, str, str]) -> None:
    typed = f"{values[0]} {values[1].lower()} {values[2]} 说不办了"
    case = whole()
    case = replace(
        case,
        abort_reason=typed,
        ending=Ending.ABORTED,
        parties=(replace(case.parties[0], refusal=typed), *case.parties[1:]),
        recordings=tuple(replace(one, lost_reason=typed) for one in case.recordings),
    )
    snapshot = replace(case_snapshot(), case=case)
    event = StoredEvent(1, NOW, {"kind": "system"}, "case.aborted", {"reason": typed}, DIGEST, b"{}")
    audited = audit_case(AuditSnapshot(snapshot, "张小明", [EventPlace(event, None, None)]))
    for shown in (case_view(snapshot).model_dump_json(), audited.model_dump_json()):
        assert "说不办了" in shown
        assert not [value for value in (*values, values[1].lower()) if value in shown]
