import { describe, expect, test } from 'vitest'
import { NetworkFileError, networkHashesOf, networkHashOf, parseNetwork } from './network.ts'

const FILE = {
  chainId: 31337,
  enigma: `0x${'Ab'.repeat(20)}`,
  attestationUrl: 'http://127.0.0.1:7000',
  measurement: `0x${'cd'.repeat(32)}`,
  simulated: true,
  observers: [
    { address: `0x${'b0'.repeat(20)}`, url: 'http://127.0.0.1:1' },
    { address: `0x${'A0'.repeat(20)}`, url: 'http://127.0.0.1:2' },
  ],
  ...{ threshold: 2, depth: 0, serial: 0 },
  accounts: [],
}

describe('parseNetwork', () => {
  test('takes what a client needs from the file of a local network, and leaves the rest', () => {
    expect(parseNetwork(FILE)).toEqual({
      chainId: 31337,
      enigma: `0x${'ab'.repeat(20)}`,
      attestationUrl: 'http://127.0.0.1:7000',
      measurements: [`0x${'cd'.repeat(32)}`],
      simulated: true,
      observers: [`0x${'b0'.repeat(20)}`, `0x${'a0'.repeat(20)}`],
      ...{ threshold: 2, depth: 0, serial: 0 },
    })
  })

  test('takes several measurements, and observers without their URLs', () => {
    const { measurement, ...rest } = FILE
    const observers = [`0x${'a0'.repeat(20)}`]
    const network = parseNetwork({ ...rest, measurements: [measurement, measurement], observers, threshold: 1 })
    expect(network.measurements).toHaveLength(2)
    expect(network.observers).toEqual(observers)
  })

  test('takes the observers that are announced', () => {
    const next = { observers: [FILE.observers[1]], threshold: 1, depth: 3 }
    const network = parseNetwork({ ...FILE, next })
    expect(network.next).toEqual({ ...next, observers: [`0x${'a0'.repeat(20)}`] })
    const [own, later] = networkHashesOf(network)
    expect(own).toBe(networkHashOf(parseNetwork(FILE)))
    expect(later).toBe(networkHashOf(parseNetwork({ ...FILE, ...next, serial: 1 })))
  })

  test.each([
    ['no object', null],
    ['a list', []],
    ['text', 'network'],
    ['a chain id that is none', { ...FILE, chainId: '31337' }],
    ['a chain id out of range', { ...FILE, chainId: 2 ** 53 }],
    ['a short address', { ...FILE, enigma: '0x12' }],
    ['no measurement', { ...FILE, measurement: undefined }],
    ['no measurement in a list', { ...FILE, measurements: [] }],
    ['a measurement that is none', { ...FILE, measurements: [FILE.measurement, 'latest'] }],
    ['a URL that is none', { ...FILE, attestationUrl: 'here' }],
    ['no word on its hardware', { ...FILE, simulated: undefined }],
    ['no observers', { ...FILE, observers: undefined }],
    ['a list of no observers', { ...FILE, observers: [] }],
    ['an observer that is none', { ...FILE, observers: [{ url: 'http://127.0.0.1:1' }, 7] }],
    ['an observer named twice', { ...FILE, observers: [FILE.observers[0], FILE.observers[0]] }],
    ['a threshold of zero', { ...FILE, threshold: 0 }],
    ['a threshold above their number', { ...FILE, threshold: 3 }],
    ['no threshold', { ...FILE, threshold: undefined }],
    ['a depth that is none', { ...FILE, depth: -1 }],
    ['next observers that are none', { ...FILE, next: 7 }],
    ['next observers without a threshold', { ...FILE, next: { ...FILE, threshold: undefined } }],
    ['a next threshold above their number', { ...FILE, next: { ...FILE, threshold: 3 } }],
    ['no serial', { ...FILE, serial: undefined }],
  ])('refuses %s', (_, value) => {
    expect(() => parseNetwork(value)).toThrow(NetworkFileError)
  })
})
