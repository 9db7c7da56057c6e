/** TCB info and QE identity as documents: format, dates, signature. */
import { utf8 } from '@enigma/protocol'
import { qeIdentityText, tcbInfoText } from '../../src/simulated/documents.ts'
import { sign } from '../../src/simulated/keys.ts'
import { DAY, issuers, NOON } from '../../src/testing/forge.ts'
import { type Code, forged, mirror, type Rewrite, rewritten, type Vector } from './vector.ts'

type Changes = Record<string, unknown>
const tcbInfo = (code: Code, name: string, changes: Changes, codeOffChain = code) =>
  forged(code, `TCB info ${name}`, { tcbInfo: changes }, codeOffChain)
const qeIdentity = (code: Code, name: string, changes: Changes, codeOffChain = code) =>
  forged(code, `QE identity ${name}`, { qeIdentity: changes }, codeOffChain)

const dates = { issuedAt: NOON - DAY, nextUpdate: NOON + 29 * DAY }
/** A document written in another way, and signed as it then stands. */
const tcbInfoAs = (write: (text: string) => string, { key } = issuers.signer): Rewrite => {
  const text = utf8(write(tcbInfoText(dates)))
  return () => ({ tcbInfo: text, tcbInfoSignature: sign(key, text, 'compact') })
}
const qeIdentityAs = (write: (text: string) => string, { key } = issuers.signer): Rewrite => {
  const text = utf8(write(qeIdentityText(dates)))
  return () => ({ qeIdentity: text, qeIdentitySignature: sign(key, text, 'compact') })
}
const spaced = (text: string) => JSON.stringify(JSON.parse(text), null, 1)
const reversed = (text: string) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()))
const same = (text: string) => text
const replaced = (from: string, to: string) => (text: string) => text.replace(from, to)
const now = new Date(NOON * 1000).toISOString().replace('.000', '')

const tcbInfos = [
  tcbInfo('', 'with its FMSPC in lower case', { fmspc: '00606a000000' }),
  tcbInfo('', 'that ends now', { nextUpdate: now }),
  tcbInfo('', 'issued now', { issueDate: now }),
  tcbInfo('', 'of the last evaluation there can be', { tcbEvaluationDataNumber: 4_294_967_295 }),
  tcbInfo('TCB_EVALUATION_TOO_OLD', 'of an old evaluation', { tcbEvaluationDataNumber: 16 }),
  tcbInfo('TCB_INFO_FORMAT', 'of an evaluation beyond 32 bits', { tcbEvaluationDataNumber: 4_294_967_296 }),
  tcbInfo('TCB_INFO_FORMAT', 'of a negative evaluation', { tcbEvaluationDataNumber: -1 }),
  tcbInfo('TCB_INFO_FORMAT', 'with its evaluation as text', { tcbEvaluationDataNumber: '17' }),
  tcbInfo('TCB_INFO_FORMAT', 'of half an evaluation', { tcbEvaluationDataNumber: 17.5 }),
  tcbInfo('TCB_INFO_MISMATCH', 'of TDX', { id: 'TDX' }, 'TCB_INFO_FORMAT'),
  tcbInfo('TCB_INFO_FORMAT', 'with an FMSPC of 5 bytes', { fmspc: '00606A0000' }),
  tcbInfo('TCB_INFO_FORMAT', 'with an FMSPC that is not hex', { fmspc: '00606A00000G' }),
  tcbInfo('TCB_INFO_FORMAT', 'until the 31st of June', { nextUpdate: '2026-06-31T12:00:00Z' }),
  tcbInfo('TCB_INFO_FORMAT', 'of the hour 24', { issueDate: '2026-05-01T24:00:00Z' }),
  tcbInfo('TCB_INFO_FORMAT', 'with a field that Intel does not write', { more: 1 }, ''),
  rewritten('TCB_INFO_FORMAT', 'TCB info with its fields in another order', tcbInfoAs(reversed), ''),
  rewritten(
    'TCB_INFO_FORMAT',
    'TCB info with a field twice',
    tcbInfoAs(replaced('"tcbType":0', '"tcbType":0,"tcbType":0')),
  ),
  rewritten(
    'TCB_INFO_FORMAT',
    'TCB info with a zero before a number',
    tcbInfoAs(replaced('"pcesvn":13', '"pcesvn":013')),
  ),
  rewritten(
    'TCB_INFO_FORMAT',
    'TCB info with a number as a fraction',
    tcbInfoAs(replaced('Number":17', 'Number":17.0')),
    '',
  ),
  rewritten('TCB_INFO_FORMAT', 'TCB info with white space', tcbInfoAs(spaced), ''),
  rewritten(
    'TCB_INFO_FORMAT',
    'TCB info with a brace behind it',
    tcbInfoAs((text) => `${text}}`),
  ),
  rewritten(
    'TCB_INFO_FORMAT',
    'TCB info without its end',
    tcbInfoAs((text) => text.slice(0, -1)),
  ),
  rewritten(
    'TCB_INFO_FORMAT',
    'TCB info that is empty',
    tcbInfoAs(() => ''),
  ),
  rewritten('TCB_INFO_SIGNATURE', 'TCB info signed by the PCK CA', tcbInfoAs(same, issuers.ca)),
  rewritten('TCB_INFO_SIGNATURE', 'TCB info with a signature of zeros', () => ({
    tcbInfoSignature: new Uint8Array(64),
  })),
  rewritten('TCB_INFO_SIGNATURE', "TCB info with the QE identity's signature", (it) => ({
    tcbInfoSignature: it.qeIdentitySignature,
  })),
  rewritten('', 'TCB info with the other s', (it) => ({ tcbInfoSignature: mirror(it.tcbInfoSignature, 32) })),
  rewritten(
    'TCB_INFO_MISMATCH',
    'QE identity in place of TCB info',
    (it) => ({ tcbInfo: it.qeIdentity, tcbInfoSignature: it.qeIdentitySignature }),
    'TCB_INFO_FORMAT',
  ),
]

