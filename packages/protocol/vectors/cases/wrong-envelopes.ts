/** Envelopes that must be refused, each with the error it must be refused with. */
import {
  abiBytes,
  abiEncode,
  abiFixedBytes,
  abiUint,
  bytesToHex,
  concatBytes,
  dataContext,
  hexToBytes,
  inputContext,
  type KeyPair,
  openData,
  openInputs,
  openReply,
  pad,
  replyContext,
  ZERO_HASH,
} from '../../src/index.ts'
import type { Case } from '../generate.ts'
import { type Craft, craftInputs, craftSealed, padTo } from './craft.ts'
import { DATA_FACTS, FACTS, REPLY_FACTS, sampleKeys } from './envelope.ts'
import { errorOf, sample, sampleSecret } from './samples.ts'

type Wrong = { name: string; kind: 1 | 2 | 3; envelope: Uint8Array; context: Uint8Array; key: KeyPair }

const MESSAGE = abiEncode(abiFixedBytes(ZERO_HASH), abiBytes(hexToBytes(sample('an argument'))))

export async function envelopeFailures(): Promise<Case[]> {
  return Promise.all([...(await outside()), ...(await keysAndContexts()), ...(await inside())].map(failure))
}

async function failure({ name, kind, envelope, context, key }: Wrong): Promise<Case> {
  const open = { 1: openInputs, 2: openData, 3: openReply }[kind]
  return {
    name,
    kind: String(kind),
    publicKey: key.publicKey,
    secretKey: bytesToHex(key.secretKey),
    context: bytesToHex(context),
    envelope: bytesToHex(envelope),
    // Casts the brand away: a wrong context is what these cases are about.
    error: await errorOf(() => open({ envelope, context: context as never, keys: [key] })),
  }
}

async function inputsWith(change: Partial<Craft> = {}): Promise<Uint8Array> {
  const keys = await Promise.all([0, 1].map((i) => sampleKeys(`worker ${i}`)))
  const recipients = keys.map(({ publicKey }, i) => ({
    publicKey: hexToBytes(publicKey),
    ephemeralSecret: sampleSecret(`ephemeral ${i}`),
  }))
  const contentKey = sampleSecret('content key')
  return craftInputs({ context: inputContext(FACTS), recipients, contentKey, padded: pad(MESSAGE, 128), ...change })
}

async function sealedWith(head: readonly number[], context: Uint8Array, padded: Uint8Array): Promise<Uint8Array> {
  const { publicKey } = await sampleKeys('reader')
  return craftSealed({
    head,
    context,
    padded,
    publicKey: hexToBytes(publicKey),
    ephemeralSecret: sampleSecret('ephemeral'),
  })
}

/** Refused before any key is touched. */
async function outside(): Promise<Wrong[]> {
  const good = await inputsWith()
  const key = await sampleKeys('worker 0')
  const reader = await sampleKeys('reader')
  const context = inputContext(FACTS)
  const reply = await sealedWith([1, 1, 3, 1], replyContext(REPLY_FACTS), pad(new Uint8Array(5), 32))
  const inputs = (name: string, envelope: Uint8Array): Wrong => ({ name, kind: 1, envelope, context, key })
  const replies = (name: string, envelope: Uint8Array): Wrong => ({
    ...{ name, kind: 3, envelope, context: replyContext(REPLY_FACTS), key: reader },
  })
  return [
    inputs('nothing at all', new Uint8Array(0)),
    inputs('a head alone', good.slice(0, 4)),
    inputs('half a head', good.slice(0, 2)),
    inputs('version 0', withByte(good, 0, 0)),
    inputs('version 2', withByte(good, 0, 2)),
    inputs('suite 0', withByte(good, 1, 0)),
    inputs('suite 2', withByte(good, 1, 2)),
    inputs('kind 0', withByte(good, 2, 0)),
    inputs('kind 4', withByte(good, 2, 4)),
    inputs('no recipients', withByte(good, 3, 0)),
    inputs('four recipients', withByte(good, 3, 4)),
    inputs('one recipient fewer than follow', withByte(good, 3, 1)),
    inputs('one recipient more than follow', withByte(good, 3, 3)),
    inputs('one byte short', good.slice(0, -1)),
    inputs('one byte long', concatBytes(good, new Uint8Array(1))),
    inputs('cut in the commitment', good.slice(0, 4 + 2 * 88 + 16)),
    inputs('the same key id twice', concatBytes(good.slice(0, 92), good.slice(4, 92), good.slice(180))),
    inputs('padded below the least size', await inputsWith({ padded: padTo(112, MESSAGE.slice(0, 100)) })),
    inputs('padded to no Padmé size', await inputsWith({ padded: padTo(137, MESSAGE) })),
    inputs('an envelope of kind 3', reply),
    replies('an envelope of kind 1', good),
    replies('kind 3 with two recipients', withByte(reply, 3, 2)),
    replies('kind 3 with none', withByte(reply, 3, 0)),
    replies('kind 3, one byte short', reply.slice(0, -1)),
    replies('kind 3, one byte long', concatBytes(reply, new Uint8Array(1))),
    replies('kind 3, without ciphertext', reply.slice(0, 44)),
    replies(
      'kind 3, below the least size',
      await sealedWith([1, 1, 3, 1], replyContext(REPLY_FACTS), padTo(30, new Uint8Array(5))),
    ),
  ]
}

