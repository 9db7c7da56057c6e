/** Vectors of envelopes of all three kinds, and of the reason of a failure. */
import {
  bytesToHex,
  dataContext,
  type Hex,
  hexToBytes,
  inputContext,
  type KeyPair,
  keccak256,
  MIN_PADDED,
  pad,
  replyContext,
  sealData,
  sealReason,
  sealReply,
  utf8,
  webCrypto,
  ZERO_HASH,
} from '../../src/index.ts'
import { openInputs, sealInputsWith } from '../../src/inputs.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, sample, sampleAddress, sampleSecret } from './samples.ts'
import { envelopeFailures } from './wrong-envelopes.ts'

export const FACTS = {
  networkHash: sample('network'),
  dApp: sampleAddress('dApp'),
  codeHash: sample('code'),
  callable: '0xdeadbeef',
  requester: sampleAddress('requester'),
  slot: 3,
  seq: 7n,
} as const
export const DATA_FACTS = {
  ...CHAIN,
  dApp: FACTS.dApp,
  codeHash: FACTS.codeHash,
  owner: FACTS.requester,
  label: sample('label'),
}
export const REPLY_FACTS = { networkHash: FACTS.networkHash, dApp: FACTS.dApp, taskId: sample('task') }

export async function sampleKeys(name: string): Promise<KeyPair> {
  const secretKey = sampleSecret(name)
  return { secretKey, publicKey: bytesToHex(await webCrypto.publicKey(secretKey)) }
}

export async function envelopeVectors(): Promise<VectorFile> {
  const reader = await sampleKeys('reader')
  return {
    comment:
      'cases: kind 1, inputs to one to three workers; kind 2, data at rest; kind 3, a private result. context is what the ' +
      'fields before it make; recipients, recipientSecrets, ephemeralSecrets stand in the same order; inputsHash = ' +
      'keccak256(envelope). reasonCases: the output of a failed task with a reply key. failures: refused with `error` when ' +
      'opened as `kind` with this key and context.',
    cases: [
      await inputsCase('one worker, no arguments', 1, '0x', ZERO_HASH),
      await inputsCase('two workers', 2, bytesToHex(utf8('thirty-two bytes of an argument.')), ZERO_HASH),
      await inputsCase('three workers and a reply key', 3, sample('an argument'), reader.publicKey),
      await inputsCase('more than the least size', 3, bytesToHex(new Uint8Array(200).fill(0xab)), reader.publicKey),
      await inputsCase('1,000 bytes', 1, bytesToHex(new Uint8Array(1000).fill(0xcd)), ZERO_HASH),
      await dataCase('empty', '0x'),
      await dataCase('28 bytes fill the least size', bytesToHex(new Uint8Array(28).fill(0x11))),
      await dataCase('29 bytes', bytesToHex(new Uint8Array(29).fill(0x11))),
      await replyCase('empty', '0x'),
      await replyCase('500 bytes', bytesToHex(new Uint8Array(500).fill(0x22))),
    ],
    reasonCases: [
      await reasonCase('a reason', 'Too young', 'anchor'),
      await reasonCase('the same in another branch', 'Too young', 'anchor of another branch'),
      await reasonCase('another reason', 'Too old', 'anchor'),
    ],
    failures: await envelopeFailures(),
  }
}

async function inputsCase(name: string, n: number, args: Hex, replyKey: Hex): Promise<Case> {
  const keys = await Promise.all([0, 1, 2].slice(0, n).map((i) => sampleKeys(`worker ${i}`)))
  const contentKey = sampleSecret(`content key of ${name}`)
  const ephemeralSecrets = keys.map((_, i) => sampleSecret(`ephemeral ${i} of ${name}`))
  const context = inputContext(FACTS)
  const inputs = { recipients: keys.map(({ publicKey }) => publicKey), context, replyKey, args: hexToBytes(args) }
  const envelope = await sealInputsWith(inputs, { contentKey, ephemeralSecrets }, webCrypto)
  return {
    name: `kind 1: ${name}`,
    kind: '1',
    ...FACTS,
    slot: String(FACTS.slot),
    seq: String(FACTS.seq),
    context: bytesToHex(context),
    recipients: inputs.recipients,
    recipientSecrets: keys.map(({ secretKey }) => bytesToHex(secretKey)),
    contentKey: bytesToHex(contentKey),
    ephemeralSecrets: ephemeralSecrets.map(bytesToHex),
    replyKey,
    args,
    envelope: bytesToHex(envelope),
    inputsHash: keccak256(envelope),
  }
}

async function dataCase(name: string, message: Hex): Promise<Case> {
  const key = await sampleKeys('contract')
  const context = dataContext(DATA_FACTS)
  const ephemeralSecret = sampleSecret(`ephemeral of data ${name}`)
  const seal = { recipient: key.publicKey, context, message: hexToBytes(message), ephemeralSecret }
  const facts = { ...DATA_FACTS, chainId: String(DATA_FACTS.chainId) }
  return {
    name: `kind 2: ${name}`,
    kind: '2',
    ...facts,
    ...sealedTexts(key, seal),
    envelope: bytesToHex(await sealData(seal)),
  }
}

async function replyCase(name: string, message: Hex): Promise<Case> {
  const key = await sampleKeys('reader')
  const context = replyContext(REPLY_FACTS)
  const ephemeralSecret = sampleSecret(`ephemeral of reply ${name}`)
  const seal = { recipient: key.publicKey, context, message: hexToBytes(message), ephemeralSecret }
  const envelope = bytesToHex(await sealReply(seal))
  return { name: `kind 3: ${name}`, kind: '3', ...REPLY_FACTS, ...sealedTexts(key, seal), envelope }
}

function sealedTexts(
  { publicKey, secretKey }: KeyPair,
  { context, message, ephemeralSecret }: { context: Uint8Array; message: Uint8Array; ephemeralSecret: Uint8Array },
): Case {
  return {
    context: bytesToHex(context),
    recipient: publicKey,
    recipientSecret: bytesToHex(secretKey),
    ephemeralSecret: bytesToHex(ephemeralSecret),
    message: bytesToHex(message),
  }
}

async function reasonCase(name: string, text: string, anchorName: string): Promise<Case> {
  const worker = await sampleKeys('worker 0')
  const reader = await sampleKeys('reader')
  const context = inputContext(FACTS)
  const contentKey = sampleSecret('content key of a failing task')
  const envelope = await sealInputsWith(
    { recipients: [worker.publicKey], context, replyKey: reader.publicKey, args: new Uint8Array(0) },
    { contentKey, ephemeralSecrets: [sampleSecret('ephemeral of a failing task')] },
    webCrypto,
  )
  const inputs = await openInputs({ envelope, context, keys: [worker] })
  const anchor = sample(anchorName)
  const reason = utf8(text)
  const output = await sealReason({ inputs, ...REPLY_FACTS, anchor, reason, outputCap: 1024 })
  return {
    name,
    ...REPLY_FACTS,
    anchor,
    contentKey: bytesToHex(contentKey),
    replyKey: reader.publicKey,
    replySecret: bytesToHex(reader.secretKey),
    reason: bytesToHex(reason),
    ephemeralSecret: bytesToHex(inputs.reasonKey(REPLY_FACTS.taskId, anchor, pad(reason, MIN_PADDED.sealed))),
    output: bytesToHex(output),
  }
}