const qeIdentities = [
  qeIdentity('', 'that ends now', { nextUpdate: now }),
  qeIdentity('', 'issued now', { issueDate: now }),
  qeIdentity('', 'with its MRSIGNER in lower case', {
    mrsigner: '8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff',
  }),
  qeIdentity('TCB_EVALUATION_TOO_OLD', 'of an old evaluation', { tcbEvaluationDataNumber: 16 }),
  qeIdentity('QE_IDENTITY_FORMAT', 'with an MRSIGNER of a byte', { mrsigner: '00' }),
  qeIdentity('QE_IDENTITY_FORMAT', 'with a product id of 65536', { isvprodid: 65_536 }),
  qeIdentity('QE_IDENTITY_FORMAT', 'until the 31st of June', { nextUpdate: '2026-06-31T12:00:00Z' }),
  qeIdentity('QE_ATTRIBUTES', 'with attributes outside of their mask', {
    attributes: '15000000000000000000000000000000',
  }),
  qeIdentity('QE_MISCSELECT', 'with a MISCSELECT outside of its mask', {
    miscselect: '01000000',
    miscselectMask: '00000000',
  }),
  qeIdentity('QE_IDENTITY_FORMAT', 'with a field that Intel does not write', { more: 1 }, ''),
  rewritten('QE_IDENTITY_FORMAT', 'QE identity with white space', qeIdentityAs(spaced), ''),
  rewritten(
    'QE_IDENTITY_FORMAT',
    'QE identity with a comma behind it',
    qeIdentityAs((text) => `${text},`),
  ),
  rewritten(
    'QE_IDENTITY_FORMAT',
    'QE identity that is empty',
    qeIdentityAs(() => ''),
  ),
  rewritten('QE_IDENTITY_SIGNATURE', 'QE identity signed by the PCK CA', qeIdentityAs(same, issuers.ca)),
  rewritten('', 'QE identity with the other s', (it) => ({ qeIdentitySignature: mirror(it.qeIdentitySignature, 32) })),
  rewritten(
    'QE_IDENTITY_MISMATCH',
    'TCB info in place of QE identity',
    (it) => ({ qeIdentity: it.tcbInfo, qeIdentitySignature: it.tcbInfoSignature }),
    'QE_IDENTITY_FORMAT',
  ),
]

const times = [
  rewritten('', 'the last second of the collateral', () => ({ at: NOON + 29 * DAY })),
  rewritten('', 'the first second of the collateral', () => ({ at: NOON - DAY })),
  rewritten('ROOT_CRL_EXPIRED', 'a second too late', () => ({ at: NOON + 29 * DAY + 1 })),
  rewritten('ROOT_CRL_NOT_YET_VALID', 'a second too early', () => ({ at: NOON - DAY - 1 })),
]

export const documentVectors: readonly Vector[] = [...tcbInfos, ...qeIdentities, ...times]
