/** Core's EVM: runs messages in WebAssembly, and asks for what it lacks of the world. */
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import { keccak256 } from './keccak.ts'
import { ENDING, ENVIRONMENT, FRAME, instantiate, type MachineExports, STATUS } from './machine-exports.ts'
import { MachineFacts, type Precompiles } from './machine-facts.ts'
import { MachineMemory } from './machine-memory.ts'
import { readFrame, readLogs, readOutcome, readWrites } from './machine-reading.ts'
import type { AccountAfter, Asked, AskedEnding, Setting, Step, Warm } from './step.ts'
import type { Account, Environment, Fork, Limits, Log, Message, Outcome } from './types.ts'

const FORKS: readonly Fork[] = ['cancun', 'prague', 'osaka']
const MIB = 1 << 20
/** Journal, logs, transient storage and created code share what accounts, with their code, and slots leave. */
const HEAP = { least: 16 * MIB, account: 28 << 10, read: 320, most: 256 * MIB }
/** A gigabyte of the four that the module can address. */
const MOST_MEMORY_WORDS = 1 << 25
const MOST_GAS = (1n << 63n) - 1n
/** Of precompiles and asked calls between two turns of the host: some ten milliseconds. */
const TURN_GAS = 30_000n
/** No account: a word that is no address. */
const NOBODY: Hex = `0x${'ff'.repeat(32)}`

export class Machine {
  readonly #wasm: MachineExports
  readonly #memory: MachineMemory
  readonly #facts: MachineFacts
  #precompiles: Precompiles = () => undefined
  #isAsked: (address: Address) => boolean = () => false
  #asked: Asked | undefined
  #isTraced = false
  #untilTurn = TURN_GAS
  /** Of a trace, what comes before the machine goes on. */
  readonly #queue: Step[] = []

  private constructor(wasm: MachineExports) {
    this.#wasm = wasm
    this.#memory = new MachineMemory(wasm.memory)
    this.#facts = new MachineFacts(wasm, this.#memory)
  }

  static async create(): Promise<Machine> {
    return Machine.createSync()
  }

  static createSync(): Machine {
    return new Machine(instantiate())
  }

