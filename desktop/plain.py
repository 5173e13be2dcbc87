"""For roles whose workspace this version does not have."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.widgets.parts import Icon, card, column, label
from signing.wire.staff import Staff, StaffRole

TITLES = {StaffRole.ADMINISTRATOR: "管理员"}


class PlainPage(QWidget):
    """Says so, kindly, and where the work can be done instead."""

    def __init__(self, staff: Staff, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.plain")
        box = card()
        box.setFixedWidth(520)
        layout = column(box, 12, (32, 28, 32, 28))
        title = TITLES.get(staff.role, staff.role.value)
        layout.addWidget(Icon("info", "notice", 28))
        layout.addWidget(label(f"{staff.name}，您好", "title"))
        layout.addWidget(label(f"这个版本还没有{title}的工作台，登录是成功的，您的账号没有问题。", wrap=True))
        layout.addWidget(label("人员和席位目前请在服务器上用 pingqian 命令维护。", "second", wrap=True))
        column(self).addWidget(box, alignment=Qt.AlignmentFlag.AlignCenter)
