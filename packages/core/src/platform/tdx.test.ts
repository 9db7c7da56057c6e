import { parseQuote, type Quote } from '@enigma/attestation'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { loadVector, vectors, whereVectorsBelong } from '../../../attestation/src/testing/vectors.ts'
import { ATTEST, coreInProcess } from '../testing/core-in-process.ts'
import { bytesOf, fakeTsm, type Tsm } from '../testing/fake-devices.ts'
import { type Domain, sgxQuote, tdxQuote } from '../testing/hardware.ts'
import { adderRequest, configOf, runToReceipt } from '../testing/world.ts'
import { createTdxPlatform, domainMeasurement } from './tdx.ts'

const REPORT_DATA = bytesOf(64, 7)
const REAL = { ...configOf().network, simulated: false }

/** A machine, and how long was waited between attempts. */
async function start(over: Partial<Tsm> = {}) {
  const tsm = fakeTsm({ quote: (it) => tdxQuote(it), ...over })
  const pauses: number[] = []
  const platform = await createTdxPlatform({
    files: tsm.files,
    pause: async (attempt) => void pauses.push(attempt),
  })
  return { ...tsm, platform, pauses }
}

const measured = (domain: Domain): Hex | undefined => domainMeasurement(parseQuote(tdxQuote(REPORT_DATA, domain)).body)

describe('in a trust domain, Core', () => {
  test.each([4, 5] as const)(
    'has a quote of version %d over what it asked for, without the padding',
    async (version) => {
      const { platform } = await start({ quote: (it) => tdxQuote(it, { version }) })
      const padded = tdxQuote(REPORT_DATA, { version })
      expect(await platform.quote(REPORT_DATA)).toEqual(padded.slice(0, -3_065))
      expect(platform.measurement()).toBe(measured({ version }))
    },
  )

  test('asks in a directory of its own each time, and leaves none behind', async () => {
    const { platform, directories, made } = await start()
    await Promise.all([1, 2, 3].map((value) => platform.quote(bytesOf(64, value))))
    expect(new Set(made).size).toBe(4)
    expect(directories.size).toBe(0)
  })

  test('is another as soon as firmware, kernel, command line, application or who may reach inside is', () => {
    const all = [
      {},
      { mrTd: 0x7e },
      { rtMr: [9, 2, 3, 4] },
      { rtMr: [1, 9, 3, 4] },
      { rtMr: [1, 2, 9, 4] },
      { rtMr: [1, 2, 3, 9] },
      { rtMr: [2, 1, 3, 4] },
      { attributes: 0x30 },
      { serviceDomain: 1 },
    ].map(measured)
    expect(new Set(all).size).toBe(all.length)
    expect(measured({ version: 4 })).toBe(measured({ version: 5 }))
  })

  test('asks again where somebody else wrote meanwhile', async () => {
    let writes = 3
    const { platform, pauses, directories } = await start({
      meanwhile: ({ write }) => writes-- > 0 && write(bytesOf(64, 1)),
    })
    expect(pauses).toEqual([1, 2, 3])
    expect(await platform.quote(REPORT_DATA)).toHaveLength(tdxQuote(REPORT_DATA).length - 3_065)
    expect(directories.size).toBe(0)
  })

  test.each(['EBUSY', 'EAGAIN', 'EINTR'])('asks again on %s', async (code) => {
    const { platform, pauses, directories } = await start({ failures: { outblob: [code, code] } })
    expect(platform.kind).toBe('tdx')
    expect(pauses).toEqual([1, 2])
    expect(directories.size).toBe(0)
  })

  test('keeps a quote whose directory did not go away', async () => {
    const { platform, directories } = await start({ failures: { rmdir: ['EBUSY'] } })
    expect(platform.kind).toBe('tdx')
    expect(directories.size).toBe(1)
    await platform.quote(REPORT_DATA)
    expect(directories.size).toBe(1)
  })
})

