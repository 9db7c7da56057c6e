import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { expect, test } from 'vitest'
import { bytesToHex } from './bytes.ts'
import { dataContext, inputContext, replyContext } from './context.ts'

const hash = (digit: string) => `0x${digit.repeat(64)}` as const
const address = (digit: string) => `0x${digit.repeat(40)}` as const

test("inputContext equals viem's abi.encode", () => {
  const encoded = encodeAbiParameters(
    parseAbiParameters('bytes32, bytes32, address, bytes32, bytes4, address, uint32, uint64'),
    [keccak256(toHex('enigma.input.v1')), hash('1'), address('2'), hash('3'), '0xdeadbeef', address('4'), 5, 6n],
  )
  const facts = { networkHash: hash('1'), dApp: address('2'), codeHash: hash('3'), callable: '0xdeadbeef' } as const
  expect(bytesToHex(inputContext({ ...facts, requester: address('4'), slot: 5, seq: 6n }))).toBe(encoded)
})

test("dataContext equals viem's abi.encode", () => {
  const encoded = encodeAbiParameters(
    parseAbiParameters('bytes32, uint256, address, address, bytes32, address, bytes32'),
    [keccak256(toHex('enigma.data.v1')), 31337n, address('1'), address('2'), hash('3'), address('4'), hash('5')],
  )
  const facts = { chainId: 31337n, enigma: address('1'), dApp: address('2'), codeHash: hash('3') }
  expect(bytesToHex(dataContext({ ...facts, owner: address('4'), label: hash('5') }))).toBe(encoded)
})

test("replyContext equals viem's abi.encode", () => {
  const encoded = encodeAbiParameters(parseAbiParameters('bytes32, bytes32, address, bytes32'), [
    keccak256(toHex('enigma.reply.v1')),
    hash('1'),
    address('2'),
    hash('3'),
  ])
  expect(bytesToHex(replyContext({ networkHash: hash('1'), dApp: address('2'), taskId: hash('3') }))).toBe(encoded)
})
