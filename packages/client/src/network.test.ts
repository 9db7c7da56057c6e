import { describe, expect, test } from 'vitest'
import { NetworkFileError, parseNetwork } from './network.ts'

const FILE = {
  chainId: 31337,
  enigma: `0x${'Ab'.repeat(20)}`,
  attestationUrl: 'http://127.0.0.1:7000',
  measurement: `0x${'cd'.repeat(32)}`,
  networkHash: `0x${'ef'.repeat(32)}`,
  simulated: true,
  accounts: [],
}

describe('parseNetwork', () => {
  test('takes what a client needs from the file of a local network, and leaves the rest', () => {
    expect(parseNetwork(FILE)).toEqual({
      chainId: 31337,
      enigma: `0x${'ab'.repeat(20)}`,
      attestationUrl: 'http://127.0.0.1:7000',
      measurements: [`0x${'cd'.repeat(32)}`],
      networkHash: `0x${'ef'.repeat(32)}`,
      simulated: true,
    })
  })

  test('takes several measurements, and does without a networkHash', () => {
    const { measurement, networkHash: _, ...rest } = FILE
    const network = parseNetwork({ ...rest, measurements: [measurement, measurement] })
    expect(network.measurements).toHaveLength(2)
    expect(network).not.toHaveProperty('networkHash')
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
    ['a networkHash that is none', { ...FILE, networkHash: 7 }],
  ])('refuses %s', (_, value) => {
    expect(() => parseNetwork(value)).toThrow(NetworkFileError)
  })
})
