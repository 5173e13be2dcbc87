"""``pingqian templates`` and ``pingqian products``: what the legal department and administrators need."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from signing.adapters.documents import catalogue, checking, previewing, templates
from signing.domain.money import in_digits
from signing.domain.party import ROLE_TITLES
from signing.domain.product import Product
from signing.domain.security import SECURITY_TITLES


class TemplatesCommand:
    name = "templates"
    help = "检查文书模板和产品文件"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        check = actions.add_parser("check", help="检查全部模板和产品；有误为 1，并逐条指出")
        check.add_argument("--out", type=Path, metavar="目录", help="把填好样本内容的 PDF 写到这里，供审阅")
        preview = actions.add_parser("preview", help="用样本内容排出一种文书并打开")
        preview.add_argument("kind", metavar="模板", help="模板名称，即 pdf_templates 下的目录名")
        preview.add_argument("--out", type=Path, metavar="目录", help="不打开，把每种情形的 PDF 写到这里")
        actions.add_parser("list", help="列出全部模板、版本和施行日期")

    def run(self, arguments: argparse.Namespace) -> int:
        match arguments.action:
            case "preview":
                return previewing.preview(arguments.kind, arguments.out)
            case "list":
                return previewing.listing()
            case _:
                return self._check(arguments)

    def _check(self, arguments: argparse.Namespace) -> int:
        found = list(checking.faults())
        for fault in found:
            print(f"✗ {fault}")
        if found:
            return 1
        print(f"✓ {len(templates.kinds())} 种文书、{len(catalogue.products())} 个产品，全部无误")
        if arguments.out:
            _write_specimens(arguments.out)
        return 0


def _write_specimens(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for product in catalogue.products().values():
        for frozen in checking.specimens(product):
            path = folder / f"{product.product_id}-{frozen.kind}.pdf"
            path.write_bytes(frozen.pdf)
            print(f"  {path}（{frozen.pages} 页）")


class ProductsCommand:
    name = "products"
    help = "列出产品目录"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("product_id", nargs="?", help="只看这一个产品")

    def run(self, arguments: argparse.Namespace) -> int:
        wanted = [arguments.product_id] if arguments.product_id else sorted(catalogue.products())
        for product in map(catalogue.product, wanted):
            print(f"{product.product_id}  {product.title}  {product.version} 版")
            for line in _described(product):
                print(f"  {line}")
        return 0


def _described(product: Product) -> Iterator[str]:
    if loan := product.loan:
        yield f"金额 {in_digits(loan.amount_min)}–{in_digits(loan.amount_max)} 元"
        yield f"期限 {loan.term_months_min}–{loan.term_months_max} 个月"
        yield f"年利率 {loan.rate_min}%–{loan.rate_max}%"
        yield f"须在整村授信名册：{'是' if loan.roster_line_required else '否'}"
        yield f"可仅凭电子渠道签约：不超过 {in_digits(loan.electronic_only_up_to)} 元"
    if rules := product.collateral:
        insured = "，须投保" if rules.insured else ""
        yield f"{SECURITY_TITLES[rules.kind]}率：不超过评估价值的 {rules.ratio_max:f}%{insured}"
    if product.mandate:
        yield f"委托期限：不超过 {product.mandate.days_max} 天"
    for role in product.roles:
        number = str(role.min_count) if role.min_count == role.max_count else f"{role.min_count}–{role.max_count}"
        yield f"{ROLE_TITLES[role.role]} {number} 名"
    for document in product.documents:
        signers = "、".join(ROLE_TITLES[role] for role in document.signers)
        yield f"{templates.load(document.kind).title}：{signers}"
    for source in product.sources:
        yield f"依据：{source}"


TEMPLATES = TemplatesCommand()
PRODUCTS = ProductsCommand()
