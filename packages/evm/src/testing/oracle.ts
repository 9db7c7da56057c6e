/**
 * @ethereumjs/evm as an engine: the second opinion on every run.
 *
 * It works on a state manager that holds a whole world; the EVM itself is made once per fork and chain, since making
 * one takes longer than most runs.
 */
import type { Address, Hex } from '@enigma/protocol'
import { bytesToHex, hexToBytes } from '@enigma/protocol'
import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM, type EVM, EVMError, type EVMMockBlockchainInterface, type PrecompileInput } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { createAccount, Address as EvmAddress, setLengthLeft } from '@ethereumjs/util'
import { precompileAt } from '../precompiles/index.ts'
import type { Block, Environment, Fork } from '../types.ts'
import { codeHashOf, type Engine, type Frame, isEmpty, type Run, type World } from './engine.ts'

/** One opcode about to be executed, with all that it will cost. */
export type Step = { code: number; cost: bigint; gasLeft: bigint; stack: readonly bigint[]; depth: number }

const HARDFORKS = { cancun: Hardfork.Cancun, prague: Hardfork.Prague, osaka: Hardfork.Osaka }
/** Of a trie without entries, and of one that has some: the oracle asks no more of an account's storage root. */
const EMPTY_ROOT = hexToBytes('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
const SOME_ROOT = new Uint8Array(32).fill(1)
const POINT_EVALUATION = '0x000000000000000000000000000000000000000a'

/** `onStep` hears of every opcode of every frame; it makes the oracle several times slower. */
export function createOracle({ onStep }: { onStep?: (step: Step) => void } = {}): Engine {
  const seats = new Map<string, Promise<Seat>>()
  return {
    id: '@ethereumjs/evm',
    run: async (frame, world) => {
      const { fork, chainId } = frame.environment
      const key = `${fork} ${chainId}`
      const seat = seats.get(key) ?? createSeat(frame.environment, onStep)
      seats.set(key, seat)
      return run(await seat, frame, world)
    },
  }
}

type Seat = { evm: EVM; state: WorldState; blockHash: { of: Frame['blockHash'] } }

async function createSeat({ fork, chainId }: Environment, onStep?: (step: Step) => void): Promise<Seat> {
  const common: Common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: HARDFORKS[fork] })
  const state = new WorldState({ common })
  const blockHash = { of: (_: bigint): Hex => '0x' }
  const blockchain: EVMMockBlockchainInterface = {
    getBlock: async (number) => ({ hash: () => hexToBytes(blockHash.of(BigInt(String(number)))) }),
    putBlock: () => Promise.resolve(),
    shallowCopy: () => blockchain,
  }
  const evm = await createEVM({
    common,
    stateManager: state,
    blockchain,
    customPrecompiles: [{ address: POINT_EVALUATION, function: (input) => pointEvaluation(input, fork) }],
  })
  if (onStep)
    evm.events.on('step', ({ opcode, gasLeft, stack, depth }) =>
      onStep({ code: opcode.code, cost: opcode.dynamicFee ?? 0n, gasLeft, stack, depth }),
    )
  return { evm, state, blockHash }
}

/** The oracle's own needs a library with the whole ceremony; ours stands in for it. */
function pointEvaluation({ data, gasLimit }: PrecompileInput, fork: Fork) {
  const precompile = precompileAt(POINT_EVALUATION, fork)
  const cost = precompile?.gas(data) ?? 0n
  const output = cost > gasLimit ? null : precompile?.run(data)
  if (output) return { executionGasUsed: cost, returnValue: output }
  const exceptionError = new EVMError(EVMError.errorMessages.OUT_OF_GAS)
  return { executionGasUsed: gasLimit, returnValue: new Uint8Array(), exceptionError }
}

