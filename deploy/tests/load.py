"""Clients that ask without a break while something is done to the server, and miss no answer."""

import contextlib
import http.client
import threading
import time

from harness import expect

CLIENTS = 6


class Load:
    """Clients of a port of 127.0.0.1, in threads, until the end of a `with`. Half of them make a connection for each
    request, the others keep theirs."""

    def __init__(self, port: int, target: str):
        self.port = port
        self.target = target
        self.answered = 0
        self.lost: list[str] = []
        self.over = False
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._client, args=(number % 2 == 0,)) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        for thread in self.threads:
            thread.join()

    def go_on_for(self, requests: int) -> None:
        """Returns when so many more requests have been answered."""
        wanted = self.answered + requests
        end = time.monotonic() + 60
        while self.answered < wanted and not self.lost:
            expect(time.monotonic() < end, f"{self.answered} answers instead of {wanted}")
            time.sleep(0.01)

    def expect_all_answered(self) -> None:
        expect(self.answered > 0, "no request was answered")
        expect(not self.lost, f"{len(self.lost)} requests were lost, {self.answered} answered: {self.lost[:5]}")

    def _client(self, keeps_connection: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            while not self.over:
                used_before = connection.sock is not None
                try:
                    connection.request("GET", self.target, headers={} if keeps_connection else {"Connection": "close"})
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, http.client.HTTPException) as error:
                    connection.close()
                    # A server may close a connection that lies idle; clients ask again (RFC 9112, section 9.3.1).
                    idle_was_closed = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)
                    if not (used_before and isinstance(error, idle_was_closed)):
                        self._count(repr(error))
                else:
                    self._count("" if answer.status == 200 else f"HTTP {answer.status}")

    def _count(self, failure: str) -> None:
        with self.lock:
            if failure:
                self.lost.append(failure)
            else:
                self.answered += 1
