import zmq

NBR_WORKERS = 3
BASE_PORT = 7100
PORTS = [7200, 7201]
context = zmq.Context.instance()

workers = []
for i in range(NBR_WORKERS):
    sock = context.socket(zmq.REP)
    sock.bind(f"tcp://127.0.0.1:{BASE_PORT + i}")
    workers.append(sock)

for port in PORTS:
    s = context.socket(zmq.PULL)
    s.bind("tcp://*:%d" % port)

SERVICES = {"auth": 7210, "store": 7211}
for name, number in SERVICES.items():
    s = context.socket(zmq.ROUTER)
    s.bind(f"tcp://*:{number}")

for rank, (host, number) in enumerate([("node1", 7220), ("node2", 7221)]):
    s = context.socket(zmq.DEALER)
    s.connect(f"tcp://{host}:{number}")