describe('Core does not start', () => {
  test.each<[string, Partial<Tsm>, string]>([
    ['outside of a trust domain', { failures: { mkdir: ['ENOENT'] } }, 'PLATFORM_NOT_THERE'],
    ['without the right to ask', { failures: { mkdir: ['EACCES'] } }, 'PLATFORM_NOT_THERE'],
    ['on another maker’s machine', { provider: 'sev_guest' }, 'PLATFORM_PROVIDER'],
    ['where the host gives no quotes', { failures: { outblob: ['EIO'] } }, 'PLATFORM_NO_QUOTE'],
    ['where the host does not answer', { failures: { outblob: ['ETIMEDOUT'] } }, 'PLATFORM_NO_QUOTE'],
    ['where the host is busy for good', { failures: { outblob: Array(5).fill('EBUSY') } }, 'PLATFORM_BUSY'],
    ['where somebody writes all the time', { meanwhile: ({ write }) => write(bytesOf(64)) }, 'PLATFORM_BUSY'],
    ['on a quote longer than Core’s door', { quote: () => bytesOf(32_769) }, 'PLATFORM_NO_QUOTE'],
    ['on an empty answer', { quote: () => bytesOf(0) }, 'PLATFORM_BAD_QUOTE'],
    ['on an enclave’s quote', { quote: (it) => sgxQuote(it) }, 'PLATFORM_BAD_QUOTE'],
    ['on a quote over other data', { quote: () => tdxQuote(bytesOf(64, 1)) }, 'PLATFORM_BAD_QUOTE'],
    ['S15: in a domain that is open to its host', { quote: debugQuote }, 'PLATFORM_DEBUG'],
  ])('%s', async (_, over, code) => {
    const tsm = fakeTsm({ quote: (it) => tdxQuote(it), ...over })
    const starting = createTdxPlatform({ files: tsm.files, pause: async () => {} })
    await expect(starting).rejects.toMatchObject({ code, hint: expect.any(String) })
    expect(tsm.directories.size).toBe(0)
  })
})

test('a message of any other length is refused before the kernel would swallow it', async () => {
  const { platform, made } = await start()
  for (const length of [0, 63, 65]) {
    await expect(platform.quote(bytesOf(length))).rejects.toMatchObject({ code: 'PLATFORM_BAD_QUOTE' })
  }
  expect(made).toHaveLength(1)
})

test('a domain that became another one gives out no quote', async () => {
  let rtMr = [1, 2, 3, 4]
  const { platform } = await start({ quote: (it) => tdxQuote(it, { rtMr }) })
  rtMr = [1, 2, 3, 5]
  await expect(platform.quote(REPORT_DATA)).rejects.toMatchObject({ code: 'PLATFORM_BAD_QUOTE' })
})

describe('a Core on TDX', () => {
  test('attests and computes, and says that it seals nothing', async () => {
    const core = coreInProcess({ network: REAL }, (await start()).platform)
    const attested = await core.attest(ATTEST)
    expect(attested).toMatchObject({ sealed: null })
    if (!('inputKey' in attested)) throw new Error('A worker attests an input key.')
    expect(await core.info()).toMatchObject({ kind: 'tdx', signer: attested.signer })
    const asked = await adderRequest(attested.inputKey, REAL)
    expect(await runToReceipt(core, asked)).toMatchObject({ status: 0 })
  })

  test('is a new one after a restart', async () => {
    const { platform } = await start()
    const [first, second] = [coreInProcess({ network: REAL }, platform), coreInProcess({ network: REAL }, platform)]
    await Promise.all([first.attest(ATTEST), second.attest(ATTEST)])
    expect((await first.info()).signer).not.toBe((await second.info()).signer)
    await expect(second.restore({ sealed: bytesOf(113) })).rejects.toMatchObject({ code: 'NO_SEALING_KEY' })
  })

  test('is no Principal, whose key must not be lost', async () => {
    const { platform } = await start()
    expect(() => coreInProcess({ network: REAL, role: 'principal' }, platform)).toThrow(
      expect.objectContaining({ code: 'PLATFORM_NEEDS_SEALING' }),
    )
  })

  test('S15: joins no simulated network', async () => {
    const { platform } = await start()
    expect(() => coreInProcess({}, platform)).toThrow(expect.objectContaining({ code: 'WRONG_PLATFORM' }))
  })
})

const real = vectors.filter(({ name }) => name.startsWith('tdx'))
if (real.length === 0) test.skip(`real quotes are not on this machine: ${whereVectorsBelong}`, () => {})

describe.runIf(real.length > 0)('real TDX quotes', () => {
  test.each(real)('$name: goes out as it came, without its padding', async (vector) => {
    const { quote } = loadVector(vector)
    const { body, signed, version }: Quote = parseQuote(quote)
    // At the start Core asks over zeros; nothing here looks at the signature.
    const overZeros = quote.slice()
    overZeros.fill(0, (version === 4 ? 48 : 54) + 520, (version === 4 ? 48 : 54) + 584)
    const answers = [overZeros, quote]
    const { platform } = await start({ quote: () => answers.shift() as Uint8Array })
    const given = await platform.quote(Uint8Array.from(body.reportData))
    expect(platform.measurement()).toBe(domainMeasurement(body))
    expect(given.length).toBeGreaterThan(signed.length)
    expect(bytesToHex(quote).startsWith(bytesToHex(given))).toBe(true)
    expect(quote.subarray(given.length).every((byte) => byte === 0)).toBe(true)
    expect(parseQuote(given).body).toEqual(body)
  })
})

/** TUD, the first byte of the attributes. */
function debugQuote(reportData: Uint8Array): Uint8Array {
  const quote = tdxQuote(reportData)
  quote[54 + 120] = 1
  return quote
}
