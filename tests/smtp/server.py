#!/usr/bin/python3
"""An SMTP server that behaves as it is told (aiosmtpd, Debian package python3-aiosmtpd).

Says its port on the first line. Then each line of its input is a command, answered with one line:

    accept      takes every letter (at the beginning too)
    temporary   451 to every recipient
    permanent   550 to every recipient whose name begins with `gone`; takes the others
    busy        421 to everybody who says EHLO
    break       takes a letter, and closes the connection instead of saying so
    hold        takes a letter, and says nothing
    down, up    stops listening; listens again on the same port
    received    answers the letters taken so far, as a JSON list of texts
"""

import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Behaviour:
    def __init__(self):
        self.name = "accept"
        self.received = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return ["421 too busy"] if self.name == "busy" else responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.name == "temporary":
            return "451 try again later"
        if self.name == "permanent" and address.startswith("gone"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.received.append(envelope.content.decode("utf-8"))
        if self.name == "break":
            server.transport.abort()
        while self.name == "hold":
            await asyncio.sleep(0.05)
        return "250 taken"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--tls", choices=["starttls", "wrapped"])
    parser.add_argument("--password", help="of the user `voucher`")
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            b"voucher",
            (options.password or "").encode(),
        )
        return AuthResult(success=right, handled=False)

    behaviour, loop = Behaviour(), asyncio.get_running_loop()
    starttls = options.tls == "starttls"

    def dialogue():
        return SMTP(
            behaviour,
            hostname="smtp.test",
            loop=loop,
            tls_context=context if starttls else None,
            require_starttls=starttls,
            authenticator=authenticate,
            auth_required=options.password is not None,
            auth_require_tls=options.tls is not None,
        )

    async def listen(port):
        return await loop.create_server(
            dialogue, "127.0.0.1", port, ssl=context if options.tls == "wrapped" else None
        )

    server = await listen(0)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        command, answer = line.decode().strip(), "ok"
        if command == "received":
            answer = json.dumps(behaviour.received)
        elif command == "down":
            server.close()
        elif command == "up":
            server = await listen(port)
        else:
            behaviour.name = command
        print(answer, flush=True)


asyncio.run(main())
