import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bareQuote, leafOf } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import type { Block } from '@enigma/process'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CollateralSource, collateralFrom, evidenceOf } from './joiner-evidence.ts'
import type { ShownQuote } from './key-registry.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const pki = createSimulatedPki({ now: 1_800_000_000 })
const quote = pki.quote({ platformName: 'machine-1', measurement: hashOf(7), reportData: new Uint8Array(64) })
const LEAF = bytesToHex(leafOf(quote))
const BLOCK = { hash: hashOf(8) } as Block
const RECORD: Hex = `0x${'00'.repeat(192)}`
const shown = (evidence: Hex, over: Partial<ShownQuote> = {}): ShownQuote => ({
  ...{ signer: addressOf(1), operator: addressOf(2), inputKey: hashOf(3), identityBlock: 40n },
  ...{ quote: bytesToHex(bareQuote(quote)), evidence },
  ...over,
})

describe('what a seat was admitted by', () => {
  const evidence = (
    events: Record<string, ShownQuote[]>,
    over: { collateral?: CollateralSource; block?: Block | null } = { block: BLOCK },
  ) =>
    evidenceOf(
      4,
      { quoteBlock: 50n, leafBlock: 41n },
      {
        registry: { shownIn: async (_, block) => events[String(block)] ?? [] },
        node: { block: async () => over.block ?? null },
        collateral: over.collateral ?? (async () => pki.collateral()),
      },
    )

  test('is the quote of its last event with the certificate of the one that showed it last', async () => {
    const found = await evidence({
      41: [shown(LEAF)],
      50: [shown(RECORD, { inputKey: hashOf(5), identityBlock: 48n })],
    })
    expect(found.identity).toEqual({ inputKey: hashOf(5), identityBlock: 48n, identityBlockHash: hashOf(8) })
    expect(bytesToHex(found.quote)).toBe(bytesToHex(quote))
    expect(JSON.parse(found.collateral)).toMatchObject({ pckCrlIssuerChain: expect.stringContaining('CERTIFICATE') })
  })

  test('is not known where the node keeps no such event, certificate or issuers', async () => {
    const missing = { code: 'NO_EVIDENCE' }
    await expect(evidence({})).rejects.toMatchObject(missing)
    await expect(evidence({ 50: [shown(RECORD)] })).rejects.toMatchObject(missing)
    const { pckCrlIssuerChain: _, ...without } = pki.collateral()
    const events = { 41: [shown(LEAF)], 50: [shown(RECORD)] }
    await expect(evidence(events, {})).rejects.toMatchObject(missing)
    await expect(evidence(events, { block: BLOCK, collateral: async () => without })).rejects.toMatchObject(missing)
  })
})

describe('collateral', () => {
  let server: Server
  let answer: RequestListener
  let asked: string[]
  let source: CollateralSource
  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      answer(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    source = collateralFrom(url, new AbortController().signal)
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })
  const platform = { fmspc: '00', ca: 'platform' }

  test('comes from the Attestation service, for this platform', async () => {
    answer = (_, response) => response.end(JSON.stringify(pki.collateral()))
    expect(await source(platform)).toEqual(pki.collateral())
    expect(asked).toEqual(['/v1/collateral?fmspc=00&ca=platform'])
  })

  test.each<[string, RequestListener]>([
    ['is away', (request) => void request.socket.destroy()],
    ['refuses', (_, response) => response.writeHead(503).end(JSON.stringify(pki.collateral()))],
    ['answers no JSON', (_, response) => response.end('<html>')],
    ['answers something else', (_, response) => response.end('{}')],
    ['sends us elsewhere', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['sends too much', (_, response) => response.end(JSON.stringify(pki.collateral()) + ' '.repeat(600_000))],
  ])('S18: is missing, and no more, where the service %s', async (_, given) => {
    answer = given
    await expect(source(platform)).rejects.toMatchObject({
      code: 'NO_COLLATERAL',
      hint: expect.stringContaining('--attestation-url'),
    })
    expect(asked).toHaveLength(1)
  })
})
