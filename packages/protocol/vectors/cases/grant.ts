/**
 * Vectors of the secrets that one Core hands to another.
 *
 * Made here from HPKE up, against docs/protocol/keys.md: what `sealGrant` makes is another ciphertext each time.
 */
import {
  abiEncode,
  abiFixedBytes,
  abiUint,
  bytesToHex,
  commitmentOf,
  concatBytes,
  type GrantContext,
  type Hex,
  hexToBytes,
  hpkeSeal,
  type KeyPair,
  label,
  openGrant,
  utf8,
  webCrypto,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { sampleKeys } from './envelope.ts'
import { SCOPE } from './network-secret.ts'
import { sample, sampleSecret } from './samples.ts'

const secretOf = (generation: number) => sampleSecret(`network secret ${generation}`)
const commitmentsOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => commitmentOf(secretOf(from + i), SCOPE, from + i))

export async function grantVectors(): Promise<VectorFile> {
  const joiner = await sampleKeys('joiner')
  const base: GrantContext = {
    networkHash: sample('network'),
    seat: 8,
    donorSeat: 7,
    joinKey: joiner.publicKey,
    minGeneration: 1,
    generation: 1,
    commitments: commitmentsOf(1, 1),
  }
  const three: GrantContext = { ...base, minGeneration: 2, generation: 4, commitments: commitmentsOf(2, 4) }
  return {
    comment:
      'ciphertext = enc 32, then HPKE (info "enigma/grant/v1") of secrets, one behind the other, under aad = abi.encode(' +
      'keccak256("enigma.grant.v1"), networkHash, seat, donorSeat, joinKey, minGeneration, generation, commitments). ' +
      'failures: what does not open with joinSecret in the context that the case states.',
    cases: await Promise.all([
      grantCase('the first generation', base, joiner),
      grantCase('three generations', three, joiner),
      grantCase('as many as may be', { ...base, generation: 64, commitments: commitmentsOf(1, 64) }, joiner),
    ]),
    failures: await failures(base, three, joiner),
  }
}

async function failures(base: GrantContext, three: GrantContext, joiner: KeyPair): Promise<Case[]> {
  const [one, more, tooMany] = await Promise.all([
    craft(base),
    craft(three),
    craft({ ...base, generation: 65, commitments: commitmentsOf(1, 65) }),
  ])
  const another = await sampleKeys('another joiner')
  const zeroEnc = concatBytes(new Uint8Array(32), one.slice(32))
  const wrong: Record<string, { sealed?: Uint8Array; context?: Partial<GrantContext>; key?: KeyPair }> = {
    'another network': { context: { networkHash: sample('another network') } },
    'another seat': { context: { seat: 9 } },
    'another donor': { context: { donorSeat: 6 } },
    'another join key in the context': { context: { joinKey: another.publicKey } },
    'another commitment': { context: { commitments: [sample('another commitment')] } },
    'another generation': { context: { minGeneration: 2, generation: 2 } },
    'fewer commitments than generations': { context: { commitments: [] } },
    'more commitments than generations': { context: { commitments: [...base.commitments, ...base.commitments] } },
    'for another join key': { key: another },
    'a bit of the tag flipped': { sealed: flipped(one, one.length - 1) },
    'a bit of enc flipped': { sealed: flipped(one, 0) },
    'a shared secret of zeros': { sealed: zeroEnc },
    'one byte short': { sealed: one.slice(0, -1) },
    'one byte long': { sealed: concatBytes(one, new Uint8Array(1)) },
    'nothing at all': { sealed: new Uint8Array(0) },
    'more secrets than generations': { sealed: more },
    'no generation': { sealed: await craft({ ...base, generation: 0, commitments: [] }), context: empty(0) },
    'generations in reverse': { sealed: new Uint8Array(16), context: empty(-1) },
    'a generation too many': { sealed: tooMany, context: { generation: 65, commitments: commitmentsOf(1, 65) } },
  }
  return Promise.all(
    Object.entries(wrong).map(async ([name, { sealed = one, context, key = joiner }]) => {
      const shown = { ...base, ...context }
      const opened = await openGrant(sealed, key, shown, webCrypto)
      if (opened !== null) throw new Error(`This vector is meant to fail, and did not: ${name}.`)
      return { ...texts(name, shown, key), ciphertext: bytesToHex(sealed), error: 'DOES_NOT_OPEN' }
    }),
  )
}

const empty = (generation: number) => ({ generation, commitments: [] as Hex[] })

async function grantCase(name: string, context: GrantContext, key: KeyPair): Promise<Case> {
  return {
    ...texts(name, context, key),
    secrets: secretsOf(context).map(bytesToHex),
    ephemeralSecret: bytesToHex(sampleSecret('ephemeral of a grant')),
    aad: bytesToHex(aadOf(context)),
    ciphertext: bytesToHex(await craft(context)),
  }
}

async function craft(context: GrantContext): Promise<Uint8Array> {
  const { enc, ciphertext } = await hpkeSeal({
    recipient: hexToBytes(context.joinKey),
    ephemeralSecret: sampleSecret('ephemeral of a grant'),
    info: utf8('enigma/grant/v1'),
    aad: aadOf(context),
    plaintext: concatBytes(...secretsOf(context)),
  })
  return concatBytes(enc, ciphertext)
}

function secretsOf({ minGeneration, generation }: GrantContext): Uint8Array[] {
  return Array.from({ length: generation - minGeneration + 1 }, (_, i) => secretOf(minGeneration + i))
}

function aadOf(context: GrantContext): Uint8Array {
  const { networkHash, seat, donorSeat, joinKey, minGeneration, generation, commitments } = context
  return abiEncode(
    abiFixedBytes(label('enigma.grant.v1')),
    abiFixedBytes(networkHash),
    abiUint(seat),
    abiUint(donorSeat),
    abiFixedBytes(joinKey),
    abiUint(minGeneration),
    abiUint(generation),
    abiUint(8 * 32),
    abiUint(commitments.length),
    ...commitments.map((commitment) => abiFixedBytes(commitment)),
  )
}

function texts(name: string, context: GrantContext, { publicKey, secretKey }: KeyPair): Case {
  return {
    name,
    networkHash: context.networkHash,
    seat: String(context.seat),
    donorSeat: String(context.donorSeat),
    joinKey: context.joinKey,
    minGeneration: String(context.minGeneration),
    generation: String(context.generation),
    commitments: context.commitments,
    openedWith: publicKey,
    joinSecret: bytesToHex(secretKey),
  }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ 1
  return copy
}
