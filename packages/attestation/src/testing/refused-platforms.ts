/** Worlds in which all papers are genuine, and the enclave or its platform is not good enough: steps 5 to 8. */
import { hexToBytes } from '@enigma/protocol'
import { simulatedLevels } from '../simulated/documents.ts'
import { type Case, forge, judge, reportData, set } from './forge.ts'

function level() {
  const [first] = simulatedLevels
  if (!first) throw new Error('no level')
  return first
}

export const refusedPlatforms: readonly Case[] = [
  ['QE_REPORT_SIGNATURE', 'a changed QE report', set(564 + 64, 1)],
  ['QE_REPORT_DATA', 'a QE report that binds another key', { quotingEnclave: { reportData: new Uint8Array(64) } }],
  ['QE_REPORT_DATA', 'another attestation key', set(500, 1, 2, 3)],
  ['QE_MISCSELECT', 'an identity with another MISCSELECT', { qeIdentity: { miscselect: '01000000' } }],
  [
    'QE_ATTRIBUTES',
    'a quoting enclave in debug mode',
    { quotingEnclave: { attributes: hexToBytes('0x1700000000000000e700000000000000') } },
  ],
  ['QE_MRSIGNER', 'a rogue quoting enclave', { quotingEnclave: { mrSigner: new Uint8Array(32) } }],
  ['QE_ISVPRODID', 'another product of the same signer', { quotingEnclave: { isvProdId: 2 } }],
  [
    'QE_DEBUG',
    'a quoting enclave in debug mode that the identity lets through',
    {
      quotingEnclave: { attributes: hexToBytes('0x1700000000000000e700000000000000') },
      qeIdentity: { attributesMask: 'F9FFFFFFFFFFFFFF0000000000000000' },
    },
  ],
  ['QE_ISVSVN_NOT_SUPPORTED', 'a quoting enclave below every level', { quotingEnclave: { isvSvn: 0 } }],
  ['QUOTE_SIGNATURE', 'another measurement', set(48 + 64, 1)],
  [
    'TCB_STATUS_UNRECOGNIZED',
    'a level with a new status',
    { levels: [...simulatedLevels, { ...level(), status: 'Splendid' }] },
  ],
  ['TCB_NOT_SUPPORTED', 'firmware below every level', { firmware: { pceSvn: 0 } }],
  ['DEBUG_ENCLAVE', 'a debuggable enclave', { enclave: { debug: true }, policy: 'report-only' }],
  [
    'TCB_STATUS_REFUSED',
    'firmware of a revoked level',
    { firmware: { components: Array(16).fill(0) }, policy: 'report-only' },
  ],
  [
    'TCB_STATUS_REFUSED',
    'a revoked quoting enclave',
    {
      qeIdentity: { tcbLevels: [{ tcb: { isvsvn: 1 }, tcbDate: '2024-03-13T00:00:00Z', tcbStatus: 'Revoked' }] },
      policy: 'report-only',
    },
  ],
  [
    'TCB_STATUS_REFUSED',
    'firmware that is out of date',
    { firmware: { pceSvn: 11, components: [12, ...level().components.slice(1)] } },
  ],
  ['TCB_STATUS_REFUSED', 'a quoting enclave that is out of date', { quotingEnclave: { isvSvn: 6 } }],
  [
    'ADVISORY_REFUSED',
    'an advisory that is not on the list',
    { levels: [{ ...level(), advisoryIds: ['INTEL-SA-00001'] }] },
  ],
  ['TCB_EVALUATION_TOO_OLD', 'an old evaluation', { policy: { minTcbEvaluationDataNumber: 18 } }],
  [
    'TCB_EVALUATION_TOO_OLD',
    'an old evaluation of one of both',
    { qeIdentity: { tcbEvaluationDataNumber: 16 }, policy: { minTcbEvaluationDataNumber: 17 } },
  ],
  ['FMSPC_DENIED', 'a kind of platform that is denied', { policy: { deniedFmspcs: ['0x00606a000000'] } }],
  [
    'MRENCLAVE_UNKNOWN',
    'a measurement that is not on the list',
    { policy: { measurements: [`0x${'00'.repeat(32)}`] } },
  ],
  ['MRENCLAVE_UNKNOWN', 'a list of no measurement', { policy: { measurements: [] } }],
  ['MRSIGNER_UNKNOWN', 'a signer that is not on the list', { policy: { mrSigners: [] } }],
  ['ISVPRODID', 'another product', { policy: { isvProdId: 8 } }],
  ['ISVSVN_TOO_LOW', 'an old version', { policy: { minIsvSvn: 4 } }],
  ['REPORT_DATA_MISMATCH', 'other report data', { policy: { reportData: reportData.toReversed() } }],
  ['PPID_DENIED', 'a machine that is denied', { policy: { deniedPlatformIds: [judge(forge()).platformId] } }],
]
