"""A toast passes over the screen without hiding what has to be read at any moment."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.notice import TOAST_TOP, Toast, keep_clear
from signing.wire.base import Tone
from tests.unit.desktop.test_seat_panels import PRIMARY_STATES, show


@pytest.fixture
def ground(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_it_stands_below_what_is_kept_clear_and_beside_what_is_not_in_its_way(ground: QWidget) -> None:
    first, second, aside = QRect(300, 70, 600, 26), QRect(400, 110, 60, 30), QRect(0, 60, 90, 300)
    for place in (first, second, aside):
        widget = QWidget(ground)
        widget.setGeometry(place)
        widget.show()
        keep_clear(widget)
    toast = Toast(ground)
    toast.display(Tone.NOTICE, "找到上次未上传完的录像 1 份，正在补传")
    assert not any(toast.geometry().intersects(place) for place in (first, second, aside))
    assert toast.y() < second.bottom() + 20, "just below, not further"


def test_it_stands_at_the_head_where_nothing_is_in_its_way(ground: QWidget) -> None:
    toast = Toast(ground)
    toast.display(Tone.NOTICE, "密码已修改")
    assert toast.y() == TOAST_TOP


def test_a_click_takes_it_away(ground: QWidget, qtbot: QtBot) -> None:
    toast = Toast(ground)
    toast.display(Tone.STOP, "保证人 丁*山 还没有核验身份，不能回答告知。请先核验身份")
    qtbot.mouseClick(toast, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    assert toast.isHidden()


def test_the_word_of_the_recording_is_never_under_one(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, PRIMARY_STATES[3][0])
    qtbot.wait(10)
    recording = workspace.findChild(QWidget, "stage.recording")
    assert recording is not None
    toast = Toast(workspace)
    for width in (1024, 1366, 1920):
        workspace.resize(width, 700)
        qtbot.wait(10)
        toast.display(Tone.CAUTION, "摄像头已断开，客户暂时看不到您；插回后自动继续，或在“音视频设备”里换一个")
        place = QRect(recording.mapTo(workspace, QPoint()), recording.size())
        assert not toast.geometry().intersects(place), width
