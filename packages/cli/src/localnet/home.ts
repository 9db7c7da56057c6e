/**
 * Whose turn a network's folder is: one supervisor at a time, found and stopped through a socket in it.
 *
 * A socket and not a file with a process id: it answers exactly as long as its process lives, whatever ended it, and an id
 * may by then belong to somebody else's process.
 */
import { mkdir, rm } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { EnigmaError } from '@enigma/protocol'
import { readNetworkFile, removeNetworkFile } from '../network-file.ts'

export type Claim = {
  /** Cleans up and gives the folder free. */
  release(): Promise<void>
}

/** Takes the folder, clearing away what a dead network left. `onStop` is called when somebody asks the network to end. */
export async function claimHome(home: string, onStop: () => void): Promise<Claim> {
  await mkdir(home, { recursive: true })
  const waiting = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    waiting.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => waiting.delete(socket))
    socket.on('data', onStop)
  })
  if (!(await listen(server, socketOf(home)))) {
    if (await isUp(home)) throw await alreadyUp(home)
    await clearAway(home)
    if (!(await listen(server, socketOf(home)))) throw await alreadyUp(home)
  }
  await removeNetworkFile(home)
  return {
    async release() {
      await clearAway(home)
      // Whoever asked us to stop waits for this end.
      for (const socket of waiting) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Whether a supervisor lives in this folder. */
export async function isUp(home: string): Promise<boolean> {
  const socket = await connect(socketOf(home))
  socket?.destroy()
  return socket !== undefined
}

/** Asks the supervisor to stop, and waits until it has; false where there is none. What a dead one left is cleared away. */
export async function stopNetwork(home: string): Promise<boolean> {
  const socket = await connect(socketOf(home))
  if (!socket) {
    await clearAway(home)
    return false
  }
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  socket.resume()
  socket.write('stop\n')
  await closed
  return true
}

/** Where the processes of this network keep what they must remember. */
export function dataOf(home: string): string {
  return path.join(home, 'data')
}

async function clearAway(home: string): Promise<void> {
  await removeNetworkFile(home)
  await rm(dataOf(home), { recursive: true, force: true })
  await rm(socketOf(home), { force: true })
}

function socketOf(home: string): string {
  const absolute = path.join(home, 'control.sock')
  const relative = path.relative(process.cwd(), absolute)
  // A socket's path holds 107 bytes on Linux, 103 on macOS.
  return relative.length < absolute.length ? relative : absolute
}

function listen(server: net.Server, file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error))
    server.once('error', refused)
    server.listen(file, () => {
      server.off('error', refused)
      resolve(true)
    })
  })
}

function connect(file: string): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(file, () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

async function alreadyUp(home: string): Promise<AlreadyUpError> {
  const network = await readNetworkFile(home).catch(() => undefined)
  return new AlreadyUpError(network?.rpcUrl)
}

/** Thrown when a network lives in this folder. */
export class AlreadyUpError extends EnigmaError {
  override readonly name = 'Localnet.AlreadyUpError'
  readonly code = 'ALREADY_UP'
  constructor(rpcUrl: string | undefined) {
    super(rpcUrl === undefined ? 'A network is being started here.' : `A network is already up at ${rpcUrl}.`, {
      hint: 'Use it, or stop it with enigma down.',
    })
  }
}
