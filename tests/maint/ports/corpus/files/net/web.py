import http.server
import os
import socketserver
from http.server import HTTPServer, SimpleHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from aiohttp import web
from flask import Flask
from prometheus_client import start_http_server

app = Flask(__name__)
PORT = 8000


class Quiet(socketserver.TCPServer):
    allow_reuse_address = True


def everything():
    httpd = HTTPServer(("localhost", PORT), SimpleHTTPRequestHandler)
    threaded = ThreadingHTTPServer(("", 8001), SimpleHTTPRequestHandler)
    with socketserver.TCPServer(("", 8002), http.server.SimpleHTTPRequestHandler) as server:
        server.handle_request()
    quiet = Quiet(("127.0.0.1", 8003), None)
    udp = socketserver.UDPServer(("127.0.0.1", 8004), None)
    start_http_server(8005)
    web.run_app(web.Application(), host="0.0.0.0", port=8006)
    uvicorn.run("app:app", host="0.0.0.0", port=int(os.getenv("PORT", 8007)))
    return httpd, threaded, quiet, udp


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8008, debug=True)
