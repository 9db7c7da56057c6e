import { describe, expect, test } from 'vitest'
import { ConfigError, describeOptions, flagOf, options, parseConfig, variableOf } from './config.ts'

const secret = `0x${'ab'.repeat(32)}`
const given = { chainId: '31337', verifier: `0x${'22'.repeat(20)}`, attesterKey: secret, pcs: 'simulated' }

function mistakesOf(changes: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig({ ...given, ...changes })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

describe('parseConfig', () => {
  test('reads text into typed options, with defaults', () => {
    expect(parseConfig(given)).toMatchObject({ port: 8081, host: '127.0.0.1', chainId: 31_337, refreshSeconds: 86_400 })
    expect(parseConfig({ ...given, chainId: '1', pcs: undefined }).pcs).toBe('https://api.trustedservices.intel.com')
  })

  test('reports every mistake at once', () => {
    expect(mistakesOf({ port: '70000', verifier: 'me', attesterKey: undefined, prot: '1' })).toEqual([
      'port: expected 0 to 65535',
      'verifier: expected 0x and 20 bytes in hex',
      'attesterKey: missing',
      'prot: unknown option',
    ])
  })

  test('S21: repeats no secret, however wrong', () => {
    const almost = `${secret}zz`
    expect(mistakesOf({ attesterKey: almost }).join()).not.toContain('abab')
    expect(describeOptions()).not.toContain('--attester-key')
  })

  test('S15: takes simulated hardware on local chains only', () => {
    expect(mistakesOf({ chainId: '1' })).toEqual(['pcs: simulated hardware is for chains 1337 and 31337, not 1'])
    expect(mistakesOf({ chainId: '1', pcs: 'https://pccs.example' })).toEqual([])
  })

  test('names every option in its help', () => {
    for (const name of Object.keys(options)) expect(describeOptions()).toContain(variableOf(name))
    expect([variableOf('refreshSeconds'), flagOf('refreshSeconds')]).toEqual([
      'ENIGMA_REFRESH_SECONDS',
      'refresh-seconds',
    ])
  })
})
