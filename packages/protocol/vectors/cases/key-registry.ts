/** Vectors of where the chain keeps what it knows of the network secret. */
import {
  type Address,
  enigmaSlot,
  type Hex,
  keyRegistryOf,
  packRegistryState,
  type RegistryState,
  registrySlot,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, errorOf, OTHER_CHAIN, sample, sampleAddress, word } from './samples.ts'

type Places = { seat: number; generation: number; signer: Address; dApp: Address; codeHash: Hex; measurementId: number }

const MOST = 2 ** 32 - 1
const FULL_ADDRESS: Address = `0x${'ff'.repeat(20)}`

export async function keyRegistryVectors(): Promise<VectorFile> {
  return {
    comment:
      'cases: keyRegistry is the contract that enigma creates with its nonce 1. stateCases: the packed word of storage slot 0 ' +
      'of the registry. slotCases: where a value stands, for these keys: slot…: in the registry (slotCommitment is the first ' +
      'word of the generation, the second stands behind it), enigmaSlot…: in Enigma. failures and stateFailures: refused.',
    cases: Object.entries({
      'an enigma': CHAIN.enigma,
      'another enigma': OTHER_CHAIN.enigma,
      'the lowest address': `0x${'0'.repeat(39)}1` as const,
      'the highest address': FULL_ADDRESS,
    }).map(([name, enigma]) => ({ name, enigma, keyRegistry: keyRegistryOf(enigma) })),
    stateCases: stateCases(),
    slotCases: slotCases(),
    failures: await Promise.all(
      (
        [
          ['an address of 19 bytes', CHAIN.enigma.slice(0, -2)],
          ['no address', 'enigma'],
          ['nothing', ''],
        ] as const
      ).map(async ([name, enigma]) => ({ name, enigma, error: await errorOf(() => keyRegistryOf(enigma as Address)) })),
    ),
    stateFailures: await stateFailures(),
  }
}

const STATE: RegistryState = {
  generation: 3,
  minGeneration: 2,
  openGeneration: 4,
  isFrozen: false,
  heldMask: 0b101,
  rotatedMask: 0b1,
}
const NOTHING = { generation: 0, minGeneration: 0, openGeneration: 0, isFrozen: false, heldMask: 0, rotatedMask: 0 }

function stateCases(): Case[] {
  const states: Record<string, RegistryState> = {
    'a new network': { ...NOTHING, openGeneration: 1 },
    'the first final generation': { ...NOTHING, generation: 1, minGeneration: 1, openGeneration: 1, heldMask: 1 },
    'a rotation': STATE,
    'a freeze': { ...STATE, isFrozen: true },
    'everything zero': NOTHING,
    'every field at its maximum': {
      ...{ generation: MOST, minGeneration: MOST, openGeneration: MOST, isFrozen: true },
      ...{ heldMask: MOST, rotatedMask: MOST },
    },
  }
  return Object.entries(states).map(([name, state]) => ({
    ...texts(name, state),
    word: word(packRegistryState(state)),
  }))
}

async function stateFailures(): Promise<Case[]> {
  const wide = ['generation', 'minGeneration', 'openGeneration', 'heldMask', 'rotatedMask'] as const
  return Promise.all(
    wide.map(async (field) => {
      const state = { ...STATE, [field]: MOST + 1 }
      return { ...texts(`${field} is too big`, state), error: await errorOf(() => packRegistryState(state)) }
    }),
  )
}

function slotCases(): Case[] {
  const places: Record<string, Places> = {
    'a dApp, a seat, a generation': {
      ...{ seat: 7, generation: 1, measurementId: 2 },
      ...{ signer: sampleAddress('signer'), dApp: sampleAddress('dApp'), codeHash: sample('code') },
    },
    'the lowest of all': {
      ...{ seat: 0, generation: 0, measurementId: 0 },
      ...{ signer: `0x${'00'.repeat(20)}`, dApp: `0x${'00'.repeat(20)}`, codeHash: word(0n) },
    },
    'the highest of all': {
      ...{ seat: MOST, generation: MOST, measurementId: 31 },
      ...{ signer: FULL_ADDRESS, dApp: FULL_ADDRESS, codeHash: `0x${'ff'.repeat(32)}` },
    },
  }
  return Object.entries(places).map(([name, { seat, generation, signer, dApp, codeHash, measurementId }]) => ({
    name,
    seat: String(seat),
    generation: String(generation),
    signer,
    dApp,
    codeHash,
    measurementId: String(measurementId),
    slotState: registrySlot.state,
    slotCommitment: registrySlot.commitment(generation),
    slotJoinKey: registrySlot.joinKey(seat),
    slotHeldBy: registrySlot.heldBy(signer),
    slotContractKey: registrySlot.contractKey(dApp, codeHash, generation),
    slotPolicyHash: registrySlot.policyHash,
    enigmaSlotSeat: enigmaSlot.seat(seat),
    enigmaSlotHolder: enigmaSlot.holder(seat),
    enigmaSlotMeasurement: enigmaSlot.measurement(measurementId),
    enigmaSlotRevoked: enigmaSlot.revoked,
  }))
}

function texts(name: string, { isFrozen, ...counts }: RegistryState): Case {
  return {
    name,
    ...Object.fromEntries(Object.entries(counts).map(([field, value]) => [field, String(value)])),
    isFrozen,
  }
}
