"""How the queue is run, as board, seat and phone show it."""

from signing.domain.opening import Gate, Stop
from signing.domain.phase import party_label
from signing.service.board import BoardSnapshot
from signing.service.booking import BookingSnapshot
from signing.service.snapshots import BookedSnapshot
from signing.wire import queue as wire


def door(gate: Gate) -> wire.QueueDoor:
    return wire.QueueDoor(joins=gate.joins, offers=gate.offers, message=gate.message, back_at=gate.back_at)


def appointment(booked: BookedSnapshot) -> wire.Appointment:
    made = booked.appointment
    return wire.Appointment(
        appointment_id=made.appointment_id,
        party_id=made.party_id,
        case_id=made.case_id,
        case_no=booked.case_no,
        product_title=booked.product_title,
        party_label=party_label(booked.party),
        starts_at=made.starts_at,
        ends_at=made.ends_at,
        window=made.window,
    )


def booking(found: BookingSnapshot) -> wire.Booking:
    days = [wire.OpenDay(opens_at=day.opens_at, closes_at=day.closes_at) for day in found.days]
    return wire.Booking(appointments=[appointment(one) for one in found.appointments], days=days)


def stop(one: Stop, board: BoardSnapshot) -> wire.QueueStop:
    branch = board.branches.get(one.branch_id or "")
    return wire.QueueStop(
        stop_id=one.stop_id,
        branch_id=one.branch_id,
        branch=branch.name if branch else "",
        emergency=one.emergency,
        message=one.message,
        reason=one.reason,
        since=one.since,
        until=one.until,
        by=board.agents.get(one.made_by, "系统"),
    )


def waits(board: BoardSnapshot) -> wire.WaitAccuracy:
    found = board.waits
    return wire.WaitAccuracy(count=found.count, told=found.told, waited=found.waited, error=found.error)
