"""``zmq_fault_proxy`` between real sockets: what it does to messages, and that it always ends."""

import threading

import pytest
import zmq

RUNS = 20


@pytest.fixture
def context():
    with zmq.Context() as context:
        context.setsockopt(zmq.LINGER, 0)
        context.setsockopt(zmq.RCVTIMEO, 5000)
        yield context


@pytest.fixture
def connected(context):
    """Make a socket of the test's context that is connected to an endpoint."""
    made = []

    def connect(type, endpoint, **options):
        socket = context.socket(type)
        made.append(socket)
        for name, value in options.items():
            setattr(socket, name, value)
        socket.connect(endpoint)
        return socket

    yield connect
    for socket in made:
        socket.close()


def pushed(connected, proxy, count, arriving):
    """Push ``count`` numbers through, and return the ``arriving`` ones that come out."""
    push, pull = connected(zmq.PUSH, proxy.front), connected(zmq.PULL, proxy.back)
    for number in range(count):
        push.send(b"%d" % number)
    return [int(pull.recv()) for _ in range(arriving)]


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_without_faults_everything_passes_both_ways(zmq_fault_proxy, connected, transport):
    proxy = zmq_fault_proxy(transport=transport)
    server, client = connected(zmq.REP, proxy.back), connected(zmq.REQ, proxy.front)
    for number in range(10):
        client.send_multipart([b"%d" % number, b"", b"x"])
        assert server.recv_multipart() == [b"%d" % number, b"", b"x"]
        server.send(b"answer")
        assert client.recv() == b"answer"
    assert [entry.actions for entry in proxy.log] == [()] * 20


def test_every_third_message_is_dropped(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH).drop(every=3)
    assert pushed(connected, proxy, 7, 5) == [0, 1, 3, 4, 6]


def test_messages_are_duplicated_and_reordered(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH).duplicate(at=[1]).reorder(window=2)
    assert pushed(connected, proxy, 4, 5) == [1, 1, 0, 3, 2]


