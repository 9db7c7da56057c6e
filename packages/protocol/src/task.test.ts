import fc from 'fast-check'
import { encodeAbiParameters, hashTypedData, parseAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import { bytesToHex } from './bytes.ts'
import { packTarget, packTask, type Task, taskId, unpackTask } from './task.ts'

const anyHex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const anyUint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })
const anyNumber = (bits: number) => anyUint(bits).map(Number)
const anyTask: fc.Arbitrary<Task> = fc.record({
  requester: anyHex(20),
  slot: anyNumber(32),
  seq: anyUint(64),
  dApp: anyHex(20),
  callable: anyHex(4),
  callbackGas: anyNumber(32),
  outputCap: anyNumber(16),
  gasClass: anyNumber(8),
  feeGwei: anyUint(64),
  restGwei: anyUint(64),
  createdBlock: anyUint(40),
  epoch: anyNumber(24),
  lane: anyNumber(16),
  codeHash: anyHex(32),
  inputsHash: anyHex(32),
})
const anyDomain = fc.record({ chainId: fc.nat().map(BigInt), enigma: anyHex(20) })

const TYPES = {
  Task: [
    ...[
      ['requester', 'address'],
      ['slot', 'uint32'],
      ['seq', 'uint64'],
      ['dApp', 'address'],
      ['callable', 'bytes4'],
      ['callbackGas', 'uint32'],
      ['outputCap', 'uint16'],
      ['fee', 'uint64'],
      ['rest', 'uint64'],
      ['gasClass', 'uint8'],
      ['createdBlock', 'uint40'],
      ['epoch', 'uint24'],
      ['lane', 'uint16'],
      ['codeHash', 'bytes32'],
      ['inputsHash', 'bytes32'],
    ].map(([name = '', type = '']) => ({ name, type })),
  ],
}

describe('taskId', () => {
  test("equals viem's hashTypedData", () => {
    fc.assert(
      fc.property(anyDomain, anyTask, ({ chainId, enigma }, task) => {
        const domain = { name: 'Enigma', version: '1', chainId, verifyingContract: enigma }
        const message = { ...task, fee: task.feeGwei, rest: task.restGwei }
        const expected = hashTypedData({ domain, types: TYPES, primaryType: 'Task', message })
        expect(taskId({ chainId, enigma }, task)).toBe(expected)
      }),
    )
  })

  test('S2: another chain, or any other field, makes another task', () => {
    fc.assert(
      fc.property(anyDomain, anyTask, anyTask, (domain, task, other) => {
        const id = taskId(domain, task)
        expect(taskId({ ...domain, chainId: domain.chainId + 1n }, task)).not.toBe(id)
        for (const field of Object.keys(task) as (keyof Task)[]) {
          if (task[field] === other[field]) continue
          expect(taskId(domain, { ...task, [field]: other[field] }), field).not.toBe(id)
        }
      }),
    )
  })

  test('refuses a field that does not fit its type', () => {
    const task = fc.sample(anyTask, 1)[0] as Task
    expect(() => taskId({ chainId: 1n, enigma: task.dApp }, { ...task, lane: 2 ** 16 })).toThrow(
      expect.objectContaining({ code: 'OUT_OF_RANGE' }),
    )
  })
})

describe('packTask', () => {
  test('is undone by unpackTask', () => {
    fc.assert(fc.property(anyTask, (task) => void expect(unpackTask(packTask(task))).toEqual(task)))
  })

  test('has every field where Task.sol says', () => {
    const packed = (task: Task) =>
      encodeAbiParameters(parseAbiParameters('uint256, uint256, uint256'), [
        BigInt(task.requester) | (BigInt(task.slot) << 160n) | (task.seq << 192n),
        BigInt(task.dApp) |
          (BigInt(task.callable) << 160n) |
          (BigInt(task.callbackGas) << 192n) |
          (BigInt(task.outputCap) << 224n) |
          (BigInt(task.gasClass) << 240n),
        task.feeGwei |
          (task.restGwei << 64n) |
          (task.createdBlock << 128n) |
          (BigInt(task.epoch) << 168n) |
          (BigInt(task.lane) << 192n),
      ])
    fc.assert(
      fc.property(anyTask, (task) => {
        const { ref, target, terms } = packTask(task)
        expect(encodeAbiParameters(parseAbiParameters('uint256, uint256, uint256'), [ref, target, terms])).toBe(
          packed(task),
        )
        expect(packTarget(task)).toBe(target)
      }),
    )
  })

  test.each<Partial<Task>>([
    { slot: 2 ** 32 },
    { slot: -1 },
    { slot: 1.5 },
    { seq: 2n ** 64n },
    { callbackGas: 2 ** 32 },
    { outputCap: 2 ** 16 },
    { gasClass: 256 },
    { feeGwei: 2n ** 64n },
    { restGwei: -1n },
    { createdBlock: 2n ** 40n },
    { epoch: 2 ** 24 },
    { lane: 2 ** 16 },
    { callable: '0x00deadbeef' },
    { dApp: '0x1234' },
    { codeHash: '0x' },
  ])('refuses %o, which would spill into its neighbour', (change) => {
    const task = fc.sample(anyTask, 1)[0] as Task
    expect(() => packTask({ ...task, ...change })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(OUT_OF_RANGE|MALFORMED_HEX)$/) }),
    )
  })

  test('S18: unpackTask refuses bits outside the fields', () => {
    const packed = packTask(fc.sample(anyTask, 1)[0] as Task)
    for (const change of [
      { target: packed.target | (1n << 248n) },
      { terms: packed.terms | (1n << 208n) },
      { ref: packed.ref | (1n << 256n) },
      { ref: -1n },
      { target: -1n },
      { terms: -1n },
    ]) {
      expect(() => unpackTask({ ...packed, ...change })).toThrow(expect.objectContaining({ code: 'MALFORMED_TASK' }))
    }
  })
})
