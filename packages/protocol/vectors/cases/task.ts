/** Vectors of task ids and receipts. */
import {
  bytesToHex,
  domainSeparator,
  enigmaDomain,
  type Hex,
  packTask,
  type Receipt,
  receiptDigest,
  recoverSigner,
  signDigest,
  signerAddress,
  type Task,
  taskId,
  unpackTask,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, errorOf, OTHER_CHAIN, sample, sampleAddress, sampleSecret, word } from './samples.ts'

export const SAMPLE_TASK: Task = {
  requester: sampleAddress('requester'),
  slot: 3,
  seq: 7n,
  dApp: sampleAddress('dApp'),
  callable: '0xdeadbeef',
  callbackGas: 100_000,
  outputCap: 64,
  gasClass: 8,
  feeGwei: 123_456n,
  restGwei: 1_000_000n,
  createdBlock: 424_242n,
  epoch: 70,
  lane: 0,
  codeHash: sample('code'),
  inputsHash: sample('inputs'),
}
const ZERO: Hex = `0x${'00'.repeat(32)}`
const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`
const FULL: Hex = `0x${'ff'.repeat(32)}`

const TASKS: Record<string, Task> = {
  'a task': SAMPLE_TASK,
  'everything zero': {
    ...{ requester: ZERO_ADDRESS, slot: 0, seq: 0n, dApp: ZERO_ADDRESS, callable: '0x00000000', callbackGas: 0 },
    ...{ outputCap: 0, gasClass: 0, feeGwei: 0n, restGwei: 0n, createdBlock: 0n, epoch: 0, lane: 0 },
    ...{ codeHash: ZERO, inputsHash: ZERO },
  },
  'every field at its maximum': {
    ...{ requester: `0x${'ff'.repeat(20)}`, slot: 2 ** 32 - 1, seq: 2n ** 64n - 1n, dApp: `0x${'ff'.repeat(20)}` },
    ...{ callable: '0xffffffff', callbackGas: 2 ** 32 - 1, outputCap: 2 ** 16 - 1, gasClass: 255 },
    ...{ feeGwei: 2n ** 64n - 1n, restGwei: 2n ** 64n - 1n, createdBlock: 2n ** 40n - 1n, epoch: 2 ** 24 - 1 },
    ...{ lane: 2 ** 16 - 1, codeHash: FULL, inputsHash: FULL },
  },
  'another slot': { ...SAMPLE_TASK, slot: 4 },
  'another seq': { ...SAMPLE_TASK, seq: 8n },
  'another lane': { ...SAMPLE_TASK, lane: 5 },
}

export async function taskIdVectors(): Promise<VectorFile> {
  const { ref, target, terms, ...hashes } = packTask(SAMPLE_TASK)
  const high = {
    'bits above gasClass': { ref, target: target | (1n << 248n), terms },
    'the top bit of target': { ref, target: target | (1n << 255n), terms },
    'bits above lane': { ref, target, terms: terms | (1n << 208n) },
    'the top bit of terms': { ref, target, terms: terms | (1n << 255n) },
  }
  const failures = Object.entries(high).map(async ([name, words]) => ({
    name,
    ref: word(words.ref),
    target: word(words.target),
    terms: word(words.terms),
    ...hashes,
    error: await errorOf(() => unpackTask({ ...words, ...hashes })),
  }))
  return {
    comment:
      'Packed words and EIP-712 id of a task. chainId, enigma: the domain ("Enigma", "1"). feeGwei and restGwei are the ' +
      'type string\'s "fee" and "rest". ref, target, terms: the words of Solidity\'s struct Task. failures: words that ' +
      'no task packs to.',
    cases: Object.entries(TASKS).flatMap(([name, task]) => [
      taskCase(name, CHAIN, task),
      ...(name === 'a task' ? [taskCase('the same on another chain and contract', OTHER_CHAIN, task)] : []),
    ]),
    failures: await Promise.all(failures),
  }
}

function taskCase(name: string, domain: typeof CHAIN, task: Task): Case {
  const packed = packTask(task)
  const fields = Object.entries(task).map(([field, value]) => [field, String(value)])
  return {
    name,
    chainId: String(domain.chainId),
    enigma: domain.enigma,
    ...Object.fromEntries(fields),
    ref: word(packed.ref),
    target: word(packed.target),
    terms: word(packed.terms),
    domainSeparator: domainSeparator(enigmaDomain(domain)),
    taskId: taskId(domain, task),
  }
}

const RECEIPT: Receipt = {
  taskId: taskId(CHAIN, SAMPLE_TASK),
  anchor: sample('anchor'),
  codeHash: SAMPLE_TASK.codeHash,
  inputsHash: SAMPLE_TASK.inputsHash,
  outputHash: sample('output'),
  status: 0,
}

export async function receiptVectors(): Promise<VectorFile> {
  const secret = sampleSecret('signer')
  const signer = signerAddress(secret)
  const digest = receiptDigest(CHAIN, RECEIPT)
  const { r, vs } = signDigest(digest, secret)
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = BigInt(vs) & (2n ** 255n - 1n)
  const changed: Record<string, Partial<Receipt>> = {
    'another task': { taskId: sample('other task') },
    'another anchor': { anchor: sample('other anchor') },
    'other code': { codeHash: sample('other code') },
    'other inputs': { inputsHash: sample('other inputs') },
    'another output': { outputHash: sample('other output') },
    'another status': { status: 1 },
  }
  const failure = async (name: string, about: { digest: Hex; r: Hex; vs: Hex }): Promise<Case> => ({
    name,
    ...about,
    signer,
    error: recoverOr(about) === undefined ? await errorOf(() => recoverSigner(about.digest, about)) : 'OTHER_SIGNER',
  })
  return {
    comment:
      'EIP-712 digest of a receipt and the EIP-2098 signature (r, vs) of its signer, RFC 6979 deterministic. failures: ' +
      'OTHER_SIGNER recovers to somebody else than signer; INVALID_SIGNATURE recovers to nobody (ecrecover gives 0).',
    cases: [
      ...([0, 1, 2] as const).map((status) => receiptCase(`status ${status}`, CHAIN, { ...RECEIPT, status }, secret)),
      receiptCase('on another chain and contract', OTHER_CHAIN, RECEIPT, secret),
      ...['b', 'c', 'd'].map((name) => receiptCase(`signer ${name}`, CHAIN, RECEIPT, sampleSecret(`signer ${name}`))),
    ],
    failures: await Promise.all([
      ...Object.entries(changed).map(([name, change]) =>
        failure(name, { digest: receiptDigest(CHAIN, { ...RECEIPT, ...change }), r, vs }),
      ),
      failure('another chain', { digest: receiptDigest({ ...CHAIN, chainId: 1n }, RECEIPT), r, vs }),
      failure('another contract', { digest: receiptDigest({ ...CHAIN, enigma: sampleAddress('x') }, RECEIPT), r, vs }),
      failure('the other parity', { digest, r, vs: word(BigInt(vs) ^ (1n << 255n)) }),
      failure('s one higher', { digest, r, vs: word(BigInt(vs) + 1n) }),
      failure('r is zero', { digest, r: ZERO, vs }),
      failure('s is zero', { digest, r, vs: ZERO }),
      failure('r is the order of the group', { digest, r: word(order), vs }),
      failure('s in the upper half, parity cut off', { digest, r, vs: word((order - s) & (2n ** 255n - 1n)) }),
    ]),
  }
}

function receiptCase(name: string, domain: typeof CHAIN, receipt: Receipt, secret: Uint8Array): Case {
  const digest = receiptDigest(domain, receipt)
  return {
    name,
    chainId: String(domain.chainId),
    enigma: domain.enigma,
    ...receipt,
    status: String(receipt.status),
    digest,
    secretKey: bytesToHex(secret),
    signer: signerAddress(secret),
    ...signDigest(digest, secret),
  }
}

function recoverOr({ digest, r, vs }: { digest: Hex; r: Hex; vs: Hex }): Hex | undefined {
  try {
    return recoverSigner(digest, { r, vs })
  } catch {
    return undefined
  }
}
