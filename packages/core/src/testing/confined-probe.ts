/** Tries, from inside Core's confinement, everything that Core must not be able to do. Prints what happened to each. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { isolation } from '../isolation.ts'

const { file, target, port } = JSON.parse(process.argv[2] ?? '')

async function outcomeOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt()
    return 'done'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

const outcomes = {
  isolation: isolation(),
  environment: Object.keys(process.env),
  read: await outcomeOf(() => readFileSync(file)),
  write: await outcomeOf(() => writeFileSync(target, '')),
  spawn: await outcomeOf(() => spawn('/bin/true')),
  worker: await outcomeOf(() => new Worker('', { eval: true })),
  evaluate: await outcomeOf(() => new Function('return 1')()),
  connect: await outcomeOf(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket.end() && undefined))
        socket.on('error', reject)
      }),
  ),
}
process.stdout.write(JSON.stringify(outcomes))
