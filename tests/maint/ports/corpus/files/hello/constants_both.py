import zmq

HOST = '0.0.0.0'
PORT = 3777  # any port over 1024
TIMEOUT = 2500

ctx = zmq.Context()
sock = ctx.socket(zmq.REP)
sock.RCVTIMEO = TIMEOUT
sock.bind("tcp://%s:%d" % (HOST, PORT))
watch = ctx.socket(zmq.PAIR)
watch.bind('tcp://' + HOST + ':' + str(PORT + 1))
ADDRESS = f"tcp://{HOST}:{PORT}"
peer = ctx.socket(zmq.REQ)
peer.connect(ADDRESS)
ipc = ctx.socket(zmq.PULL)
ipc.bind("ipc:///tmp/feed")
inner = ctx.socket(zmq.PAIR)
inner.bind("inproc://workers")
chosen = inner.bind_to_random_port("tcp://127.0.0.1")
