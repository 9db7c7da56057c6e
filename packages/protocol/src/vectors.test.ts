/** The vector files, read as another implementation would read them. */
import { describe, expect, test } from 'vitest'
import batches from '../vectors/batch.json' with { type: 'json' }
import envelopes from '../vectors/envelope.json' with { type: 'json' }
import epochWords from '../vectors/epoch-word.json' with { type: 'json' }
import { staleVectors } from '../vectors/generate.ts'
import headers from '../vectors/header-digest.json' with { type: 'json' }
import lanes from '../vectors/lane.json' with { type: 'json' }
import networks from '../vectors/network-hash.json' with { type: 'json' }
import receipts from '../vectors/receipt.json' with { type: 'json' }
import seatWords from '../vectors/seat-word.json' with { type: 'json' }
import slotWords from '../vectors/slot-word.json' with { type: 'json' }
import tasks from '../vectors/task-id.json' with { type: 'json' }
import {
  batchDigest,
  bytesToHex,
  type Hex,
  headerDigest,
  hexToBytes,
  laneOf,
  networkHash,
  openData,
  openInputs,
  openReply,
  packMember,
  parseEpochWord,
  parseSeatWord,
  parseSlotWord,
  receiptDigest,
  receiptHash,
  recoverObserver,
  recoverSigner,
  type Status,
  taskId,
  type Undelivered,
  undeliveredHash,
  undeliveredWord,
  unpackTask,
} from './index.ts'
import { nodeCrypto } from './testing/support.ts'

const words = ({
  ref,
  target,
  terms,
  codeHash,
  inputsHash,
}: Record<'ref' | 'target' | 'terms' | 'codeHash' | 'inputsHash', string>) => ({
  ref: BigInt(ref),
  target: BigInt(target),
  terms: BigInt(terms),
  codeHash: codeHash as Hex,
  inputsHash: inputsHash as Hex,
})
const domainOf = ({ chainId, enigma }: { chainId: string; enigma: string }) => ({
  chainId: BigInt(chainId),
  enigma: enigma as Hex,
})
const hex = (value: string | undefined) => hexToBytes(value as Hex)
const codeOf = (code: string) => expect.objectContaining({ code })

test('the files are what the code makes; else run node packages/protocol/vectors/generate.ts', async () => {
  expect(await staleVectors({ write: false })).toEqual([])
})

describe('task-id.json', () => {
  test.each(tasks.cases)('$name', (vector) => {
    const task = unpackTask(words(vector))
    expect(taskId(domainOf(vector), task)).toBe(vector.taskId)
    const {
      name: _,
      chainId: _1,
      enigma: _2,
      ref: _3,
      target: _4,
      terms: _5,
      domainSeparator: _6,
      taskId: _7,
      ...fields
    } = vector
    expect(Object.fromEntries(Object.entries(task).map(([field, value]) => [field, String(value)]))).toEqual(fields)
  })

  test.each(tasks.failures)('refused: $name', (vector) => {
    expect(() => unpackTask(words(vector))).toThrow(codeOf(vector.error))
  })
})

describe('receipt.json', () => {
  test.each(receipts.cases)('$name', (vector) => {
    const { r, vs, digest, signer } = vector
    const receipt = {
      ...(vector as { [field: string]: string } & typeof vector),
      status: Number(vector.status) as Status,
    }
    expect(receiptDigest(domainOf(vector), receipt as never)).toBe(digest)
    expect(recoverSigner(digest as Hex, { r: r as Hex, vs: vs as Hex })).toBe(signer)
  })

  test.each(receipts.failures)('S2: refused: $name', ({ digest, r, vs, signer, error }) => {
    const recover = () => recoverSigner(digest as Hex, { r: r as Hex, vs: vs as Hex })
    if (error === 'OTHER_SIGNER') expect(recover()).not.toBe(signer)
    else expect(recover).toThrow(codeOf(error))
  })
})

describe('batch.json', () => {
  test.each(batches.cases)('$name', ({ receipts, digest, signer, r, vs, ...domain }) => {
    expect(batchDigest(domainOf(domain), receipts as Hex[])).toBe(digest)
    expect(recoverSigner(digest as Hex, { r: r as Hex, vs: vs as Hex })).toBe(signer)
  })

  test.each(batches.receipts)('receipt of $name', (vector) => {
    expect(receiptHash({ ...vector, status: Number(vector.status) } as never)).toBe(vector.receiptHash)
  })

  test.each(batches.members)('member: $name', (vector) => {
    const packed = words({ codeHash: '0x', ...vector })
    const [rank, status] = [Number(vector.rank), Number(vector.status)]
    expect(bytesToHex(packMember({ packed, rank, status, output: vector.output as Hex }))).toBe(vector.member)
  })

  test.each(batches.failures)('S2: refused: $name', ({ digest, r, vs, signer, error }) => {
    expect(error).toBe('OTHER_SIGNER')
    expect(recoverSigner(digest as Hex, { r: r as Hex, vs: vs as Hex })).not.toBe(signer)
  })

  test.each(batches.unpackable)('not packed: $name', ({ error }) => {
    const packed = { ref: 0n, target: 0n, terms: 0n, inputsHash: `0x${'00'.repeat(32)}` as Hex }
    const output: Hex = `0x${'00'.repeat(65_536)}`
    expect(() => packMember({ packed, rank: 0, status: 0, output })).toThrow(codeOf(error))
  })
})

