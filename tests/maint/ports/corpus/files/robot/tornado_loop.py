import zmq
from tornado.httpserver import HTTPServer
from tornado.options import define, options
from tornado.web import Application
from zmq.eventloop.zmqstream import ZMQStream

define("port", default=8880, help="http", type=int)
define("zmq_port", default=8881, type=int)


def main():
    app = Application([])
    app.listen(options.port)
    server = HTTPServer(app)
    server.listen(8882, address="127.0.0.1")
    sock = zmq.Context.instance().socket(zmq.PULL)
    sock.bind("tcp://*:%i" % options.zmq_port)
    return ZMQStream(sock)
