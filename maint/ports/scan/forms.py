"""The calls that open a port or go to one, and where in them the address is."""

from __future__ import annotations

from typing import NamedTuple

BIND, CONNECT = "bind", "connect"


class Form(NamedTuple):
    """One way to call a function. ``host`` and ``port`` are positions, -1 for by name alone.

    ``address`` is the position of both in one, or None. ``default`` is the port without one, ``needs`` the
    packages of which one must be imported, None for none. ``method`` tells attribute calls from plain ones.
    """

    role: str
    kind: str
    address: int | None = None
    host: int = -1
    port: int = -1
    words: tuple[str, ...] = ("address", "addr", "endpoint", "server_address")
    default: int | None = None
    default_host: str = "*"
    needs: tuple[str, ...] = ()
    proto: str = "tcp"


def _server(kind: str, needs: tuple[str, ...] = (), proto: str = "tcp") -> Form:
    return Form(BIND, kind, address=0, needs=needs, proto=proto)


_HTTP_CLIENTS = Form(CONNECT, "http", address=0, words=("url", "base_url"))
# a class of these takes (host, port) first, and so do its subclasses
SERVERS: dict[str, Form] = {
    "HTTPServer": _server("http", ("http", "BaseHTTPServer", "tornado")),
    "ThreadingHTTPServer": _server("http"),
    "TCPServer": _server("socketserver", ("socketserver", "SocketServer")),
    "ThreadingTCPServer": _server("socketserver"),
    "ForkingTCPServer": _server("socketserver"),
    "UDPServer": _server("socketserver", proto="udp"),
    "ThreadingUDPServer": _server("socketserver", proto="udp"),
    "SimpleXMLRPCServer": _server("xmlrpc"),
    "WSGIServer": _server("wsgi"),
    "StreamServer": _server("gevent", ("gevent",)),
    "DatagramServer": _server("gevent", ("gevent",), "udp"),
    "Listener": _server("multiprocessing", ("multiprocessing",)),
    "BaseManager": _server("multiprocessing", ("multiprocessing",)),
}
FORMS: dict[str, tuple[Form, ...]] = {
    **{name: (form,) for name, form in SERVERS.items()},
    "start_server": (Form(BIND, "asyncio", host=1, port=2, needs=("asyncio", "anyio", "trio", "gevent")),),
    "create_server": (
        Form(BIND, "asyncio", host=1, port=2, needs=("asyncio", "uvloop")),
        Form(BIND, "socket", address=0, needs=("socket",)),
    ),
    "open_connection": (Form(CONNECT, "asyncio", host=0, port=1, needs=("asyncio",)),),
    "create_connection": (
        Form(CONNECT, "asyncio", host=1, port=2, needs=("asyncio",)),
        Form(CONNECT, "socket", address=0),
    ),
    "create_datagram_endpoint": (
        Form(BIND, "asyncio", address=-1, words=("local_addr",), proto="udp"),
        Form(CONNECT, "asyncio", address=-1, words=("remote_addr",), proto="udp"),
    ),
    "make_server": (Form(BIND, "wsgi", host=0, port=1, needs=("wsgiref", "werkzeug")),),
    "run_simple": (Form(BIND, "wsgi", host=0, port=1, needs=("werkzeug",)),),
    "add_insecure_port": (Form(BIND, "grpc", address=0),),
    "add_secure_port": (Form(BIND, "grpc", address=0),),
    "insecure_channel": (Form(CONNECT, "grpc", address=0, words=("target",)),),
    "secure_channel": (Form(CONNECT, "grpc", address=0, words=("target",)),),
    "run": (
        Form(BIND, "http", host=-1, port=-1, default=8000, default_host="127.0.0.1", needs=("uvicorn",)),
        Form(BIND, "http", host=0, port=1, default=5000, default_host="127.0.0.1", needs=("flask", "quart")),
        Form(BIND, "http", needs=("bottle", "sanic", "fastapi", "starlette", "cherrypy", "hug", "connexion")),
    ),
    "Config": (
        Form(BIND, "http", host=-1, port=-1, default=8000, default_host="127.0.0.1", needs=("uvicorn",)),
    ),
    "run_app": (Form(BIND, "http", default=8080, needs=("aiohttp",)),),
    "TCPSite": (Form(BIND, "http", host=1, port=2, default=8080),),
    "serve": (Form(BIND, "websocket", host=1, port=2, needs=("websockets", "waitress", "hypercorn")),),
    "serve_forever": (),
    "listen": (Form(BIND, "listen", host=1, port=0, needs=("tornado",)),),
    "listenTCP": (Form(BIND, "twisted", port=0),),
    "listenUDP": (Form(BIND, "twisted", port=0, proto="udp"),),
    "connectTCP": (Form(CONNECT, "twisted", host=0, port=1),),
    "start_http_server": (Form(BIND, "http", host=1, port=0, needs=("prometheus_client",)),),
    "Client": (Form(CONNECT, "multiprocessing", address=0, needs=("multiprocessing",)),),
    "ServerProxy": (_HTTP_CLIENTS,),
    "HTTPConnection": (Form(CONNECT, "http", host=0, port=1, needs=("http", "httplib")),),
    "SMTP": (Form(CONNECT, "smtp", host=0, port=1, needs=("smtplib",)),),
    "Redis": (Form(CONNECT, "redis", host=0, port=1, needs=("redis",)),),
    "StrictRedis": (Form(CONNECT, "redis", host=0, port=1, needs=("redis",)),),
    "urlopen": (_HTTP_CLIENTS,),
    "ws_connect": (_HTTP_CLIENTS,),
    "create_websocket_connection": (_HTTP_CLIENTS,),
    **{
        name: (_HTTP_CLIENTS._replace(needs=("requests", "httpx")),)
        for name in ("get", "post", "put", "delete")
    },
}
# methods of ZeroMQ devices, for each of their sockets
OF_DEVICES = {f"{role}_{socket}": role for role in (BIND, CONNECT) for socket in ("in", "out", "mon", "ctrl")}
METHODS = {"bind": BIND, "connect": CONNECT, "connect_ex": CONNECT, **OF_DEVICES}
# a URL of these is a site only when it says where to: host and port in the code
PICKY = frozenset({"http", "smtp", "redis"})