/** Well-formed, and still not for this key, context or purpose. */
async function keysAndContexts(): Promise<Wrong[]> {
  const good = await inputsWith()
  const key = await sampleKeys('worker 0')
  const second = await sampleKeys('worker 1')
  const reader = await sampleKeys('reader')
  const context = inputContext(FACTS)
  const asReply = replyContext(REPLY_FACTS)
  const asData = dataContext(DATA_FACTS)
  const data = await sealedWith([1, 1, 2, 1], asData, pad(new Uint8Array(5), 32))
  const recipient = { publicKey: hexToBytes(key.publicKey), ephemeralSecret: sampleSecret('ephemeral 0') }
  const other = { publicKey: hexToBytes(second.publicKey), ephemeralSecret: sampleSecret('ephemeral 1') }
  const otherKey = sampleSecret('another content key')
  const lowOrder = await inputsWith({ recipients: [{ ...recipient, enc: new Uint8Array(32) }] })
  const inputs = (name: string, envelope: Uint8Array, own = key): Wrong => ({
    name,
    kind: 1,
    envelope,
    context,
    key: own,
  })
  return [
    { name: "another user's context", kind: 1, envelope: good, context: inputContext({ ...FACTS, seq: 8n }), key },
    inputs('addressed to others', good, reader),
    inputs('our secret key under a key id that is not ours', good, { ...key, publicKey: second.publicKey }),
    inputs('a changed body', withByte(good, good.length - 1, (good.at(-1) as number) ^ 1)),
    inputs("a change in another worker's part", withByte(good, 92 + 8, (good[100] as number) ^ 1)),
    inputs('a shared secret of zeros', lowOrder),
    inputs(
      'the second worker was given another content key',
      await inputsWith({ recipients: [recipient, { ...other, contentKey: otherKey }] }),
      second,
    ),
    inputs('a commitment to another content key', await inputsWith({ commitment: sampleSecret('another commitment') })),
    { name: 'kind 2 in the context of a reply', kind: 2, envelope: data, context: asReply, key: reader },
    {
      name: 'kind 2 of another owner',
      kind: 2,
      envelope: data,
      context: dataContext({ ...DATA_FACTS, owner: FACTS.dApp }),
      key: reader,
    },
    { name: 'kind 2 relabelled as kind 3', kind: 3, envelope: withByte(data, 2, 3), context: asData, key: reader },
    { name: 'kind 2 opened as kind 3', kind: 3, envelope: data, context: asData, key: reader },
    { name: 'kind 2 for another key', kind: 2, envelope: data, context: asData, key },
  ]
}

/** Sealed rightly, but what is inside is no message. */
async function inside(): Promise<Wrong[]> {
  const key = await sampleKeys('worker 0')
  const reader = await sampleKeys('reader')
  const context = inputContext(FACTS)
  const asReply = replyContext(REPLY_FACTS)
  const inputs = async (name: string, padded: Uint8Array): Promise<Wrong> => ({
    ...{ name, kind: 1, envelope: await inputsWith({ padded }), context, key },
  })
  const reply = async (name: string, padded: Uint8Array): Promise<Wrong> => ({
    ...{ name, kind: 3, envelope: await sealedWith([1, 1, 3, 1], asReply, padded), context: asReply, key: reader },
  })
  const args = hexToBytes(sample('an argument'))
  const words = (...values: (number | Uint8Array)[]) =>
    pad(concatBytes(...values.map((value) => (typeof value === 'number' ? abiUint(value).word : value))), 128)
  return Promise.all([
    inputs('a length past the end', padTo(144, MESSAGE, 141)),
    inputs('a length of 2^32 - 1', padTo(144, MESSAGE, 0xffffffff)),
    inputs('padded further than needed', padTo(160, MESSAGE)),
    inputs('a bit in the zeros', withByte(pad(MESSAGE, 128), 143, 1)),
    inputs('an empty message', pad(new Uint8Array(0), 128)),
    inputs('an offset other than 64', words(0, 96, 0, 0)),
    inputs('arguments longer than the message', words(0, 64, 33, args)),
    inputs('arguments of 2^256 - 1 bytes', words(0, 64, new Uint8Array(32).fill(0xff), args)),
    inputs('a word behind the arguments', words(0, 64, 32, args, 0)),
    inputs('a bit in the zeros behind the arguments', words(0, 64, 31, args)),
    inputs('one word short', words(0, 64)),
    reply('kind 3, a length past the end', padTo(32, new Uint8Array(5), 29)),
    reply('kind 3, a bit in the zeros', withByte(padTo(32, new Uint8Array(5)), 31, 1)),
    reply('kind 3, padded further than needed', padTo(36, new Uint8Array(5))),
  ])
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = value
  return copy
}
