"""The catalogue of products: one TOML file each in ``pdf_templates/products``, checked as a whole."""

import re
import tomllib
from functools import lru_cache

from pydantic import ValidationError

from signing.adapters.documents import templates
from signing.adapters.documents.faults import described, located
from signing.adapters.documents.productfile import ProductFile
from signing.domain.errors import InputError
from signing.domain.product import Product
from signing.domain.product_faults import check_product


@lru_cache(maxsize=1)
def products() -> dict[str, Product]:
    """Every product by its id. Raises ``InputError`` naming each file, line, key and rule that is wrong."""
    found, wrong = _read_all()
    if wrong:
        raise InputError("；".join(wrong), "请联系产品维护人员")
    return found


def faults() -> list[str]:
    """What is wrong with any file of the catalogue, one a line: ``文件 第 n 行 键：规则``."""
    return _read_all()[1]


def _read_all() -> tuple[dict[str, Product], list[str]]:
    folder = templates.root() / "products"
    found: dict[str, Product] = {}
    wrong: list[str] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            built, own = judged(entry.name, entry.read_text(encoding="utf-8"))
            wrong += [f"产品文件 {entry.name} {fault}" for fault in own]
            if built is not None:
                found[entry.name.removesuffix(".toml")] = built
    return found, wrong


def product(product_id: str) -> Product:
    """Raises ``InputError`` for an unknown id."""
    try:
        return products()[product_id]
    except KeyError:
        raise InputError("产品目录中没有这个产品", "请从产品列表中选择") from None


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
        return None, [f"不是正确的 TOML：{error}"]
    except ValidationError as error:
        return None, described(error, text)
    built = file.built()
    wrong = [] if f"{built.product_id}.toml" == name else [located(("id",), text, f"须与文件名 {name} 一致")]
    wrong += [_placed(fault, text) for fault in check_product(built)]
    return built, wrong + _paper_faults(built, text)


def _placed(fault: str, text: str) -> str:
    """``roles[1]：…`` with its line; the domain counts from 0."""
    key, _, rule = fault.partition("：")
    location = [int(part) if part.isdigit() else part for part in re.findall(r"[a-z_]+|\d+", key)]
    return located(location, text, rule)


def _paper_faults(product: Product, text: str) -> list[str]:
    """Papers without a template, and those whose template has no place for one who is to sign."""
    faults = []
    for index, rule in enumerate(product.documents):
        try:
            template = templates.load(rule.kind)
        except InputError as error:
            faults.append(located(("documents", index, "kind"), text, error.message))
            continue
        if strangers := set(rule.signers) - set(template.signers):
            names = "、".join(sorted(strangers))
            faults.append(located(("documents", index, "signers"), text, f"文书 {rule.kind} 没有 {names} 的签名处"))
    return faults
