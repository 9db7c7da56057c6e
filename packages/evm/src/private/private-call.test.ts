import {
  type Address,
  abiBytes,
  abiEncode,
  abiFixedBytes,
  bytesToHex,
  concatBytes,
  type Hex,
  hexToBytes,
  keccak256,
  PRIVATE_CALLS,
  type PrivateCallName,
  utf8,
} from '@enigma/protocol'
import fc from 'fast-check'
import { encodeAbiParameters, encodeErrorResult, parseAbi } from 'viem'
import { describe, expect, test } from 'vitest'
import { additionBytecode } from '../../../../examples/addition/abi.ts'
import { mixerBytecode } from '../../../../examples/mixer/abi.ts'
import { votingBytecode } from '../../../../examples/voting/abi.ts'
import { address, assemble, dApp, word } from '../../../core/src/testing/assemble.ts'
import type { Asked } from '../step.ts'
import {
  answerBytes,
  answerWord,
  hear,
  MOST_PRIVATE_BYTES,
  mentionsPrivateCalls,
  type PrivateCall,
  refuse,
  refuseKey,
} from './private-call.ts'

const OWNER = address(0xa11ce)
const LABEL = word(7)
const KEY = word(0x25519)
const TEXT = utf8('forty-two')
const NOTHING = new Uint8Array(0)
const GAS = 1_000_000n

const errors = parseAbi([
  'error ForeignFrame()',
  'error DoesNotOpen()',
  'error NoGeneration()',
  'error BadCall()',
  'error InvalidPublicKey(bytes32 publicKey)',
])
const revertOf = (errorName: 'ForeignFrame' | 'DoesNotOpen' | 'NoGeneration' | 'BadCall') =>
  hexToBytes(encodeErrorResult({ abi: errors, errorName }))
const badCall = (gasLeft: bigint) => ({ kind: 'reverted', output: revertOf('BadCall'), gasLeft })

function asked(name: PrivateCallName, input: Uint8Array, over: Partial<Asked> = {}): Asked {
  return { kind: 'asked', address: PRIVATE_CALLS[name], input, gas: GAS, isOwn: true, ...over }
}

/** As Solidity encodes it. */
function encode(call: PrivateCall): Uint8Array {
  if (call.name === 'random') return NOTHING
  const bytes = bytesToHex(call.bytes)
  const encoding =
    call.name === 'sealTo'
      ? encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes' }], [call.publicKey, bytes])
      : encodeAbiParameters(
          [{ type: 'bytes' }, { type: 'address' }, { type: 'bytes32' }],
          [bytes, call.owner, call.label],
        )
  return hexToBytes(encoding)
}

const CALLS: PrivateCall[] = [
  { name: 'open', bytes: TEXT, owner: OWNER, label: LABEL },
  { name: 'seal', bytes: NOTHING, owner: OWNER, label: LABEL },
  { name: 'seal', bytes: new Uint8Array(MOST_PRIVATE_BYTES).fill(1), owner: OWNER, label: LABEL },
  { name: 'sealTo', bytes: TEXT, publicKey: KEY },
  { name: 'sealTo', bytes: new Uint8Array(MOST_PRIVATE_BYTES).fill(1), publicKey: KEY },
  { name: 'random' },
]

