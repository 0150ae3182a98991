import zmq

from cluster.helpers_url import endpoint

sock = zmq.Context().socket(zmq.REP)
sock.bind(endpoint(4020))
