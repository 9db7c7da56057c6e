import { bytesToHex, concatBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { loadVector, vectors, whereVectorsBelong } from '../../../attestation/src/testing/vectors.ts'
import { ATTEST, attestedWorker, coreInProcess, sealedOf } from '../testing/core-in-process.ts'
import { bytesOf, fakeGramine, type Gramine } from '../testing/fake-devices.ts'
import { MR_ENCLAVE, sgxQuote, sgxReport, tdxQuote } from '../testing/hardware.ts'
import { configOf } from '../testing/world.ts'
import { createGramineSgxPlatform } from './gramine-sgx.ts'

const REPORT_DATA = bytesOf(64, 7)
const REAL = { ...configOf().network, simulated: false }
const start = (over: Partial<Gramine> = {}) =>
  createGramineSgxPlatform(fakeGramine({ report: sgxReport(), quote: sgxQuote, ...over }))

describe('in Gramine, Core', () => {
  test('is what the processor says it is, and has its quotes over what it asked for', async () => {
    const platform = await start()
    expect(platform.kind).toBe('gramine-sgx')
    expect(platform.measurement()).toBe(bytesToHex(MR_ENCLAVE))
    expect(await platform.quote(REPORT_DATA)).toEqual(sgxQuote(REPORT_DATA))
  })

  test('asks for one quote at a time: there is one report data for all', async () => {
    const platform = await start()
    const all = [1, 2, 3].map((value) => bytesOf(64, value))
    expect(await Promise.all(all.map((reportData) => platform.quote(reportData)))).toEqual(
      all.map((it) => sgxQuote(it)),
    )
  })

  test('drops what stands behind the quote', async () => {
    const platform = await start({ quote: (it) => concatBytes(sgxQuote(it), bytesOf(70, 0)) })
    expect(await platform.quote(REPORT_DATA)).toEqual(sgxQuote(REPORT_DATA))
  })

  test('seals under a key of its own for each label, never under the machine’s', async () => {
    const seal = async (sealingKey: Uint8Array, label: number) => {
      const key = (await start({ sealingKey })).sealingKey?.(bytesOf(3, label))
      if (!key) throw new Error('An enclave has a sealing key.')
      return bytesToHex(key)
    }
    const first = await seal(bytesOf(16), 1)
    expect(first).toMatch(/^0x[0-9a-f]{64}$/)
    expect(first).not.toContain('5e5e5e5e')
    expect(await seal(bytesOf(16), 1)).toBe(first)
    expect(await seal(bytesOf(16), 2)).not.toBe(first)
    expect(await seal(bytesOf(16, 0x5f), 1)).not.toBe(first)
  })
})

describe('Core does not start', () => {
  test.each<[string, Partial<Gramine>, string]>([
    ['outside of SGX', { failures: { attestation_type: ['ENOENT'] } }, 'PLATFORM_NOT_THERE'],
    ['where nothing attests', { type: 'none' }, 'PLATFORM_NOT_DCAP'],
    ['where another way of attesting is set', { type: 'epid' }, 'PLATFORM_NOT_DCAP'],
    ['S15: in a debug enclave, which its host reads', { report: sgxReport({ debug: true }) }, 'PLATFORM_DEBUG'],
    ['on a report that is cut', { report: sgxReport().subarray(1) }, 'PLATFORM_REPORT'],
    ['on a report that is longer', { report: concatBytes(sgxReport(), bytesOf(1)) }, 'PLATFORM_REPORT'],
    ['without a report', { failures: { report: ['EACCES'] } }, 'PLATFORM_REPORT'],
    ['without a sealing key', { sealingKey: bytesOf(0) }, 'PLATFORM_SEALING_KEY'],
    ['with half a sealing key', { sealingKey: bytesOf(15) }, 'PLATFORM_SEALING_KEY'],
    ['with more than a sealing key', { sealingKey: bytesOf(17) }, 'PLATFORM_SEALING_KEY'],
  ])('%s', async (_, over, code) => {
    await expect(start(over)).rejects.toMatchObject({ code, hint: expect.any(String) })
  })
})

describe('Core gives out no quote', () => {
  test.each<[string, Partial<Gramine>, string]>([
    ['where the quoting service is away', { failures: { quote: ['EACCES'] } }, 'PLATFORM_NO_QUOTE'],
    ['where the report data was not taken', { failures: { user_report_data: ['EIO'] } }, 'PLATFORM_NO_QUOTE'],
    ['where a part of the report data was taken', { writes: 63 }, 'PLATFORM_NO_QUOTE'],
    ['that is longer than any', { quote: () => bytesOf(8_193) }, 'PLATFORM_NO_QUOTE'],
    ['that is none', { quote: () => bytesOf(4_000) }, 'PLATFORM_BAD_QUOTE'],
    ['over other data', { quote: () => sgxQuote(bytesOf(64, 8)) }, 'PLATFORM_BAD_QUOTE'],
    ['of another enclave', { quote: (it) => sgxQuote(it, { mrEnclave: bytesOf(32) }) }, 'PLATFORM_BAD_QUOTE'],
    ['of a trust domain', { quote: (it) => tdxQuote(it) }, 'PLATFORM_BAD_QUOTE'],
    ['S15: of itself in debug mode', { quote: (it) => sgxQuote(it, { debug: true }) }, 'PLATFORM_DEBUG'],
  ])('%s', async (_, over, code) => {
    await expect((await start(over)).quote(REPORT_DATA)).rejects.toMatchObject({ code })
  })

  test.each([63, 65])('over %d bytes', async (length) => {
    const message = expect.stringContaining(`report data of ${length} bytes`)
    await expect((await start()).quote(bytesOf(length))).rejects.toMatchObject({ code: 'PLATFORM_BAD_QUOTE', message })
  })

  test('that it did not get after a failure, and gets the next one all the same', async () => {
    const platform = await start({ failures: { quote: ['EACCES'] } })
    await expect(platform.quote(REPORT_DATA)).rejects.toMatchObject({ code: 'PLATFORM_NO_QUOTE' })
    expect(await platform.quote(REPORT_DATA)).toEqual(sgxQuote(REPORT_DATA))
  })
})

describe('a Core on SGX', () => {
  test('attests and finds its keys again after a restart', async () => {
    const first = await attestedWorker({ network: REAL, platform: 'gramine-sgx' }, await start())
    expect(await first.core.info()).toMatchObject({ kind: 'gramine-sgx', measurement: bytesToHex(MR_ENCLAVE) })
    const reborn = coreInProcess({ network: REAL }, await start())
    expect(await reborn.restore({ sealed: first.sealed })).toEqual(await first.core.info())
  })

  test('S25: opens nothing with another sealing key', async () => {
    const { sealed } = await attestedWorker({ network: REAL }, await start())
    const other = coreInProcess({ network: REAL }, await start({ sealingKey: bytesOf(16, 1) }))
    await expect(other.restore({ sealed })).rejects.toMatchObject({ code: 'SEALED_DOES_NOT_OPEN' })
  })

  test('S15: joins no simulated network', async () => {
    const platform = await start()
    expect(() => coreInProcess({}, platform)).toThrow(expect.objectContaining({ code: 'WRONG_PLATFORM' }))
  })

  test('tells its host by a number that the machine failed, and its log why', async () => {
    const noted: string[] = []
    const platform = await start({ failures: { quote: ['EACCES'] } })
    const core = coreInProcess({ network: REAL }, platform, (code) => noted.push(code))
    await expect(core.attest(ATTEST)).rejects.toMatchObject({ code: 'PLATFORM' })
    expect(noted).toEqual(['PLATFORM_NO_QUOTE'])
    expect(sealedOf(await core.attest(ATTEST))).toBeInstanceOf(Uint8Array)
  })
})

const real = vectors.filter(({ name }) => name.startsWith('sgx-v3'))
if (real.length === 0) test.skip(`real quotes are not on this machine: ${whereVectorsBelong}`, () => {})

describe.runIf(real.length > 0)('real SGX quotes', () => {
  test.each(real)('$name: goes out as it came, unless it is of a debug enclave', async (vector) => {
    const { quote } = loadVector(vector)
    const [mrEnclave, reportData] = [quote.slice(112, 144), quote.slice(368, 432)]
    const platform = await start({ report: sgxReport({ mrEnclave }), quote: () => quote })
    const asked = platform.quote(reportData)
    if (vector.debug) await expect(asked).rejects.toMatchObject({ code: 'PLATFORM_DEBUG' })
    else expect(bytesToHex(quote)).toContain(bytesToHex(await asked).slice(2))
  })
})
