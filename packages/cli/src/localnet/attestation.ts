/** The Attestation service of a local network: the real one, on a simulated PCS. */
import { parseHex } from '@enigma/protocol'
import { daemon, readyText } from './daemon.ts'
import type { Supervisor } from './supervisor.ts'

export type AttestationConfig = {
  chainId: number
  /** Contract that its verdicts are signed for. */
  verifier: `0x${string}`
  attesterKey: `0x${string}`
}

/** Starts the service on a free port; resolves once it answers. */
export async function startAttestation(config: AttestationConfig, supervisor: Supervisor) {
  const child = supervisor.start(
    daemon({
      name: 'attestation',
      main: new URL('./main.ts', import.meta.resolve('@enigma/attestation/service')),
      options: { ...config, port: 0, pcs: 'simulated' },
      layer: 1,
      onCrash: 'fail',
    }),
  )
  const ready = await child.ready
  return { url: readyText(ready, 'url'), attester: parseHex(ready.attester, { bytes: 20, what: 'attester' }) }
}
