"""The catalogue of products: TOML files in ``pdf_templates/products``, checked as a whole.

``NAME.toml`` is a product's first edition, ``NAME.2027-01.toml`` (any word after the point) a later one. On each day
the newest edition counts whose ``effective`` has come; a product that has none yet cannot be had.
"""

import re
import tomllib
from datetime import date
from functools import lru_cache

from pydantic import ValidationError

from signing.adapters.documents import templates
from signing.adapters.documents.editions import newest, twice
from signing.adapters.documents.faults import described, located, syntax
from signing.adapters.documents.productfile import ProductFile
from signing.domain.errors import InputError
from signing.domain.party import Role
from signing.domain.product import Product
from signing.domain.product_faults import check_product


@lru_cache(maxsize=1)
def editions() -> dict[str, tuple[Product, ...]]:
    """Every product's editions by its id, oldest first.

    Raises ``InputError`` naming each file, line, key and rule that is wrong.
    """
    found, wrong = _read_all()
    if wrong:
        raise InputError("；".join(wrong), "请联系产品维护人员")
    return found


def script_lines() -> dict[str, list[str]]:
    """Each line of any edition's script once, placeholders and all, with the titles of its products."""
    found: dict[str, list[str]] = {}
    for product in (one for edition in editions().values() for one in edition):
        for line in product.script:
            titles = found.setdefault(line.text, [])
            titles += [] if product.title in titles else [product.title]
    return found


def products() -> dict[str, Product]:
    """Every product in its newest edition, also one that is not in effect yet: for checks and examples."""
    return {product_id: known[-1] for product_id, known in editions().items()}


def in_effect(day: date) -> dict[str, Product]:
    """Every product that may be had on ``day`` (in Beijing), in the edition of that day."""
    found = {product_id: newest(known, day) for product_id, known in editions().items()}
    return {product_id: product for product_id, product in found.items() if product is not None}


def faults() -> list[str]:
    """What is wrong with any file of the catalogue, one a line: ``文件 第 n 行 键：规则``."""
    return _read_all()[1]


def _read_all() -> tuple[dict[str, tuple[Product, ...]], list[str]]:
    folder = templates.root() / "products"
    found: dict[str, list[Product]] = {}
    wrong: list[str] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            built, own = judged(entry.name, entry.read_text(encoding="utf-8"))
            wrong += [f"产品文件 {entry.name} {fault}" for fault in own]
            if built is not None:
                found.setdefault(entry.name.split(".")[0], []).append(built)
    ordered = {name: tuple(sorted(known, key=lambda one: one.effective)) for name, known in found.items()}
    for name, known in ordered.items():
        for day in twice(known):
            wrong.append(f"产品文件 {name} 有两个版本从 {day} 起施行")
    return ordered, wrong


def sources(product_id: str) -> dict[str, str]:
    """The text of each of a product's files by its name."""
    folder = templates.root() / "products"
    named = sorted((one for one in folder.iterdir() if one.name.split(".")[0] == product_id), key=lambda one: one.name)
    return {one.name: one.read_text(encoding="utf-8") for one in named}


def product(product_id: str) -> Product:
    """In its newest edition, as ``products``. Raises ``InputError`` for an unknown id."""
    return _known(product_id)[-1]


def product_on(product_id: str, day: date) -> Product:
    """In the edition of ``day`` (in Beijing). Raises ``InputError`` for an unknown id, and before its first day."""
    known = _known(product_id)
    found = newest(known, day)
    if found is None:
        raise InputError(f"{known[0].title}自 {known[0].effective} 起办理", "请换一个产品，或等到施行之日")
    return found


def _known(product_id: str) -> tuple[Product, ...]:
    try:
        return editions()[product_id]
    except KeyError:
        raise InputError("产品目录中没有这个产品", "请从产品列表中选择；列出全部产品：pingqian products") from None


def read(name: str, text: str) -> Product:
    """The product of the file ``name``. Raises ``InputError`` with all that is wrong with it."""
    built, wrong = judged(name, text)
    if built is None or wrong:
        raise InputError(f"产品文件 {name} 有误：{'；'.join(wrong)}", "请联系产品维护人员")
    return built


def judged(name: str, text: str) -> tuple[Product | None, list[str]]:
    """The product, as far as the file has the shape of one, and each fault with line, key and rule."""
    try:
        file = ProductFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return None, [syntax(error)]
    except ValidationError as error:
        return None, described(error, text)
    built = file.built()
    named = name.split(".")[0] == built.product_id
    wrong = [] if named else [located(("id",), text, f"须与文件名 {name} 一致")]
    wrong += [_placed(fault, text) for fault in check_product(built)]
    return built, wrong + _paper_faults(built, text)


def _placed(fault: str, text: str) -> str:
    """``roles[1]：…`` with its line; the domain counts from 0."""
    key, _, rule = fault.partition("：")
    location = [int(part) if part.isdigit() else part for part in re.findall(r"[a-z_]+|\d+", key)]
    return located(location, text, rule)


_SPOUSES = "joint_repayment_undertaking"
"""It says that whoever signs it is married to the borrower (民法典 art. 1064)."""


def _paper_faults(product: Product, text: str) -> list[str]:
    """Papers without a template, and those whose template has no place for one who is to sign."""
    faults = []
    for index, rule in enumerate(product.documents):
        if rule.kind == _SPOUSES and product.count(Role.CO_BORROWER)[1] > 1:
            told = "配偶只有一位：有这份文书的产品，共同借款人至多 1 名"
            faults.append(located(("documents", index, "kind"), text, told))
        try:
            papers = [templates.in_effect(rule.kind, product.effective)]
            papers += [one for one in templates.editions(rule.kind) if one.effective > product.effective]
        except InputError as error:
            faults.append(located(("documents", index, "kind"), text, error.message))
            continue
        if strangers := {role for paper in papers for role in set(rule.signers) - set(paper.signers)}:
            names = "、".join(sorted(strangers))
            faults.append(located(("documents", index, "signers"), text, f"文书 {rule.kind} 没有 {names} 的签名处"))
    return faults
