/** Vectors of network hashes, report data and lanes. */
import {
  beaconPublicKey,
  bytesToHex,
  laneOf,
  MAX_OBSERVERS,
  type Network,
  networkHash,
  principalReportData,
  workerReportData,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, errorOf, OTHER_CHAIN, sample, sampleAddress, sampleSecret } from './samples.ts'

export async function networkHashVectors(): Promise<VectorFile> {
  const observers = ['a', 'b', 'c'].map((name) => sampleAddress(`observer ${name}`))
  const [a = CHAIN.enigma, b = CHAIN.enigma] = observers
  const base: Network = { ...CHAIN, observers: [a], threshold: 1, depth: 0, simulated: true, serial: 0 }
  const twoOfThree = { observers, threshold: 2, depth: 3 }
  const many = Array.from({ length: MAX_OBSERVERS + 1 }, (_, i) => sampleAddress(`observer ${i}`))
  const networks: Record<string, Network> = {
    'one observer, simulated': base,
    'one observer, real hardware': { ...base, simulated: false },
    'another chain and contract': { ...base, ...OTHER_CHAIN },
    'another observer': { ...base, observers: [b] },
    'two observers, either of whom is enough': { ...base, observers: [a, b] },
    'two observers who must agree': { ...base, observers: [a, b], threshold: 2 },
    'two of three observers': { ...base, ...twoOfThree },
    'the same observers in another order': { ...base, ...twoOfThree, observers: observers.toReversed() },
    'after a change of observers': { ...base, ...twoOfThree, serial: 1 },
    'as many observers as there may be': { ...base, observers: many.slice(1), threshold: MAX_OBSERVERS, depth: 41 },
  }
  const refused: Record<string, Network> = {
    'no observers': { ...base, observers: [], threshold: 0 },
    'a threshold without observers': { ...base, observers: [] },
    'an observer too many': { ...base, observers: many },
    'an observer twice': { ...base, observers: [a, b, a], threshold: 2 },
    'the zero address': { ...base, observers: [a, `0x${'00'.repeat(20)}`] },
    'a threshold of zero': { ...base, threshold: 0 },
    'a threshold above their number': { ...base, observers: [a, b], threshold: 3 },
  }
  return {
    comment:
      'networkHash = keccak256(abi.encode(keccak256("enigma.network.v1"), chainId, enigma, observers sorted ascending, ' +
      'threshold, depth, simulated, serial)). observers are given in any order.',
    cases: Object.entries(networks).map(([name, network]) => ({
      ...texts(name, network),
      networkHash: networkHash(network),
    })),
    failures: await Promise.all(
      Object.entries(refused).map(async ([name, network]) => ({
        ...texts(name, network),
        error: await errorOf(() => networkHash(network)),
      })),
    ),
  }
}

function texts(name: string, { chainId, enigma, observers, threshold, depth, simulated, serial }: Network): Case {
  return {
    name,
    chainId: String(chainId),
    enigma,
    observers,
    threshold: String(threshold),
    depth: String(depth),
    simulated,
    serial: String(serial),
  }
}

export async function reportDataVectors(): Promise<VectorFile> {
  const identity = {
    networkHash: sample('network'),
    operator: sampleAddress('operator'),
    identityBlock: 4242n,
    identityBlockHash: sample('block'),
  }
  const worker = { ...identity, signer: sampleAddress('signer'), inputKey: sample('input key') }
  const publicKey = beaconPublicKey(sampleSecret('principal'))
  const blockText = { identityBlock: String(identity.identityBlock) }
  const workerCase = (name: string, facts: typeof worker): Case => ({
    name,
    ...facts,
    identityBlock: String(facts.identityBlock),
    reportData: bytesToHex(workerReportData(facts)),
  })
  const short = { ...worker, inputKey: `${worker.inputKey.slice(0, -2)}` as const }
  return {
    comment:
      'cases: report_data of a worker, 64 bytes: keccak256(abi.encode(keccak256("enigma.worker.v1"), networkHash, operator, ' +
      'signer, inputKey, identityBlock)) then identityBlockHash. principalCases: of a Principal, label "enigma.principal.v1", ' +
      'with keccak256(publicKey) for signer and inputKey.',
    cases: [
      workerCase('a worker', worker),
      workerCase('another network', { ...worker, networkHash: sample('another network') }),
      workerCase('another operator', { ...worker, operator: sampleAddress('another operator') }),
      workerCase('another signer', { ...worker, signer: sampleAddress('another signer') }),
      workerCase('another input key', { ...worker, inputKey: sample('another input key') }),
      workerCase('another block', { ...worker, identityBlock: 4243n }),
      workerCase('another block hash', { ...worker, identityBlockHash: sample('another block') }),
    ],
    principalCases: [
      {
        name: 'a principal',
        ...identity,
        ...blockText,
        publicKey: bytesToHex(publicKey),
        reportData: bytesToHex(principalReportData({ ...identity, publicKey })),
      },
    ],
    failures: [
      {
        name: 'an input key of 31 bytes',
        ...short,
        ...blockText,
        error: await errorOf(() => workerReportData({ ...short, inputKey: short.inputKey as `0x${string}` })),
      },
    ],
  }
}

export async function laneVectors(): Promise<VectorFile> {
  const lanes = [1, 2, 3, 8, 100, 65_535]
  const slots = [
    { slot: 0, seq: 0n },
    { slot: 0, seq: 1n },
    { slot: 1, seq: 0n },
    { slot: 2 ** 32 - 1, seq: 2n ** 64n - 1n },
  ]
  const requester = sampleAddress('requester')
  const laneCase = (fields: { slot: number; seq: bigint; lanes: number }) => ({
    requester,
    slot: String(fields.slot),
    seq: String(fields.seq),
    lanes: String(fields.lanes),
  })
  return {
    comment: 'lane = uint256(keccak256(abi.encode(requester, uint256 slot, uint256 seq))) mod lanes.',
    cases: lanes.flatMap((count) =>
      slots.map((slot) => ({
        ...laneCase({ ...slot, lanes: count }),
        lane: String(laneOf({ requester, ...slot, lanes: count })),
      })),
    ),
    failures: await Promise.all(
      [0, 65_536].map(async (count) => ({
        ...laneCase({ slot: 0, seq: 0n, lanes: count }),
        error: await errorOf(() => laneOf({ requester, slot: 0, seq: 0n, lanes: count })),
      })),
    ),
  }
}
