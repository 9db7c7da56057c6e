/** What the module shows of the machine (assembly/host.ts), and the numbers of assembly/layout.ts and facts.ts that cross. */
import { wasmModule } from './wasm-module.ts'

export type MachineExports = {
  memory: WebAssembly.Memory
  environmentWords: WebAssembly.Global<'i32'>
  noteAddress: WebAssembly.Global<'i32'>
  noteWord: WebAssembly.Global<'i32'>
  noteValue: WebAssembly.Global<'i32'>
  open(
    fork: number,
    memoryWords: number,
    depth: number,
    reads: number,
    accounts: number,
    heapBytes: number,
    blobs: number,
    isTraced: number,
  ): number
  sortAccount(isPrecompile: number): number
  putKnownAccount(nonce: bigint, hasStorage: number): number
  putNoAccount(): number
  putCode(size: number): number
  endCode(at: number, size: number): void
  putSlotValue(): number
  putBlockHash(): number
  warmAddress(): number
  warmSlot(): number
  messageData(size: number): number
  start(creates: number, isStatic: number, size: number, gas: bigint): void
  step(): number
  fail(limit: number): number
  precompileInput(): number
  precompileInputSize(): number
  precompileGas(): bigint
  answerRoom(size: number): number
  precompileAnswer(): number
  endPrecompile(how: number, gasLeft: bigint): number
  endingOf(): number
  gasAtEnd(): bigint
  refundOf(): bigint
  outputAt(): number
  outputBytes(): number
  runningFrame(): number
  firstFact(): number
  logMark(): number
}

export function instantiate(): MachineExports {
  return new WebAssembly.Instance(wasmModule()).exports as MachineExports
}

/** What `step` returns. */
export const STATUS = {
  memoryLimit: 16,
  ended: 32,
  accountUnsorted: 33,
  accountMissing: 34,
  codeMissing: 35,
  slotMissing: 36,
  blockHashMissing: 37,
  precompile: 38,
  turn: 39,
  entered: 40,
  left: 41,
  slotRead: 42,
  accountRead: 43,
  exhausted: 44,
} as const

/** How a frame ended: one of these, or a halt. */
export const ENDING = { returned: -1, reverted: -2, outOfGas: 1, precompileFailed: 10 } as const

/** Where the words of `environmentWords` are. */
export const ENVIRONMENT = {
  origin: 0,
  gasPrice: 32,
  coinbase: 64,
  timestamp: 96,
  number: 128,
  prevRandao: 160,
  gasLimit: 192,
  chainId: 224,
  baseFee: 256,
  blobBaseFee: 288,
  ownCodeOnly: 320,
  caller: 352,
  to: 384,
  value: 416,
} as const

/** Fields of a frame. */
export const FRAME = {
  parent: 0,
  depth: 4,
  gas: 8,
  code: 24,
  codeSize: 28,
  input: 44,
  inputSize: 48,
  flags: 64,
  kind: 88,
  address: 96,
  caller: 128,
  value: 160,
} as const
export const FRAME_IS_CREATE = 2

/** Fields of a record of the facts: of every one, of an account, of a slot, of a code. */
export const FACT = { next: 0, owner: 4, flags: 8, key: 16 } as const
export const ACCOUNT = { balance: 48, codeHash: 80, nonce: 112, code: 120, storage: 124 } as const
export const SLOT = { value: 48 } as const
export const CODE = { bytes: 48, size: 52 } as const
export const OWNER_ACCOUNTS = 0
export const FIRST_STORAGE = 16
export const FLAG = { isKnown: 1, exists: 2, hasFreshStorage: 16, isTouched: 32, isDestroyed: 0x400 } as const

/** Fields of a log. */
export const LOG = { before: 0, topics: 4, size: 8, address: 16, content: 48 } as const
