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
    folder = templates.root() / "products"
    found, faults = {}, []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            try:
                found[entry.name.removesuffix(".toml")] = read(entry.name, entry.read_text(encoding="utf-8"))
            except InputError as error:
                faults.append(error.message)
    if faults:
        raise InputError("；".join(faults), "请联系产品维护人员")
    return found


def product(product_id: str) -> Product:
    """Raises ``InputError`` for an unknown id."""
    try:
        return products()[product_id]
    except KeyError:
        raise InputError("产品目录中没有这个产品", "请从产品列表中选择") from None


def read(name: str, text: str) -> Product:
    """The product of the file ``name``. Raises ``InputError`` with all that is wrong with it."""
    try:
        file = ProductFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, [f"不是正确的 TOML：{error}"]) from error
    except ValidationError as error:
        raise _refused(name, described(error, text)) from error
    built = file.built()
    faults = [] if f"{built.product_id}.toml" == name else [located(("id",), text, f"须与文件名 {name} 一致")]
    faults += [_placed(fault, text) for fault in check_product(built)]
    faults += _paper_faults(built, text)
    if faults:
        raise _refused(name, faults)
    return built


def _refused(name: str, faults: list[str]) -> InputError:
    return InputError(f"产品文件 {name} 有误：{'；'.join(faults)}", "请联系产品维护人员")


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
