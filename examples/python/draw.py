#!/usr/bin/env python3
"""Draws with a companion from Python, with nothing but Python's own library (3.9 or newer).

    twostep token create python        # prints a key, once
    TWOSTEP_KEY=... python3 draw.py "a red house on a hill" --count 4 --out pictures

It shows what a client of `POST /v1/jobs` does: progress while it is drawn, a stream that broke off goes
on after the last event that arrived (at another gateway, where several --url are given), and Ctrl-C
cancels. `GET /openapi.json` describes all of it; "openapi-python-client generate --url URL/openapi.json"
makes a client with types of it.
"""

import argparse
import base64
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

# Seconds before a stream is asked for again; after the last the companion counts as gone.
PAUSES = (0.2, 0.5, 1, 2, 5, 5)
# Seconds. The companion says something at least every 15.
SILENCE = 40


class Companion:
    """One companion, or the gateways that share a queue: the next one is asked where one does not answer."""

    def __init__(self, urls, key):
        self.urls = [url.rstrip("/") for url in urls]
        self.key = key

    def ask(self, path, body=None, method=None, headers=None):
        """Returns the open answer. Raises RuntimeError with the companion's own words where it refuses."""
        request = urllib.request.Request(
            self.urls[0] + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})},
        )
        try:
            return urllib.request.urlopen(request, timeout=SILENCE)
        except urllib.error.HTTPError as error:
            failure = json.loads(error.read() or b"{}").get("error", {})
            raise RuntimeError(failure.get("message", f"Status {error.code}.")) from error
        except OSError:
            self.urls = self.urls[1:] + self.urls[:1]
            raise

    def models(self):
        return json.load(self.ask("/v1/models"))["data"]

    def submit(self, request):
        """Returns the id of the job. It is drawn even if nobody listens."""
        return json.load(self.ask("/v1/jobs", {"request": request}))["id"]

    def cancel(self, job):
        self.ask(f"/v1/jobs/{job}/cancel", method="POST").close()

    def events(self, job):
        """Yields each event of a job once, to its last one, over as many connections as that takes."""
        last, failures = None, 0
        while True:
            try:
                headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
                with self.ask(f"/v1/jobs/{job}/events", headers=headers) as answer:
                    for number, event in read_events(answer):
                        if number:
                            last, failures = number, 0
                        yield event
                        if event["type"] in ("done", "error"):
                            return
            except OSError:
                pass
            if failures == len(PAUSES):
                raise RuntimeError("The companion does not answer. Is it running?")
            time.sleep(PAUSES[failures])
            failures += 1


def read_events(answer):
    """Server-sent events: yields (id or None, data). Lines that begin with a colon only keep the line open."""
    number, data = None, []
    for raw in answer:
        line = raw.decode().rstrip("\r\n")
        if line.startswith("id:"):
            number = line[3:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].strip())
        elif not line and data:
            yield number, json.loads("\n".join(data))
            number, data = None, []


def main():
    parser = argparse.ArgumentParser(description="Draws with a companion.")
    parser.add_argument("prompt")
    parser.add_argument("--url", action="append", help="of a companion; again for more gateways")
    parser.add_argument("--key", default=os.environ.get("TWOSTEP_KEY"), help="default: TWOSTEP_KEY")
    parser.add_argument("--model", help="default: the best one there")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--out", type=Path, default=Path("."))
    options = parser.parse_args()
    if not options.key:
        parser.error('a key is missing: "twostep token create" makes one')
    companion = Companion(options.url or ["http://localhost:21212"], options.key)
    try:
        return draw(companion, options)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def draw(companion, options):
    models = companion.models()
    model = next((one for one in models if options.model in (None, one["id"])), None)
    if model is None:
        raise RuntimeError(f'There is no model "{options.model}"; there are: {", ".join(one["id"] for one in models)}.')
    width, height = map(int, model["size"].split("x"))
    job = companion.submit(
        {
            "prompt": options.prompt,
            "pack": model["id"],
            "seeds": [options.seed + index for index in range(options.count)],
            "schedule": model["presets"]["standard"],
            "sampling": None,
            "size": {"width": width, "height": height},
            "format": "png",
            "draft": False,
        }
    )
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        for event in companion.events(job):
            if event["type"] == "progress":
                print(f"\r{event['fraction']:4.0%}", end="", file=sys.stderr)
            elif event["type"] == "warning":
                print(f"\r{event['message']}", file=sys.stderr)
            elif event["type"] == "picture":
                path = options.out / f"{event['seed']}.png"
                path.write_bytes(base64.b64decode(event["png"]))
                print(f"\r{path}", flush=True)
            elif event["type"] == "error":
                raise RuntimeError(event["message"])
    except KeyboardInterrupt:
        companion.cancel(job)
        print("\rCancelled.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