describe('header-digest.json', () => {
  const read = (vector: { chainId: string; number: string; hash: string; r: string; vs: string }) => ({
    header: { chainId: BigInt(vector.chainId), number: BigInt(vector.number), hash: vector.hash as Hex },
    signature: { r: vector.r as Hex, vs: vector.vs as Hex },
  })

  test.each(headers.cases)('$name', (vector) => {
    const { header, signature } = read(vector)
    expect(headerDigest(header)).toBe(vector.digest)
    expect(recoverObserver(headerDigest(header), signature)).toBe(vector.observer)
  })

  test.each(headers.failures)('S12: refused: $name', (vector) => {
    const { header, signature } = read(vector)
    if (vector.error === 'OTHER_SIGNER')
      expect(recoverObserver(headerDigest(header), signature)).not.toBe(vector.observer)
    else expect(() => recoverObserver(headerDigest(header), signature)).toThrow(codeOf(vector.error))
  })
})

describe('the words', () => {
  test.each(slotWords.cases)('slot, $name', (vector) => {
    const slot = parseSlotWord(BigInt(vector.word))
    const expected = vector.pending
      ? { state: 'pending', taskIdBits: BigInt(vector.taskIdBits) }
      : { state: 'free', seq: BigInt(vector.seq), balanceGwei: BigInt(vector.balanceGwei) }
    expect(slot).toEqual(expected)
  })

  test.each(slotWords.undelivered)('slot, undelivered, $name', (vector) => {
    const { hash, word, name: _, slot, seq, restGwei, createdBlock, ...hex } = vector
    const numbers = {
      slot: Number(slot),
      seq: BigInt(seq),
      restGwei: BigInt(restGwei),
      createdBlock: Number(createdBlock),
    }
    const result = { ...hex, ...numbers } as Undelivered
    expect(undeliveredHash(result)).toBe(hash)
    expect(undeliveredWord(result)).toBe(BigInt(word))
    expect(parseSlotWord(BigInt(word))).toEqual({ state: 'undelivered', hashBits: BigInt(hash) & (2n ** 254n - 1n) })
  })

  test.each(slotWords.failures)('slot, refused: $name', ({ word, error }) => {
    expect(() => parseSlotWord(BigInt(word))).toThrow(codeOf(error))
  })

  test.each(seatWords.cases)('seat, $name', ({ word, creditGwei, signer, exitEpoch }) => {
    expect(parseSeatWord(BigInt(word))).toMatchObject({
      creditGwei: BigInt(creditGwei),
      signer,
      exitEpoch: Number(exitEpoch),
    })
  })

  test.each(epochWords.cases)('epoch, $name', ({ word, seed, isFallback, number }) => {
    expect(parseEpochWord(BigInt(word))).toMatchObject({ seed: BigInt(seed), isFallback, number: Number(number) })
  })
})

describe('network-hash.json and lane.json', () => {
  const networkOf = (vector: Omit<(typeof networks.cases)[number], 'networkHash'>) => ({
    ...domainOf(vector),
    observers: vector.observers as Hex[],
    threshold: Number(vector.threshold),
    depth: Number(vector.depth),
    simulated: vector.simulated,
    serial: Number(vector.serial),
  })

  test.each(networks.cases)('$name', (vector) => {
    expect(networkHash(networkOf(vector))).toBe(vector.networkHash)
  })

  test.each(networks.failures)('refused: $name', (vector) => {
    expect(() => networkHash(networkOf(vector))).toThrow(codeOf(vector.error))
  })

  test.each(lanes.cases)(
    'lane $lane of $lanes for slot $slot, seq $seq',
    ({ requester, slot, seq, lanes: count, lane }) => {
      const found = laneOf({ requester: requester as Hex, slot: Number(slot), seq: BigInt(seq), lanes: Number(count) })
      expect(String(found)).toBe(lane)
    },
  )
})

describe('envelope.json', () => {
  const open = { 1: openInputs, 2: openData, 3: openReply }

  test.each(envelopes.cases)('$name', async (vector) => {
    const parts = { envelope: hex(vector.envelope), context: hex(vector.context) as never }
    if (vector.kind === '1') {
      for (const [i, publicKey] of (vector.recipients ?? []).entries()) {
        const keys = [{ publicKey: publicKey as Hex, secretKey: hex(vector.recipientSecrets?.[i]) }]
        const { replyKey, args } = await openInputs({ ...parts, keys }, nodeCrypto)
        expect([replyKey, bytesToHex(args)]).toEqual([vector.replyKey, vector.args])
      }
      return
    }
    const keys = [{ publicKey: vector.recipient as Hex, secretKey: hex(vector.recipientSecret) }]
    const message = await (vector.kind === '2' ? openData : openReply)({ ...parts, keys }, nodeCrypto)
    expect(bytesToHex(message)).toBe(vector.message)
  })

  test.each(envelopes.failures)('S18: refused: $name', async (vector) => {
    const keys = [{ publicKey: vector.publicKey as Hex, secretKey: hex(vector.secretKey) }]
    const parts = { envelope: hex(vector.envelope), context: hex(vector.context) as never, keys }
    await expect(open[Number(vector.kind) as 1](parts, nodeCrypto)).rejects.toThrow(codeOf(vector.error))
  })
})
