import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/private-call.json' with { type: 'json' }
import { bytesToHex, type Hex, hexToBytes } from './bytes.ts'
import { parseEnvelope, type SealedParts } from './envelope.ts'
import { MIN_PADDED, pad } from './padding.ts'
import { type CallMoment, PRIVATE_CALLS, randomOf, type SealingFacts, sealingSecret } from './private-call.ts'
import { openData, openReply, sealData, sealReply } from './sealed.ts'
import { nodeCrypto } from './testing/support.ts'

const ROOT = new Uint8Array(32).fill(5)
const anyBytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const anyMoment = { taskId: anyBytes(32).map(bytesToHex), anchor: anyBytes(32).map(bytesToHex), counter: fc.nat() }
const anyFacts: fc.Arbitrary<SealingFacts> = fc.record({
  ...anyMoment,
  kind: fc.constantFrom<2 | 3>(2, 3),
  recipient: anyBytes(32).map(bytesToHex),
  context: fc.uint8Array({ maxLength: 100 }),
  message: fc.uint8Array({ maxLength: 100 }),
})
const MOMENT: CallMoment = { taskId: `0x${'11'.repeat(32)}`, anchor: `0x${'22'.repeat(32)}`, counter: 0 }
const FACTS: SealingFacts = {
  ...MOMENT,
  kind: 2,
  recipient: `0x${'33'.repeat(32)}`,
  context: new Uint8Array([1]),
  message: new Uint8Array([2]),
}
const derive = (info: Hex) => bytesToHex(new Uint8Array(hkdfSync('sha256', ROOT, '', hexToBytes(info), 32)))

describe('the reserved addresses', () => {
  test("are the last 20 bytes of their labels' hashes", () => {
    const names = ['open', 'seal', 'sealTo', 'random'] as const
    for (const [i, name] of names.entries()) {
      expect(PRIVATE_CALLS[name]).toBe(`0x${keccak256(toHex(`enigma.private.${i + 1}`)).slice(-40)}`)
    }
    expect(Object.keys(PRIVATE_CALLS)).toEqual(names)
  })

  test.each(vectors.addressCases)('$name is as published', ({ name, address }) => {
    expect(PRIVATE_CALLS[name as keyof typeof PRIVATE_CALLS]).toBe(address)
  })
})

describe('sealingSecret', () => {
  test("equals OpenSSL's HKDF over viem's encoding", () => {
    const types = parseAbiParameters('uint8, bytes32, bytes32, uint256, bytes32, bytes32, bytes32')
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { kind, taskId, anchor, counter, recipient, context, message } = facts
        const info = encodeAbiParameters(types, [
          ...([kind, taskId, anchor, BigInt(counter), keccak256(recipient), keccak256(context)] as const),
          keccak256(pad(message, MIN_PADDED.sealed)),
        ])
        expect(bytesToHex(sealingSecret(ROOT, facts))).toBe(derive(info))
      }),
    )
  })

  test.each<Partial<SealingFacts>>([
    { kind: 3 },
    { taskId: `0x${'12'.repeat(32)}` },
    { anchor: `0x${'23'.repeat(32)}` },
    { counter: 1 },
    { recipient: `0x${'34'.repeat(32)}` },
    { context: new Uint8Array([3]) },
    { message: new Uint8Array([3]) },
    { message: new Uint8Array([2, 0]) },
    { message: new Uint8Array(0) },
  ])('S13: no key meets two messages: another one for %o', (change) => {
    expect(sealingSecret(ROOT, { ...FACTS, ...change })).not.toEqual(sealingSecret(ROOT, FACTS))
  })

  test("S8: another dApp's root makes another key", () => {
    expect(sealingSecret(new Uint8Array(32).fill(6), FACTS)).not.toEqual(sealingSecret(ROOT, FACTS))
  })
})

describe('randomOf', () => {
  test("equals OpenSSL's HKDF over viem's encoding", () => {
    const types = parseAbiParameters('bytes32, bytes32, uint256')
    fc.assert(
      fc.property(fc.record(anyMoment), (moment) => {
        const info = encodeAbiParameters(types, [moment.taskId, moment.anchor, BigInt(moment.counter)])
        expect(randomOf(ROOT, moment)).toBe(derive(info))
      }),
    )
  })

  test.each(vectors.failures)('S18: refused: $name', ({ taskId, anchor, counter, error }) => {
    const moment = { taskId: taskId as Hex, anchor: anchor as Hex, counter: Number(counter) }
    expect(() => randomOf(ROOT, moment)).toThrow(expect.objectContaining({ code: error }))
    expect(() => sealingSecret(ROOT, { ...FACTS, ...moment })).toThrow(expect.objectContaining({ code: error }))
  })
})

describe('private-call.json', () => {
  type Vector = (typeof vectors.cases)[number]
  const bytes = (value: string) => hexToBytes(value as Hex)
  const factsOf = (vector: Vector): SealingFacts => ({
    kind: Number(vector.kind) as 2 | 3,
    taskId: vector.taskId as Hex,
    anchor: vector.anchor as Hex,
    counter: Number(vector.counter),
    recipient: vector.recipient as Hex,
    context: bytes(vector.context),
    message: bytes(vector.message),
  })

  test.each(vectors.cases)('$name', async (vector) => {
    const [seal, open] = vector.kind === '2' ? [sealData, openData] : [sealReply, openReply]
    const facts = factsOf(vector)
    const ephemeralSecret = sealingSecret(bytes(vector.sealRoot), facts)
    expect(bytesToHex(ephemeralSecret)).toBe(vector.ephemeralSecret)
    const parts = { ...facts, context: facts.context as never }
    const envelope = await seal({ ...parts, ephemeralSecret }, nodeCrypto)
    expect(bytesToHex(envelope)).toBe(vector.envelope)
    const keys = [{ publicKey: facts.recipient, secretKey: bytes(vector.recipientSecret) }]
    expect(await open({ envelope, keys, context: parts.context }, nodeCrypto)).toEqual(facts.message)
  })

  test.each(vectors.randomCases)('random: $name', (vector) => {
    const moment = { taskId: vector.taskId as Hex, anchor: vector.anchor as Hex, counter: Number(vector.counter) }
    expect(randomOf(bytes(vector.randomRoot), moment)).toBe(vector.random)
  })

  test('S13: one task in two branches of the chain shares its head and key id, and nothing that a key has touched', () => {
    const [here, there] = vectors.cases.slice(0, 2).map((vector) => ({
      ...vector,
      parts: parseEnvelope(bytes(vector.envelope)) as SealedParts,
    })) as [Vector & { parts: SealedParts }, Vector & { parts: SealedParts }]
    expect([there.taskId, there.message, there.counter]).toEqual([here.taskId, here.message, here.counter])
    expect(there.anchor).not.toBe(here.anchor)
    expect([there.parts.head, there.parts.keyId]).toEqual([here.parts.head, here.parts.keyId])
    expect(there.parts.enc).not.toEqual(here.parts.enc)
    expect(there.parts.ciphertext).not.toEqual(here.parts.ciphertext)
    const [first, second] = vectors.randomCases
    expect([first?.taskId, first?.counter]).toEqual([second?.taskId, second?.counter])
    expect(first?.random).not.toBe(second?.random)
  })
})
