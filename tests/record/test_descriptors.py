"""Which descriptors are open: asked for in detail only where something has moved, and never wrong for it."""

import os
import socket
from pathlib import Path

from greenroom.record.descriptors import Descriptors, target_of


def test_what_was_opened_is_there_and_gone_once_it_is_closed(tmp_path: Path) -> None:
    descriptors = Descriptors()
    before = descriptors.look()

    number = os.open(tmp_path / "a.txt", os.O_CREAT | os.O_WRONLY)
    during = descriptors.look()
    os.close(number)

    assert during == before | {number: str(tmp_path / "a.txt")}
    assert descriptors.look() == before


def test_what_was_opened_and_closed_since_leaves_nothing(tmp_path: Path) -> None:
    descriptors = Descriptors()
    before = descriptors.look()

    os.close(os.open(tmp_path / "a.txt", os.O_CREAT | os.O_WRONLY))

    assert descriptors.look() == before


def test_another_file_behind_the_same_number_is_seen(tmp_path: Path) -> None:
    number = os.open(tmp_path / "a.txt", os.O_CREAT | os.O_WRONLY)
    descriptors = Descriptors()
    descriptors.look()
    other = os.open(tmp_path / "b.txt", os.O_CREAT | os.O_WRONLY)

    os.dup2(other, number)
    os.close(other)
    try:
        assert descriptors.look()[number] == str(tmp_path / "b.txt")
    finally:
        os.close(number)


def test_one_closed_and_another_opened_is_seen() -> None:
    with socket.socket() as kept, socket.socket() as closed:
        descriptors = Descriptors()
        before = descriptors.look()
        number = closed.fileno()
        closed.close()
        ends = os.pipe()
        os.close(ends[1])
        try:
            after = descriptors.look()
            assert after[ends[0]].startswith("pipe:")
            assert after[kept.fileno()] == before[kept.fileno()]
            assert after.get(number) != before[number]
        finally:
            os.close(ends[0])


def test_a_file_that_is_removed_while_it_is_open_stays_what_it_was(tmp_path: Path) -> None:
    number = os.open(tmp_path / "a.txt", os.O_CREAT | os.O_WRONLY)
    descriptors = Descriptors()
    before = descriptors.look()
    (tmp_path / "a.txt").unlink()
    others = os.pipe()
    try:
        assert descriptors.look()[number] == before[number]
    finally:
        for each in (number, *others):
            os.close(each)


def test_a_closed_descriptor_leads_nowhere() -> None:
    ends = os.pipe()
    for each in ends:
        os.close(each)

    assert target_of(ends[0]) == ""


def test_what_was_open_before_the_first_test_is_seen_only_once_it_was_closed(tmp_path: Path) -> None:
    number = os.open(tmp_path / "a.txt", os.O_CREAT | os.O_WRONLY)
    other = os.open(tmp_path / "b.txt", os.O_CREAT | os.O_WRONLY)
    descriptors = Descriptors()
    descriptors.settle_once()

    os.dup2(other, number)
    replaced = descriptors.look()
    os.close(number)
    closed = descriptors.look()
    os.dup2(other, number)
    try:
        assert replaced[number] == str(tmp_path / "a.txt")
        assert number not in closed
        assert descriptors.look()[number] == str(tmp_path / "b.txt")
    finally:
        for each in (number, other):
            os.close(each)


def test_what_was_opened_after_it_settled_is_asked_each_time(tmp_path: Path) -> None:
    descriptors = Descriptors()
    descriptors.settle_once()
    number = os.open(tmp_path / "a.txt", os.O_CREAT | os.O_WRONLY)
    other = os.open(tmp_path / "b.txt", os.O_CREAT | os.O_WRONLY)
    descriptors.look()

    os.dup2(other, number)
    descriptors.settle_once()
    try:
        assert descriptors.look()[number] == str(tmp_path / "b.txt")
    finally:
        for each in (number, other):
            os.close(each)
