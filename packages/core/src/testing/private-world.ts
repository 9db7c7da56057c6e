/** Tasks of dApps that keep data: a registry in the state, Cores that hold secrets, and private calls made one by one. */
import type { AskedEnding } from '@enigma/evm'
import {
  type Address,
  abiAddress,
  abiBytes,
  abiEncode,
  abiFixedBytes,
  bytesToHex,
  commitmentOf,
  concatBytes,
  contractKeySecret,
  dataContext,
  type Hex,
  hexToBytes,
  type KeyPair,
  keyRegistryOf,
  type Network,
  PRIVATE_CALLS,
  type PrivateCallName,
  packRegistryState,
  type RegistryState,
  registrySlot,
  sealData,
  type Task,
  webCrypto,
} from '@enigma/protocol'
import { type AdmittedTask, admitTask } from '../admit.ts'
import type { CallParams } from '../calls.ts'
import { Executions } from '../executions.ts'
import { Identity } from '../identity.ts'
import { PrivateCalls } from '../private-calls.ts'
import { Receipts } from '../receipts.ts'
import { Secrets } from '../secrets.ts'
import { address, dApp, selector, word } from './assemble.ts'
import type { HeaderFields, World } from './chain.ts'
import { machine } from './core-in-process.ts'
import { asked, DAPP, type Executing, NETWORK, request } from './world.ts'

export const OWNER = address(0x0e4)
export const LABEL = word(0x1abe1)
const GAS = 1_000_000n
const NOTHING = new Uint8Array(0)

/** Of generations 1, 2 and so on. */
export const SECRETS = [0xa1, 0xa2, 0xa3].map((byte) => new Uint8Array(32).fill(byte))

export function secretsOf(generations: readonly number[], network: Network = NETWORK): Secrets {
  return generations.reduce((all, generation) => all.with(generation, secretOf(generation)), new Secrets(network))
}

export function secretOf(generation: number): Uint8Array {
  return SECRETS[generation - 1] as Uint8Array
}

type Books = Partial<RegistryState> & {
  generation: number
  /** Instead of those of the secrets. */
  commitments?: Record<number, Hex>
}

/** The registry's words, as they stand once `generation` is final. */
export function registryWorld({ commitments = {}, ...over }: Books, network: Network = NETWORK): World {
  const state = { minGeneration: 1, openGeneration: over.generation, isFrozen: false, heldMask: 1, rotatedMask: 0 }
  const words = SECRETS.map((secret, i): [Hex, Hex] => {
    const commitment = commitments[i + 1] ?? commitmentOf(secret, network, i + 1)
    return [registrySlot.commitment(i + 1), commitment]
  })
  const storage = { [registrySlot.state]: word(packRegistryState({ ...state, ...over })), ...Object.fromEntries(words) }
  return { storage: { [keyRegistryOf(network.enigma)]: storage } }
}

/** What a Core must be proven before it derives keys. */
export function registryWords(generations: readonly number[], network: Network = NETWORK) {
  const registry = keyRegistryOf(network.enigma)
  const slots = [registrySlot.state, ...generations.map((generation) => registrySlot.commitment(generation))]
  return { accounts: [registry], slots: slots.map((slot) => ({ address: registry, slot })) }
}

/** A Core's executions alone, with these secrets. */
export async function secretCore(generations: readonly number[], network: Network = NETWORK) {
  const platform = machine()
  const identity = await Identity.born(platform).withNewInputKey(platform)
  const executions = new Executions(network, new Receipts(network))
  const secrets = secretsOf(generations, network)
  return {
    inputKey: identity.newestInputKey,
    execute: (params) => executions.begin(params, identity, secrets),
    state: ({ execution, ...proof }) => executions.resume(execution, proof),
  } satisfies Executing & { inputKey: Hex }
}

/** The dApp's keys in a generation. */
export async function contractKeys(task: Pick<Task, 'dApp' | 'codeHash'>, generation: number): Promise<KeyPair> {
  const { dApp, codeHash } = task
  const secretKey = contractKeySecret(secretOf(generation), NETWORK, { dApp, codeHash, generation })
  return { secretKey, publicKey: bytesToHex(await webCrypto.publicKey(secretKey)) }
}

type Sealing = { message: Uint8Array; generation?: number; owner?: Address; label?: Hex }

/** Data at rest, as a client seals it for a dApp. */
export async function sealed(task: Pick<Task, 'dApp' | 'codeHash'>, sealing: Sealing): Promise<Uint8Array> {
  const { message, generation = 1, owner = OWNER, label = LABEL } = sealing
  const { publicKey: recipient } = await contractKeys(task, generation)
  const context = dataContext({ ...NETWORK, ...task, owner, label })
  return sealData({ recipient, context, message })
}

