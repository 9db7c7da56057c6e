import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Verdict } from '@enigma/attestation'
import { Secret } from '@enigma/process'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signToken } from './token.ts'
import { loadTokenKey, type TokenKey } from './token-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'enigma-token-'))
const path = join(folder, 'token-key.pem')
const NOW = 1_800_000_000
let key: TokenKey

beforeAll(async () => {
  key = await loadTokenKey(undefined, path)
})
afterAll(() => rmSync(folder, { recursive: true }))

const verdict: Verdict = {
  tee: 'sgx',
  tcbStatus: 'UpToDate',
  advisoryIds: [],
  measurement: '0x00',
  reportData: new Uint8Array(64),
  debug: false,
  fmspc: '0x00606a000000',
  platformId: '0x00',
  tcbEvaluationDataNumber: 17,
  validFrom: NOW - 1,
  validUntil: NOW + 1_000,
  trustRoot: 'simulated',
}
const sign = async (changes: Partial<Verdict> = {}) => {
  const content = { verdict: { ...verdict, ...changes }, nonce: undefined, collateralHashes: {} }
  return decodeJwt(await signToken({ ...content, collateralHash: '0x01', policyHash: '0x02' }, key, NOW))
}

describe('a token', () => {
  test('S16: ends after five minutes, and never after the collateral that it rests on', async () => {
    expect((await sign()).exp).toBe(NOW + 300)
    expect((await sign({ validUntil: NOW + 20 })).exp).toBe(NOW + 20)
  })

  test('affirms what the default policy could accept, and warns of all else', async () => {
    const statusOf = async (tcbStatus: Verdict['tcbStatus']) =>
      ((await sign({ tcbStatus })).submods as { enclave: Record<string, unknown> }).enclave['ear.status']
    expect([await statusOf('UpToDate'), await statusOf('SWHardeningNeeded')]).toEqual(['affirming', 'affirming'])
    expect([await statusOf('OutOfDate'), await statusOf('ConfigurationNeeded')]).toEqual(['warning', 'warning'])
  })
})

describe('the token key', () => {
  test('is made once, and the same from then on', async () => {
    expect((await loadTokenKey(undefined, path)).jwk).toEqual(key.jwk)
  })

  test('is the one given, where one is given', async () => {
    const other = await loadTokenKey(undefined, join(folder, 'other.pem'))
    const given = new Secret(readFileSync(join(folder, 'other.pem'), 'utf8'))
    expect((await loadTokenKey(given, path)).jwk).toEqual(other.jwk)
  })

  test.each([
    ['no key', 'canary'],
    [
      'a key of another curve',
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n',
    ],
  ])('S21: refuses %s, without repeating it', async (_what, text) => {
    writeFileSync(join(folder, 'bad.pem'), text)
    const error = await loadTokenKey(undefined, join(folder, 'bad.pem')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'TOKEN_KEY' })
    expect(String((error as Error).message)).not.toContain(text.slice(0, 6))
  })
})
