/** Ours, as Core drives it: it asks for each account, code and slot that it touches. */
import { Machine, precompileAt } from '@enigma/evm'
import { type Address, type Hex, keccak256 } from '@enigma/protocol'
import { CALLER, type Engine, GAS } from './engine.ts'

const FORK = 'osaka'
const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`
const EMPTY_CODE = keccak256(new Uint8Array())
/** What a transaction finds warm beside caller and callee. */
const PRECOMPILES = [...Array.from({ length: 0x11 }, (_, i) => i + 1), 0x100].map(
  (number): Address => `0x${number.toString(16).padStart(40, '0')}`,
)
const ENVIRONMENT = {
  fork: FORK,
  chainId: 31_337n,
  block: {
    number: 1n,
    timestamp: 1n,
    coinbase: `0x${'00'.repeat(20)}`,
    prevRandao: ZERO_WORD,
    gasLimit: GAS,
    baseFeePerGas: 0n,
    blobBaseFee: 1n,
  },
  origin: CALLER,
  gasPriceWei: 0n,
  blobHashes: [],
} as const
const LIMITS = { memoryWords: 1 << 20, depth: 1_024, reads: 100_000, accounts: 1_000 }

export async function ownEngine(): Promise<Engine> {
  const machine = await Machine.create()
  const installed = new Map<Address, { code: Uint8Array; codeHash: Hex }>()
  return {
    id: 'ours',
    install: async (address, hex) => {
      const code = bytesOf(hex)
      installed.set(address, { code, codeHash: keccak256(code) })
    },
    call: async (to, data) => `0x${Buffer.from(run(machine, installed, to, bytesOf(data))).toString('hex')}`,
    close: async () => {},
  }
}

function run(
  machine: Machine,
  installed: ReadonlyMap<Address, { code: Uint8Array; codeHash: Hex }>,
  to: Address,
  data: Uint8Array,
): Uint8Array {
  machine.open({ environment: ENVIRONMENT, limits: LIMITS, precompiles: (address) => precompileAt(address, FORK) })
  const message = { kind: 'call', caller: CALLER, to, valueWei: 0n, data, gas: GAS, isStatic: false } as const
  machine.start(message, { warmAddresses: [CALLER, to, ...PRECOMPILES], warmSlots: [] })
  for (;;) {
    const step = machine.step()
    if (step.kind === 'ended') {
      if (step.outcome.kind === 'returned') return step.outcome.output
      throw new Error(
        `ours: ${JSON.stringify(step.outcome, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}`,
      )
    }
    if (step.kind !== 'missing') continue
    const { miss } = step
    if (miss.kind === 'account') {
      const codeHash = installed.get(miss.address)?.codeHash ?? EMPTY_CODE
      machine.putAccount(miss.address, { nonce: 1n, balanceWei: 0n, codeHash })
    } else if (miss.kind === 'code') {
      machine.putCode(miss.codeHash, installed.get(miss.address)?.code ?? new Uint8Array())
    } else if (miss.kind === 'slot') {
      machine.putSlot(miss.address, miss.slot, ZERO_WORD)
    }
  }
}

const bytesOf = (hex: Hex) => new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
