"""The credit system's keys and webhooks: issued, revoked, and each of it on the access log."""

from urllib.parse import urlsplit

from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.network import networks
from signing.domain.webhook import DeliveryState
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.core_commands import (
    AddCoreKey,
    AddWebhook,
    IssuedKey,
    IssuedWebhook,
    RemoveWebhook,
    RevokeCoreKey,
    SendAgain,
)
from signing.service.core_keys import key_digest
from signing.service.core_store import CoreKey, Webhook
from signing.service.services import Services

VALID_AT_ONCE = 2
ADD_ANEW = "请用 pingqian webhooks remove 停用后重新登记，并把新的验签密钥交给接收方"
LONGEST_URL = 1000


def add_core_key(command: AddCoreKey, services: Services) -> IssuedKey:
    """Raises ``ConflictError`` where two keys of the name are valid already."""
    name, now = command.name.strip(), services.clock.now()
    if not 0 < len(name) <= 60 or not name.isprintable():
        raise InputError("系统名称应为 1 到 60 个字", "请用 --name 给出，如 --name 信贷系统")
    allowed = ",".join(str(one) for one in networks(command.allowed))
    if len(allowed) > 1000:
        raise InputError("允许的网段太多", "请合并网段")
    key_id, secret = services.ids.new("ck"), services.ids.secret()
    issued = IssuedKey(key_id, f"{key_id}.{secret}")
    with services.db.write() as unit:
        institution = unit.people.institution(command.institution_id)
        valid = [one for one in unit.core.keys(institution.institution_id) if one.revoked_at is None]
        if sum(one.name == name for one in valid) >= VALID_AT_ONCE:
            raise ConflictError(f"“{name}”已有 {VALID_AT_ONCE} 个有效密钥", "请先撤销不再使用的密钥")
        digest = key_digest(services.secrets, issued.key)
        unit.core.add_key(CoreKey(key_id, institution.institution_id, name, digest, allowed, now))
        unit.logs.record_view(command.actor, now, "core_key.added", "", f"{key_id} {institution.institution_id} {name}")
    return issued


def revoke_core_key(command: RevokeCoreKey, services: Services) -> None:
    """Again: nothing changes. Raises ``NotFound``."""
    now = services.clock.now()
    with services.db.write() as unit:
        key = unit.core.key(command.key_id)
        if key is None:
            raise NotFound("没有找到这个密钥", "请用 pingqian core-key list 查看编号")
        if unit.core.revoke_key(key.key_id, now):
            unit.logs.record_view(command.actor, now, "core_key.revoked", "", key.key_id)


def add_webhook(command: AddWebhook, services: Services) -> IssuedWebhook:
    """Raises ``InputError`` for what is no URL of the kind that is allowed."""
    _require_url(command.url, private=command.private)
    now, webhook_id, secret = services.clock.now(), services.ids.new("wh"), services.ids.secret()
    with services.db.write() as unit:
        institution_id = unit.people.institution(command.institution_id).institution_id
        there = [one for one in unit.core.webhooks(institution_id) if one.removed_at is None]
        if any(one.url == command.url for one in there):
            raise ConflictError(
                "这个回调地址已经登记", "请用 pingqian webhooks list 查看；要换验签密钥，请先停用再登记"
            )
        unit.core.save_webhook(Webhook(webhook_id, institution_id, command.url, command.private, now, secret))
        unit.logs.record_view(command.actor, now, "webhook.added", "", f"{webhook_id} {institution_id} {command.url}")
    return IssuedWebhook(webhook_id, secret)


def _require_url(url: str, *, private: bool) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    usable = host and port != 0 and url.isascii() and url.isprintable() and " " not in url and not parts.fragment
    if not usable or len(url) > LONGEST_URL or parts.scheme not in ("https", "http") or parts.username is not None:
        raise InputError("回调地址不是可用的网址", "请写成 https://core.example.cn/pingqian 的样子，不带用户名和 #")
    if parts.scheme != "https" and not private:
        raise InputError("回调地址须用 https", "内网地址确需 http 的，请由管理员加上 --private")


def remove_webhook(command: RemoveWebhook, services: Services) -> None:
    """What is still to be told there is given up."""
    now = services.clock.now()
    with services.db.write() as unit:
        webhook = unit.core.webhook(command.webhook_id)
        if unit.core.remove_webhook(webhook.webhook_id, now):
            unit.logs.record_view(command.actor, now, "webhook.removed", "", webhook.webhook_id)


def send_again(command: SendAgain, services: Services) -> None:
    """After the sending that may be under way. Raises ``ConflictError`` for one that is still to be sent anyway."""
    now = services.clock.now()
    with services.db.write() as unit:
        delivery = unit.core.delivery(command.delivery_id)
        if delivery.state is DeliveryState.PENDING and delivery.tries == 0 and delivery.lease is None:
            raise ConflictError("这次通知还在等候发送", "不需要重发；请稍后用 pingqian webhooks list 查看")
        webhook = unit.core.webhook(delivery.webhook_id)
        if webhook.removed_at is not None:
            raise ConflictError("这个回调地址已停用", "请先登记新的地址；旧的通知不会转到新地址")
        if webhook.secret is None:
            raise ConflictError(f"回调地址 {webhook.webhook_id} 的验签密钥打不开", ADD_ANEW)
        unit.core.send_again(delivery.delivery_id, now)
        unit.logs.record_view(command.actor, now, "webhook.redelivered", delivery.case_id, delivery.delivery_id)


HANDLERS: dict[type[Command], Handler] = {
    AddCoreKey: add_core_key,
    RevokeCoreKey: revoke_core_key,
    AddWebhook: add_webhook,
    RemoveWebhook: remove_webhook,
    SendAgain: send_again,
}
