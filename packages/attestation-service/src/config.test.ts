import { readFileSync } from 'node:fs'
import { ConfigError, helpText, markdownTable } from '@enigma/process'
import { describe, expect, test } from 'vitest'
import { attestationTable, readAttestationConfig } from './config.ts'

const secret = `0x${'ab'.repeat(32)}`
const keeper = ['--rpc-url', 'http://127.0.0.1:1', '--verifier', `0x${'22'.repeat(20)}`]

function problemsOf(argv: readonly string[], env: Record<string, string> = {}): readonly string[] {
  try {
    readAttestationConfig({ argv, env })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the options of the Attestation service', () => {
  test('need nothing to be given', () => {
    expect(readAttestationConfig({ argv: [], env: {} })).toMatchObject({
      ...{ trustRoot: 'intel', upstream: 'https://api.trustedservices.intel.com', port: 8081, cas: ['platform'] },
      ...{ rpcUrl: undefined, tokenKey: undefined, fmspcs: [] },
    })
  })

  test('read lists, in either case and once each', () => {
    const config = readAttestationConfig({ argv: ['--fmspcs', '00606A000000, 0x00906ed50000,00606a000000'], env: {} })
    expect(config.fmspcs).toEqual(['00606a000000', '00906ed50000'])
  })

  test('report every mistake at once', () => {
    expect(problemsOf(['--port', '70000', '--fmspcs', '12', '--trust-root', 'mine', '--prot', '1'])).toHaveLength(4)
  })

  test('want all of a keeper or nothing', () => {
    expect(problemsOf(keeper)).toEqual([expect.stringContaining('ENIGMA_KEEPER_KEY')])
    expect(problemsOf(keeper, { ENIGMA_KEEPER_KEY: secret })).toEqual([])
    expect(problemsOf(['--enigma', `0x${'22'.repeat(20)}`])).toHaveLength(3)
  })

  test('S15: take simulated hardware on local chains only', () => {
    const simulated = ['--trust-root', 'simulated', '--chain-id']
    expect(problemsOf([...simulated, '1'])).toEqual([
      '--trust-root: simulated hardware is for chains 1337 and 31337, not 1',
    ])
    expect([...problemsOf([...simulated, '1337']), ...problemsOf([...simulated, '31337'])]).toEqual([])
  })

  test('S21: have no flag for a secret, and repeat none', () => {
    expect(problemsOf(['--keeper-key', secret])).toEqual([expect.stringContaining('no such option')])
    expect(problemsOf(keeper, { ENIGMA_KEEPER_KEY: `${secret}zz` }).join()).not.toContain('abab')
    const config = readAttestationConfig({ argv: keeper, env: { ENIGMA_KEEPER_KEY: secret } })
    expect(
      JSON.stringify(config, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}` : item)),
    ).not.toContain('abab')
  })

  test('stand in docs/running-a-node.md and in the help, each with a sentence', () => {
    const page = readFileSync(new URL('../../../docs/running-a-node.md', import.meta.url), 'utf8')
    expect(page).toContain(markdownTable(attestationTable))
    for (const option of Object.values(attestationTable)) expect(option.sentence).toMatch(/^[A-Z].*\.$/)
    expect(helpText('x', attestationTable)).toContain('--keeper-key-file')
  })
})
