/**
 * Core's door: which calls exist, what goes in and what comes out?
 *
 * This is the whole of it. There is no call that signs what it is given, decrypts, evaluates or exports a key.
 * Both sides read every frame through these schemas, so that nothing else is ever looked at (S18).
 * On the wire bytes are 0x-hex, numbers that may exceed 2^53 are decimal strings; inside they are Uint8Array and bigint.
 */
import {
  type Address,
  BEACON_KEY_BYTES,
  type Hex,
  hexToBytes,
  LIMITS,
  MAX_BATCH_MEMBERS,
  MAX_OBSERVERS,
  SEED_SIGNATURE_BYTES,
} from '@enigma/protocol'
import * as v from 'valibot'
import { PLATFORM_KINDS } from './platform/platform.ts'

export { CORE_ERRORS, CoreError, type CoreErrorCode } from './errors.ts'
export { type GrantWords, type Words, wordsOfAccept, wordsOfGeneration, wordsOfGrant } from './handoff-words.ts'

/** EIP-170 bounds deployed code; a 7702 designator is shorter. */
const CODE_BYTES = 24_576
/** The 21 fields of Prague need some 650; the extra data of some chains is longer. */
const HEADER_BYTES = 2_048
/** A full branch of the trie has 532. */
const NODE_BYTES = 1_024
/** One answer may carry more than was asked for, never more than a task may read. */
const FACTS_PER_CALL = LIMITS.reads

