"""``make screenshots``: every screen and state of all roles, and of the phone, as pictures with an index page.

A scene is one function, registered by a decorator. To add scenes of a room of your own, write a module here (or add to
one) and name it in ``registry.MODULES``:

    from tests.screenshots.registry import window
    from tests.screenshots.studio import Studio

    @window("supervisor", "看板：没有人排队")
    def nobody_waits(studio: Studio) -> QWidget:
        return studio.board(b.State(view=studio.course.board["quiet"]))

A window's scene returns what is to be photographed, dialogs over it included. It is drawn offscreen in each of
``registry.LOOKS`` (light, dark, 150 %, 200 %), each in a process of its own. ``studio.course`` holds what the real
service showed in the course of a real case of four; ``studio.seat``, ``studio.board`` and ``studio.window`` put it into
the real window.

    from tests.screenshots.registry import phone

    @phone("排队")
    def queue(page: Phone, stage: Stage) -> None:
        at(page, stage, PhoneStep.QUEUE, queue=…)

A phone's scene brings the page of a real Chromium to the state and returns; it is drawn in each of
``registry.PHONES``. The function's name is the file's: keep it when you change the picture.

``python -m tests.screenshots --only supervisor`` (or ``agent``, ``phone``…) draws one room in seconds.
"""
