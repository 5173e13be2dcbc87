"""A product's form as the service gives it: one loan with guarantors, collateral and a business."""

from signing.wire.case import Role
from signing.wire.opening import FieldKind, FieldOption, FormField, FormGroup, ProductForm, RoleForm

MONEY = r"^[0-9]{1,12}(\.[0-9]{1,2})?$"


def field(key: str, title: str, kind: FieldKind = FieldKind.TEXT, **more: object) -> FormField:
    return FormField.model_validate({"key": key, "title": title, "kind": kind, **more})


def options(**titles: str) -> list[FieldOption]:
    return [FieldOption(value=value, title=title) for value, title in titles.items()]


PERSON = FormGroup(
    key="parties",
    title="当事人",
    many=True,
    fields=[
        field("role", "角色", FieldKind.CHOICE, options=options(borrower="借款人", guarantor="保证人")),
        field("name", "姓名", longest=60),
        field("id_number", "身份证号", FieldKind.ID_NUMBER),
        field("phone", "手机号", FieldKind.PHONE, pattern=r"^1[3-9][0-9]{9}$"),
        field("address", "地址", required=False, longest=200),
        field("share_percent", "保证份额（%）", FieldKind.NUMBER, required=False, when_key="role",
              when_values=["guarantor"]),
        field("helper.name", "协助人姓名"),
        field("helper.relation", "与客户的关系"),
        field("helper.phone", "协助人手机号", FieldKind.PHONE, required=False),
    ],
)  # fmt: skip
TERMS = FormGroup(
    key="",
    title="借款要素",
    fields=[
        field("amount", "金额", FieldKind.MONEY, unit="元", pattern=MONEY),
        field("term_months", "期限（月）", FieldKind.INTEGER),
        field("particulars.borrower_kind", "借款主体", FieldKind.CHOICE, required=False,
              options=options(person="自然人", cooperative="农民专业合作社")),
        field("particulars.first_time", "首贷", FieldKind.FLAG, required=False),
    ],
)  # fmt: skip
BUSINESS = FormGroup(
    key="particulars.business",
    title="经营主体",
    required=False,
    fields=[
        field("name", "经营主体名称", when_key="/particulars.borrower_kind", when_values=["cooperative"]),
        field("credit_code", "统一社会信用代码", FieldKind.CREDIT_CODE, when_key="/particulars.borrower_kind",
              when_values=["cooperative"]),
    ],
)  # fmt: skip
RENEWAL = FormGroup(
    key="particulars.renewal",
    title="续贷",
    required=False,
    fields=[
        field("contract_no", "原合同编号"),
        field("without_repayment", "无还本续贷", FieldKind.FLAG, required=False),
    ],
)
LOTS = FormGroup(
    key="collateral",
    title="担保财产",
    many=True,
    fields=[
        field("kind", "担保方式", FieldKind.CHOICE, options=options(pledge="质押")),
        field("name", "财产名称"),
        field("insurance.insurer", "保险人"),
        field("insurance.valid_until", "保险到期日", FieldKind.DATE),
    ],
)
FORM = ProductForm(
    product_id="some_loan",
    title="某种贷款",
    version="1",
    limits=[],
    roles=[
        RoleForm(role=Role.BORROWER, title="借款人", least=1, most=1),
        RoleForm(role=Role.GUARANTOR, title="保证人", least=0, most=2),
    ],
    person=PERSON,
    groups=[TERMS, BUSINESS, RENEWAL, LOTS],
)
NUMBER = "11010519491231002X"
