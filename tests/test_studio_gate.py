"""Who may come in: every route, method and credential."""

import asyncio
import itertools
import json

import pytest
from starlette.routing import Route, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from pellucid import _limits
from pellucid.studio.gate import METHODS, POLICY, Gate
from studio_client import TOKEN, running

OTHER = "x" * 43
PATHS = {
    "/": "/",
    "/assets/{name}": "/assets/page.js",
    "/upload": "/upload",
    "/download/{number:int}": "/download/1",
    "/socket": "/socket",
}
"""A path for every route of the app; a new route without one fails."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


def credentials(studio):
    """Headers that are wrong, each in one way."""
    port, host = studio.port, studio.host
    wrong = {
        "no token": {"Cookie": None},
        "another token": {"Cookie": f"pellucid-{port}={OTHER}"},
        "another server's cookie": {"Cookie": f"pellucid-{port + 1}={TOKEN}"},
        "a longer token": {"Cookie": f"pellucid-{port}={TOKEN}t"},
        "an empty token": {"Cookie": f"pellucid-{port}="},
        "foreign host": {"Host": f"evil.example:{port}"},
        "host that begins alike": {"Host": f"127.0.0.1.evil.example:{port}"},
        "foreign host, no origin": {"Host": f"evil.example:{port}", "Origin": None},
        "foreign host and its origin": {  # as a name that was led to this machine
            "Host": f"evil.example:{port}",
            "Origin": f"http://evil.example:{port}",
        },
        "host without port": {"Host": "127.0.0.1"},
        "host without port, no origin": {"Host": "127.0.0.1", "Origin": None},
        "no host": {"Host": None},
        "foreign origin": {"Origin": "http://evil.example"},
        "origin of another port": {"Origin": f"http://127.0.0.1:{port + 1}"},
        "origin null": {"Origin": "null"},
        "https origin": {"Origin": f"https://{host}"},
        "origin that ends alike": {"Origin": f"http://evil.example/{host}"},
        "another name of ours": {"Origin": f"http://localhost:{port}"},
    }
    return {name: studio.headers(**changes) for name, changes in wrong.items()}


ALL = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND")


def test_every_route_has_a_path_here(studio):
    routes = studio.server.routes.routes
    assert {route.path for route in routes} == set(PATHS)
    assert all(isinstance(route, Route | WebSocketRoute) for route in routes)


def test_every_route_and_method_refuses_every_wrong_credential(studio):
    wrong = credentials(studio)
    for path, method, name in itertools.product(PATHS.values(), ALL, wrong):
        status, headers, body = studio.http(method, path, headers=wrong[name])
        assert status in (400, 401, 403, 404, 405), (path, method, name, status)
        assert status != 400 or name == "no host", (path, method, name)
        assert not body or status == 400, (path, method, name, body)
        assert "set-cookie" not in headers
        assert not any(key.startswith("access-control") for key in headers)


def test_only_get_and_post_are_methods(studio):
    for path, method in itertools.product(PATHS.values(), ALL):
        if method not in METHODS:
            status, _, body = studio.http(method, path)
            assert (status, body) == (405, b""), (path, method)


def test_the_right_credential_comes_in(studio):
    assert studio.http("GET", "/")[0] == 200
    assert studio.http("GET", "/", headers=studio.headers(Origin=None))[0] == 200
    assert studio.http("POST", "/upload", b"", studio.headers(Origin=None))[0] == 403
    status, headers, body = studio.http("GET", "/assets/page.js")
    assert (status, body) == (200, b"// page")
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    local = {"Host": f"localhost:{studio.port}", "Origin": None}
    assert studio.http("GET", "/", headers=studio.headers(**local))[0] == 200


def test_every_answer_keeps_other_pages_out(studio):
    for path in ("/", "/assets/page.js", "/nothing", "/download/7"):
        headers = studio.http("GET", path)[1]
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in POLICY and "*" not in POLICY and "http" not in POLICY


def test_the_token_in_the_address_becomes_a_cookie_once(studio):
    no_cookie = studio.headers(Cookie=None, Origin=None)
    status, headers, _ = studio.http("GET", f"/?token={TOKEN}", headers=no_cookie)
    assert status == 303 and headers["location"] == "/"
    assert headers["set-cookie"] == (
        f"pellucid-{studio.port}={TOKEN}; Path=/; HttpOnly; SameSite=Strict"
    )
    path = f"/?session=2&token={TOKEN}"
    assert studio.http("GET", path, headers=no_cookie)[1]["location"] == "/?session=2"
    for query in (
        f"token={OTHER}", "token=", f"token={TOKEN}&token={TOKEN}", "token", "x=1",
        f"token={TOKEN}&session=//evil.example", "&".join(["a=b"] * 99), "token=%ff",
    ):  # fmt: skip
        status, headers, body = studio.http("GET", f"/?{query}", headers=no_cookie)
        right = "session" in query  # the one with our token, and a way elsewhere
        assert (status, body) == (303 if right else 401, b""), query
        assert headers.get("location") == ("/" if right else None)
        assert ("set-cookie" in headers) == right


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("twice", ["host", "origin"])
def test_what_is_said_twice_or_at_length_is_refused(kind, twice):
    """Whatever the server in front makes of it."""
    own = {"host": "127.0.0.1:80", "origin": "http://127.0.0.1:80"}
    other = {"host": "evil.example:80", "origin": "http://evil.example:80"}
    lines = [*own.items(), ("cookie", f"c={TOKEN}")]
    long = [("x-long", "x" * _limits.STUDIO_HEAD_BYTES)]
    for more in ([], [(twice, own[twice])], [(twice, other[twice])], long):
        came, said = [], []

        async def app(scope, receive, send, came=came):
            came.append(scope)

        async def send(message, said=said):
            said.append(message)

        scope = {
            "type": kind, "method": "GET", "path": "/x", "raw_path": b"/x",
            "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in [*lines, *more]],
        }  # fmt: skip
        gate = Gate(app, ("127.0.0.1:80",), TOKEN, "c")
        asyncio.run(gate(scope, None, send))
        assert bool(came) == (not more)
        assert not more or said[0].get("status", 403) in (403, 431)


SNEAKY = (
    "/assets/../app.py", "/assets/..%2fapp.py", "/assets/%2e%2e/gate.py", "/assets/.",
    "/assets//etc/passwd", "/assets/%00", "/assets/page.js/..", "/assets/a%00.css",
    "/assets/..\\app.py", "/assets/..%5capp.py", "/assets/....//index.html",
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/", "/assets/page.js/",
    "/assets/C:\\windows\\win.ini", "/download/../assets/page.js", "/download/-1",
    "/download/1e9", "/download/99999999999999999999999999", "/file:///etc/passwd",
    "/assets/~root", "/assets/page.js;.html", "/assets/%c0%ae%c0%ae/app.py",
    "//etc/passwd", "//evil.example/", "/assets/%2fetc%2fpasswd",
)  # fmt: skip


@pytest.mark.parametrize("path", SNEAKY)
def test_no_path_leads_to_the_disk(studio, path):
    status, headers, body = studio.http("GET", path)
    assert status in (307, 400, 404) and not body.strip().startswith(b'"""')
    assert b"root:" not in body and b"import" not in body
    assert not headers.get("location", "").startswith("//")


def opened(studio, **changes):
    headers = studio.headers(**changes)
    origin, cookie = headers.get("Origin"), headers.get("Cookie")
    with connect(
        f"ws://{headers['Host']}/socket",
        additional_headers={"Cookie": cookie} if cookie else {},
        origin=origin,
        sock=None,
    ) as socket:
        return json.loads(socket.recv())


def test_the_socket_refuses_every_wrong_credential(studio):
    for name, headers in credentials(studio).items():
        if "host" in name:
            continue  # tried above with the same gate; a client sends the true one
        with pytest.raises(InvalidStatus) as error:
            opened(studio, **{**headers, "Cookie": headers.get("Cookie")})
        assert error.value.response.status_code == 403, name
    with pytest.raises(InvalidStatus):
        opened(studio, Origin=None)
    assert opened(studio)["event"] == "hello"
