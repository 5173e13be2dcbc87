"""What the folded queue would say: each thing once, the worst of it in the tone."""

from desktop.model import workspace as w
from desktop.seat.folded import told
from signing.wire.base import Tone
from signing.wire.queue import QueueDoor
from tests.unit.desktop import views


def state(door: QueueDoor, *stages: w.UploadStage) -> w.State:
    uploads = {str(n): w.Upload(str(n), f"2026-{n}", stage, 1, 2, "磁盘读不出来") for n, stage in enumerate(stages)}
    return w.State(view=views.view().model_copy(update={"door": door}), uploads=uploads)


def test_nothing_is_said_of_what_goes_its_way() -> None:
    assert told(w.State()) == []
    assert told(state(QueueDoor(), w.UploadStage.CURRENT, w.UploadStage.DONE)) == []


def test_after_the_call_the_panel_tells_of_its_own_recording() -> None:
    about = views.case().model_copy(update={"case_no": "2026-0"})
    both = state(QueueDoor(), w.UploadStage.WAITING, w.UploadStage.WAITING)
    assert both.view is not None
    after = w.State(view=both.view.model_copy(update={"case": about}), uploads=both.uploads)
    assert told(after) == [("录像等待上传", Tone.NOTICE)]


def test_recordings_of_which_the_same_is_to_be_said_are_counted() -> None:
    stages = (w.UploadStage.WAITING, w.UploadStage.STUCK, w.UploadStage.WAITING)
    assert told(state(QueueDoor(joins=False, message="已下班"), *stages)) == [
        ("不再接受排队：已下班", Tone.CAUTION),
        ("2 份录像等待上传", Tone.NOTICE),
        ("录像未上传，文件仍在本机：磁盘读不出来", Tone.STOP),
    ]
