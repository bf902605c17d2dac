# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The register of readers: what an item says, when a registration counts, what may be acknowledged, who vanished."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import (
    ACTIVE,
    HELD,
    MalformedItem,
    NewerSchema,
    Reader,
    RegionMap,
    RegisteredReader,
    UnderWay,
    VanishedReaders,
    highest,
    maps_of,
    reader_removal,
    reader_write,
    readers_of,
    seconds_until_vanished,
    to_attributes,
)
from protocol.encoding import from_attributes
from protocol.limits import REGISTER_SECONDS, REGISTRATION_SECONDS, VIEW_TTL_SECONDS
from tests.unit.protocol.dynamodb import Refused, Table

HERE, THERE = "sa-east-1", "us-east-1"
KNOWN = RegionMap(4, {HERE: ACTIVE, THERE: "PASSIVE"}, "run", "lease@there")
READER = RegisteredReader(HERE, "task-1", "arn:task", 3, 4, KNOWN, 10.0, 20.0, {"sales": ["a", "b"]})
texts = st.text("abcdef0123456789-", min_size=1, max_size=12)


@given(
    st.builds(
        RegisteredReader,
        st.sampled_from([HERE, THERE]),
        texts,
        texts,
        st.integers(1, 10**9),
        st.integers(0, 10**6),
        st.just(KNOWN),
        st.integers(1, 300).map(float),
        st.integers(0, 600).map(float),
        st.dictionaries(texts, st.lists(texts, max_size=3), max_size=2),
    )
)
def test_what_is_written_is_what_is_read(reader):
    assert readers_of([reader.to_attributes(), KNOWN.to_attributes(HERE)], reader.region) == {reader.name: reader}


def test_the_readers_of_other_regions_are_left_out_of_a_region_s_register():
    other = replace(READER, region=THERE, name="task-2")
    assert readers_of([READER.to_attributes(), other.to_attributes()], HERE).keys() == {"task-1"}


def test_an_earlier_reader_takes_an_item_of_the_register_for_one_more_with_that_map():
    """Its version of `maps_of` left nothing out: it must meet nothing malformed, and no other content of an epoch."""
    item = from_attributes(READER.to_attributes())
    item.pop("region")
    assert highest([RegionMap.from_dict(item), KNOWN]) == KNOWN


def test_the_register_is_no_part_of_the_map():
    assert maps_of([READER.to_attributes(), KNOWN.to_attributes(HERE)]) == {HERE: KNOWN}


def test_an_item_that_cannot_be_read_says_why():
    item = from_attributes(READER.to_attributes())
    with pytest.raises(NewerSchema, match="reader task-1 of sa-east-1"):
        readers_of([to_attributes({**item, "reader": {**item["reader"], "schema": 99}})], HERE)
    with pytest.raises(MalformedItem, match="counter"):
        counterless = {key: value for key, value in item["reader"].items() if key != "counter"}
        readers_of([to_attributes({**item, "reader": counterless})], HERE)
    with pytest.raises(MalformedItem, match="what it tells of itself"):
        readers_of([to_attributes({key: value for key, value in item.items() if key != "reader"})], HERE)


def test_an_item_is_removed_only_as_it_was_seen():
    table = Table("region")
    table.put_item(**reader_write("state", replace(READER, counter=4)))
    with pytest.raises(Refused):
        table.delete_item(**reader_removal("state", READER))
    table.delete_item(**reader_removal("state", replace(READER, counter=4)))
    assert not table.items


def test_who_has_acknowledged_an_epoch_has_let_go_of_those_before():
    assert READER.has_let_go(3) and READER.has_let_go(4) and not READER.has_let_go(5)
    assert READER.fence_seconds == 30.0


def make_reader() -> Reader:
    """A reader of a region without peers, which joins at once."""
    return Reader(HERE, 0.0, registers=True)


ALONE = RegionMap(1, {HERE: ACTIVE}, "run", "lease@there")
HOLD = RegionMap(2, {HERE: HELD}, "run", "lease@there")


def test_only_a_read_after_the_registering_gives_a_right():
    reader = make_reader()
    reader.read_local({HERE: ALONE}, 1.0)
    assert not reader.may_claim(1.0)
    reader.registration.written(2.0, 3.0)
    assert not reader.may_claim(3.0), "what was read before it was registered"
    reader.read_local({HERE: ALONE}, 2.5)
    assert not reader.may_claim(3.0), "the read was sent before the answer to the registering"
    reader.read_local({HERE: ALONE}, 3.0)
    assert reader.may_claim(3.0)


