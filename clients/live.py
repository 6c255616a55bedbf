"""A python-socketio client in a test's hands: says what it hears as lines of JSON, and emits what it is told to.

    python live.py BASE TOKEN TRANSPORT [header]
"""
import asyncio
import json
import sys

import socketio

BASE, TOKEN, TRANSPORT, *WHERE = sys.argv[1:]


def said(event, data=None):
    print(json.dumps({"event": event, "data": data}), flush=True)


async def obey(socket):
    """Emits each line of the input; returns at its end."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        await socket.emit(command["emit"], command["data"])


async def main():
    socket = socketio.AsyncClient(reconnection=False)
    socket.on("connect", lambda: said("connect", {"transport": socket.transport()}))
    socket.on("connect_error", lambda data: said("connect_error", data if isinstance(data, dict) else {"message": data}))
    socket.on("disconnect", lambda reason: said("disconnect", {"reason": reason}))
    socket.on("*", said)
    transports = ["polling", "websocket"] if TRANSPORT == "both" else [TRANSPORT]
    signed_in = {"headers": {"authorization": f"Bearer {TOKEN}"}} if WHERE else {"auth": {"token": TOKEN}}
    try:
        await socket.connect(BASE, transports=transports, wait_timeout=20, **signed_in)
    except socketio.exceptions.ConnectionError:
        return
    await obey(socket)
    await socket.disconnect()


asyncio.run(main())
