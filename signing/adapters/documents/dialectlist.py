"""``pingqian templates dialects``: what agents are given in dialects, line by line, for local staff to read."""

from collections.abc import Iterator

from signing.adapters.documents import catalogue, dialects


def summary() -> str:
    """How many lines have references, and how many of these somebody has read."""
    lines = list(catalogue.script_lines())
    lacking = dialects.without(lines)
    reviews = dialects.reviews()
    unread = [line for line in lines if line not in lacking and line not in reviews]
    told = f"话术共 {len(lines)} 句，{len(lines) - len(lacking)} 句有，{len(lacking)} 句没有"
    return f"{told}；{len(unread)} 句还没有请会说当地话的人审读（templates dialects 逐句列出）"


def listing() -> int:
    """Prints every line once, with the products that it is read in. Those without references come last."""
    print("方言参考只供客户经理解释时参照，未经审读的不要照念；宣读和留痕以原句为准。")
    print(f'修改：pdf_templates/{dialects.FILE}；审读以后在那一句下面写 reviewed = "姓名 日期"')
    products = catalogue.script_lines()
    lacking = dialects.without(products)
    for line in _in_order(products, lacking):
        print(f"\n{line}\n    产品：{'、'.join(products[line])}")
        for one in dialects.of(line):
            print(f"    {one.dialect}：{one.text}")
        print(f"    {_state(line)}")
    print(f"\n{summary()}")
    return 0


def _in_order(lines: dict[str, list[str]], lacking: list[str]) -> Iterator[str]:
    yield from (line for line in lines if line not in lacking)
    yield from lacking


def _state(line: str) -> str:
    if not dialects.of(line):
        return "✗ 没有方言参考"
    reviewer = dialects.reviews().get(line)
    return f"✓ 已审读：{reviewer}" if reviewer else "! 未经会说当地话的人审读"
