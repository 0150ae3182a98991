import zmq

ctx = zmq.Context()
sock = ctx.socket(zmq.REP)
<<<<<<< HEAD
sock.bind("tcp://*:5602")
=======
sock.bind("tcp://*:5603")
>>>>>>> feature
