"""A mail server (aiosmtpd) on loopback: smtpd.py PORT MODE CERT KEY, with MODE starttls, implicit or none. It asks for a sign-in as me with the
password of the environment, refuses nobody@example.org, and prints each mail that it takes as a line of JSON."""
import json
import os
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

port, mode, cert, key = sys.argv[1:5]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == "nobody@example.org":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None or mode == "implicit",
                          "user": session.auth_data.decode() if session.auth_data else "", "text": envelope.content.decode("ascii")}), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"me" and data.password.decode() == os.environ["MAIL_PASSWORD"]
    return AuthResult(success=good, handled=False, auth_data=data.login if good else None)


options = dict(hostname="127.0.0.1", port=int(port), authenticator=authenticate, auth_required=True, auth_require_tls=mode == "starttls")
if mode == "starttls":
    options.update(tls_context=context, require_starttls=True)
if mode == "implicit":
    options.update(ssl_context=context)
Controller(Mailbox(), **options).start()
print("ready", flush=True)
while True:
    time.sleep(3600)
