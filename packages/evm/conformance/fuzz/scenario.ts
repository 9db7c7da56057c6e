/** A small world of programs that know one another, and a call into it. */
import { type Address, bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import { keccak256 } from '../../src/keccak.ts'
import type { Frame, World, WorldAccount } from '../../src/testing/engine.ts'
import { creationAddress } from '../apply.ts'
import { rulesOf } from '../rules.ts'
import { wordOf } from '../values.ts'
import { descent, randomProgram } from './program.ts'
import { type Random, randomFrom } from './random.ts'

export type Scenario = { world: World; frame: Frame }

const SENDER = contract(0xaa)
/** After this call's own increment, as a transaction leaves it before its frame begins. */
const SENDER_NONCE = 1n
const COINBASE = contract(0xcb)
/** A 64th stays behind at each of 1,024 levels. */
const GAS_TO_THE_LAST_LEVEL = 1n << 44n
const CONTRACTS = [contract(1), contract(2), contract(3)]
const DELEGATED = contract(0xd1)
const PERSON = contract(0xe1)
const NOBODY = contract(0xff)

export function scenarioOf(seed: number): Scenario {
  const random = randomFrom(seed)
  const isDescent = random.below(150) === 0
  const targets = [...CONTRACTS, ...CONTRACTS, DELEGATED, PERSON, NOBODY, SENDER]
  const world: World = new Map()
  world.set(SENDER, account({ nonce: SENDER_NONCE, balanceWei: 1_000_000n }))
  world.set(PERSON, account({ balanceWei: BigInt(1 + random.below(9)) }))
  for (const address of CONTRACTS) {
    const code = isDescent ? descent(random) : randomProgram(random, targets)
    world.set(address, account({ nonce: 1n, balanceWei: BigInt(random.below(4)), code, storage: randomSlots(random) }))
  }
  const lent = concatBytes(Uint8Array.of(0xef, 0x01, 0x00), hexToBytes(random.pick([...targets, contract(0x04)])))
  world.set(DELEGATED, account({ nonce: 2n, balanceWei: 3n, code: lent }))
  const frame = frameOf(random, targets)
  return { world, frame: isDescent ? { ...frame, message: { ...frame.message, gas: GAS_TO_THE_LAST_LEVEL } } : frame }
}

function frameOf(random: Random, targets: readonly Address[]): Frame {
  const rules = rulesOf('Osaka')
  if (!rules) throw new Error('Osaka has no rules.')
  const isStatic = random.chance(10)
  const listed = random.chance(20) ? [random.pick(CONTRACTS)] : []
  const isCreation = !isStatic && random.chance(5)
  const to = isCreation
    ? creationAddress(SENDER, SENDER_NONCE - 1n)
    : random.chance(90)
      ? (CONTRACTS[0] as Address)
      : random.pick(targets)
  return {
    environment: {
      fork: rules.fork,
      chainId: 1n,
      block: {
        number: BigInt(1 + random.below(600)),
        timestamp: 1_700_000_000n,
        coinbase: COINBASE,
        prevRandao: bytesToHex(random.bytes(32)),
        gasLimit: 60_000_000n,
        baseFeePerGas: 7n,
        blobBaseFee: 1n,
      },
      origin: SENDER,
      gasPriceWei: 10n,
      blobHashes: random.chance(20) ? [bytesToHex(random.bytes(32)), bytesToHex(random.bytes(32))] : [],
    },
    message: {
      kind: isCreation ? 'create' : 'call',
      caller: SENDER,
      to,
      valueWei: isStatic || random.chance(70) ? 0n : BigInt(random.below(5)),
      data: isCreation ? randomProgram(random, targets) : random.bytes(random.below(100)),
      gas: BigInt(random.chance(7) ? random.below(5_000) : random.chance(90) ? 250_000 : 1_500_000),
      isStatic,
    },
    warmAddresses: [SENDER, to, COINBASE, ...rules.precompiles, ...listed],
    warmSlots: listed.map((address) => ({ address, slot: wordOf(1n) })),
    blockHash: (number) => bytesToHex(keccak256(utf8(number.toString()))),
  }
}

function randomSlots(random: Random): Map<Hex, Hex> {
  const count = random.below(4)
  return new Map(
    Array.from({ length: count }, (_, i) => [wordOf(BigInt(i)), wordOf(BigInt(1 + random.below(2)))] as const),
  )
}

function account(fields: Partial<WorldAccount>): WorldAccount {
  return { nonce: 0n, balanceWei: 0n, code: new Uint8Array(), storage: new Map(), ...fields }
}

function contract(number: number): Address {
  return `0x${(0xc0de0000 + number).toString(16).padStart(40, '0')}`
}
