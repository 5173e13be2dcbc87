"""What an administrator sees."""

from PySide6.QtWidgets import QWidget

from signing.wire.staff import StaffRole
from tests.screenshots.registry import chapter, window
from tests.screenshots.studio import Studio

chapter("administrator", "管理员")


@window("administrator", "管理员登录后")
def administrator(studio: Studio) -> QWidget:
    someone = studio.course.seat["idle"].staff
    staff = someone.model_copy(
        update={"role": StaffRole.ADMINISTRATOR, "name": "管理员", "seat_id": None, "seat_label": ""}
    )
    return studio.enter(staff)
