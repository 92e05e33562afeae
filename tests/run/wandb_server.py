"""A stand-in for a wandb server on loopback: it says what was asked of it, and knows the runs that it was told of."""

import gzip
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Server(ThreadingHTTPServer):
    """Listens until it is closed.

    Attributes:
        runs: What each run said of itself when it began and later, by its id.
        history: The rows of each run, as they came.
        files: Names of the files that were uploaded.
        artifacts: What was said of each; their files are not asked for.
        down: Whether it says nothing but that it is not available.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.runs, self.history, self.files, self.artifacts = {}, {}, [], []
        self.down = False
        self.url = f"http://127.0.0.1:{self.server_port}"
        Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that hangs up is no error."""

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """As much of the protocol as a run needs."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        self.answer({})

    def do_PUT(self):
        self.body()
        self.server.files.append(self.path.removeprefix("/upload/"))
        self.answer({})

    def do_POST(self):
        body = self.body()
        if self.path == "/graphql":
            asked = json.loads(body)
            self.answer({"data": self.graphql(asked.get("operationName"), asked["query"], asked.get("variables"))})
        elif self.path.endswith("/file_stream"):
            run = self.path.split("/")[-2]
            for name, part in (json.loads(body).get("files") or {}).items():
                if name == "wandb-history.jsonl":
                    self.server.history.setdefault(run, []).extend(map(json.loads, part["content"]))
            self.answer({"limits": {}})
        else:
            self.answer({})

    def graphql(self, operation, query, variables):
        if operation == "Viewer":
            return {"viewer": {"id": "1", "entity": "me", "flags": "{}", "teams": {"edges": []}}}
        if operation == "RunResumeStatus":
            bucket = self.bucket(variables["name"]) if variables["name"] in self.server.runs else None
            return {"model": {"id": "1", "name": "p", "entity": {"id": "1", "name": "me"}, "bucket": bucket}}
        if operation == "UpsertBucket":
            self.server.runs.setdefault(variables["name"], []).append(variables)
            return {"upsertBucket": {"bucket": self.bucket(variables["name"]), "inserted": True}}
        if operation == "CreateRunFiles":
            files = [{"name": name, "uploadUrl": f"{self.server.url}/upload/{name}"} for name in variables["files"]]
            return {"createRunFiles": {"runID": "1", "uploadHeaders": [], "files": files}}
        if "createArtifact(" in query:
            self.server.artifacts.append(variables["input"])
            of = {"id": "1", "latestArtifact": {"id": "1", "versionIndex": 0}}
            return {"createArtifact": {"artifact": {"id": "1", "state": "COMMITTED", "artifactSequence": of}}}
        return {"project": None}

    def bucket(self, name):
        """What it knows of a run; one with telemetry (t) has begun before."""
        rows = self.server.history.get(name, [])
        project = {"id": "1", "name": "gen_models", "entity": {"id": "1", "name": "me"}}
        counts = {"historyLineCount": len(rows), "eventsLineCount": 0, "logLineCount": 0}
        tails = {"historyTail": json.dumps([json.dumps(row) for row in rows[-1:]]), "eventsTail": "[]"}
        texts = {"config": "{}", "summaryMetrics": "{}", "displayName": name, "wandbConfig": json.dumps({"t": 1})}
        return {"id": "1", "name": name, "project": project, "tags": [], "sweepName": None, **counts, **tails, **texts}

    def body(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(503 if self.server.down else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
