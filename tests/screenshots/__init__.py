"""``make screenshots``: every screen and state of all roles, of the phone, the film, the papers and the check page, as
pictures with an index page.

A scene is one function, registered by a decorator. To add scenes of a room of your own, write a module here (or add to
one) and name it in ``registry.MODULES``:

    from tests.screenshots.registry import chapter, window
    from tests.screenshots.studio import Studio

    chapter("supervisor", "看板")

    @window("supervisor", "看板：没有人排队")
    def nobody_waits(studio: Studio) -> QWidget:
        return studio.board(b.State(view=studio.course.board["quiet"]))

``chapter`` says where in the room's journey the scenes after it stand. A window's scene returns what is to be
photographed, dialogs over it included. It is drawn offscreen in each look of a window (``registry.LOOKS``: light, dark,
150 %, 200 %, wide), each in a process of its own. ``studio.course`` holds what the real service showed in the course of
a real case of four; ``studio.seat``, ``studio.board`` and ``studio.window`` put it into the real window.

    @phone("排队")
    def queue(page: Phone, stage: Stage) -> None:
        at(page, stage, PhoneStep.QUEUE, queue=…)

A phone's scene brings the page of a real Chromium to the state and returns; it is drawn in each look of a phone.
``check`` is the same of the public check page; ``still`` draws a paper or a picture of a recording by itself. The
function's name is the file's: keep it when you change the picture.

    python -m tests.screenshots --list                            the scenes by room and chapter
    python -m tests.screenshots --only supervisor papers          some rooms
    python -m tests.screenshots --only ringing --look dark        one scene in one look
    python -m tests.screenshots --course /tmp/course.json …       keeps the ten seconds of the service's case

A scene that fails, and a process that ends or stands still, cost the picture alone: the rest is drawn, the index page
shows the trouble in the picture's place, the command names it at its end and returns 1. What is drawn by itself takes
the place of its own pictures in the index.
"""