async function run({ evm, state, blockHash }: Seat, frame: Frame, world: World): Promise<Run> {
  const { environment, message } = frame
  state.load(world)
  blockHash.of = frame.blockHash
  evm.journal.cleanJournal()
  evm.transientStorage.clear()
  for (const address of frame.warmAddresses) evm.journal.addAlwaysWarmAddress(address)
  for (const { address, slot } of frame.warmSlots) evm.journal.addAlwaysWarmSlot(address, slot)

  const { execResult } = await evm.runCall({
    block: { header: headerOf(environment.block) },
    ...(message.kind === 'call' ? { to: addressOf(message.to) } : {}),
    caller: addressOf(message.caller),
    origin: addressOf(environment.origin),
    gasPrice: environment.gasPriceWei,
    value: message.valueWei,
    data: message.data,
    gasLimit: message.gas,
    isStatic: message.isStatic,
    blobVersionedHashes: [...environment.blobHashes],
    skipNonceIncrement: true,
  })
  const failure = execResult.exceptionError?.error
  const status = failure === undefined ? 'returned' : failure === EVMError.errorMessages.REVERT ? 'reverted' : 'halted'
  const { selfdestruct = new Map<Address, Address>(), createdAddresses = new Set<Address>() } = execResult
  // EIP-6780: only what was created in this transaction goes.
  const destroyed =
    status === 'returned' ? [...selfdestruct.keys()].filter((account) => createdAddresses.has(account)) : []
  return {
    status,
    output: status === 'halted' ? new Uint8Array() : execResult.returnValue,
    gasLeft: status === 'halted' ? 0n : message.gas - execResult.executionGasUsed,
    refund: status === 'returned' ? (execResult.gasRefund ?? 0n) : 0n,
    ...(failure === undefined ? {} : { reason: failure }),
    logs: (execResult.logs ?? []).map(([address, topics, data]) => ({
      address: bytesToHex(address),
      topics: topics.map(bytesToHex),
      data,
    })),
    destroyed,
    world: state.unload(destroyed, world),
  }
}

function headerOf(block: Block) {
  return {
    number: block.number,
    coinbase: addressOf(block.coinbase),
    timestamp: block.timestamp,
    difficulty: 0n,
    prevRandao: hexToBytes(block.prevRandao),
    gasLimit: block.gasLimit,
    baseFeePerGas: block.baseFeePerGas,
    getBlobGasPrice: () => block.blobBaseFee,
  }
}

function addressOf(address: Address): EvmAddress {
  return new EvmAddress(hexToBytes(address))
}

/** A world as the oracle's state manager keeps it. */
class WorldState extends SimpleStateManager {
  load(world: World): void {
    this.accountStack = [new Map()]
    this.codeStack = [new Map()]
    this.storageStack = [new Map()]
    this.originalStorageCache.clear()
    for (const [address, { nonce, balanceWei, code, storage }] of world) {
      const codeHash = hexToBytes(codeHashOf(code))
      const storageRoot = storage.size > 0 ? SOME_ROOT : EMPTY_ROOT
      this.topAccountStack().set(address, createAccount({ nonce, balance: balanceWei, codeHash, storageRoot }))
      this.topCodeStack().set(address, code)
      for (const [slot, value] of storage) this.topStorageStack().set(`${address}_${slot}`, trimmed(hexToBytes(value)))
    }
  }

  /** Without the accounts that destroyed themselves, and those that came to be touched and are empty. */
  unload(destroyed: readonly Address[], before: World): World {
    const world: World = new Map()
    for (const [address, account] of this.topAccountStack())
      if (account !== undefined && !destroyed.includes(address)) {
        const code = this.topCodeStack().get(address) ?? new Uint8Array()
        world.set(address, { nonce: account.nonce, balanceWei: account.balance, code, storage: new Map() })
      }
    for (const [key, value] of this.topStorageStack()) {
      const [address, slot] = key.split('_') as [Address, Hex]
      if (value.some((byte) => byte !== 0)) world.get(address)?.storage.set(slot, bytesToHex(setLengthLeft(value, 32)))
    }
    for (const [address, account] of world) if (isEmpty(account) && !before.has(address)) world.delete(address)
    return world
  }
}

/** The oracle keeps a slot's value without leading zeros. */
function trimmed(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? new Uint8Array() : bytes.subarray(first)
}
