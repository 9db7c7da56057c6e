import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { type Faults, forge, judge } from './testing/forge.ts'
import { forgeTdQuote, type TdOptions } from './testing/td-quote.ts'
import { isvLevel, moduleIdentity, tdxInfo, tdxLevels, version4, version5 } from './testing/td-world.ts'

function judgeTd(options: TdOptions, tcbInfo: object = {}, faults: Faults = {}) {
  const world = forge({
    ...faults,
    tcbInfo: { ...tdxInfo, ...tcbInfo },
    qeIdentity: { id: 'TD_QE', ...faults.qeIdentity },
  })
  try {
    return judge({ ...world, quote: forgeTdQuote(options) }, 'report-only')
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

function statusOf(...args: Parameters<typeof judgeTd>): string {
  const found = judgeTd(...args)
  return typeof found === 'string' ? found : found.tcbStatus
}

describe('a trust domain', () => {
  test.each([version4, version5, { version: 5, kind: 'td10' } as const])(
    'is verified in version $version as $kind',
    (options) => {
      const found = judgeTd(options)
      expect(found).toMatchObject({ tee: 'tdx', tcbStatus: 'UpToDate', measurement: `0x${'7d'.repeat(48)}` })
      expect(found).not.toHaveProperty('enclave')
    },
  )

  test('S15: is refused when its host may debug it, by DEBUG or a bit that is reserved', () => {
    expect(judgeTd({ ...version4, tdAttributes: 0x01 })).toBe('DEBUG_ENCLAVE')
    expect(judgeTd({ ...version5, tdAttributes: 0x80 })).toBe('DEBUG_ENCLAVE')
  })

  test('is refused with the TCB info or the QE identity of SGX', () => {
    expect(judgeTd(version4, { id: 'SGX' })).toBe('TCB_INFO_MISMATCH')
    expect(judgeTd(version4, {}, { qeIdentity: { id: 'QE' } })).toBe('QE_IDENTITY_MISMATCH')
  })

  test('is refused when the TCB info says nothing about its module', () => {
    expect(judgeTd(version4, { tdxModule: undefined })).toBe('TDX_MODULE_MISSING')
  })

  test.each([
    ['a module of another signer', { mrSignerSeam: Uint8Array.of(1) }],
    ['a module with attributes', { seamAttributes: Uint8Array.of(1) }],
    ['a module of an unknown version', { teeTcbSvn: [5, 9, 2] }],
  ])('is refused with %s', (_what, changes) => {
    expect(judgeTd({ ...version4, ...changes })).toBe('TDX_MODULE_MISMATCH')
  })

  test('is refused with a module below every level of its identity', () => {
    expect(judgeTd({ ...version4, teeTcbSvn: [1, 1, 2] })).toBe('TDX_MODULE_NOT_SUPPORTED')
  })

  test('is refused below every TDX level, and where the levels lack TDX versions', () => {
    expect(judgeTd({ ...version4, teeTcbSvn: [0, 0, 0] })).toBe('TCB_NOT_SUPPORTED')
    const [{ tcb = undefined } = {}] = tdxLevels([[0], 'UpToDate'])
    const bare = tdxLevels([[0], 'UpToDate']).map((level) => ({
      ...level,
      tcb: { ...tcb, tdxtcbcomponents: undefined },
    }))
    expect(judgeTd(version4, { tcbLevels: bare })).toBe('TCB_INFO_FORMAT')
  })

  test('reaches the highest level that all its versions reach, and carries its advisories', () => {
    expect(judgeTd({ ...version4, teeTcbSvn: [4, 0, 9] })).toMatchObject({
      tcbStatus: 'OutOfDate',
      advisoryIds: ['INTEL-SA-OutOfDate'],
    })
  })

  test('is judged by its module’s identity from version 1 on, no longer by the first two versions', () => {
    expect(statusOf({ ...version4, teeTcbSvn: [4, 1, 2] })).toBe('UpToDate')
    expect(statusOf({ ...version4, teeTcbSvn: [2, 1, 2] })).toBe('OutOfDate')
    const revoked = [{ ...moduleIdentity, id: 'TDX_01', tcbLevels: [isvLevel(1, 'Revoked')] }]
    expect(judgeTd({ ...version4, teeTcbSvn: [4, 1, 2] }, { tdxModuleIdentities: revoked })).toBe('TCB_STATUS_REFUSED')
    const odd = [{ ...moduleIdentity, id: 'TDX_01', tcbLevels: [isvLevel(1, 'ConfigurationNeeded')] }]
    expect(judgeTd({ ...version4, teeTcbSvn: [4, 1, 2] }, { tdxModuleIdentities: odd })).toBe('TCB_STATUS_UNRECOGNIZED')
  })

  test('is advised to relaunch where the newest module is loaded and only the running one is old', () => {
    const waiting = { ...version5, teeTcbSvn: [2, 1, 2], teeTcbSvn2: [4, 1, 2] }
    expect(statusOf(waiting)).toBe('TDRelaunchAdvised')
    expect(statusOf({ ...waiting, teeTcbSvn2: [3, 1, 2] })).toBe('OutOfDate')
    expect(statusOf({ ...waiting, teeTcbSvn2: [4, 1, 1] })).toBe('OutOfDate')
    expect(statusOf({ ...waiting, teeTcbSvn2: [5, 0, 2] })).toBe('TDRelaunchAdvised')
    expect(statusOf({ ...waiting, teeTcbSvn2: [4, 9, 2] })).toBe('TDX_MODULE_MISMATCH')
    const configure = { tcbLevels: tdxLevels([[0, 0, 2], 'ConfigurationNeeded']) }
    expect(statusOf(waiting, configure)).toBe('TDRelaunchAdvisedConfigurationNeeded')
  })

  test('is not advised to relaunch where its quoting enclave is old as well', () => {
    const waiting = { ...version5, teeTcbSvn: [2, 1, 2], teeTcbSvn2: [4, 1, 2] }
    expect(statusOf(waiting, {}, { qeIdentity: { tcbLevels: [isvLevel(1, 'OutOfDate')] } })).toBe('OutOfDate')
  })
})
