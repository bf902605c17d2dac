# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS at the front door: a certificate authority of this machine's own, and a certificate for each name that is served.

Plain connections and those that begin with a ClientHello come to one port. Nothing is made before a name needs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLIENT_HELLO = b"\x16"
CA_FILE = "ca.pem"
"""In the folder of the authority: what clients have to trust."""

BACKLOG = 512
HANDSHAKE_SECONDS = 10
DAYS = 365


class Authority:
    """Certificates for the names that `is_served` knows, below `folder`."""

    def __init__(self, folder: Path, is_served: Callable[[str], bool]) -> None:
        from cryptography import x509  # takes a while to import, and few clouds serve a name over TLS
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        self._x509, self._hashes, self._serialization, self._ec = x509, hashes, serialization, ec
        self._folder, self._is_served = folder, is_served
        self._made: dict[str, ssl.SSLContext] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localcloud authority")])
        self._certificate = self._sign(self._name, self._key.public_key(), None)
        written = folder / f"{CA_FILE}.new"
        written.write_bytes(self._pem(self._certificate))
        written.replace(folder / CA_FILE)

    def context(self) -> ssl.SSLContext:
        """What a connection starts with: it has a certificate once the client has told the name it wants."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sni_callback = self._choose
        return context

    def _choose(self, connection: Any, name: str | None, _context: Any) -> int | None:
        if name is None or not self._is_served(name.lower()):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._context_of(name.lower())
        return None

    def _context_of(self, name: str) -> ssl.SSLContext:
        if name not in self._made:
            key = self._ec.generate_private_key(self._ec.SECP256R1())
            subject = self._x509.Name([self._x509.NameAttribute(self._x509.NameOID.COMMON_NAME, name[:64])])
            certificate = self._sign(subject, key.public_key(), name)
            kinds = self._serialization
            secret = key.private_bytes(kinds.Encoding.PEM, kinds.PrivateFormat.PKCS8, kinds.NoEncryption())
            chain = self._folder / f"{len(self._made)}.pem"
            chain.touch(0o600)
            chain.write_bytes(secret + self._pem(certificate))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(chain)
            self._made[name] = context
        return self._made[name]

    def _sign(self, subject: Any, key: Any, host: str | None) -> Any:
        """The certificate of a host, or of the authority itself."""
        x509, now = self._x509, datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=DAYS))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if host is None:
            usage = dict.fromkeys(
                ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                 "encipher_only", "decipher_only"), False)  # fmt: skip
            builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self._key, self._hashes.SHA256())

    def _pem(self, certificate: Any) -> bytes:
        return bytes(certificate.public_bytes(self._serialization.Encoding.PEM))


def is_for(named: str, host: str) -> bool:
    """Whether a name in a certificate is the host's; an asterisk stands for its first label."""
    return named.lower() == host or (named.startswith("*.") and named[1:].lower() == host[host.find(".") :])


async def accept(server: Any, host: str, port: int, tls: Callable[[], ssl.SSLContext | None]) -> None:
    """Give every connection to host:port to `server`, a protocol factory; those that speak TLS with `tls()`."""
    loop = asyncio.get_running_loop()
    greeting: set[asyncio.Task[None]] = set()
    with socket.create_server((host, port), backlog=BACKLOG) as listening:
        listening.setblocking(False)
        while True:
            connection, _address = await loop.sock_accept(listening)
            connection.setblocking(False)
            task = loop.create_task(_greet(server, connection, tls))
            greeting.add(task)
            task.add_done_callback(greeting.discard)


async def _greet(server: Any, connection: socket.socket, tls: Callable[[], ssl.SSLContext | None]) -> None:
    """Look at the first byte, which stays where it is, and hand the connection over."""
    loop = asyncio.get_running_loop()
    try:
        first = await _first_byte(loop, connection)
        context = tls() if first == CLIENT_HELLO else None
        if not first or (first == CLIENT_HELLO and context is None):
            connection.close()
            return
        timeout = {} if context is None else {"ssl": context, "ssl_handshake_timeout": HANDSHAKE_SECONDS}
        await loop.connect_accepted_socket(server, connection, **timeout)
    except (OSError, ssl.SSLError):
        connection.close()
    except asyncio.CancelledError:
        connection.close()
        raise


async def _first_byte(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> bytes:
    while True:
        with contextlib.suppress(BlockingIOError):
            return connection.recv(1, socket.MSG_PEEK)
        readable = loop.create_future()
        loop.add_reader(connection, lambda ready=readable: ready.done() or ready.set_result(None))
        try:
            await readable
        finally:
            loop.remove_reader(connection)
