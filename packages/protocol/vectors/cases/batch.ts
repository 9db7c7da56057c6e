/** Vectors of batches: what is signed for many receipts at once, and the bytes in which their settlements travel. */
import {
  batchDigest,
  bytesToHex,
  type Hex,
  type Member,
  packMember,
  packTask,
  type Receipt,
  receiptHash,
  recoverSigner,
  signDigest,
  signerAddress,
  taskId,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, errorOf, OTHER_CHAIN, sample, sampleSecret, word } from './samples.ts'
import { SAMPLE_TASK } from './task.ts'

const RECEIPTS: Receipt[] = ([0, 1, 2] as const).map((status) => ({
  taskId: taskId(CHAIN, { ...SAMPLE_TASK, slot: status }),
  anchor: sample(`anchor ${status}`),
  codeHash: SAMPLE_TASK.codeHash,
  inputsHash: sample(`inputs ${status}`),
  outputHash: sample(`output ${status}`),
  status,
}))
const HASHES = RECEIPTS.map(receiptHash)

const packed = packTask(SAMPLE_TASK)
const MEMBERS: Record<string, Member> = {
  'a result': { packed, rank: 0, status: 0, output: `0x${'2a'.padStart(64, '0')}` },
  'a failure without a reason': { packed, rank: 2, status: 1, output: '0x' },
  'an output of odd length': { packed, rank: 1, status: 0, output: '0x010203' },
  'everything at its maximum': {
    packed: {
      ref: 2n ** 256n - 1n,
      target: 2n ** 256n - 1n,
      terms: 2n ** 256n - 1n,
      inputsHash: word(2n ** 256n - 1n),
    },
    ...{ rank: 255, status: 255, output: `0x${'ff'.repeat(400)}` },
  },
}

export async function batchVectors(): Promise<VectorFile> {
  const secret = sampleSecret('signer')
  const [first, second, third] = HASHES as [Hex, Hex, Hex]
  const signature = signDigest(batchDigest(CHAIN, HASHES), secret)
  const others: Record<string, Hex> = {
    'another order': batchDigest(CHAIN, [second, first, third]),
    'one receipt less': batchDigest(CHAIN, [first, second]),
    'one receipt twice': batchDigest(CHAIN, [first, second, third, third]),
    'another chain and contract': batchDigest(OTHER_CHAIN, HASHES),
  }
  const tooLong = { ...(MEMBERS['a result'] as Member), output: `0x${'00'.repeat(2 ** 16)}` as Hex }
  return {
    comment:
      'cases: EIP-712 digest of Batch(bytes32[] receipts) in the domain ("Enigma", "1"), and the EIP-2098 signature (r, vs) of its ' +
      'signer. receipts: the hashStruct that stands for a receipt in a batch. members: the bytes in which one settlement travels ' +
      'in settleBatch. failures: digests for which the signature of the first case recovers to another signer.',
    cases: [
      batchCase('three receipts', CHAIN, HASHES, secret),
      batchCase('one receipt', CHAIN, [first], secret),
      batchCase('on another chain and contract', OTHER_CHAIN, HASHES, secret),
      batchCase(
        'a hundred receipts',
        CHAIN,
        Array.from({ length: 100 }, (_, i) => sample(`receipt ${i}`)),
        secret,
      ),
    ],
    receipts: RECEIPTS.map((receipt) => ({
      name: `status ${receipt.status}`,
      ...receipt,
      status: String(receipt.status),
      receiptHash: receiptHash(receipt),
    })),
    members: Object.entries(MEMBERS).map(([name, member]) => memberCase(name, member)),
    failures: Object.entries(others).map(([name, digest]) => ({
      name,
      digest,
      ...signature,
      signer: signerAddress(secret),
      error: recoverSigner(digest, signature) === signerAddress(secret) ? 'NONE' : 'OTHER_SIGNER',
    })),
    unpackable: [{ name: 'an output of 65,536 bytes', error: await errorOf(() => packMember(tooLong)) }],
  }
}

function batchCase(name: string, domain: typeof CHAIN, receipts: readonly Hex[], secret: Uint8Array): Case {
  const digest = batchDigest(domain, receipts)
  return {
    name,
    chainId: String(domain.chainId),
    enigma: domain.enigma,
    receipts,
    digest,
    signer: signerAddress(secret),
    ...signDigest(digest, secret),
  }
}

function memberCase(name: string, member: Member): Case {
  const { ref, target, terms, inputsHash } = member.packed
  return {
    name,
    ref: word(ref),
    target: word(target),
    terms: word(terms),
    inputsHash,
    rank: String(member.rank),
    status: String(member.status),
    output: member.output,
    member: bytesToHex(packMember(member)),
  }
}