  /** Begins anew: all facts and counts are forgotten. */
  open({ environment, limits, ownCodeOnly, precompiles, isAsked, isTraced = false }: Setting): void {
    this.#precompiles = precompiles ?? (() => undefined)
    this.#isAsked = isAsked ?? (() => false)
    this.#asked = undefined
    this.#isTraced = isTraced
    this.#queue.length = 0
    this.#facts.clear()
    const { blobHashes } = environment
    const blobs = this.#wasm.open(
      FORKS.indexOf(environment.fork),
      Math.min(limits.memoryWords, MOST_MEMORY_WORDS),
      limits.depth,
      limits.reads,
      limits.accounts,
      heapBytes(limits),
      blobHashes.length,
      Number(isTraced),
    )
    if (blobs === 0) throw new MachineOutOfMemoryError()
    for (const [i, hash] of blobHashes.entries()) this.#memory.writeHex(blobs + i * 32, hash)
    this.#writeEnvironment(environment)
    this.#writeHex('ownCodeOnly', ownCodeOnly ?? NOBODY)
  }

  putAccount(address: Address, account: Account | null): void {
    this.#facts.accounts.set(address, account)
  }

  /** The caller has verified that the code has this hash. */
  putCode(codeHash: Hex, code: Uint8Array): void {
    this.#facts.codes.set(codeHash, code)
  }

  putSlot(address: Address, slot: Hex, value: Hex): void {
    this.#facts.slots.set(address + slot, value)
  }

  putBlockHash(number: bigint, hash: Hex): void {
    this.#facts.blockHashes.set(number, hash)
  }

  /** Begins a message, as the frame of one transaction; what earlier ones wrote stays. Sender, callee and coinbase are warm. */
  start(message: Message, { warmAddresses, warmSlots }: Warm = { warmAddresses: [], warmSlots: [] }): void {
    const { kind, caller, to, valueWei, data, gas, isStatic } = message
    if (gas < 0n || gas > MOST_GAS) throw new GasOutOfBoundsError(gas)
    const at = this.#wasm.messageData(data.length)
    if (at === 0) throw new MachineOutOfMemoryError()
    this.#memory.write(at, data)
    this.#writeHex('caller', caller)
    this.#writeHex('to', to)
    this.#writeNumber('value', valueWei)
    this.#queue.length = 0
    this.#wasm.start(Number(kind === 'create'), Number(isStatic), data.length, gas)
    const coinbase = this.#memory.address(this.#wasm.environmentWords.value + ENVIRONMENT.coinbase)
    for (const address of [...warmAddresses, caller, to, coinbase]) this.#warm(address)
    for (const { address, slot } of warmSlots) this.#warm(address, slot)
  }

  /** Goes on until the message has ended, something is missing, or the host has its turn. */
  step(): Step {
    for (;;) {
      const queued = this.#queue.shift()
      if (queued) return queued
      if (this.#untilTurn <= 0n) {
        this.#untilTurn = TURN_GAS
        return { kind: 'turn' }
      }
      const status = this.#wasm.step()
      switch (status) {
        case STATUS.ended:
          return { kind: 'ended', outcome: readOutcome(this.#wasm, this.#memory) }
        case STATUS.turn:
          return { kind: 'turn' }
        case STATUS.precompile: {
          const asked = this.#askedCall()
          if (asked) return asked
          this.#callPrecompile()
          break
        }
        case STATUS.entered:
          return readFrame(this.#memory, this.#wasm.runningFrame())
        case STATUS.left:
          return { kind: 'left', depth: this.#depth() + 1, outcome: readOutcome(this.#wasm, this.#memory) }
        case STATUS.slotRead:
          return { kind: 'read', address: this.#noted(), slot: this.#memory.word(this.#wasm.noteWord.value) }
        case STATUS.accountRead:
          return { kind: 'read', address: this.#noted() }
        case STATUS.exhausted:
          throw new MachineOutOfMemoryError()
        default: {
          const miss = this.#facts.supply(status, (address) => this.#isAnswered(address))
          if (miss) return { kind: 'missing', miss }
        }
      }
    }
  }

  /** Ends the call that `step` returned as `asked`. */
  answer(ending: AskedEnding): void {
    const asked = this.#asked
    if (!asked) throw new NothingAskedError()
    this.#asked = undefined
    this.#endPrecompile(asked.address, asked.input, asked.gas, ending)
  }

  /** Of the last message. */
  logs(): Log[] {
    return readLogs(this.#memory, this.#wasm.logMark())
  }

  /** All accounts that were touched since `open`, as they are now. */
  writes(): AccountAfter[] {
    return readWrites(this.#memory, this.#wasm.firstFact())
  }

  keccak256(bytes: Uint8Array): Uint8Array {
    return keccak256(bytes)
  }

  #isAnswered(address: Address): boolean {
    return this.#isAsked(address) || this.#precompiles(address) !== undefined
  }

  #askedCall(): Asked | undefined {
    const address = this.#noted()
    if (!this.#isAsked(address)) return
    const input = this.#precompileInput()
    this.#asked = { kind: 'asked', address, input, gas: this.#wasm.precompileGas(), isOwn: this.#isOwnStack() }
    return this.#asked
  }

  /** The message's own frame is the last one down; without one, nobody's code called. */
  #isOwnStack(): boolean {
    const own = this.#memory.address(this.#wasm.environmentWords.value + ENVIRONMENT.ownCodeOnly)
    let frame = this.#wasm.runningFrame()
    if (frame === 0) return false
    for (; frame !== 0; frame = this.#memory.u32(frame + FRAME.parent)) {
      if (this.#memory.address(frame + FRAME.address) !== own) return false
    }
    return true
  }

  #callPrecompile(): void {
    const to = this.#noted()
    const contract = this.#precompiles(to)
    const gas = this.#wasm.precompileGas()
    const input = this.#precompileInput()
    const gasLeft = contract ? gas - contract.gas(input) : gas
    const output = contract && gasLeft >= 0n ? contract.run(input) : null
    const halt = gasLeft < 0n ? 'outOfGas' : 'precompileFailed'
    const ending: AskedEnding = output === null ? { kind: 'halted', halt } : { kind: 'returned', output, gasLeft }
    this.#endPrecompile(to, input, gas, ending)
  }

  /** No copy: it may be megabytes, for which a call without gas has not paid. */
  #precompileInput(): Uint8Array {
    return this.#memory.view(this.#wasm.precompileInput(), this.#wasm.precompileInputSize())
  }

  #endPrecompile(to: Address, input: Uint8Array, gas: bigint, ending: AskedEnding): void {
    const depth = this.#depth() + 1
    const tracedInput = this.#isTraced ? input.slice() : undefined
    this.#untilTurn -= gas - (ending.kind === 'halted' ? 0n : ending.gasLeft)
    if (ending.kind === 'halted') this.#wasm.endPrecompile(ENDING[ending.halt], 0n)
    else {
      const { output, gasLeft } = ending
      const status = this.#wasm.answerRoom(output.length)
      if (status === STATUS.exhausted) throw new MachineOutOfMemoryError()
      if (status === STATUS.ended) return
      this.#memory.write(this.#wasm.precompileAnswer(), output)
      this.#wasm.endPrecompile(ENDING[ending.kind], gasLeft)
    }
    if (!tracedInput) return
    const from = this.#caller(this.#wasm.runningFrame())
    const outcome = (ending.kind === 'returned' ? { ...ending, refund: 0n } : ending) as Outcome
    this.#queue.push(
      { kind: 'entered', call: 'call', depth, from, to, valueWei: 0n, input: tracedInput, gas },
      { kind: 'left', depth, outcome },
    )
  }

  #caller(frame: number): Address {
    return this.#memory.address(
      frame === 0 ? this.#wasm.environmentWords.value + ENVIRONMENT.caller : frame + FRAME.address,
    )
  }

  /** Of the frame that runs; -1 if none does. */
  #depth(): number {
    const frame = this.#wasm.runningFrame()
    return frame === 0 ? -1 : this.#memory.u32(frame + FRAME.depth)
  }

  #noted(): Address {
    return this.#memory.address(this.#wasm.noteAddress.value)
  }

  #warm(address: Address, slot?: Hex): void {
    this.#memory.writeHex(this.#wasm.noteAddress.value, address)
    if (slot !== undefined) this.#memory.writeHex(this.#wasm.noteWord.value, slot)
    const put = slot === undefined ? this.#wasm.warmAddress() : this.#wasm.warmSlot()
    if (put === 0) throw new MachineOutOfMemoryError()
  }

  #writeEnvironment({ chainId, gasPriceWei, origin, block }: Environment): void {
    this.#writeHex('origin', origin)
    this.#writeHex('coinbase', block.coinbase)
    this.#writeHex('prevRandao', block.prevRandao)
    this.#writeNumber('gasPrice', gasPriceWei)
    this.#writeNumber('chainId', chainId)
    this.#writeNumber('timestamp', block.timestamp)
    this.#writeNumber('number', block.number)
    this.#writeNumber('gasLimit', block.gasLimit)
    this.#writeNumber('baseFee', block.baseFeePerGas)
    this.#writeNumber('blobBaseFee', block.blobBaseFee)
  }

  #writeHex(name: keyof typeof ENVIRONMENT, value: Hex): void {
    this.#memory.writeHex(this.#wasm.environmentWords.value + ENVIRONMENT[name], value)
  }

  #writeNumber(name: keyof typeof ENVIRONMENT, value: bigint): void {
    this.#memory.writeNumber(this.#wasm.environmentWords.value + ENVIRONMENT[name], value)
  }
}

function heapBytes({ accounts, reads }: Limits): number {
  return Math.min(HEAP.least + accounts * HEAP.account + reads * HEAP.read, HEAP.most)
}

export class NothingAskedError extends EnigmaError {
  override readonly name = 'Machine.NothingAskedError'
  readonly code = 'NOTHING_ASKED'
  constructor() {
    super('The machine waits for no answer.', { hint: 'Answer each `asked` step once, before the next step.' })
  }
}

/** Thrown when this process has no memory for the machine: no outcome of the code, and the same run may succeed elsewhere. */
export class MachineOutOfMemoryError extends EnigmaError {
  override readonly name = 'Machine.MachineOutOfMemoryError'
  readonly code = 'MACHINE_OUT_OF_MEMORY'
  constructor() {
    super('The EVM gets no more memory from this process.', { hint: 'Give the process more, or run fewer at a time.' })
  }
}

export class GasOutOfBoundsError extends EnigmaError {
  override readonly name = 'Machine.GasOutOfBoundsError'
  readonly code = 'GAS_OUT_OF_BOUNDS'
  constructor(gas: bigint) {
    super(`A message has ${gas} gas.`, { hint: `Give it 0 to ${MOST_GAS}.` })
  }
}
