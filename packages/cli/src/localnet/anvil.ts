/** The chain of a local network: anvil, on Osaka's rules, on a free port. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { EnigmaError } from '@enigma/protocol'
import { DEV_MNEMONIC } from './accounts.ts'
import { withDeathSignal } from './child.ts'
import type { Supervisor } from './supervisor.ts'

export type AnvilConfig = {
  /** Accounts of the development mnemonic to fund. */
  accounts: number
  chainId: number
  /** 0 lets the system choose. */
  port: number
}

export type Anvil = { rpcUrl: string; port: number }

/** Enough history for every proof and hash that a task may need, not for a week of blocks. */
const STATES_KEPT = 2_000

/** Starts anvil, mining a block for each transaction until told otherwise; resolves once it listens. */
export async function startAnvil(config: AnvilConfig, supervisor: Supervisor): Promise<Anvil> {
  const args = [
    ...['--host', '127.0.0.1', '--port', String(config.port), '--chain-id', String(config.chainId)],
    // EIP-2537 (the beacon's pairing), EIP-2935 (old block hashes) and EIP-7951 (P-256) are in it.
    ...['--hardfork', 'osaka', '--accounts', String(config.accounts), '--mnemonic', DEV_MNEMONIC],
    // In memory only: kept on disk, a killed chain would leave its states in the user's home.
    ...['--prune-history', String(STATES_KEPT)],
  ]
  const child = supervisor.start({
    name: 'anvil',
    ...withDeathSignal(findAnvil(), args),
    kind: 'binary',
    isQuiet: true,
    layer: 0,
    onCrash: 'fail',
  })
  const port = await child.waitForLine((line) => {
    const found = /^Listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    return found === undefined ? undefined : Number(found)
  })
  // From here on it prints a line for each request.
  child.mute()
  return { rpcUrl: `http://127.0.0.1:${port}`, port }
}

/** anvil's own binary: its npm wrapper would be one more process in the signals' way. */
function findAnvil(): string {
  const { ANVIL_BIN, PATH = '' } = process.env
  if (ANVIL_BIN !== undefined && ANVIL_BIN !== '') return ANVIL_BIN
  try {
    const manifest = createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json')
    const binary = path.join(path.dirname(manifest), 'bin/anvil')
    if (existsSync(binary)) return binary
  } catch {
    // Not installed: another platform, where the user brings his own.
  }
  const found = PATH.split(path.delimiter)
    .map((folder) => path.join(folder, 'anvil'))
    .find((file) => existsSync(file))
  if (found === undefined) throw new AnvilMissingError()
  return found
}

/** Thrown where neither npm nor the user installed anvil. */
export class AnvilMissingError extends EnigmaError {
  override readonly name = 'Localnet.AnvilMissingError'
  readonly code = 'ANVIL_MISSING'
  constructor() {
    super(`anvil was not found; npm has no build of it for ${process.platform}-${process.arch}.`, {
      hint: 'Install Foundry (https://getfoundry.sh), or name the binary in ANVIL_BIN.',
    })
  }
}
