"""A door between the product and its database that can be shut: what a test takes away, it gives back."""

import contextlib
import socket
import struct
import threading

RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Passes TCP on to ``target``. ``cut`` breaks every connection and takes no new one; ``hold`` falls silent."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._there, self._flowing = threading.Event(), threading.Event()
        self._there.set()
        self._flowing.set()
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._there.clear()
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _break(end)

    def restore(self) -> None:
        self._there.set()

    def hold(self) -> None:
        self._flowing.clear()

    def release(self) -> None:
        self._flowing.set()

    def close(self) -> None:
        self.release()
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _address = self._listening.accept()
                if not self._there.is_set():
                    _break(caller)
                    continue
                database = socket.create_connection(self.target)
                with self._lock:
                    self._ends |= {caller, database}
                for source, sink in ((caller, database), (database, caller)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(65536):
                self._flowing.wait()
                sink.sendall(said)
        for end in (source, sink):
            _break(end)
            with self._lock:
                self._ends.discard(end)


def _break(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        end.shutdown(socket.SHUT_RDWR)
    end.close()
