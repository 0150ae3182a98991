import asyncio

PORT = 8888


async def handle(reader, writer):
    writer.write(await reader.read(100))


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", PORT)
    other = await asyncio.start_server(handle, host="0.0.0.0", port=8889)
    loop = asyncio.get_running_loop()
    raw = await loop.create_server(asyncio.Protocol, "127.0.0.1", 8890)
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("0.0.0.0", 9999)
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    async with server:
        await server.serve_forever()


asyncio.run(main())
