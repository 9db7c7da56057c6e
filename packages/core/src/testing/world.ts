/** Tasks on a chain of tests, and the host's part in an execution: sealing inputs, proving state, answering misses. */

import type { Wanted } from '@enigma/evm/private'
import {
  type Hex,
  inputContext,
  keccak256,
  type Network,
  networkHash,
  pendingWord,
  sealInputs,
  slotKey,
  type Task,
  taskId,
  ZERO_HASH,
} from '@enigma/protocol'
import type { CallParams, CoreConfig, Miss, SignedReceipt, Step } from '../calls.ts'
import { address, dApp, RETURN_TOP, selector, word, words } from './assemble.ts'
import { HEADER, type HeaderFields, OBSERVERS, type Prover, TestChain, type World } from './chain.ts'

export const NETWORK: Network = {
  chainId: 31_337n,
  enigma: address(0xe41),
  observers: OBSERVERS,
  threshold: 2,
  depth: 0,
  simulated: true,
  serial: 0,
}
export const ALICE = address(0xa11ce)
export const BOB = address(0xb0b)
export const DAPP = address(0xdab)

export function configOf(over: Partial<CoreConfig> = {}): CoreConfig {
  return {
    role: 'worker',
    network: { ...NETWORK, observers: [...NETWORK.observers] },
    platform: 'simulated',
    platformName: 'test',
    ...over,
  }
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
  /** The rest of the state, beside the dApp's code and the task. */
  world?: World
  header?: Partial<HeaderFields>
  /** What the host proves at once beside the task and the dApp. */
  ahead?: Partial<Wanted>
}

/** A task that waits on a chain, and what an honest host sends for it at first. */
export type Asked = {
  params: CallParams<'execute'>
  chain: TestChain
  world: World
  /** What `params` proves. */
  first: Wanted
}

/** A task as the chain would carry it, with inputs sealed by a client. */
export async function request(wish: Wish, network: Network = NETWORK): Promise<Asked> {
  const { code, callable, args = new Uint8Array(0), recipients, replyKey = ZERO_HASH, header = {} } = wish
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
    createdBlock: header.number ?? HEADER.number,
    epoch: 5,
    lane: 0,
    codeHash: keccak256(code),
    ...wish.task,
  }
  const context = inputContext({ networkHash: networkHash(network), ...task, ...wish.sealedFor })
  const inputs = await sealInputs({ recipients, context, replyKey, args })
  return asked({ task: { ...task, inputsHash: keccak256(inputs) }, inputs, code }, wish, network)
}

type Sealed = { task: Task; inputs: Uint8Array; code: Uint8Array }

/** The chain that carries this task, and the host's first call. */
export function asked(
  { task, inputs, code }: Sealed,
  { world = {}, header = {}, ahead = {} }: Pick<Wish, 'world' | 'header' | 'ahead'> = {},
  network: Network = NETWORK,
): Asked {
  const state = withTask({ task, code }, world, network)
  const chain = new TestChain(state, header)
  const { accounts = [], slots = [] } = ahead
  const first = {
    accounts: [network.enigma, task.dApp, ...accounts],
    slots: [{ address: network.enigma, slot: slotKey(task.requester, task.slot) }, ...slots],
  }
  const proof = chain.prover()(first)
  const params = { task, header: chain.header, signatures: chain.signatures(network.chainId), inputs, proof }
  return { params, chain, world: state, first }
}

function withTask({ task, code }: Omit<Sealed, 'inputs'>, world: World, network: Network): World {
  const pending = word(pendingWord(taskId(network, task)))
  return {
    ...world,
    accounts: {
      [network.enigma]: { code: Uint8Array.of(0xfe) },
      ...world.accounts,
      [task.dApp]: { code, ...world.accounts?.[task.dApp] },
    },
    storage: {
      ...world.storage,
      [network.enigma]: {
        [slotKey(task.requester, task.slot)]: pending,
        ...world.storage?.[network.enigma],
      },
    },
  }
}

/** 40 + 2, sealed to one worker. */
export function adderRequest(inputKey: Hex, network: Network = NETWORK): Promise<Asked> {
  return request({ code: adder, callable: ADD, args: words(40, 2), recipients: [inputKey] }, network)
}

/** Recovers a signer, the slowest thing that gas buys, and jumps a hundred times, so that the event loop gets its turns. */
const SLOW = `0x01 PUSH0 MSTORE 0x1b 0x20 MSTORE 0x01 0x40 MSTORE 0x01 0x60 MSTORE
  loop: PUSH0 PUSH0 0x80 PUSH0 0x01 GAS STATICCALL POP
  0x64 jumps: 0x01 SWAP1 SUB DUP1 @jumps JUMPI POP @loop JUMP`

/** Computes for a minute, as long as the dearest gas class lasts, and needs no fact on the way. */
export async function endlessRequest(inputKey: Hex): Promise<CallParams<'execute'>> {
  const code = dApp({ 'f()': SLOW })
  const { params } = await request({ code, callable: 'f()', recipients: [inputKey], task: { gasClass: 12 } })
  return params
}

/** What the Principal's host asks at an epoch's boundary. */
export function seedRequest(chain: TestChain = new TestChain({}), epoch = 7): CallParams<'seed'> {
  return { epoch, header: chain.header, signatures: chain.signatures(NETWORK.chainId) }
}

export type Executing = {
  execute(params: CallParams<'execute'>): Promise<Step>
  state(params: CallParams<'state'>): Promise<Step>
}

/** Runs a request to its receipt, as a Surface does. `misses` collects what Core asked for. */
export async function runToReceipt(
  core: Executing,
  { params, ...rest }: Pick<Asked, 'params' | 'chain' | 'first'>,
  misses: Miss[] = [],
): Promise<SignedReceipt> {
  const prove = proverAfter(rest)
  let step = await core.execute(params)
  while (step.kind === 'miss') {
    misses.push(step)
    step = await core.state({ execution: step.execution, ...prove(step) })
  }
  return step
}

/** Proves what comes after the first call. */
export function proverAfter({ chain, first }: Pick<Asked, 'chain' | 'first'>): Prover {
  const prove = chain.prover()
  prove(first)
  return prove
}
