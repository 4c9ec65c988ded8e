"""What a month has cost, and what people are marked with: on both databases."""

from datetime import date

from standins.population import settle_in

from bot.domain.message import ChannelName

NOVEMBER = date(2026, 11, 1)


def test_a_month_adds_up_by_channel(desk):
    for channel, micros in ((ChannelName.SMS, 5), (ChannelName.SMS, 7), (ChannelName.CALL, 4_000_000_000)):
        desk.run(lambda uow, channel=channel, micros=micros: uow.spending.add(NOVEMBER, channel, micros, 1))
    desk.run(lambda uow: uow.spending.add(date(2026, 12, 1), ChannelName.SMS, 1, 1))
    assert desk.run(lambda uow: uow.spending.of(NOVEMBER)) == {ChannelName.SMS: 12, ChannelName.CALL: 4_000_000_000}
    assert desk.run(lambda uow: uow.spending.of(date(2026, 1, 1))) == {}
    assert desk.rows("SELECT messages FROM spending WHERE channel = 'sms' AND micros = 12") == [(2,)]


def test_people_are_marked_once_and_a_mark_goes_with_the_person(desk):
    nora, rosa = desk.run(lambda uow: settle_in(uow, [{}, {}]))

    def mark(uow):
        for person_id, tag in ((nora, "comite"), (nora, "comite"), (nora, "taller"), (rosa, "comite")):
            uow.tags.put(person_id, tag)
        uow.tags.drop(rosa, "nothing")

    desk.run(mark)
    assert desk.run(lambda uow: (uow.tags.all(), uow.tags.of(nora))) == ({"comite": 2, "taller": 1}, ["comite", "taller"])
    desk.run(lambda uow: uow.tags.drop(nora, "taller"))
    desk.run(lambda uow: uow.people.erase(rosa))
    assert desk.run(lambda uow: uow.tags.all()) == {"comite": 1}
