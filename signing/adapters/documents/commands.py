"""``pingqian templates`` and ``pingqian products``: what the legal department and administrators need."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from signing.adapters import reference_file
from signing.adapters.documents import catalogue, checking, dialectlist, previewing, templates
from signing.adapters.documents.example import example
from signing.domain.beijing import BEIJING
from signing.domain.errors import InputError
from signing.domain.interest import in_words
from signing.domain.money import in_digits
from signing.domain.particulars import BORROWER_TITLES, GUARANTEE_TITLES, INDUSTRY_TITLES, MODE_TITLES
from signing.domain.party import ROLE_TITLES
from signing.domain.product import LENDER_TITLES, RETENTION_TITLES, CollateralRules, LoanRules, Pricing, Product
from signing.domain.schedule import METHOD_TITLES
from signing.domain.security import SECURITY_TITLES, SUBJECT_TITLES


class TemplatesCommand:
    name = "templates"
    help = "检查文书模板和产品文件"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        check = actions.add_parser("check", help="检查全部模板和产品；有误为 1，并逐条指出")
        check.add_argument("--out", type=Path, metavar="目录", help="把每种文书填好样本内容的 PDF 写到这里，供审阅")
        preview = actions.add_parser("preview", help="用样本内容排出一种文书并打开")
        preview.add_argument("kind", metavar="模板", help="模板名称，即 pdf_templates 下的目录名")
        preview.add_argument("--out", type=Path, metavar="目录", help="不打开，把每种情形的 PDF 写到这里")
        actions.add_parser("list", help="列出全部模板、版本和施行日期")
        actions.add_parser("dialects", help="逐句列出话术的方言参考：哪些没有，哪些还没请当地人审读")

    def run(self, arguments: argparse.Namespace) -> int:
        match arguments.action:
            case "preview":
                return previewing.preview(arguments.kind, arguments.out)
            case "list":
                return previewing.listing()
            case "dialects":
                return dialectlist.listing()
            case _:
                return self._check(arguments)

    def _check(self, arguments: argparse.Namespace) -> int:
        found = list(checking.faults())
        for fault in found:
            print(f"✗ {fault}")
        if found:
            print(f"共 {len(found)} 处，请按文件和行号改正，再检查一次")
            return 1
        print(f"✓ {len(templates.kinds())} 种文书、{len(catalogue.products())} 个产品，全部无误")
        print(f"  方言参考：{dialectlist.summary()}")
        if arguments.out:
            previewing.write_all(arguments.out)
        return 0


class ProductsCommand:
    name = "products"
    help = "列出产品目录"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("product_id", metavar="产品编号", nargs="?", help="只看这一个产品")
        parser.add_argument("--check", action="store_true", help="只检查全部产品文件；有误为 1，并逐条指出")
        parser.add_argument("--example", action="store_true", help="打印一份业务内容，可用 case open 开立")
        words = "例子另有哪些担保，可以混合：guarantee、mortgage、pledge，或者财产种类，如 tea_garden"
        parser.add_argument("--security", nargs="+", default=[], metavar="担保", help=words)
        parser.add_argument("--parties", type=int, metavar="人数", help="例子有几位当事人（默认为最少人数）")

    def run(self, arguments: argparse.Namespace) -> int:
        if arguments.check:
            if arguments.product_id:
                catalogue.product(arguments.product_id)
            return _check_products()
        if arguments.example:
            return _print_example(arguments)
        wanted = [arguments.product_id] if arguments.product_id else sorted(catalogue.products())
        for product in map(catalogue.product, wanted):
            print(f"{product.product_id}  {product.title}  {product.version} 版")
            for line in _described(product):
                print(f"  {line}")
        return 0


def _check_products() -> int:
    """Every fault of every file, one a line."""
    found = [*catalogue.faults(), *reference_file.faults()]
    found = found or list(checking.product_faults())
    for fault in found:
        print(f"✗ {fault}")
    if not found:
        print(f"✓ {len(catalogue.products())} 个产品和参考数据，全部无误")
    return 1 if found else 0


def _print_example(arguments: argparse.Namespace) -> int:
    if arguments.product_id is None:
        raise InputError("没有说是哪个产品的例子", "请写明产品编号，如 pingqian products village_credit_line --example")
    today = datetime.now(UTC).astimezone(BEIJING).date()
    made = example(catalogue.product(arguments.product_id), today, arguments.parties, arguments.security)
    print(json.dumps(made, ensure_ascii=False, indent=2))
    return 0


def _described(product: Product) -> Iterator[str]:
    yield f"贷款人：{'、'.join(LENDER_TITLES[kind] for kind in product.lender_kinds)}"
    if product.loan:
        yield from _loan(product.loan)
    if product.borrower_kinds:
        yield f"借款主体：{'、'.join(BORROWER_TITLES[kind] for kind in product.borrower_kinds)}"
    if product.modes:
        yield f"合作模式：{'、'.join(MODE_TITLES[mode] for mode in product.modes)}"
    if product.guarantees:
        yield f"保证方式：{'或者'.join(GUARANTEE_TITLES[kind] for kind in product.guarantees)}"
    for rule in product.collateral:
        yield _collateral(rule)
    if product.mandate:
        yield f"委托期限：不超过 {product.mandate.days_max} 天"
    if product.inquiry:
        yield f"授权期限：不超过 {product.inquiry.days_max} 天"
    if product.cover:
        yield f"保险期间：不超过 {product.cover.days_max} 天"
    yield f"保管期限：{RETENTION_TITLES[product.retention]}"
    for role in product.roles:
        number = str(role.min_count) if role.min_count == role.max_count else f"{role.min_count}–{role.max_count}"
        yield f"{ROLE_TITLES[role.role]} {number} 名"
    for document in product.documents:
        signers = "、".join(ROLE_TITLES[role] for role in document.signers)
        yield f"{templates.load(document.kind).title}：{signers}"
    for source in product.sources:
        yield f"依据：{source}"


def _loan(loan: LoanRules) -> Iterator[str]:
    low, high = in_digits(loan.amount_min), loan.amount_max
    yield f"金额 {low} 元起" if high is None else f"金额 {low}–{in_digits(high)} 元"
    yield from (f"  {INDUSTRY_TITLES[one.industry]}不超过 {in_digits(one.amount_max)} 元" for one in loan.industries)
    longest = "" if loan.term_months_max is None else f"–{loan.term_months_max}"
    yield f"期限 {loan.term_months_min}{longest} 个月{'' if longest else '起'}"
    if loan.revolving_months_max:
        yield f"循环期限：不超过 {loan.revolving_months_max} 个月"
    if loan.rate_min is not None or loan.rate_max is not None:
        yield f"年利率 {_range(loan.rate_min, loan.rate_max, '%')}"
    yield from map(_pricing, loan.pricing)
    yield f"还款方式：{'、'.join(METHOD_TITLES[method] for method in loan.repayment_methods)}"
    yield f"计息：{in_words(loan.interest)}"
    yield f"须在整村授信名册：{'是' if loan.roster_line_required else '否'}"
    if loan.list_kind:
        yield f"须在名单：{loan.list_kind}"
    asked = {
        "财政支持证明": loan.certificate,
        "待归还的贷款": loan.bridging,
        "可以无还本续贷": loan.renewal_without_repayment,
    }
    yield from (f"{title}：是" for title, wanted in asked.items() if wanted)
    yield f"可仅凭电子渠道签约：不超过 {in_digits(loan.electronic_only_up_to)} 元"


def _pricing(pricing: Pricing) -> str:
    low, high = (None if one is None else _points(pricing, one) for one in (pricing.points_min, pricing.points_max))
    said = [f"不低于{low}" if low else "", f"不高于{high}" if high else ""]
    who = f"（{'、'.join(LENDER_TITLES[kind] for kind in pricing.lenders)}）" if pricing.lenders else ""
    return f"定价：{low if low == high else '、'.join(filter(None, said))}{who}"


def _points(pricing: Pricing, points: Decimal) -> str:
    base = "一年期 LPR" if pricing.one_year else "LPR"
    return base if not points else f"{base} {'加' if points > 0 else '减'} {abs(points):f} 个基点"


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is None or high is None:
        return f"不超过 {high:+f}{unit}".replace("+", "") if low is None else f"不低于 {low:f}{unit}"
    return f"{low:f}{unit}" if low == high else f"{low:f}{unit}–{high:f}{unit}"


def _collateral(rule: CollateralRules) -> str:
    title = SECURITY_TITLES[rule.kind]
    subjects = "、".join(SUBJECT_TITLES[subject] for subject in rule.subjects)
    said = [f"{title}{f'（{subjects}）' if subjects else ''}：{'须有' if rule.required else '可有'}"]
    if rule.ratio_max is not None:
        said.append(f"由其担保的金额不超过评估价值的 {rule.ratio_max:f}%")
    said += ["须投保，贷款人为第一受益人"] if rule.insured else []
    said += ["须写明登记编号"] if rule.registered else []
    said += [f"只用于{'、'.join(MODE_TITLES[mode] for mode in rule.modes)}"] if rule.modes else []
    return "，".join(said)


TEMPLATES = TemplatesCommand()
PRODUCTS = ProductsCommand()
