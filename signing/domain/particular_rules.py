"""Rules about a case's particulars: each refuses what its product asks for and the case lacks.

Nothing is taken for granted: what a product does not ask about must not be stated either.
"""

from datetime import date

from signing.domain import creditcode
from signing.domain.case import Terms
from signing.domain.errors import RuleBroken
from signing.domain.particulars import (
    BORROWER_TITLES,
    INDUSTRY_TITLES,
    MODE_TITLES,
    PARTNER_TITLES,
    WITH_BUSINESS,
    BorrowerKind,
    BridgedLoan,
    Business,
    Cooperation,
    CreditInquiry,
    CropCover,
    FiscalCertificate,
    Industry,
    Particulars,
    Renewal,
)
from signing.domain.product import LENDER_TITLES, LenderKind, LoanRules, Product


def check_particulars(product: Product, terms: Terms | None, given: Particulars, day: date, lender: LenderKind) -> None:
    """``day``: the case's, in Beijing. Raises ``RuleBroken`` named after the rule."""
    _check_lender(product, lender)
    _check_borrower(product, given.borrower_kind)
    _check_business(product, given.borrower_kind, given.business)
    _check_mode(product, given.cooperation)
    _check_cover(product, given.cover, day)
    _check_inquiry(product, given.inquiry, day)
    loan = product.loan
    _check_industry(loan, terms, given.industry)
    _check_certificate(loan, given.certificate, day)
    _check_bridged(loan, terms, given.bridged)
    _check_revolving(loan, terms, given.revolving_months)
    _check_renewal(loan, given)


def _check_lender(product: Product, lender: LenderKind) -> None:
    if lender not in product.lender_kinds:
        allowed = "、".join(LENDER_TITLES[kind] for kind in product.lender_kinds)
        raise RuleBroken("lender_kind", f"{product.title}只由{allowed}办理", "请换一个产品，或请管理员核对机构种类")


def _check_borrower(product: Product, kind: BorrowerKind) -> None:
    if product.borrower_kinds and kind not in product.borrower_kinds:
        allowed = "、".join(BORROWER_TITLES[one] for one in product.borrower_kinds)
        raise RuleBroken("borrower_kind", f"{product.title}只借给{allowed}", "请写明借款主体，或换一个产品")
    if product.loan is None and kind is not BorrowerKind.PERSON:
        raise RuleBroken("borrower_kind", f"{product.title}没有借款主体", "请删去借款主体")


def _check_business(product: Product, kind: BorrowerKind, business: Business | None) -> None:
    if kind in WITH_BUSINESS and business is None:
        told = f"{BORROWER_TITLES[kind]}须写明经营主体的名称和统一社会信用代码"
        raise RuleBroken("business", told, "请按营业执照补充")
    if business is None:
        return
    if kind not in WITH_BUSINESS or product.loan is None:
        raise RuleBroken("business", f"{BORROWER_TITLES[kind]}没有经营主体", "请删去经营主体，或修改借款主体")
    if not business.name.strip() or not creditcode.is_valid(business.credit_code):
        raise RuleBroken("business", "经营主体的统一社会信用代码校验不通过", "请按营业执照核对名称和 18 位代码")


def _check_mode(product: Product, cooperation: Cooperation | None) -> None:
    allowed = "、".join(MODE_TITLES[mode] for mode in product.modes)
    if not product.modes:
        if cooperation is not None:
            raise RuleBroken("mode", "本产品不分合作模式", "请删去合作模式")
        return
    if cooperation is None or cooperation.mode not in product.modes:
        raise RuleBroken("mode", f"{product.title}须是下列模式之一：{allowed}", "请选择合作模式")
    partner = PARTNER_TITLES.get(cooperation.mode)
    if partner and not cooperation.partner.strip():
        title = MODE_TITLES[cooperation.mode]
        raise RuleBroken("mode_partner", f"“{title}”模式须写明{partner}", f"请补充{partner}的全称")
    if not partner and cooperation.partner.strip():
        raise RuleBroken("mode_partner", f"“{MODE_TITLES[cooperation.mode]}”模式没有合作方", "请删去合作方")


def _check_industry(loan: LoanRules | None, terms: Terms | None, industry: Industry | None) -> None:
    limits = {limit.industry: limit.amount_max for limit in loan.industries} if loan else {}
    if industry is None and not limits:
        return
    if industry not in limits:
        if not limits:
            raise RuleBroken("industry", "本产品不分行业", "请删去行业")
        allowed = "、".join(INDUSTRY_TITLES[one] for one in limits)
        raise RuleBroken("industry", f"须写明行业：{allowed}", "请选择行业")
    assert industry is not None
    if terms is not None and terms.amount > limits[industry]:
        told = f"{INDUSTRY_TITLES[industry]}的金额不得超过 {limits[industry]:,} 元"
        raise RuleBroken("industry_amount", told, "请减少金额，或核对行业")


def _check_certificate(loan: LoanRules | None, certificate: FiscalCertificate | None, day: date) -> None:
    wanted = loan is not None and loan.certificate
    if certificate is None:
        if wanted:
            raise RuleBroken("fiscal_certificate", "须有财政支持证明", "请补充证明的编号、出具机关和起止日期")
        return
    if not wanted:
        raise RuleBroken("fiscal_certificate", "本产品不需要财政支持证明", "请删去该证明")
    if not certificate.issued_on <= day <= certificate.valid_until:
        days = f"{certificate.issued_on} 至 {certificate.valid_until}"
        raise RuleBroken("fiscal_certificate", f"财政支持证明不在有效期内（{days}）", "请向财政部门换领有效的证明")


