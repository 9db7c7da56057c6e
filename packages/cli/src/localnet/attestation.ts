/** The Attestation service of a local network: the real one, on a simulated PCS, and the keeper of the collateral on chain. */
import { simulatedKind } from '@enigma/attestation/simulated'
import type { Hex } from '@enigma/protocol'
import { daemon, readyText } from './daemon.ts'
import type { Supervisor } from './supervisor.ts'

export type AttestationConfig = {
  chainId: number
  rpcUrl: string
  verifier: Hex
  /** Of the account that pays for what goes on chain. */
  keeperKey: Hex
  /** Where the collateral comes from. */
  upstream: string
  data: string
  /** Chosen before it starts, so that workers need not wait for it. */
  port: number
}

/** Often enough that a network's start does not wait for it, seldom enough not to cost a processor. */
const POLL_MS = 100
/** Between two looks at whether the chain lacks anything. */
const LOOK_SECONDS = 2

/** Starts Intel's part, played by software; resolves once it answers. */
export async function startPcs(supervisor: Supervisor): Promise<{ url: string }> {
  const child = supervisor.start(
    daemon({
      name: 'pcs',
      main: new URL(import.meta.resolve('@enigma/attestation-service/simulated-pcs')),
      options: { port: 0 },
      layer: 1,
      onCrash: 'fail',
    }),
  )
  return { url: readyText(await child.ready, 'url') }
}

/** Starts the service; resolves once it answers, before the chain holds the collateral. */
export async function startAttestation(config: AttestationConfig, supervisor: Supervisor): Promise<{ url: string }> {
  const child = supervisor.start(
    daemon({
      name: 'attestation',
      main: new URL(import.meta.resolve('@enigma/attestation-service/main')),
      options: attestationOptions(config),
      layer: 2,
      onCrash: 'fail',
    }),
  )
  return { url: readyText(await child.ready, 'url') }
}

/** How the service runs on a local network, by the names of its table. */
export function attestationOptions({ data, ...given }: AttestationConfig) {
  return {
    ...given,
    dataDir: `${data}/attestation`,
    trustRoot: 'simulated',
    fmspcs: simulatedKind.fmspc,
    keeperSeconds: LOOK_SECONDS,
    pollMs: POLL_MS,
  }
}
