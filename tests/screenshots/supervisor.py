"""The supervisor's board: live, what it decides about, its seals, its figures."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from desktop.board.ownercode import OwnerCodeDialog
from desktop.board.papers import PapersDialog
from desktop.board.seals import SealsDialog
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.model.state import LinkState
from desktop.window import MainWindow
from signing.wire.board import BoardView, MissingFilm
from signing.wire.queue import QueueStop
from signing.wire.seals import SealRegistry
from tests.screenshots.registry import chapter, keys, window
from tests.screenshots.studio import Studio, press, settle
from tests.unit.desktop import busyday
from tests.unit.desktop.test_board_resting import account, ghost


def at(studio: Studio, moment: str, **of_view: object) -> MainWindow:
    """The board as the service showed it at this moment of the course."""
    view = studio.course.board[moment].model_copy(update=of_view)
    return studio.board(b.State(view=view, figures=studio.course.figures[moment]))


def busy(studio: Studio) -> MainWindow:
    """A day with many seats and customers."""
    here = studio.course.board["idle"]
    view = busyday.view().model_copy(update={"staff": here.staff, "products": here.products})
    return studio.board(b.State(view=view, figures=busyday.figures()))


chapter("supervisor", "看板")


@window("supervisor", "看板：没有人排队")
def board_quiet(studio: Studio) -> QWidget:
    return at(studio, "idle")


@window("supervisor", "看板：四人通话，线路好坏不一，一人等候")
def board_call(studio: Studio) -> QWidget:
    return at(studio, "reading")


@window("supervisor", "看板：线路两分钟没有消息")
def board_stale(studio: Studio) -> QWidget:
    view = studio.course.board["reading"]
    later = view.model_copy(update={"server_time": view.server_time + timedelta(minutes=2)})
    return studio.board(b.State(view=later, figures=studio.course.figures["reading"]))


@window("supervisor", "看板：当日办结一笔")
def board_done(studio: Studio) -> QWidget:
    return at(studio, "sealed")


@window("supervisor", "看板：繁忙的一天")
def board_busy(studio: Studio) -> QWidget:
    return busy(studio)


keys(
    "supervisor", lambda studio: at(studio, "reading"),
    ("board_stop", "看板：终止通话要求原因", "board.stop"),
    ("board_transfer", "看板：转接", "board.transfer"),
)  # fmt: skip
keys(
    "supervisor", busy,
    ("board_pause", "看板：暂停排队", "board.pause"),
    ("board_emergency", "看板：紧急停止", "board.emergency"),
)  # fmt: skip


def referred(studio: Studio) -> MainWindow:
    """The busy day with the first finding that a supervisor is to judge chosen."""
    made = busy(studio)
    assert made.board is not None
    chosen = b.need_key(busyday.view().referrals[0])
    made.board.state = replace(made.board.state, referral_key=chosen)
    made.board.changed.emit()
    settle()
    return made


keys(
    "supervisor", referred,
    ("board_release", "待主管处理：放行要求理由", "board.release"),
    ("board_sendback", "待主管处理：退回要求理由", "board.sendback"),
)  # fmt: skip


chapter("supervisor", "看板上的操作")


@window("supervisor", "看板：席位能力")
def board_ability(studio: Studio) -> QWidget:
    made = busy(studio)
    assert made.board is not None
    made.board.state = replace(made.board.state, seat_id="s2")
    made.board.changed.emit()
    press(made, "board.ability")
    return made


@window("supervisor", "看板：与服务断开")
def board_offline(studio: Studio) -> QWidget:
    made = at(studio, "reading")
    desk = made.board
    assert desk is not None
    desk.state = replace(desk.state, link=LinkState(False, "与服务的连接断了", 8))
    desk.changed.emit()
    return made


@window("supervisor", "看板：待确认账号")
def board_resting(studio: Studio) -> QWidget:
    made = at(studio, "idle", resting=[account(), ghost()])
    workspace = board_of(made)
    workspace._open_resting()
    return made


# --- seals above their amount, recordings that do not come --------------------------------------------------------


chapter("supervisor", "用印复核")


@window("supervisor", "用印待复核")
def approval(studio: Studio) -> QWidget:
    return at(studio, "to_approve")


keys(
    "supervisor", lambda studio: at(studio, "to_approve"),
    ("approval_yes", "用印复核：同意要求理由", "board.release"),
    ("approval_no", "用印复核：不同意要求理由", "board.sendback"),
)  # fmt: skip


@window("supervisor", "用印复核：看文书")
def approval_papers(studio: Studio) -> QWidget:
    made = at(studio, "to_approve")
    desk = made.board
    assert desk is not None
    request = desk.state.seal_request
    assert request is not None
    PapersDialog(request, lambda case, document, then: then(bytes.fromhex(studio.course.papers[document])), made).show()
    settle(700)
    return made


@window("supervisor", "用印复核：已有主管不同意")
def approval_refused(studio: Studio) -> QWidget:
    (request,) = studio.course.board["to_approve"].seal_requests
    refused = request.model_copy(update={"refused_by": "李主管", "refused_reason": "金额与审批不一致"})
    return at(studio, "to_approve", seal_requests=[refused])


def film(view: BoardView) -> MissingFilm:
    return MissingFilm(
        case_id="k9", case_no="PQ202611270009", product_title="小额信用贷款", call_id="c9", seat="07号席",
        agent="张秀英", since=view.server_time - timedelta(hours=3), until=view.server_time - timedelta(hours=2),
    )  # fmt: skip


def with_film(studio: Studio) -> MainWindow:
    return at(studio, "idle", films=[film(studio.course.board["idle"])])


chapter("supervisor", "录像没有收到")


@window("supervisor", "录像没有收到")
def film_missing(studio: Studio) -> QWidget:
    return with_film(studio)


keys("supervisor", with_film, ("film_lost", "录像没有收到：声明遗失要求原因", "board.sendback"))


# --- the register of seals ----------------------------------------------------------------------------------------


def registered(studio: Studio, *, aside: bool = False) -> tuple[MainWindow, SealsDialog]:
    """The register over the board, with the pictures that the service draws."""
    registry = studio.course.registry
    assert registry is not None
    if aside:
        registry = _aside(registry)
    made = at(studio, "sealed")
    desk = made.board
    assert desk is not None
    vars(desk).update(
        ask_registry=lambda then, seal_id="": then(registry),
        fetch_seal=lambda seal_id, then: then(studio.course.seal(seal_id)),
    )
    press(made, "board.seals.open")
    dialog = made.findChild(SealsDialog)
    assert isinstance(dialog, SealsDialog)
    return made, dialog


def _aside(registry: SealRegistry) -> SealRegistry:
    first, *rest = registry.seals
    changes = {
        "state_title": "已暂停", "suspended_at": first.valid_from, "suspended_by": "陈主管",
        "suspended_reason": "印章送检",
    }  # fmt: skip
    return registry.model_copy(update={"seals": [first.model_copy(update=changes), *rest]})


chapter("supervisor", "印章登记")


@window("supervisor", "印章登记：合同专用章")
def seals(studio: Studio) -> QWidget:
    return registered(studio)[0]


@window("supervisor", "印章登记：法定代表人名章")
def seals_square(studio: Studio) -> QWidget:
    made, dialog = registered(studio)
    dialog.seals.rows.setCurrentRow(1)
    return made


@window("supervisor", "印章登记：已暂停")
def seals_aside(studio: Studio) -> QWidget:
    return registered(studio, aside=True)[0]


keys(
    "supervisor", lambda studio: registered(studio)[0],
    ("seals_pause", "印章登记：暂停使用要求原因", "seals.pause"),
    ("seals_amend", "印章登记：更改保管和期限", "seals.amend"),
)  # fmt: skip


# --- the page of figures ------------------------------------------------------------------------------------------


def day(draw: Callable[[Studio], MainWindow], studio: Studio, turns: int = 0, group: int = 0) -> MainWindow:
    made = draw(studio)
    press(made, "board.day.open")
    board_of(made).page.curve.turn(group)
    for _ in range(turns):
        press(made, "board.day.turn")
    return made


chapter("supervisor", "经营数字")


@window("supervisor", "经营数字：繁忙的一天，按网点")
def day_branches(studio: Studio) -> QWidget:
    return day(busy, studio)


@window("supervisor", "经营数字：按坐席")
def day_agents(studio: Studio) -> QWidget:
    return day(busy, studio, 2)


@window("supervisor", "经营数字：未办成和原因")
def day_refusals(studio: Studio) -> QWidget:
    return day(busy, studio, 3)


@window("supervisor", "经营数字：笔数、金额和通话的曲线")
def day_done(studio: Studio) -> QWidget:
    return day(busy, studio, group=1)


@window("supervisor", "经营数字：人次、最长等候和自定水平的曲线")
def day_most(studio: Studio) -> QWidget:
    return day(busy, studio, group=2)


@window("supervisor", "经营数字：真实的一笔")
def day_real(studio: Studio) -> QWidget:
    return day(lambda studio: at(studio, "sealed"), studio)


def board_of(made: MainWindow) -> BoardWorkspace:
    found = made.findChild(BoardWorkspace)
    assert isinstance(found, BoardWorkspace)
    return found


# --- listening in, accounts, the own seat -------------------------------------------------------------------------

chapter("supervisor", "旁听")


def heard(studio: Studio, *, talking: bool = False, peer: str = "connected") -> MainWindow:
    """At the call of four, with what its stage shows."""
    view = studio.course.board["reading"]
    view = view.model_copy(update={"listening": [view.calls[0].call_id]})
    made = studio.board(b.State(view=view, figures=studio.course.figures["reading"]))
    desk = made.board
    assert desk is not None
    if peer == "connected":
        studio.engine.still.put(studio.film("reading", 0.1)[0])
    desk.state = replace(desk.state, ear=b.Ear(view.calls[0].call_id, 1, peer, talking))
    desk.changed.emit()
    settle(300)
    return made


@window("supervisor", "旁听：正在接通")
def listen_connecting(studio: Studio) -> QWidget:
    return heard(studio, peer="connecting")


@window("supervisor", "旁听中")
def listen(studio: Studio) -> QWidget:
    return heard(studio)


@window("supervisor", "旁听：对坐席说话")
def listen_whisper(studio: Studio) -> QWidget:
    return heard(studio, talking=True)


chapter("supervisor", "看板上的操作")


@window("supervisor", "确认账号：确认码只显示一次")
def owner_code(studio: Studio) -> QWidget:
    made = at(studio, "idle", resting=[account(), ghost()])
    OwnerCodeDialog("林审计", "408153", made).open()
    return made


@window("supervisor", "看板：排队已暂停")
def board_paused(studio: Studio) -> QWidget:
    here = studio.course.board["idle"]
    stop = QueueStop(
        stop_id="s1", emergency=False, message="客户经理暂时休息，请稍候，您的位置保留", reason="午间休息",
        since=here.server_time, until=here.server_time + timedelta(minutes=15), by="陈主管",
    )  # fmt: skip
    return at(studio, "idle", stops=[stop])


chapter("supervisor", "自己的席位")


@window("supervisor", "主管自己的席位")
def own_seat(studio: Studio) -> QWidget:
    seat = studio.course.seat["idle"].staff
    view = studio.course.board["idle"]
    staff = view.staff.model_copy(update={"seat_id": seat.seat_id, "seat_label": "01号席"})
    made = studio.board(b.State(view=view.model_copy(update={"staff": staff}), figures=studio.course.figures["idle"]))
    studio.put(made, studio.state("idle", staff=staff))
    press(made, "supervisor.seat")
    return made
