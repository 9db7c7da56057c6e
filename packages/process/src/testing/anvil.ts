/**
 * A chain of one's own for a test: anvil on a free port.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Address } from '@enigma/protocol'
import { createRpc, type Rpc } from '../rpc.ts'

export type Anvil = {
  url: string
  port: number
  rpc: Rpc
  /** Funded and unlocked. */
  accounts: readonly Address[]
  mine(blocks?: number): Promise<void>
  stop(): Promise<void>
}

/** Well-known private keys of anvil's first accounts. */
export const ANVIL_KEYS = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
] as const

/** States kept in memory, and none on disk: a killed chain would leave them in the user's home. */
const STATES_KEPT = 2_000

/** Without `--block-time` among `flags`, blocks come only from `mine`. */
export async function startAnvil(flags: readonly string[] = ['--no-mining']): Promise<Anvil> {
  const always = ['--port', '0', '--hardfork', 'osaka', '--prune-history', String(STATES_KEPT)]
  const child = spawn(findAnvil(), [...always, ...flags], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    child.once('error', reject)
    child.once('close', () => reject(new Error('anvil ended before it listened')))
    child.stdout.on('data', (chunk) => {
      // Kept only until the port is known; anvil logs every call.
      if (said.length < 65_536) said += chunk
      const found = /Listening on [^:]+:(\d+)/.exec(said)
      if (found) resolve(Number(found[1]))
    })
  })
  const url = `http://127.0.0.1:${port}`
  const rpc = createRpc(url)
  return {
    url,
    port,
    rpc,
    accounts: (await rpc.call('eth_accounts')) as Address[],
    mine: async (blocks = 1) => void (await rpc.call('anvil_mine', [`0x${blocks.toString(16)}`])),
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function findAnvil(): string {
  if (process.env.ANVIL_BIN) return process.env.ANVIL_BIN
  try {
    return fileURLToPath(import.meta.resolve('@foundry-rs/anvil-linux-amd64/bin/anvil'))
  } catch {
    return 'anvil'
  }
}
