import { concat, encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { bytesToHex } from './bytes.ts'
import { principalReportData, type WorkerIdentity, workerReportData } from './report-data.ts'

const hash = (digit: string) => `0x${digit.repeat(64)}` as const
const address = (digit: string) => `0x${digit.repeat(40)}` as const
const WORKER: WorkerIdentity = {
  networkHash: hash('1'),
  operator: address('2'),
  signer: address('3'),
  inputKey: hash('4'),
  identityBlock: 5n,
  identityBlockHash: hash('6'),
}

describe('workerReportData', () => {
  test("equals viem's encoding, the block hash behind it", () => {
    const encoded = encodeAbiParameters(parseAbiParameters('bytes32, bytes32, address, address, bytes32, uint256'), [
      keccak256(toHex('enigma.worker.v1')),
      ...([hash('1'), address('2'), address('3'), hash('4'), 5n] as const),
    ])
    expect(bytesToHex(workerReportData(WORKER))).toBe(concat([keccak256(encoded), hash('6')]))
  })

  test.each<Partial<WorkerIdentity>>([
    { networkHash: hash('a') },
    { operator: address('a') },
    { signer: address('a') },
    { inputKey: hash('a') },
    { identityBlock: 6n },
    { identityBlockHash: hash('a') },
  ])('S17: a quote is no good for %o', (change) => {
    expect(workerReportData({ ...WORKER, ...change })).not.toEqual(workerReportData(WORKER))
  })
})

test("principalReportData equals viem's encoding, and no worker's quote serves a principal", () => {
  const { networkHash, operator, identityBlock, identityBlockHash } = WORKER
  const publicKey = new Uint8Array(256).fill(7)
  const encoded = encodeAbiParameters(parseAbiParameters('bytes32, bytes32, address, bytes32, uint256'), [
    keccak256(toHex('enigma.principal.v1')),
    networkHash,
    operator,
    keccak256(publicKey),
    identityBlock,
  ])
  const reportData = principalReportData({ networkHash, operator, publicKey, identityBlock, identityBlockHash })
  expect(bytesToHex(reportData)).toBe(concat([keccak256(encoded), identityBlockHash]))
})
