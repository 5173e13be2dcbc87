"""``pingqian webhooks``: where the credit system is told, what could not be told, and telling it again."""

import argparse
import asyncio
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from signing.bootstrap import App
from signing.commandline.institution import looked_up
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.beijing import BEIJING
from signing.domain.errors import ConflictError, InputError, NotFound, SigningError
from signing.domain.webhook import DeliveryState
from signing.service.commands import SYSTEM
from signing.service.core_commands import AddWebhook, IssuedWebhook, RemoveWebhook, SendAgain
from signing.service.core_store import Delivery, Webhook
from signing.service.handlers.core_access import ADD_ANEW

SHOWN = 200
BROKEN = "密钥打不开"
STATES = {DeliveryState.PENDING: "待送达", DeliveryState.DELIVERED: "已送达", DeliveryState.DEAD: "已放弃"}


class WebhooksCommand:
    name = "webhooks"
    help = "登记、停用回调地址，查看和重发通知"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        add = actions.add_parser("add", help="登记回调地址；验签密钥只显示这一次")
        add.add_argument("--institution", required=True, metavar="编号", help="机构编号，见 pingqian branch list")
        add.add_argument("--url", required=True, metavar="URL", help="回调地址，https")
        add.add_argument("--private", action="store_true", help="允许内网地址和 http（确在行内时才用）")
        remove = actions.add_parser("remove", help="停用回调地址；未送达的通知不再发送")
        remove.add_argument("webhook", metavar="编号", help="见 pingqian webhooks list")
        listing = actions.add_parser("list", help="列出回调地址，以及未送达和已放弃的通知")
        listing.add_argument("--all", action="store_true", help="也列出已送达的通知")
        again = actions.add_parser("redeliver", help="重发通知（编号不变，接收方可据此去重）")
        again.add_argument("delivery", nargs="*", metavar="通知编号", help="见 pingqian webhooks list")
        again.add_argument("--dead", action="store_true", help="重发所有已放弃的通知")
        for action in (add, remove, listing, again):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """Raises ``SigningError``."""
        with opened(arguments.data) as app:
            {"add": _add, "remove": _remove, "list": _list, "redeliver": _redeliver}[arguments.action](app, arguments)
        return 0


def _add(app: App, arguments: argparse.Namespace) -> None:
    if not arguments.private:
        _require_outside(arguments.url)
    command = AddWebhook(SYSTEM, arguments.institution, arguments.url, arguments.private)
    with looked_up():
        issued: IssuedWebhook = asyncio.run(app.bus.execute(command))
    print(f"编号\t{issued.webhook_id}\n验签密钥\t{issued.secret}")
    print("验签密钥只显示这一次，请立即交给系统管理人员妥善保存")


def _require_outside(url: str) -> None:
    """Told now of an address or this machine's own name; other names are looked up at each sending, and refused then.

    Raises ``InputError``.
    """
    try:
        host = urlsplit(url).hostname or ""
        inside = host == "localhost" or not ip_address(host).is_global
    except ValueError:
        return
    if inside:
        raise InputError(f"{host} 是内网或保留的地址，通知不会送到那里", "确在行内的，请加上 --private")


def _remove(app: App, arguments: argparse.Namespace) -> None:
    asyncio.run(app.bus.execute(RemoveWebhook(SYSTEM, arguments.webhook)))
    print(f"已停用 {arguments.webhook}")


def _list(app: App, arguments: argparse.Namespace) -> None:
    states = list(DeliveryState) if arguments.all else [DeliveryState.PENDING, DeliveryState.DEAD]
    with app.services.db.read() as unit:
        hooks, deliveries = unit.core.webhooks(), unit.core.deliveries(None, states, SHOWN)
    for hook in hooks:
        state = _state(hook)
        print(
            f"{hook.webhook_id}\t{hook.institution_id}\t{hook.url}\t{state}{'，可用内网地址' if hook.private else ''}"
        )
    for one in deliveries:
        print(in_words(one))
    if not hooks:
        print("还没有回调地址，请用 pingqian webhooks add 登记")
    for hook in hooks:
        if _state(hook) == BROKEN:
            print(f"{hook.webhook_id} 的验签密钥打不开，收不到通知；{ADD_ANEW}")


def _state(hook: Webhook) -> str:
    if hook.removed_at is not None:
        return "已停用"
    return BROKEN if hook.secret is None else "有效"


def in_words(one: Delivery) -> str:
    told = f"{one.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    failed = f"\t试过 {one.tries} 次：{one.last_error}" if one.last_error else ""
    return f"\t{one.delivery_id}\t{STATES[one.state]}\t{one.type}\t{one.case_id}\t{told}{failed}"


def _redeliver(app: App, arguments: argparse.Namespace) -> None:
    wanted = list(arguments.delivery)
    if not wanted and not arguments.dead:
        raise InputError("没有给出要重发的通知", "请写上通知编号（见 pingqian webhooks list），或加 --dead")
    if arguments.dead:
        with app.services.db.read() as unit:
            # Oldest first, as they happened.
            dead = unit.core.deliveries(None, [DeliveryState.DEAD], 100_000)
            wanted += [one.delivery_id for one in reversed(dead)]
    refused = [refusal for one in dict.fromkeys(wanted) if (refusal := _send_again(app, one)) is not None]
    print(f"将重发 {len(dict.fromkeys(wanted)) - len(refused)} 个通知")
    if refused:
        raise refused[0]


def _send_again(app: App, delivery_id: str) -> SigningError | None:
    """What it is refused for, told at once: the others are wanted all the same."""
    try:
        asyncio.run(app.bus.execute(SendAgain(SYSTEM, delivery_id)))
    except (ConflictError, NotFound) as refusal:
        print(f"{delivery_id}\t没有重发：{refusal.message}")
        return refusal
    return None


WEBHOOKS = WebhooksCommand()
