/** Vectors of what observers sign about the head of now. */
import {
  type FreshHead,
  headDigest,
  headerDigest,
  recoverObserver,
  signDigest,
  signerAddress,
  signHead,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { errorOf, sample, sampleSecret, word } from './samples.ts'

const HEAD: FreshHead = {
  chainId: 31337n,
  number: 4242n,
  hash: sample('header'),
  timestamp: 1_900_000_000n,
  nonce: sample('nonce'),
}
const MOST = 2n ** 256n - 1n
const secret = sampleSecret('observer')
const signed = signHead(secret, HEAD)

export async function headDigestVectors(): Promise<VectorFile> {
  const heads: Record<string, FreshHead> = {
    'a head': HEAD,
    'another chain': { ...HEAD, chainId: 1n },
    'another block': { ...HEAD, number: 4243n },
    'another branch': { ...HEAD, hash: sample('another header') },
    'another second': { ...HEAD, timestamp: HEAD.timestamp + 1n },
    "another asker's nonce": { ...HEAD, nonce: sample('another nonce') },
    'the genesis block': { ...HEAD, number: 0n, timestamp: 0n },
    'the widest numbers': { ...HEAD, chainId: MOST, number: MOST, timestamp: MOST },
  }
  const asHeader = signDigest(headerDigest(HEAD), secret)
  return {
    comment:
      'What observers sign for an asker: digest = keccak256(abi.encode(keccak256("enigma.head.v1"), chainId, number, hash, ' +
      'timestamp, nonce)), secp256k1 in EIP-2098, s in the lower half. failures: OTHER_SIGNER recovers to somebody else, ' +
      'INVALID_SIGNATURE to nobody.',
    cases: Object.entries(heads).map(([name, head]) => ({
      ...texts(name, head),
      digest: headDigest(head),
      observer: signerAddress(secret),
      ...signHead(secret, head),
    })),
    failures: [
      ...Object.entries(heads)
        .filter(([, head]) => head !== HEAD)
        .map(([name, head]) => failure(`signed for a head, shown for ${name}`, head, signed, 'OTHER_SIGNER')),
      failure('the signature of a header, which says nothing of now', HEAD, asHeader, 'OTHER_SIGNER'),
      failure('r is zero', HEAD, { ...signed, r: word(0n) }, await errorOf(() => recover({ ...signed, r: word(0n) }))),
    ],
  }
}

function recover(signature: typeof signed) {
  return recoverObserver(headDigest(HEAD), signature)
}

function failure(name: string, head: FreshHead, signature: typeof signed, error: string): Case {
  return { ...texts(name, head), observer: signerAddress(secret), ...signature, error }
}

function texts(name: string, { chainId, number, hash, timestamp, nonce }: FreshHead): Case {
  return { name, chainId: String(chainId), number: String(number), hash, timestamp: String(timestamp), nonce }
}
