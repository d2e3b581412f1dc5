"""An information system in another language: a few lines that provide a service, and tell what reached them.

provider.py PORT: answers every request with what it saw; prints one JSON line a request."""
import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        size = int(self.headers.get("Content-Length") or 0)
        seen = {"method": self.command, "path": self.path, "headers": dict(self.headers.items()), "body": self.rfile.read(size).decode()}
        print(json.dumps(seen), flush=True)
        answer = json.dumps(seen).encode()
        self.send_response(404 if self.path.endswith("/missing") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Provider", "python")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
