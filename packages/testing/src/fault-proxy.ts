/** A TCP proxy that stands between a node and its RPC and misbehaves when told to. */
import net from 'node:net'

export type FaultProxy = {
  readonly url: string
  /** Nothing gets through: open connections are reset, new ones end at once. */
  cut(): void
  /** Connections stay open, and nothing ever comes back. */
  hang(): void
  /** Everything gets through again. */
  heal(): void
  close(): Promise<void>
}

/** Opens a proxy to `target`, an http URL on this machine. */
export async function openFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<net.Socket>()
  let mode: 'pass' | 'cut' | 'hang' = 'pass'

  function keep(socket: net.Socket): void {
    sockets.add(socket)
    // A reset is what this proxy is for.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }

  const server = net.createServer((client) => {
    keep(client)
    if (mode === 'cut') return client.resetAndDestroy()
    const upstream = net.connect(Number(port), hostname)
    keep(upstream)
    client.on('data', (chunk) => mode === 'pass' && upstream.write(chunk))
    upstream.on('data', (chunk) => mode === 'pass' && client.write(chunk))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    cut() {
      mode = 'cut'
      reset()
    },
    hang() {
      mode = 'hang'
    },
    heal() {
      // Half of a request may have been swallowed: what is left of it must not reach the node as another one.
      if (mode === 'hang') reset()
      mode = 'pass'
    },
    async close() {
      reset()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
