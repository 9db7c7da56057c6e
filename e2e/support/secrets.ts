/** What a simulated worker's Core holds, taken out of its sealed blob: real hardware would not give the key. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { contractKeySecret, hexToBytes, keccak256, networkHash, networkSignerSecret, sealRoot } from '@enigma/protocol'
import { networkOf, type TestNetwork } from '@enigma/testing'
import { createSimulatedPlatform } from '../../packages/core/src/platform/simulated.ts'
import { canSeal, unseal } from '../../packages/core/src/sealing.ts'

const KEY_BYTES = 32

/** Its signer, its input keys, the first generation's secret, and what derives from that for one dApp. */
export async function secretsOf(network: TestNetwork, worker: string, dApp: `0x${string}`): Promise<Uint8Array[]> {
  const scope = networkOf(network)
  const platform = createSimulatedPlatform(worker)
  if (!canSeal(platform)) throw new Error('A simulated platform seals.')
  const sealed = readFileSync(path.join(network.data, worker, 'core.sealed'))
  const content = await unseal(platform, { role: 'worker', networkHash: networkHash(scope) }, sealed)
  const keys = content[1] ?? 0
  const own = Array.from({ length: keys }, (_, i) => content.slice(2 + i * KEY_BYTES, 2 + (i + 1) * KEY_BYTES))
  const secret = content.slice(2 + keys * KEY_BYTES + 4).slice(0, KEY_BYTES)
  const code = await network.client('deployer').getCode({ address: dApp })
  const owner = { dApp, codeHash: keccak256(hexToBytes(code ?? '0x')), generation: 1 }
  const derived = [
    networkSignerSecret(secret, scope, 1),
    contractKeySecret(secret, scope, owner),
    sealRoot(secret, scope, owner),
  ]
  return [...own, secret, ...derived]
}
