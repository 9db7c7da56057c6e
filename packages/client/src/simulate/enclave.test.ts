/** Simulations of functions that make private calls. */
import {
  type Address,
  bytesToHex,
  dataContext,
  type Hex,
  hexToBytes,
  PRIVATE_CALLS,
  parseEnvelope,
  type SealedParts,
  sealData,
  webCrypto,
} from '@enigma/protocol'
import { createClient, http, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { address, assemble, dApp, RETURN_TOP, word } from '../../../core/src/testing/assemble.ts'
import { chain, startChain, type TestChain } from '../testing/chain.ts'
import { formatTrace, simulate } from './index.ts'

const DAPP = address(0xdab)
const FOREIGN = address(0x707)
const OWNER = address(0xa11ce)
const LABEL = word(7)
/** Three before the envelope, its length, and it. */
type Words = readonly [Hex, Hex, Hex, Hex, Hex, Hex, Hex]

const abi = parseAbi([
  'function keep(uint256 n) view returns (uint256)',
  'function open(bytes32[7] words) view returns (uint256)',
  'function tell(uint256 n, bytes32 replyKey) view returns (bytes reply)',
  'function draw() view returns (bytes32, bytes32)',
  'function pass() view returns (uint256)',
  'error DoesNotOpen()',
  'error ForeignFrame()',
  'error OnlyInsideEnclave()',
])

const ask = (to: Hex, size: string, at = 'PUSH0', out = 'PUSH0 PUSH0') => `${out} ${size} ${at} ${to} GAS STATICCALL`
const bubble = (end: 'RETURN' | 'REVERT') => `RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 ${end}`
const orRevert = (name: string) => `@${name} JUMPI ${bubble('REVERT')} ${name}:`

const code = dApp({
  // Seals its argument, opens that again, and returns it.
  'keep(uint256)': `0x60 PUSH0 MSTORE ${OWNER} 0x20 MSTORE ${LABEL} 0x40 MSTORE 0x20 0x60 MSTORE
    0x04 CALLDATALOAD 0x80 MSTORE ${ask(PRIVATE_CALLS.seal, '0xa0')} ${orRevert('sealed')}
    0x60 0x0100 MSTORE ${OWNER} 0x0120 MSTORE ${LABEL} 0x0140 MSTORE 0x80 0x20 0x0160 RETURNDATACOPY
    ${ask(PRIVATE_CALLS.open, '0xe0', '0x0100', '0x60 0x0200')} ${orRevert('opened')} 0x0240 MLOAD ${RETURN_TOP}`,
  'open(bytes32[7])': `0xe0 0x04 PUSH0 CALLDATACOPY
    ${ask(PRIVATE_CALLS.open, '0xe0', 'PUSH0', '0x60 0x0200')} ${orRevert('ok')} 0x0240 MLOAD ${RETURN_TOP}`,
  'tell(uint256,bytes32)': `0x24 CALLDATALOAD PUSH0 MSTORE 0x40 0x20 MSTORE 0x20 0x40 MSTORE 0x04 CALLDATALOAD 0x60 MSTORE
    ${ask(PRIVATE_CALLS.sealTo, '0x80')} ${orRevert('told')} ${bubble('RETURN')}`,
  'draw()': `${ask(PRIVATE_CALLS.random, 'PUSH0', 'PUSH0', '0x20 PUSH0')} POP
    ${ask(PRIVATE_CALLS.random, 'PUSH0', 'PUSH0', '0x20 0x20')} POP 0x40 PUSH0 RETURN`,
  'pass()': `${ask(FOREIGN, 'PUSH0')} ${orRevert('passed')} ${RETURN_TOP}`,
  // Seen in the trace of a question, where nobody answers.
  'enigmaPrefetch(bytes4)': `${ask(PRIVATE_CALLS.random, 'PUSH0')} STOP`,
})

let local: TestChain
beforeAll(async () => {
  local = await startChain()
  await local.client.setCode({ address: DAPP, bytecode: bytesToHex(code) })
  const foreign = assemble(`${ask(PRIVATE_CALLS.random, 'PUSH0')} POP ${bubble('REVERT')}`)
  await local.client.setCode({ address: FOREIGN, bytecode: bytesToHex(foreign) })
  await local.mine(1)
})
afterAll(async () => {
  await local?.stop()
})

const at = () => {
  const client = createClient({ chain, transport: http(local.url), account: local.account(0), cacheTime: 0 })
  return { client, address: DAPP, abi } as const
}

/** Data at rest of some network, as calldata of `open`. */
async function restingData(): Promise<Words> {
  const recipient = bytesToHex(await webCrypto.publicKey(new Uint8Array(32).fill(3)))
  const facts = { chainId: 1n, enigma: address(1), dApp: DAPP, codeHash: word(2), owner: OWNER, label: LABEL }
  return openWords(await sealData({ recipient, context: dataContext(facts), message: hexToBytes(word(42)) }))
}

function openWords(envelope: Uint8Array): Words {
  const data = bytesToHex(envelope).slice(2).padEnd(192, '0')
  const head = [word(0x60), `0x${OWNER.slice(2).padStart(64, '0')}`, LABEL, word(envelope.length)]
  const words = [...head, ...[0, 64, 128].map((from) => `0x${data.slice(from, from + 64)}`)]
  return words as unknown as Words
}

const opening = (words: Words) => ({ ...at(), functionName: 'open', args: [words] }) as const

describe('a function that makes private calls', () => {
  test('seals and opens what it sealed, draws numbers, and pays as in a Core', async () => {
    const kept = await simulate({ ...at(), functionName: 'keep', args: [42n] })
    expect(kept.outcome).toMatchObject({ kind: 'returned', result: 42n })
    expect(kept.gasUsed).toBeGreaterThan(2n * 20_000n + 12n * (5n + 7n))
    const draws = [await simulate({ ...at(), functionName: 'draw' }), await simulate({ ...at(), functionName: 'draw' })]
    const numbers = draws.flatMap(({ outcome }) => (outcome.kind === 'returned' ? outcome.result : []))
    expect(new Set(numbers).size).toBe(4)
  })

  test('answers its caller alone: the simulation opens it as his client would', async () => {
    const call = { ...at(), functionName: 'tell', args: [42n], privateResult: 'uint256' } as const
    const { outcome } = await simulate(call)
    expect(outcome).toMatchObject({ kind: 'returned', result: 42n })
    if (outcome.kind !== 'returned') throw new Error('It returned.')
    const result: bigint = outcome.result
    expect(result).toBe(42n)
    const raw = await simulate({ ...call, args: [42n, word(9)], privateResult: undefined })
    expect(raw.outcome).toMatchObject({ kind: 'returned', result: expect.stringMatching(/^0x010103/) })
    await expect(simulate({ ...call, privateResult: 'no type' })).rejects.toMatchObject({ code: 'ABI_TYPE' })
    const keep = { ...call, functionName: 'keep' as 'tell' }
    await expect(simulate(keep)).rejects.toMatchObject({ code: expect.stringMatching(/^(NO_PRIVATE_RESULT|UNKNOWN_)/) })
  })

  test('is refused from a foreign frame, as in a Core', async () => {
    const { outcome } = await simulate({ ...at(), functionName: 'pass' })
    expect(outcome).toEqual({ kind: 'reverted', reason: { errorName: 'ForeignFrame', args: [] } })
  })

  test('shows in its trace what it asked by name, with what was sealed', async () => {
    const simulation = await simulate({ ...at(), functionName: 'keep', args: [42n] })
    const [seal, open] = simulation.trace.calls
    expect(seal).toMatchObject({ call: 'private', functionName: 'seal', gasUsed: 20_060n })
    expect(seal?.args?.[0]).toBe(word(42))
    expect(BigInt(seal?.args?.[1] as Address)).toBe(BigInt(OWNER))
    const sealed = seal?.end.kind === 'returned' ? (seal.end.result as Hex) : '0x'
    expect((parseEnvelope(hexToBytes(sealed)) as SealedParts).kind).toBe(2)
    expect(open).toMatchObject({
      functionName: 'open',
      args: [sealed, expect.any(String), LABEL],
      end: { result: word(42) },
    })
    const lines = formatTrace(simulation).split('\n')
    expect(lines[1]).toMatch(/^ {2}Private\.seal\(0x0+2a, 0x0+a11ce, 0x0+7\) {2}20,060 gas {2}→ 0x010102/i)
    const malformed = await simulate(opening(openWords(new Uint8Array(0)).with(0, word(1)) as unknown as Words))
    expect(malformed.trace.calls[0]).toMatchObject({ functionName: 'open', args: [] })
  })
})

describe('data that rests on chain', () => {
  test('opens in an enclave only: the error says whose it is', async () => {
    const call = opening(await restingData())
    await expect(simulate(call)).rejects.toMatchObject({ code: 'NEEDS_ENCLAVE', owner: OWNER, label: LABEL })
  })

  test('is what the caller says it is', async () => {
    const words = await restingData()
    const asked: unknown[] = []
    const sealedData = (...question: unknown[]) => {
      asked.push(question)
      return word(43)
    }
    const { outcome } = await simulate({ ...opening(words), sealedData })
    expect(outcome).toMatchObject({ kind: 'returned', result: 43n })
    const envelope = `0x${words.slice(4).join('').replaceAll('0x', '')}`
    expect(asked).toEqual([[OWNER, LABEL, envelope]])
    const closed = await simulate({ ...opening(words), sealedData: async () => null })
    expect(closed.outcome).toEqual({ kind: 'reverted', reason: { errorName: 'DoesNotOpen', args: [] } })
  })

  test('is no data where it is no envelope: that opens nowhere', async () => {
    const { outcome } = await simulate(opening(openWords(new Uint8Array(92))))
    expect(outcome).toEqual({ kind: 'reverted', reason: { errorName: 'DoesNotOpen', args: [] } })
  })
})
