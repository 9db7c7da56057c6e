import { expect, test } from 'vitest'
import { formatGwei, grouped, seconds, short, table } from './format.ts'
import { readable } from './localnet/log.ts'

test('money is shown in ETH, without zeros that say nothing', () => {
  expect([0n, 1n, 43_210n, 1_000_000_000n, 2_500_000_000n].map(formatGwei)).toEqual([
    '0 ETH',
    '0.000000001 ETH',
    '0.00004321 ETH',
    '1 ETH',
    '2.5 ETH',
  ])
})

test('hashes are shortened, counts grouped, times rounded', () => {
  expect(short(`0x${'ab'.repeat(32)}`)).toBe('0xababab…abab')
  expect(short('0x12')).toBe('0x12')
  expect(grouped(41_873n)).toBe('41,873')
  expect([seconds(2_106), seconds(69_221)]).toEqual(['2.11 s', '69.2 s'])
})

test('a table is as wide as its widest cells', () => {
  expect(
    table([
      ['seat', 'x'],
      ['0', 'longer'],
    ]),
  ).toEqual(['seat  x', '0     longer'])
})

test('a daemon’s JSON line is turned into words, any other line is left alone', () => {
  const line = JSON.stringify({ time: 'now', level: 'info', component: 'surface', event: 'settled', rank: 0 })
  expect(readable(line)).toBe('settled rank=0')
  expect(readable(line.replace('info', 'warn'))).toBe('warn: settled rank=0')
  for (const other of ['plain', '{ not json', '{"level":"info"}']) expect(readable(other)).toBe(other)
})