const fixed = <T extends Hex>(length: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^0x[0-9a-f]{${2 * length}}$`)),
    v.transform((text) => text as T),
  )
const bytes = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(2 + 2 * most),
    v.regex(/^0x(?:[0-9a-f]{2})*$/),
    v.transform((text) => hexToBytes(text as Hex)),
  )
const exactly = (length: number) =>
  v.pipe(
    fixed<Hex>(length),
    v.transform((text) => hexToBytes(text)),
  )
const small = (bits: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** bits - 1))
const big = (bits: number) =>
  v.pipe(
    v.string(),
    v.regex(/^(?:0|[1-9][0-9]{0,77})$/),
    v.transform((text) => BigInt(text)),
    v.check((value) => value < 1n << BigInt(bits)),
  )
const hash = fixed<Hex>(32)
const address = fixed<Address>(20)

const Network = v.strictObject({
  chainId: big(256),
  enigma: address,
  observers: v.pipe(v.array(address), v.minLength(1), v.maxLength(MAX_OBSERVERS)),
  threshold: v.pipe(small(16), v.minValue(1)),
  depth: small(16),
  simulated: v.boolean(),
  serial: small(32),
})

/** How a Core is started: its first frame, and the only thing it is told outside of calls. */
export const CoreConfig = v.pipe(
  v.strictObject({
    role: v.picklist(['worker', 'principal']),
    network: Network,
    platform: v.picklist(PLATFORM_KINDS),
    /** Tells simulated machines apart; real ones need no name. */
    platformName: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  }),
  v.check(({ platform, platformName }) => (platform === 'simulated') === (platformName !== undefined)),
)
export type CoreConfig = v.InferOutput<typeof CoreConfig>

/** A block header in RLP: nothing of it is believed before observers vouch for its hash. */
const header = bytes(HEADER_BYTES)
const Signature = v.strictObject({ r: hash, vs: hash })
/** Of observers over the header's digest (EIP-2098), in any order. */
const signatures = v.pipe(v.array(Signature), v.maxLength(MAX_OBSERVERS))

const Task = v.strictObject({
  requester: address,
  slot: small(32),
  seq: big(64),
  dApp: address,
  callable: fixed<Hex>(4),
  callbackGas: small(32),
  outputCap: small(16),
  gasClass: small(8),
  feeGwei: big(64),
  restGwei: big(64),
  createdBlock: big(40),
  epoch: small(24),
  lane: small(16),
  codeHash: hash,
  inputsHash: hash,
})

const SlotOf = v.strictObject({ address, slot: hash })
const proof = {
  /** Whose account is proven, in the order of the nodes. */
  accounts: v.pipe(v.array(address), v.maxLength(FACTS_PER_CALL)),
  /** Likewise, after all accounts. The account of each is proven here or was before. */
  slots: v.pipe(v.array(SlotOf), v.maxLength(FACTS_PER_CALL)),
  /** Trie nodes in the order in which the walk meets them, each once in an execution. */
  nodes: v.array(bytes(NODE_BYTES)),
  /** Code of accounts that are proven, each once in an execution. */
  codes: v.pipe(v.array(bytes(CODE_BYTES)), v.maxLength(FACTS_PER_CALL)),
}
/** State at the end of the task's block, proven: docs/protocol/proofs.md. */
const Proof = v.strictObject(proof)

const Miss = v.strictObject({
  kind: v.literal('miss'),
  execution: small(32),
  /** Accounts with their code, where they have one. */
  accounts: v.array(address),
  slots: v.array(SlotOf),
})
/** Core cannot go on before this is proven to it, at once or in parts. More may be sent than was asked for. */
export type Miss = v.InferOutput<typeof Miss>

const SignedReceipt = v.strictObject({
  kind: v.literal('receipt'),
  taskId: hash,
  /** 0 result, 1 failed, 2 the inputs did not open. */
  status: v.picklist([0, 1, 2]),
  output: bytes(LIMITS.outputBytes),
  /** The EIP-712 digest that r and vs (EIP-2098) sign. */
  digest: hash,
  r: hash,
  vs: hash,
})
export type SignedReceipt = v.InferOutput<typeof SignedReceipt>

const Step = v.variant('kind', [SignedReceipt, Miss])
export type Step = v.InferOutput<typeof Step>

const Info = v.strictObject({
  role: v.picklist(['worker', 'principal']),
  kind: v.picklist(PLATFORM_KINDS),
  /** `full`: no network interface, no files but its own code, no processes; `partial`: some of that could not be had. */
  isolation: v.picklist(['full', 'partial']),
  measurement: hash,
  networkHash: hash,
  signer: v.nullable(address),
  /** X25519 public keys that open task inputs, oldest first. */
  inputKeys: v.array(hash),
  /** Generations of the network secret that this Core holds, ascending; those included that it made and the chain may not take. */
  generations: v.array(small(32)),
  /** Of the secrets that it holds: the chain tells which of them count. */
  commitments: v.array(hash),
  /** G2 in EIP-2537's encoding; the Principal's only. */
  beaconKey: v.nullable(exactly(BEACON_KEY_BYTES)),
})
export type Info = v.InferOutput<typeof Info>

const quote = bytes(32_768)
const sealed = bytes(8_192)
/** A head of the chain, proven: what a Core believes of the network secret's affairs. `wordsOf…` tells what to prove; more does no harm. */
const chain = { header, signatures, proof: Proof }
const signature = { r: hash, vs: hash }
const seat = small(32)
const generation = v.pipe(small(32), v.minValue(1))
const ciphertext = bytes(4_096)
const Attested = v.union([
  /** Nothing is sealed where the platform has no key to seal with. */
  v.strictObject({ signer: address, inputKey: hash, quote, sealed: v.nullable(sealed) }),
  v.strictObject({ beaconKey: exactly(BEACON_KEY_BYTES), quote, sealed }),
])

/** A strict object without keys would let an empty array pass. */
const nothing = v.custom<Record<string, never>>((value) => JSON.stringify(value) === '{}')

/** Every call there is. */
export const CALLS = {
  /** Who this Core is. */
  info: { params: nothing, result: Info },
  /** A quote over this Core's keys for one operator; the worker's input key is a new one each time. */
  attest: {
    params: v.strictObject({ operator: address, identityBlock: big(64), identityBlockHash: hash }),
    result: Attested,
  },
  /** Keys sealed by an earlier run of the same code on the same machine, for the same network. */
  restore: { params: v.strictObject({ sealed }), result: Info },
  /**
   * Computes a task on the state at the end of the block that carries it. `proof` holds at least the task's slot word in
   * the Enigma contract, the dApp's account and its code; it may bring what the host expects to be asked for.
   */
  execute: {
    params: v.strictObject({ task: Task, header, signatures, inputs: bytes(LIMITS.inputBytes), proof: Proof }),
    result: Step,
  },
  /** Answers a miss and goes on. */
  state: { params: v.strictObject({ execution: small(32), ...proof }), result: Step },
  /**
   * One signature (EIP-2098) over the EIP-712 `Batch` of these receipts, each given by its `receiptHash`, in this order. Only those
   * that this process signed, and still remembers.
   */
  batch: {
    params: v.strictObject({ receipts: v.pipe(v.array(hash), v.minLength(1), v.maxLength(MAX_BATCH_MEMBERS)) }),
    result: v.strictObject(signature),
  },
  /** 32 bytes that observers sign with the head of now. The next `grant` takes a head with the last nonce, once. */
  nonce: { params: nothing, result: v.strictObject({ nonce: hash }) },
  /** Makes the secret of a new generation, and signs what it will be known by. Nothing uses it before it is final on chain. */
  commit: {
    params: v.strictObject({ seat, generation }),
    result: v.strictObject({ commitment: hash, networkSigner: address, ...signature, sealed: v.nullable(sealed) }),
  },
  /** A fresh key, in memory only, under which the secrets are asked for. */
  join: { params: v.strictObject({ seat }), result: v.strictObject({ joinKey: hash, ...signature }) },
  /**
   * Hands the secrets to another enclave, verified here: its quote under the contract's policy and the collateral of now,
   * its seat, its Join, and that joins are open to it, all under a head that observers signed with this Core's nonce.
   */
  grant: {
    params: v.strictObject({
      seat,
      donorSeat: seat,
      /** Of the joiner's Join. */
      joinKey: hash,
      joinSignature: Signature,
      /** What the joiner's quote vouches for, besides its signer. */
      identity: v.strictObject({ inputKey: hash, identityBlock: big(64), identityBlockHash: hash }),
      /** Whole, with its certification data. */
      quote,
      /** As `parseCollateral` takes it, and the policy as `parsePolicy` does, in JSON. */
      collateral: v.pipe(v.string(), v.maxLength(700_000)),
      policy: v.pipe(v.string(), v.maxLength(16_384)),
      ...chain,
    }),
    result: v.strictObject({ generation, ciphertext, ...signature }),
  },
  /** Takes the secrets of a grant that stands on chain, each held against its commitment there. */
  accept: {
    params: v.strictObject({ seat, donorSeat: seat, generation, ciphertext, ...chain }),
    result: v.strictObject({ generations: v.array(generation), sealed: v.nullable(sealed) }),
  },
  /** Signs that this Core holds the secret of an open generation, as proven on chain. */
  hold: {
    params: v.strictObject({ generation, ...chain }),
    result: v.strictObject(signature),
  },
  /** The public key of a dApp's code in a final generation, signed by the generation's network signer. */
  contractKey: {
    params: v.strictObject({ dApp: address, codeHash: hash, generation, ...chain }),
    result: v.strictObject({ publicKey: hash, ...signature }),
  },
  /** The seed of an epoch, anchored at an observed header. Only the Principal's Core answers. */
  seed: {
    params: v.strictObject({ epoch: small(23), header, signatures }),
    result: v.strictObject({ signature: exactly(SEED_SIGNATURE_BYTES), seed: big(176) }),
  },
} as const

export type CallName = keyof typeof CALLS
export type CallParams<Name extends CallName> = v.InferOutput<(typeof CALLS)[Name]['params']>
export type CallResult<Name extends CallName> = v.InferOutput<(typeof CALLS)[Name]['result']>
/** `attest` as each role answers it. */
export type WorkerAttested = Extract<CallResult<'attest'>, { signer: Hex }>
export type PrincipalAttested = Extract<CallResult<'attest'>, { beaconKey: Uint8Array }>

const id = small(32)
/** What a frame from the host must be before its call is looked at. */
export const Request = v.strictObject({ id, call: v.string(), params: v.unknown() })
export type Request = v.InferOutput<typeof Request>
/** What a frame from Core must be before its result is looked at. */
export const Answer = v.union([
  v.strictObject({ id, result: v.unknown() }),
  v.strictObject({ id, error: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99)) }),
])
export type Answer = v.InferOutput<typeof Answer>

export function isCallName(name: string): name is CallName {
  return Object.hasOwn(CALLS, name)
}