/** Calldata of a private call, as Private.sol encodes it. */
export const calldata = {
  data: (bytes: Uint8Array, owner: Address = OWNER, label: Hex = LABEL) =>
    abiEncode(abiBytes(bytes), abiAddress(owner), abiFixedBytes(label)),
  sealTo: (publicKey: Hex, bytes: Uint8Array) => abiEncode(abiFixedBytes(publicKey), abiBytes(bytes)),
  random: NOTHING,
}

/** The bytes of an answer, which must be one. */
export function bytesOf({ kind, output }: Extract<AskedEnding, { output: Uint8Array }>): Uint8Array {
  if (kind !== 'returned') throw new Error(`It reverted with ${bytesToHex(output)}.`)
  return output.subarray(64, 64 + Number(BigInt(bytesToHex(output.subarray(32, 64)))))
}

/** What a private call reverts with. */
export function refusal(signature: string): Uint8Array {
  return hexToBytes(selector(signature))
}

const draw = (to: string) => `0x20 ${to} PUSH0 PUSH0 ${PRIVATE_CALLS.random} GAS STATICCALL POP`
const ask = `0x24 CALLDATASIZE SUB 0x24 PUSH0 CALLDATACOPY
  PUSH0 PUSH0 0x24 CALLDATASIZE SUB PUSH0 0x04 CALLDATALOAD GAS STATICCALL`
const tell = `PUSH0 MSTORE RETURNDATASIZE PUSH0 0x20 RETURNDATACOPY 0x20 RETURNDATASIZE ADD PUSH0 RETURN`

/** A dApp that asks as it is told, and returns whether the call succeeded, with all that came back; or reverts with that. */
export const asker = dApp({
  'ask()': `${ask} ${tell}`,
  'insist()': `${ask} POP RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 REVERT`,
  'draw()': `${draw('PUSH0')} ${draw('0x20')} 0x40 PUSH0 RETURN`,
  'inner()': `${draw('PUSH0')} 0x20 PUSH0 REVERT`,
  'undone()': `${selector('inner()')}${'00'.repeat(28)} PUSH0 MSTORE 0x20 PUSH0 0x04 PUSH0 ${DAPP} GAS STATICCALL POP
    ${draw('0x20')} 0x40 PUSH0 RETURN`,
})

/** Arguments of `ask` and `insist`. */
export function asking(to: Address, input: Uint8Array): Uint8Array {
  return concatBytes(hexToBytes(word(BigInt(to))), input)
}

export type CallsWish = {
  generations?: readonly number[]
  books?: Books
  network?: Network
  code?: Uint8Array
  task?: Partial<Task>
  header?: Partial<HeaderFields>
}

/** How a call ended that had gas enough. */
type Ending = Extract<AskedEnding, { output: Uint8Array }>

export type Calls = AdmittedTask & {
  call: (name: PrivateCallName, input: Uint8Array, isOwn?: boolean) => Promise<Ending>
  /** Of the same task in another block, as another Core makes them. */
  onFork: (header: Partial<HeaderFields>) => Calls
}

/** The private calls of one task, with all that they need proven ahead. */
export async function privateCalls(wish: CallsWish = {}): Promise<Calls> {
  const { generations = [1], network = NETWORK, books = { generation: 1 }, code = asker, task = {}, header = {} } = wish
  const platform = machine()
  const { inputKeys, newestInputKey } = await Identity.born(platform).withNewInputKey(platform)
  const secrets = secretsOf(generations, network)
  const chain = { world: registryWorld(books, network), ahead: registryWords([1, 2, 3], network) }
  const wanted = { code, callable: 'ask()', recipients: [newestInputKey], header, task, ...chain }
  const { params } = await request(wanted, network)

  function callsOf(params: CallParams<'execute'>): Calls {
    const admitted = admitTask(network, inputKeys, params)
    const calls = new PrivateCalls(admitted, network, secrets)
    return {
      ...admitted,
      call: async (name, input, isOwn = true) => {
        const asked = { kind: 'asked', address: PRIVATE_CALLS[name], input, gas: GAS, isOwn } as const
        const { value, done } = await calls.answer(asked).next()
        if (!done) throw new Error('All that it needs is proven.')
        if (value.kind === 'halted') throw new Error('It has gas enough.')
        return value
      },
      onFork: (header) => callsOf(asked({ ...params, code }, { ...chain, header }, network).params),
    }
  }
  return callsOf(params)
}
