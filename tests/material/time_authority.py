"""An RFC 3161 time stamp authority on this machine: openssl behind a loopback HTTP server."""

from __future__ import annotations

import datetime as dt
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ORDERS = """[tsa]
default_tsa=here
[here]
serial={0}/serial
crypto_device=builtin
signer_cert={0}/stamp.pem
certs={0}/chain.pem
signer_key={0}/stamp.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
accuracy=secs:1
ess_cert_id_chain=no
ess_cert_id_alg=sha256
"""


class TimeAuthority:
    """Answers until closed; ``asked`` counts the stamps it gave."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.asked = folder, 0
        _certified(folder)
        (folder / "orders.cnf").write_text(_ORDERS.format(folder))
        (folder / "serial").write_text("01")
        authority = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                reply = authority.stamp(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stamp(self, query: bytes) -> bytes:
        """The reply to one query, as openssl makes it."""
        self.asked += 1
        ask, reply = self._folder / "ask", self._folder / "reply"
        ask.write_bytes(query)
        orders = ["-config", self._folder / "orders.cnf", "-queryfile", ask, "-out", reply]
        subprocess.run(["openssl", "ts", "-reply", *orders], check=True, capture_output=True)
        return reply.read_bytes()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


def _certified(folder: Path) -> None:
    """A root, and a key under it that may do nothing but stamp the time."""
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    root = _signed("A clock maker for tests", keys[0], None, keys[0])
    stamp = _signed("A clock for tests", keys[1], root, keys[0])
    pem = [one.public_bytes(Encoding.PEM) for one in (stamp, root)]
    (folder / "stamp.pem").write_bytes(pem[0])
    (folder / "chain.pem").write_bytes(b"".join(pem))
    plain = keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "stamp.key").write_bytes(plain)


def _signed(
    name: str, key: rsa.RSAPrivateKey, issuer: x509.Certificate | None, by: rsa.RSAPrivateKey
) -> x509.Certificate:
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, root = dt.datetime.now(dt.UTC) - dt.timedelta(days=1), issuer is None
    names = ("digital_signature", "key_cert_sign", "crl_sign", "content_commitment",
             "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
             "decipher_only")  # fmt: skip
    uses = {one: one in (("key_cert_sign", "crl_sign") if root else names[:1]) for one in names}
    of = x509.SubjectKeyIdentifier.from_public_key
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer.subject if issuer else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(root, None), critical=True)
        .add_extension(x509.KeyUsage(**uses), critical=True)
        .add_extension(of(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
    )
    if not root:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return builder.sign(by, hashes.SHA256())
