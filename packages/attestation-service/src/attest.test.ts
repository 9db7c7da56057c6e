import { generateKeyPairSync } from 'node:crypto'
import { defaultPolicy, trustRoots } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { Secret, silentLogger, systemClock } from '@enigma/process'
import { bytesToHex } from '@enigma/protocol'
import { expect, test } from 'vitest'
import { createAttest } from './attest.ts'
import { createMemoryCache } from './memory-cache.ts'
import { startSimulatedPcs } from './simulated-pcs.ts'
import { loadTokenKey } from './token-key.ts'

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const quoteOf = (fmspc: string) =>
  createSimulatedPki().quote({
    platformName: 'm',
    measurement: `0x${'00'.repeat(32)}`,
    reportData: new Uint8Array(64),
    firmware: { fmspc },
  })

test('S18: verifies a quote while hundreds are slow to send theirs, or wait for collateral that nobody has', async () => {
  const pcs = await startSimulatedPcs()
  const cache = createMemoryCache(
    { url: pcs.url, trustRoot: trustRoots.simulated, signal: new AbortController().signal },
    { log: silentLogger },
  )
  const never = new Promise<never>(() => {})
  const attest = createAttest({
    cache: { get: (name) => (name.kind === 'tcbInfo' && name.fmspc === '00a067110000' ? never : cache.get(name)) },
    ...{ trustRoot: trustRoots.simulated, policy: defaultPolicy, tokenKey: await loadTokenKey(new Secret(pem), '') },
    ...{ clock: systemClock, log: silentLogger },
  })
  const ask = (body: Promise<string>) =>
    attest({ query: new URLSearchParams(), header: () => undefined, body: () => body })
  const bodyOf = (fmspc: string) => Promise.resolve(JSON.stringify({ quote: bytesToHex(quoteOf(fmspc)) }))
  for (let client = 0; client < 300; client++) void ask(client % 2 === 0 ? never : bodyOf('00a067110000'))
  const { status, body } = await ask(bodyOf('00606a000000'))
  expect([status ?? 200, JSON.parse(String(body)).verdict.tcbStatus]).toEqual([200, 'UpToDate'])
  await pcs.stop()
})