def _check_bridged(loan: LoanRules | None, terms: Terms | None, bridged: BridgedLoan | None) -> None:
    """A bridging loan goes to the one account where the one loan is repaid, and is no more than what is owed there."""
    if loan is None or not loan.bridging:
        if bridged is not None:
            raise RuleBroken("bridged_loan", "本产品不是应急还贷", "请删去待归还的贷款")
        return
    if bridged is None:
        raise RuleBroken("bridged_loan", "须写明待归还的那一笔贷款", "请补充贷款人、合同编号、还款账号、余额和到期日")
    if terms is None:
        return
    if terms.account != bridged.account:
        raise RuleBroken("bridged_account", "款项只能发放到待归还贷款的还款账号", "请把收款账号改为该还款账号")
    if terms.amount > bridged.outstanding:
        told = f"金额不得超过待归还贷款的余额 {bridged.outstanding:,} 元"
        raise RuleBroken("bridged_amount", told, "请减少金额")
    if bridged.contract_no not in terms.purpose:
        wanted = f"归还{bridged.lender}编号{bridged.contract_no}的贷款"
        raise RuleBroken("bridged_purpose", "唯一用途须是归还这一笔贷款", f"借款用途请写：{wanted}")


def _check_revolving(loan: LoanRules | None, terms: Terms | None, months: int | None) -> None:
    most = loan.revolving_months_max if loan else None
    if most is None:
        if months is not None:
            raise RuleBroken("revolving_term", "本产品不能循环使用", "请删去循环期限")
        return
    if months is None or not 1 <= months <= most:
        raise RuleBroken("revolving_term", f"须写明循环期限，不超过 {most} 个月", "请修改循环期限")
    if terms is not None and terms.term_months > months:
        raise RuleBroken("revolving_term", f"借款期限不得超过循环期限 {months} 个月", "请缩短借款期限")


def _check_renewal(loan: LoanRules | None, given: Particulars) -> None:
    renewal: Renewal | None = given.renewal
    if loan is None:
        if given.first_time or renewal is not None:
            raise RuleBroken("renewal", "不是借款的业务没有首贷和续贷", "请删去首贷、续贷标记")
        return
    if renewal is None:
        return
    if loan.bridging:
        told = "应急还贷只归还写明的那一笔贷款，不能同时登记为续贷"
        raise RuleBroken("renewal", told, "请删去续贷标记；要续贷的，请换一个产品")
    if given.first_time:
        raise RuleBroken("first_time", "同一笔借款不能既是首贷又是续贷", "请只选一项")
    if not renewal.contract_no.strip():
        raise RuleBroken("renewal", "续贷须写明原借款合同的编号", "请补充原合同编号")
    if renewal.without_repayment and not loan.renewal_without_repayment:
        raise RuleBroken("renewal_without_repayment", "本产品不能无还本续贷", "请先归还原借款本金，或换一个产品")


def _check_cover(product: Product, cover: CropCover | None, day: date) -> None:
    wanted = product.cover
    if wanted is None or cover is None:
        if cover is not None:
            raise RuleBroken("cover", "本产品不是保险", "请删去投保内容")
        if wanted is not None:
            raise RuleBroken("cover", "须写明投保作物、面积、保险金额、保险费和保险期间", "请补充投保内容")
        return
    if cover.area_mu <= 0 or (wanted.area_max is not None and cover.area_mu > wanted.area_max):
        most = "" if wanted.area_max is None else f"、不超过 {wanted.area_max:,} 亩"
        raise RuleBroken("cover_area", f"投保面积须大于零{most}", "请修改投保面积")
    if cover.sum_insured <= 0 or not 0 < cover.premium <= cover.sum_insured:
        raise RuleBroken("cover_sum", "保险金额和保险费须大于零，保险费不超过保险金额", "请修改保险金额或保险费")
    if wanted.per_mu_max is not None and cover.sum_insured > cover.area_mu * wanted.per_mu_max:
        told = f"保险金额每亩不得超过 {wanted.per_mu_max:,} 元"
        raise RuleBroken("cover_sum", told, "请修改保险金额或投保面积")
    days = (cover.valid_until - cover.valid_from).days + 1
    if cover.valid_from < day or not 1 <= days <= wanted.days_max:
        told = f"保险期间须从今天或以后开始，最长 {wanted.days_max} 天"
        raise RuleBroken("cover_term", told, "请修改保险期间的起止日期")


def _check_inquiry(product: Product, inquiry: CreditInquiry | None, day: date) -> None:
    wanted = product.inquiry
    if wanted is None:
        if inquiry is not None:
            raise RuleBroken("inquiry", "本产品自带征信查询授权，不另写授权内容", "请删去授权内容")
        return
    if inquiry is None or not inquiry.purpose.strip():
        raise RuleBroken("inquiry", "须写明征信查询的用途和授权期限（征信业管理条例第十八条）", "请补充授权内容")
    if not 0 <= (inquiry.valid_until - day).days < wanted.days_max:
        raise RuleBroken("inquiry", f"授权期限最长 {wanted.days_max} 天", "请修改授权的到期日")
