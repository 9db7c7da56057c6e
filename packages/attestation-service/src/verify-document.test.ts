import { trustRootOf } from '@enigma/attestation'
import { toPem } from '@enigma/attestation/documents'
import { describe, expect, test } from 'vitest'
import {
  DAY,
  type Faults,
  forge,
  impostor,
  issuers,
  NOON,
  named,
  past,
  serials,
} from '../../attestation/src/testing/forge.ts'
import type { DocumentName } from './document.ts'
import { verifyDocument } from './verify-document.ts'

const tcbInfo: DocumentName = { kind: 'tcbInfo', tee: 'sgx', fmspc: '00606a000000', edition: 'standard' }
const qeIdentity: DocumentName = { kind: 'qeIdentity', tee: 'sgx', edition: 'standard' }

function judge(name: DocumentName, faults: Faults = {}) {
  const { collateral, trustRoot, at } = forge(faults)
  const document =
    name.kind === 'tcbInfo'
      ? {
          content: collateral.tcbInfo,
          signature: collateral.tcbInfoSignature,
          issuerChain: collateral.tcbInfoIssuerChain,
        }
      : {
          content: collateral.qeIdentity,
          signature: collateral.qeIdentitySignature,
          issuerChain: collateral.qeIdentityIssuerChain,
        }
  return verifyDocument(name, document, collateral.rootCaCrl, trustRootOf(trustRoot), at)
}

describe('verifyDocument', () => {
  test('says when a document was issued and until when it holds, its signer included', () => {
    const { facts } = judge(tcbInfo)
    expect(facts.evaluationNumber).toBe(17)
    expect(facts.validUntil - facts.issuedAt).toBe(30 * 86_400)
    expect(judge(tcbInfo, { tcbSigner: { notAfter: facts.validUntil - 5 } }).facts.validUntil).toBe(
      facts.validUntil - 5,
    )
  })

  test.each([
    [tcbInfo, 'TCB_INFO_SIGNER_ISSUER_NOT_CA'],
    [qeIdentity, 'QE_IDENTITY_SIGNER_ISSUER_NOT_CA'],
  ])('refuses $kind under a root that may not certify', (name, code) => {
    expect(() => judge(name, { root: { keyUsage: 0x02 } })).toThrow(expect.objectContaining({ code }))
  })

  test.each([
    [{ ...tcbInfo, fmspc: '00a067110000' }, 'TCB_INFO_MISMATCH'],
    [{ ...tcbInfo, tee: 'tdx' as const }, 'TCB_INFO_MISMATCH'],
    [{ ...tcbInfo, edition: 16 }, 'TCB_INFO_MISMATCH'],
    [{ ...qeIdentity, tee: 'tdx' as const }, 'QE_IDENTITY_MISMATCH'],
    [{ ...qeIdentity, edition: 18 }, 'QE_IDENTITY_MISMATCH'],
  ])('refuses a document that is not the one asked for: %o', (name, code) => {
    expect(() => judge(name)).toThrow(expect.objectContaining({ code }))
  })

  const PROCESSOR_CA = 'Simulated SGX PCK Processor CA'
  const platformCrl: DocumentName = { kind: 'pckCrl', ca: 'platform' }
  const judgeCrl = (faults: Faults = {}, chain?: readonly Uint8Array[]) => {
    const { collateral, trustRoot, at, caCertificate } = forge(faults)
    const issuerChain = (chain ?? [caCertificate, trustRoot]).map(toPem).join('')
    const document = { content: collateral.pckCrl, signature: '', issuerChain }
    return verifyDocument(platformCrl, document, collateral.rootCaCrl, trustRootOf(trustRoot), at)
  }

  test('says when a PCK revocation list was issued and until when it holds', () => {
    const { issuedAt, validUntil, evaluationNumber } = judgeCrl().facts
    expect([validUntil - issuedAt, evaluationNumber]).toEqual([30 * 86_400, 0])
  })

  test.each([
    ['PCK_CHAIN', 'a chain without its root', {}, [forge().caCertificate]],
    ['PCK_ROOT_UNTRUSTED', "an impostor's root", {}, [forge().caCertificate, impostor.rootCertificate]],
    ['PCK_CA_CN', 'the TCB signer as CA', { ca: named(issuers.ca, 'Simulated SGX TCB Signing') }, undefined],
    ['PCK_CA_SIGNATURE', 'a CA that the root did not sign', { ca: { issuer: impostor.root } }, undefined],
    ['PCK_CA_EXPIRED', 'a CA of old', { ca: past }, undefined],
    ['PCK_CA_REVOKED', 'a revoked CA', { rootCrl: { revoked: [serials.ca] } }, undefined],
    ['PCK_CRL_SIGNATURE', "a stranger's list", { pckCrl: { issuer: issuers.stranger } }, undefined],
    [
      'PCK_CRL_EXPIRED',
      'a list of old',
      { at: NOON + 29 * DAY + 1, rootCrl: { nextUpdate: NOON + 60 * DAY } },
      undefined,
    ],
    [
      'PCK_CRL_ISSUER',
      'the list of the other CA',
      { ca: named(issuers.ca, PROCESSOR_CA), pckCrl: { issuer: { ...issuers.ca, name: PROCESSOR_CA } } },
      undefined,
    ],
    ['PCK_CRL_ISSUER', 'the list of another CA than its chain’s', { ca: named(issuers.ca, PROCESSOR_CA) }, undefined],
  ] as const)('refuses a PCK revocation list with %s: %s', (code, _what, faults, chain) => {
    expect(() => judgeCrl(faults, chain)).toThrow(expect.objectContaining({ code }))
  })
})