describe('a private call', () => {
  test.each(CALLS)('is read as Solidity encodes it: $name', (call) => {
    const input = encode(call)
    const heard = hear(asked(call.name, input))
    // What was heard outlives the machine's memory.
    input.fill(0xff)
    expect(heard).toMatchObject({ call })
  })

  test('costs by its name and its words, and nothing that its caller does not bring', () => {
    const left = (name: PrivateCallName, bytes: number, gas = GAS) => {
      const heard = hear(asked(name, new Uint8Array(bytes), { gas }))
      return 'gasLeft' in heard ? heard.gasLeft : heard
    }
    for (const name of ['open', 'seal', 'sealTo'] as const) {
      expect(left(name, 0)).toBe(GAS - 20_000n)
      expect(left(name, 1)).toBe(GAS - 20_012n)
      expect(left(name, 160)).toBe(GAS - 20_060n)
      expect(left(name, 32, 20_012n)).toBe(0n)
      expect(left(name, 32, 20_011n)).toEqual({ kind: 'halted', halt: 'outOfGas' })
    }
    expect(left('random', 0, 1_000n)).toBe(0n)
    expect(left('random', 320)).toBe(GAS - 1_000n)
    expect(left('random', 0, 999n)).toEqual({ kind: 'halted', halt: 'outOfGas' })
  })

  test('S26: is not heard from a foreign frame, however well it is written', () => {
    for (const call of CALLS) {
      const ending = hear(asked(call.name, encode(call), { isOwn: false }))
      expect(ending).toMatchObject({ kind: 'reverted', output: revertOf('ForeignFrame') })
    }
  })

  test('S18: has at most 8,192 bytes in it', () => {
    const bytes = new Uint8Array(MOST_PRIVATE_BYTES + 1)
    const calls: PrivateCall[] = [
      { name: 'open', bytes, owner: OWNER, label: LABEL },
      { name: 'seal', bytes, owner: OWNER, label: LABEL },
      { name: 'sealTo', bytes, publicKey: KEY },
    ]
    for (const call of calls)
      expect(hear(asked(call.name, encode(call)))).toMatchObject({ output: revertOf('BadCall') })
  })

  const offset = (value: number) => abiFixedBytes(word(value))
  const tail = concatBytes(hexToBytes(word(9)), TEXT, new Uint8Array(23))
  const head = (first: Hex, owner: Hex) => concatBytes(...[first, owner, LABEL].map(hexToBytes))
  const ownerWord: Hex = `0x${OWNER.slice(2).padStart(64, '0')}`
  const whole = concatBytes(head(word(96), ownerWord), tail)
  test.each<[string, PrivateCallName, Uint8Array]>([
    ['another offset', 'open', concatBytes(head(word(128), ownerWord), new Uint8Array(32), tail)],
    ['an offset beyond its end', 'open', concatBytes(head(`0x${'ff'.repeat(32)}`, ownerWord), tail)],
    ['an address of more than 20 bytes', 'open', concatBytes(head(word(96), `0x01${ownerWord.slice(4)}`), tail)],
    ['padding that is not zero', 'open', whole.with(-1, 1)],
    ['bytes behind its end', 'open', concatBytes(whole, new Uint8Array(32))],
    ['its last word cut', 'open', whole.slice(0, -32)],
    ['a length that nothing has', 'open', whole.with(96, 0xff)],
    ['a selector before it', 'seal', concatBytes(new Uint8Array(4), whole)],
    ['nothing', 'seal', NOTHING],
    ['one that was meant for sealTo', 'seal', abiEncode(offset(7), abiBytes(TEXT))],
    ['one that was meant for seal', 'sealTo', whole],
    ['nothing, to nobody', 'sealTo', NOTHING],
    ['a word', 'random', new Uint8Array(32)],
  ])('S18: is refused with %s', (_, name, input) => {
    expect(hear(asked('open', whole))).toHaveProperty('call')
    expect(hear(asked(name, input))).toMatchObject({ kind: 'reverted', output: revertOf('BadCall') })
  })

  test('S18: whatever comes is refused, or is the one encoding of what was heard', () => {
    const call = fc.constantFrom(...CALLS)
    const changed = fc.tuple(call, fc.nat(), fc.integer({ min: 0, max: 7 })).map(([call, at, bit]) => {
      const input = encode(call)
      if (input.length > 0) input[at % input.length] = (input[at % input.length] as number) ^ (1 << bit)
      return { name: call.name, input }
    })
    const cut = fc.tuple(call, fc.nat()).map(([call, at]) => {
      const input = encode(call)
      return { name: call.name, input: input.slice(0, at % (input.length + 1)) }
    })
    const name = fc.constantFrom(...(Object.keys(PRIVATE_CALLS) as PrivateCallName[]))
    const random = fc.record({ name, input: fc.uint8Array({ maxLength: 300 }) })
    let heardSome = 0
    fc.assert(
      fc.property(fc.oneof(changed, cut, random), ({ name, input }) => {
        const ending = hear(asked(name, input))
        if ('kind' in ending) {
          expect(ending).toEqual(badCall(GAS - priceOf(name, input)))
          return
        }
        heardSome++
        expect(ending.call.name).toBe(name)
        expect(encode(ending.call)).toEqual(input)
      }),
      { numRuns: 2_000 },
    )
    expect(heardSome).toBeGreaterThan(100)
  })
})

function priceOf(name: PrivateCallName, input: Uint8Array): bigint {
  return name === 'random' ? 1_000n : 20_000n + 12n * BigInt(Math.ceil(input.length / 32))
}

test('answers are as Solidity decodes them', () => {
  expect(answerBytes(TEXT, 5n)).toEqual({ kind: 'returned', output: abiEncode(abiBytes(TEXT)), gasLeft: 5n })
  expect(answerWord(KEY, 5n)).toEqual({ kind: 'returned', output: hexToBytes(KEY), gasLeft: 5n })
  for (const name of ['ForeignFrame', 'DoesNotOpen', 'NoGeneration', 'BadCall'] as const) {
    expect(refuse(name, 5n)).toEqual({ kind: 'reverted', output: revertOf(name), gasLeft: 5n })
  }
  const output = hexToBytes(encodeErrorResult({ abi: errors, errorName: 'InvalidPublicKey', args: [KEY] }))
  expect(refuseKey(KEY, 5n)).toEqual({ kind: 'reverted', output, gasLeft: 5n })
})

test('code that can make a private call names one of the addresses, wherever in it', () => {
  for (const reserved of Object.values(PRIVATE_CALLS)) {
    expect(mentionsPrivateCalls(assemble(`0x01 POP ${reserved} STOP`))).toBe(true)
    const almost: Address = `0x${keccak256(hexToBytes(reserved)).slice(26)}`
    expect(mentionsPrivateCalls(assemble(`${almost} STOP`))).toBe(false)
  }
  expect(mentionsPrivateCalls(dApp({}))).toBe(false)
  // As the compiler leaves the library's constants.
  const compiled = [mixerBytecode, votingBytecode, additionBytecode].map((code) =>
    mentionsPrivateCalls(hexToBytes(code)),
  )
  expect(compiled).toEqual([true, true, false])
})
