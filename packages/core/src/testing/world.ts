/** A chain of plain values for tests, and the host's part in an execution: sealing inputs, answering misses. */
import {
  type Address,
  type Hex,
  inputContext,
  keccak256,
  type Network,
  networkHash,
  sealInputs,
  type Task,
  ZERO_HASH,
} from '@enigma/protocol'
import type { CallParams, CoreConfig, Facts, Header, Miss, SignedReceipt, Step } from '../calls.ts'
import type { Wanted } from '../chain-view.ts'
import { address, dApp, RETURN_TOP, selector, word, words } from './assemble.ts'

export const NETWORK: Network = {
  chainId: 31_337n,
  enigma: address(0xe41),
  observers: [],
  threshold: 0,
  depth: 0,
  simulated: true,
  serial: 0,
}
export const ALICE = address(0xa11ce)
export const BOB = address(0xb0b)
export const DAPP = address(0xdab)

export const HEADER: Header = {
  number: 1_000n,
  hash: keccak256(new Uint8Array([1])),
  timestamp: 1_700_000_000n,
  baseFeePerGas: 7n,
  gasLimit: 60_000_000n,
  coinbase: address(0xc01),
  prevRandao: word(0x5eed),
}

export function configOf(over: Partial<CoreConfig> = {}): CoreConfig {
  return {
    role: 'worker',
    network: { ...NETWORK, observers: [] },
    platform: 'simulated',
    platformName: 'test',
    ...over,
  }
}

/** What a host knows of the chain. Unknown accounts and slots are empty, as on any chain. */
export type World = {
  accounts?: Record<Address, { nonce?: bigint; balance?: bigint; code?: Uint8Array }>
  storage?: Record<Address, Record<Hex, Hex>>
  blockHashes?: Record<number, Hex>
}

export const ADD = 'add(uint256,uint256)'
export const adder = dApp({ [ADD]: `0x04 CALLDATALOAD 0x24 CALLDATALOAD ADD ${RETURN_TOP}` })

export type Wish = {
  code: Uint8Array
  /** `add(uint256,uint256)` */
  callable: string
  args?: Uint8Array
  /** Workers' input keys. */
  recipients: readonly Hex[]
  replyKey?: Hex
  task?: Partial<Task>
  /** Who or what the inputs were really sealed for, where that differs from the task. */
  sealedFor?: Partial<Parameters<typeof inputContext>[0]>
}

/** A task as the chain would carry it, with inputs sealed by a client. */
export async function request(wish: Wish, network: Network = NETWORK): Promise<CallParams<'execute'>> {
  const { code, callable, args = new Uint8Array(0), recipients, replyKey = ZERO_HASH } = wish
  const task: Omit<Task, 'inputsHash'> = {
    requester: ALICE,
    slot: 0,
    seq: 1n,
    dApp: DAPP,
    callable: selector(callable),
    callbackGas: 100_000,
    outputCap: 1_024,
    gasClass: 6,
    feeGwei: 50_000n,
    restGwei: 0n,
    createdBlock: HEADER.number,
    epoch: 5,
    lane: 0,
    codeHash: keccak256(code),
    ...wish.task,
  }
  const context = inputContext({ networkHash: networkHash(network), ...task, ...wish.sealedFor })
  const inputs = await sealInputs({ recipients, context, replyKey, args })
  return { task: { ...task, inputsHash: keccak256(inputs) }, header: HEADER, code, inputs }
}

/** 40 + 2, sealed to one worker. */
export function adderRequest(inputKey: Hex, network: Network = NETWORK): Promise<CallParams<'execute'>> {
  return request({ code: adder, callable: ADD, args: words(40, 2), recipients: [inputKey] }, network)
}

/** Computes for as long as the dearest gas class lasts, and needs no fact on the way. */
export async function endlessRequest(inputKey: Hex) {
  const code = dApp({ 'f()': 'loop: @loop JUMP' })
  const params = await request({ code, callable: 'f()', recipients: [inputKey], task: { gasClass: 12 } })
  const facts: Facts = { accounts: [{ address: DAPP, balance: 0n, code }], slots: [], blockHashes: [] }
  return { ...params, facts }
}

/** The facts of `world` that Core misses. */
export function factsFor({ accounts, slots, blockHashes }: Wanted, world: World, code: Uint8Array): Facts {
  return {
    accounts: accounts.map((at) => {
      const {
        nonce = 0n,
        balance = 0n,
        code: own = at === DAPP ? code : new Uint8Array(0),
      } = world.accounts?.[at] ?? {}
      return { address: at, nonce, balance, code: own }
    }),
    slots: slots.map(({ address: at, slot }) => ({
      address: at,
      slot,
      value: world.storage?.[at]?.[slot] ?? ZERO_HASH,
    })),
    blockHashes: blockHashes.map((number) => ({ number, hash: world.blockHashes?.[number] ?? ZERO_HASH })),
  }
}

type Executing = {
  execute(params: CallParams<'execute'>): Promise<Step>
  state(params: CallParams<'state'>): Promise<Step>
}

/** Runs a request to its receipt, as a Surface does. `misses` collects what Core asked for. */
export async function runToReceipt(
  core: Executing,
  params: CallParams<'execute'>,
  world: World = {},
  misses: Miss[] = [],
): Promise<SignedReceipt> {
  let step = await core.execute(params)
  while (step.kind === 'miss') {
    misses.push(step)
    step = await core.state({ execution: step.execution, ...factsFor(step, world, params.code) })
  }
  return step
}
