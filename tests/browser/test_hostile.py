"""A page of somebody else's in the same browser: it reads nothing and changes nothing.

It lies on another port of this machine, whose cookies are the studio's too, and under a
name of its own that leads to this machine (DNS rebinding).
"""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from browser.conftest import _chromium
from browser.driving import Driven

EVIL = "evil.test"

# Every way to reach another address; what gets through is told.
ATTACK = """async (target) => {
  const told = [], all = [];
  const way = (name, act) => all.push(new Promise((done) => {
    const end = (got) => {
      if (got !== undefined) told.push(`${name}: ${got}`);
      done();
    };
    try { act(end); } catch (error) { end(); }
  }));
  const words = {credentials: "include"};
  const bytes = {"Content-Type": "application/octet-stream", "X-Name": "a.csv"};
  const asked = (more, end, path = "/") =>
    fetch(target + path, {...words, ...more}).then(
      async (r) => end(r.type === "opaque" ? undefined : r.status + await r.text()),
      () => end());
  way("fetch", (end) => asked({}, end));
  way("script by fetch", (end) => asked({mode: "no-cors"}, end));
  way("upload", (end) => asked({method: "POST", body: "a\\n1"}, end, "/upload"));
  way("upload with headers", (end) =>
    asked({method: "POST", body: "a\\n1", headers: bytes}, end, "/upload"));
  way("blind upload", (end) =>
    asked({method: "POST", body: "a\\n1", mode: "no-cors"}, end, "/upload"));
  way("delete", (end) => asked({method: "DELETE"}, end));
  way("download", (end) => asked({}, end, "/download/1"));
  for (const tag of ["img", "script", "link", "video", "object"]) {
    way(tag, (end) => {
      const element = document.createElement(tag);
      element.onload = element.oncanplay = () => end("loaded");
      element.onerror = () => end();
      element.rel = "stylesheet";
      element[{link: "href", object: "data"}[tag] ?? "src"] = `${target}/`;
      document.body.append(element);
      setTimeout(() => end(), 3000);  // some say nothing when they fail
    });
  }
  way("frame", (end) => {
    const frame = document.createElement("iframe");
    frame.onload = () => {
      try { end(frame.contentDocument.body.innerHTML || undefined); } catch { end(); }
    };
    frame.src = `${target}/`;
    document.body.append(frame);
  });
  way("beacon", (end) => {
    navigator.sendBeacon(`${target}/upload`, new Blob(["a\\n1"]));
    end();
  });
  way("events", (end) => {
    const source = new EventSource(`${target}/`, {withCredentials: true});
    source.onopen = source.onmessage = () => end("opened");
    source.onerror = () => { source.close(); end(); };
  });
  way("socket", (end) => {
    const socket = new WebSocket(`${target.replace("http", "ws")}/socket`);
    socket.onopen = () => end("opened");
    socket.onmessage = (event) => end(event.data);
    socket.onerror = () => end();
  });
  await Promise.all(all);
  return told;
}"""


@contextmanager
def hostile():
    """The port of a server whose one page is empty."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>free digits</title><body>")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser):
    """A browser in which evil.test is this machine."""
    made = browser.browser_type.launch(
        executable_path=_chromium(),
        args=["--no-sandbox", f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"],
    )
    yield made.new_context()
    made.close()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", EVIL])
def test_a_hostile_page_reads_nothing_and_changes_nothing(context, studio, name):
    own = Driven(context.new_page(), studio)
    own.open()
    own.settle()
    before = {what: own.data(what) for what in ("run", "step", "phase", "sha")}
    with hostile() as port:
        page = context.new_page()
        for target in (
            f"http://127.0.0.1:{studio.port}",
            f"http://{name}:{studio.port}",
        ):
            page.goto(f"http://{name}:{port}/")
            answers = []
            page.on("response", lambda r, seen=answers: seen.append((r.url, r.status)))
            assert page.evaluate(ATTACK, target) == []
            # What the browser let go out, the gate turned away, but for the page itself
            # and its picture, which nobody else can look into.
            assert answers
            for url, status in answers:
                ours = url.startswith(f"http://127.0.0.1:{studio.port}/")
                assert status >= 400 or (ours and url.endswith("/")), (url, status)
    assert {what: own.data(what) for what in before} == before
    own.button("1 mini-batch").click()
    own.body(f"[data-step='{int(before['step']) + 1}']")


def test_under_another_name_the_studio_is_not_there(context, studio):
    page, statuses = context.new_page(), []
    page.on("response", lambda response: statuses.append(response.status))
    there, token = f"http://{EVIL}:{studio.port}/", studio.address.partition("?")[2]
    for address in (there, f"{there}?{token}"):
        with pytest.raises(Exception, match="ERR_HTTP_RESPONSE_CODE_FAILURE"):
            page.goto(address)
    assert statuses == [403, 403] and context.cookies() == []