def test_a_registration_that_is_not_renewed_ends_the_right():
    reader = make_reader()
    reader.registration.written(0.0, 0.5)
    end = REGISTRATION_SECONDS
    reader.read_local({HERE: ALONE}, end - 1.0)
    assert reader.may_claim(end - 0.1) and not reader.may_claim(end)


def test_after_a_registration_that_had_ceased_to_count_what_was_read_before_gives_no_right():
    reader = make_reader()
    reader.registration.written(0.0, 0.5)
    end = REGISTRATION_SECONDS
    reader.read_local({HERE: ALONE}, end - 1.0)
    reader.registration.written(end - 2.0, end + 1.0)  # sent in time, and answered too late to know what happened
    assert not reader.may_claim(end + 1.0)
    reader.read_local({HERE: ALONE}, end + 1.0)
    assert reader.may_claim(end + 1.0)


def test_a_registration_that_is_renewed_in_time_keeps_the_right():
    reader = make_reader()
    reader.registration.written(0.0, 0.5)
    reader.read_local({HERE: ALONE}, REGISTER_SECONDS - 1)
    assert not reader.registration.is_due(REGISTER_SECONDS - 1) and reader.registration.is_due(REGISTER_SECONDS)
    reader.registration.written(REGISTER_SECONDS, REGISTER_SECONDS + 1)
    assert reader.may_claim(REGISTER_SECONDS + 1)


def test_who_may_not_register_acts_without():
    reader = make_reader()
    reader.registration.waive()
    reader.read_local({HERE: ALONE}, 1.0)
    assert reader.may_claim(1.0) and not reader.registration.is_due(1.0)


def test_an_epoch_is_acknowledged_when_nothing_of_those_before_is_under_way():
    reader = make_reader()
    reader.registration.written(0.0, 0.0)
    reader.read_local({HERE: ALONE}, 1.0)
    first, second = reader.begin(), reader.begin()
    reader.read_local({HERE: HOLD}, 2.0)
    assert reader.let_go == 1
    reader.under_way.end(first)
    assert reader.let_go == 1
    reader.begin()  # under the hold: it ends in no claim
    reader.under_way.end(second)
    assert reader.let_go == 2


@given(st.lists(st.tuples(st.sampled_from(["begin", "end", "learn"]), st.integers(0, 5)), max_size=40))
def test_what_is_acknowledged_never_falls_and_covers_all_that_is_under_way(events):
    under_way, begun, epoch, acknowledged = UnderWay(), {}, 1, 0
    for what, number in events:
        if what == "learn":
            epoch += number
        elif what == "begin":
            begun[under_way.begin(epoch)] = epoch
        elif begun:
            token = sorted(begun)[number % len(begun)]
            under_way.end(token)
            del begun[token]
        now = under_way.let_go_up_to(epoch)
        assert now >= acknowledged and all(each >= now for each in begun.values())
        acknowledged = now


def test_a_reader_looks_often_while_its_region_is_held():
    reader = make_reader()
    reader.read_local({HERE: ALONE}, 1.0)
    assert reader.refresh_seconds(1.0) == 1.0
    reader.read_local({HERE: HOLD}, 2.0)
    assert reader.refresh_seconds(1.0) == 0.25 and reader.refresh_seconds(0.1) == 0.1


def test_a_reader_has_vanished_when_its_item_stays_the_same_for_longer_than_it_may_act():
    watch, long = VanishedReaders(), seconds_until_vanished(READER)
    assert long == REGISTRATION_SECONDS + VIEW_TTL_SECONDS + READER.claim_to_effect
    assert watch.look({"task-1": READER}, 0.0, 5.0) == []
    assert watch.look({"task-1": READER}, 5.0 + long, 5.0 + long) == [], "counted from the answer to the sending"
    assert watch.look({"task-1": READER}, 5.1 + long, 6.0 + long) == [READER]


def test_a_reader_that_writes_anew_or_comes_back_is_watched_anew():
    watch, long = VanishedReaders(), seconds_until_vanished(READER)
    watch.look({"task-1": READER}, 0.0, 0.0)
    assert watch.look({"task-1": replace(READER, counter=4)}, long + 1, long + 1) == []
    assert watch.look({}, long + 2, long + 2) == []
    assert watch.look({"task-1": replace(READER, counter=4)}, 2 * long + 3, 2 * long + 3) == []
