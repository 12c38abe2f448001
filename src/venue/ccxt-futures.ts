import type { CcxtExchange, CcxtSocket } from "./ccxt-exchange.ts";

/**
 * Keeps the futures of a class's sockets from ending the process: when a connection fails, or is closed before it was
 * established, all of them are rejected, also those that nobody waits for. Whoever does wait is told as before.
 */
export function keepFutures(exchange: CcxtExchange): void {
  const make = exchange.client?.bind(exchange);
  if (make === undefined) return;
  const known = new WeakSet<object>();
  exchange.client = (url) => {
    const socket = make(url);
    if (!known.has(socket)) {
      known.add(socket);
      keep(socket);
    }
    return socket;
  };
}

function keep(socket: CcxtSocket): void {
  heard(socket.connected);
  const future = socket.future?.bind(socket);
  if (future === undefined) return;
  socket.future = (hash) => {
    const made = future(hash);
    heard(made);
    return made;
  };
}

function heard(future: unknown): void {
  if (future instanceof Promise) future.catch(() => {});
}
