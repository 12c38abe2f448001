import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type SocketTuning, tuneSocket } from "../../src/host/native.ts";

/** Whose sockets are tuned, and how. */
export interface TcpManner {
  readonly client?: SocketTuning;
  readonly server?: SocketTuning;
  /** Writes that make up a request. */
  readonly writes: number;
}

/** Round trips over loopback: a request of some writes of 8 bytes, an answer of 8 bytes. @returns ns, one for each */
export async function roundTrips(count: number, manner: TcpManner): Promise<Float64Array> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const client = connect((server.address() as { port: number }).port, "127.0.0.1");
  const [peer] = (await accepted) as [Socket];
  if (client.connecting) await once(client, "connect");
  if (manner.client !== undefined) tuneSocket(client, manner.client);
  if (manner.server !== undefined) tuneSocket(peer, manner.server);
  const word = Buffer.alloc(8);
  let due = 8 * manner.writes;
  peer.on("data", (bytes) => {
    due -= bytes.length;
    if (due > 0) return;
    due += 8 * manner.writes;
    peer.write(word);
  });
  const times = new Float64Array(count);
  for (let trip = 0; trip < count; trip++) {
    const begin = process.hrtime.bigint();
    const answer = once(client, "data");
    for (let part = 0; part < manner.writes; part++) client.write(word);
    await answer;
    times[trip] = Number(process.hrtime.bigint() - begin);
  }
  client.destroy();
  peer.destroy();
  server.close();
  return times;
}