def test_corruption_leaves_the_way_back_alone(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(seed=7).corrupt(direction="to_front").truncate(at=[1], direction="to_back")
    server, client = connected(zmq.REP, proxy.back), connected(zmq.REQ, proxy.front)
    for sent in (b"first", b"second"):
        client.send(sent)
        received = server.recv()
        assert sent.startswith(received)
        server.send(b"answer")
        answer = client.recv()
        assert len(answer) == 6
        assert (int.from_bytes(answer) ^ int.from_bytes(b"answer")).bit_count() == 1
    assert len(received) < 6


def test_a_topic_stays_whole_and_subscriptions_are_no_messages(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(zmq.XSUB, zmq.XPUB).corrupt().drop(at=[0])
    publisher, subscriber = connected(zmq.XPUB, proxy.front), connected(zmq.SUB, proxy.back)
    subscriber.subscribe("topic")
    assert publisher.recv() == b"\1topic"
    for number in range(3):
        publisher.send_multipart([b"topic", b"%d" % number])
    received = [subscriber.recv_multipart() for _ in range(2)]
    assert [topic for topic, _ in received] == [b"topic", b"topic"]
    assert [entry.message for entry in proxy.log] == [0, 1, 2]


def test_a_partition_is_a_silence_that_heals(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(zmq.PAIR, zmq.PAIR)
    front, back = connected(zmq.PAIR, proxy.front), connected(zmq.PAIR, proxy.back)
    proxy.partition("back")
    front.send(b"lost")
    proxy.wait_for(1)
    back.send(b"the other way is open")
    assert front.recv() == b"the other way is open"
    proxy.heal()
    front.send(b"arrives")
    assert back.recv() == b"arrives"
    assert list(map(str, proxy.log)) == ["to_back 0: partition", "to_back 1: pass", "to_front 0: pass"]


def test_a_delay_passes_with_the_clock_of_the_test(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH, virtual=True).delay(ms=(5, 20))
    push, pull = connected(zmq.PUSH, proxy.front), connected(zmq.PULL, proxy.back)
    push.send(b"late")
    proxy.wait_for(1).advance(4.9)
    assert not pull.poll(20)
    proxy.advance(15.2)
    assert pull.recv() == b"late"


def test_a_delay_passes_with_the_time_as_well(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH).delay(ms=(1, 3))
    assert pushed(connected, proxy, 5, 5) == list(range(5))


def test_a_server_that_binds_is_reached(zmq_fault_proxy, connected, context, tmp_path):
    with context.socket(zmq.REP) as server:
        server.bind("tcp://127.0.0.1:*")
        proxy = zmq_fault_proxy(connect_back=server.last_endpoint.decode())
        client = connected(zmq.REQ, proxy.front)
        client.send(b"hello")
        assert server.recv() == b"hello"
    assert proxy.back.startswith("tcp://127.0.0.1:")


def test_messages_wait_for_a_side_that_is_not_there_yet(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH)
    push = connected(zmq.PUSH, proxy.front)
    for number in range(3):
        push.send(b"%d" % number)
    proxy.wait_for(3)
    pull = connected(zmq.PULL, proxy.back)
    assert [pull.recv() for _ in range(3)] == [b"0", b"1", b"2"]


def test_a_lost_answer_blocks_a_req_but_not_a_relaxed_one(zmq_fault_proxy, connected):
    proxy = zmq_fault_proxy().drop(at=[0], direction="to_front")
    server = connected(zmq.REP, proxy.back)
    relaxed = connected(zmq.REQ, proxy.front, req_relaxed=1, req_correlate=1)
    relaxed.send(b"first")
    server.send(server.recv())
    proxy.wait_for(1, direction="to_front")
    relaxed.send(b"again")
    server.send(server.recv())
    assert relaxed.recv() == b"again"
    strict = connected(zmq.REQ, proxy.front)
    strict.send(b"first")
    with pytest.raises(zmq.ZMQError, match="current state"):
        strict.send(b"again")


def test_the_same_seed_writes_the_same_log(zmq_fault_proxy, connected):
    logs = set()
    for _ in range(RUNS):
        proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH, seed=7, virtual=True)
        proxy.drop(p=0.2).delay(ms=(5, 20)).duplicate(p=0.1).corrupt(p=0.1, bits=2).reorder(window=3)
        push = connected(zmq.PUSH, proxy.front)
        for number in range(30):
            push.send(b"message %d" % number)
        proxy.wait_for(30)
        logs.add(tuple(proxy.log))
    assert len(logs) == 1
    (log,) = logs
    assert {action.split()[0] for entry in log for action in entry.actions} == {
        "drop",
        "delay",
        "duplicate",
        "corrupt",
        "reorder",
    }


def test_another_seed_writes_another_log(zmq_fault_proxy, connected):
    logs = set()
    for seed in range(3):
        proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH, seed=seed).drop(p=0.5)
        push = connected(zmq.PUSH, proxy.front)
        for _ in range(30):
            push.send(b"message")
        logs.add(tuple(proxy.wait_for(30).log))
    assert len(logs) == 3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda make: make(zmq.REP, zmq.REQ), "front/back is REP/REQ"),
        (lambda make: make(transport="inproc"), "transport is 'inproc'"),
        (lambda make: make().drop(), "give one of every="),
        (lambda make: make().reorder(window=1), "window is 1"),
        (lambda make: make().delay(ms=(20, 5)), "ms is"),
        (lambda make: make().partition("left"), "side is 'left'"),
        (lambda make: make().drop(every=2, direction="up"), "direction is 'up'"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(zmq_fault_proxy, call, said):
    with pytest.raises(ValueError, match=said):
        call(zmq_fault_proxy)


def test_what_libzmq_refuses_is_raised_where_the_proxy_is_made(zmq_fault_proxy):
    with pytest.raises(zmq.ZMQError):
        zmq_fault_proxy(connect_back="tcp://nowhere")


def test_a_proxy_ends_with_a_test_that_failed_in_the_middle_of_everything(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("""
        import threading, zmq

        def test_fails(zmq_fault_proxy):
            proxy = zmq_fault_proxy(zmq.PULL, zmq.PUSH)
            proxy.delay(ms=600_000).partition("front").reorder(window=100)
            with zmq.Context() as context, context.socket(zmq.PUSH) as push:
                push.linger = 0
                push.connect(proxy.front)
                for _ in range(2000):
                    push.send(b"nobody takes it")
                assert not "everything"

        def test_after():
            assert "zmq-fault-proxy" not in {thread.name for thread in threading.enumerate()}
    """)
    pytester.runpytest_inprocess("-p", "pytest_maint.plugin").assert_outcomes(failed=1, passed=1)


def test_many_threads_may_arm_faults(zmq_fault_proxy):
    proxy = zmq_fault_proxy()
    threads = [threading.Thread(target=proxy.drop, kwargs={"every": number}) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fault.when.every for fault in proxy._lanes["to_back"].faults) == list(range(1, 9))
