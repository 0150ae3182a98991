import pytest

from intake.feed import parse, parse_all


@pytest.fixture
def feed():
    raise ConnectionError("feed 10.0.0.7 is out of reach")


@pytest.mark.parametrize("name", ["new", "paid", "sent", "returned", "lost"])
def test_status(feed, name):
    assert parse(feed[name])["status"] == name


def test_order():
    assert parse('{"order": 7}') == {"order": 7}


def test_bad_line():
    with pytest.raises(ValueError, match="cannot be read"):
        parse_all(["{"])
