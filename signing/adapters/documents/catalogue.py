"""The catalogue of products: one TOML file each in ``pdf_templates/products``, checked as a whole."""

import tomllib
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from signing.adapters.documents import templates
from signing.adapters.documents.templates import expect_keys
from signing.domain.case import RepaymentMethod
from signing.domain.errors import InputError
from signing.domain.party import Role
from signing.domain.product import Product, ScriptTemplate
from signing.domain.rules import check_product

_BORROWING = {
    "roles_required",
    "roles_allowed",
    "amount_min",
    "amount_max",
    "term_months_min",
    "term_months_max",
    "rate_min",
    "rate_max",
    "repayment_methods",
}


@lru_cache(maxsize=1)
def products() -> dict[str, Product]:
    """Every product by its id. Raises ``InputError`` naming the file that is wrong."""
    folder = templates.root() / "products"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            found[entry.name.removesuffix(".toml")] = _read(entry.name, entry.read_text(encoding="utf-8"))
    return found


def product(product_id: str) -> Product:
    """Raises ``InputError`` for an unknown id."""
    try:
        return products()[product_id]
    except KeyError:
        raise InputError("产品目录中没有这个产品", "请从产品列表中选择") from None


def _read(name: str, text: str) -> Product:
    try:
        return _product(tomllib.loads(text), name.removesuffix(".toml"))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise InputError(f"产品文件 {name} 有误：{error}", "请联系产品维护人员") from error


def _product(data: dict[str, Any], name: str) -> Product:
    expect_keys(data, {"id", "title", "version", "sources", "borrowing", "rules", "documents", "script"}, name)
    expect_keys(data["borrowing"], _BORROWING, "borrowing")
    expect_keys(data["rules"], {"roster_line_required", "electronic_only_up_to"}, "rules")
    borrowing, rules = data["borrowing"], data["rules"]
    if data["id"] != name:
        raise ValueError(f"id 应为 {name}")
    built = Product(
        product_id=name,
        title=data["title"],
        version=data["version"],
        roles_required=tuple(Role(role) for role in borrowing["roles_required"]),
        roles_allowed=tuple(Role(role) for role in borrowing["roles_allowed"]),
        amount_min=Decimal(borrowing["amount_min"]),
        amount_max=Decimal(borrowing["amount_max"]),
        term_months_min=int(borrowing["term_months_min"]),
        term_months_max=int(borrowing["term_months_max"]),
        rate_min=Decimal(borrowing["rate_min"]),
        rate_max=Decimal(borrowing["rate_max"]),
        repayment_methods=tuple(RepaymentMethod(method) for method in borrowing["repayment_methods"]),
        roster_line_required=bool(rules["roster_line_required"]),
        electronic_only_up_to=Decimal(rules["electronic_only_up_to"]),
        documents={Role(role): tuple(kinds) for role, kinds in data["documents"].items()},
        script=tuple(ScriptTemplate(line["text"], line.get("expected")) for line in data["script"]),
        sources=tuple(data["sources"]),
    )
    _check(built)
    return built


def _check(product: Product) -> None:
    for kinds in product.documents.values():
        for kind in kinds:
            templates.load(kind)
    faults = check_product(product)
    if faults:
        raise ValueError(";".join(faults))
    if any(line.expected not in (None, "yes", "no") for line in product.script):
        raise ValueError("expected 只能是 yes 或 no")
