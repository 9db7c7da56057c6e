/** Vectors of what observers sign about headers. */
import {
  type CompactSignature,
  type Hex,
  headerDigest,
  type ObservedHeader,
  recoverObserver,
  signerAddress,
  signHeader,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { errorOf, sample, sampleSecret, word } from './samples.ts'

const HEADER: ObservedHeader = { chainId: 31337n, number: 4242n, hash: sample('header') }
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const secret = sampleSecret('observer')
const signed = signHeader(secret, HEADER)

/** `s` of the same signature in the upper half, as far as EIP-2098's 255 bits hold it. */
const upperHalf: Hex = word(ORDER / 2n + 1n)

export async function headerDigestVectors(): Promise<VectorFile> {
  const headers: Record<string, ObservedHeader> = {
    'a header': HEADER,
    'another chain': { ...HEADER, chainId: 1n },
    'another block': { ...HEADER, number: 4243n },
    'another branch': { ...HEADER, hash: sample('another header') },
    'the genesis block': { ...HEADER, number: 0n },
    'the widest numbers': { ...HEADER, chainId: 2n ** 256n - 1n, number: 2n ** 256n - 1n },
  }
  const malformed: Record<string, CompactSignature> = {
    'r is zero': { ...signed, r: word(0n) },
    'r is the order': { ...signed, r: word(ORDER) },
    's is zero': { ...signed, vs: word(0n) },
    's is in the upper half': { ...signed, vs: upperHalf },
  }
  return {
    comment:
      'What observers sign: digest = keccak256(abi.encode(keccak256("enigma.header.v1"), chainId, number, hash)), secp256k1 ' +
      'in EIP-2098, s in the lower half. failures: OTHER_SIGNER recovers to somebody else, INVALID_SIGNATURE to nobody.',
    cases: Object.entries(headers).map(([name, header]) => ({
      ...texts(name, header),
      digest: headerDigest(header),
      observer: signerAddress(secret),
      ...signHeader(secret, header),
    })),
    failures: [
      ...Object.entries(headers)
        .filter(([, header]) => header !== HEADER)
        .map(([name, header]) => ({
          ...texts(`signed for a header, shown for ${name}`, header),
          observer: signerAddress(secret),
          ...signed,
          error: 'OTHER_SIGNER',
        })),
      ...(await Promise.all(
        Object.entries(malformed).map(async ([name, signature]) => ({
          ...texts(name, HEADER),
          observer: signerAddress(secret),
          ...signature,
          error: await errorOf(() => recoverObserver(headerDigest(HEADER), signature)),
        })),
      )),
    ],
  }
}

function texts(name: string, { chainId, number, hash }: ObservedHeader): Case {
  return { name, chainId: String(chainId), number: String(number), hash }
}
