"""HTTP/1.1 by asyncio, one request at a time, from an address of its own: what a thousand devices need and no more."""

import asyncio
import zlib


class NoAnswer(Exception):
    """The connection ended, or the time was up."""


class Connection:
    """A connection that is kept and made again when the service has closed it."""

    def __init__(self, port, source):
        self.port, self.source, self.reader, self.writer = port, source, None, None

    async def open(self):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(
                "127.0.0.1", self.port, local_addr=(self.source, 0), limit=1 << 20
            )

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.reader = self.writer = None

    async def request(self, method, path, headers, body=None, timeout=30):
        """(status, headers in lower case, body)."""
        try:
            return await asyncio.wait_for(self._request(method, path, headers, body), timeout)
        except asyncio.TimeoutError:
            self.close()
            raise NoAnswer(f"none within {timeout} s") from None
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError, IndexError) as error:
            self.close()
            raise NoAnswer(f"{type(error).__name__}: {error}") from error

    async def send(self, method, path, headers, body=None):
        await self.open()
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return await self.head()

    async def _request(self, method, path, headers, body):
        # At the end of its time an idle connection is closed by the service: that is no error, and nothing was asked.
        if self.reader is not None and self.reader.at_eof():
            self.close()
        status, fields = await self.send(method, path, headers, body)
        content = b"" if method == "HEAD" else await self._content(fields)
        if fields.get("connection", "").lower() == "close":
            self.close()
        if fields.get("content-encoding") == "gzip":
            content = zlib.decompress(content, 31)
        return status, fields, content

    async def head(self):
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return int(lines[0].split(" ")[1]), fields

    async def _content(self, fields):
        if "content-length" in fields:
            return await self.reader.readexactly(int(fields["content-length"]))
        if fields.get("transfer-encoding") != "chunked":
            return b""
        parts = []
        while part := await self.chunk():
            parts.append(part)
        return b"".join(parts)

    async def chunk(self):
        """The next part of a chunked body; empty at its end."""
        size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
        part = await self.reader.readexactly(size)
        await self.reader.readexactly(2)
        return part
