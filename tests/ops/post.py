"""A mail server for tests: takes mail over SMTP and keeps it; refuses recipients that begin with "nobody"."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from types import TracebackType


class PostOffice:
    """`with PostOffice() as post:` listens at `post.port`; `post.mails` came in `post.calls` visits."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.calls = 0
        office = self

        class Clerk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                office.calls += 1
                self.say("220 post.test")
                while line := self.rfile.readline().decode().strip():
                    if not self.answer(line):
                        return

            def say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

            def answer(self, line: str) -> bool:
                word = line.split()[0].upper()
                if word == "RCPT" and "<nobody" in line:
                    self.say("550 nobody here")
                elif word == "DATA":
                    self.say("354 go on")
                    office.mails.append(message_from_bytes(self.text()))
                    self.say("250 taken")
                else:
                    self.say("221 bye" if word == "QUIT" else "250 post.test")
                return word != "QUIT"

            def text(self) -> bytes:
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line.replace(b"\r\n", b"\n"))
                return b"".join(lines)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clerk)
        self.port = int(self.server.server_address[1])

    def __enter__(self) -> "PostOffice":
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
