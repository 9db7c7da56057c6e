/** Worlds whose root, lists or platform certificate is wrong: steps 2 and 3 of the checks. */
import { equalBytes, hexToBytes } from '@enigma/protocol'
import { SGX_EXTENSION } from '../sgx-extension.ts'
import { SIGNS_CERTIFICATES, SIGNS_DATA } from '../simulated/authority.ts'
import { extension } from '../simulated/certificates.ts'
import * as der from '../simulated/der-writer.ts'
import { type Case, DAY, future, impostor, issuers, NOON, named, part, past, serials } from './forge.ts'

const pastCrl = { thisUpdate: NOON - 9 * DAY, nextUpdate: NOON - 1 }
const futureCrl = { thisUpdate: NOON + 1, nextUpdate: NOON + 9 * DAY }
const noPlatform = { platform: undefined }
const ppid = der.sequence(der.oid(`${SGX_EXTENSION}01`), der.octets(new Uint8Array(16)))
const sgxExtension = (...fields: Uint8Array[]) => [extension(SGX_EXTENSION, der.sequence(...fields))]
/** Puts `to` in place of the last `from` in a certificate: its unsigned and signed algorithm, or its key's curve. */
const patchLeaf = (from: string, to: string) => ({
  pckChain: ([leaf = new Uint8Array(), ...rest]: Uint8Array[]) => [patch(leaf, from, to), ...rest],
})

export const refusedChains: readonly Case[] = [
  ['TRUST_ROOT_INVALID', 'a root that is no certificate', { trustRoot: new Uint8Array(9) }],
  ['TRUST_ROOT_INVALID', 'a root that is no CA', { root: { caPathLength: undefined } }],
  [
    'TRUST_ROOT_INVALID',
    'a root that somebody else signed',
    { root: { issuer: { ...issuers.root, key: issuers.ca.key } } },
  ],
  ['TRUST_ROOT_INVALID', 'a root with another name than its issuer', { root: { issuer: issuers.ca } }],
  ['ROOT_NOT_YET_VALID', 'a root from the future', { root: future }],
  ['ROOT_EXPIRED', 'a root of old', { root: past }],
  ['CRL_FORMAT', 'an empty list for the root', part('rootCaCrl', '')],
  ['CRL_FORMAT', 'an empty list for the CA', part('pckCrl', '')],
  ['CRL_FORMAT', 'a list that is not hex', part('pckCrl', 'no')],
  ['CRL_FORMAT', 'a list with something behind it', { collateral: (all) => ({ ...all, pckCrl: `${all.pckCrl}00` }) }],
  ['CRL_NO_NEXT_UPDATE', 'a list that holds for ever', { rootCrl: { nextUpdate: undefined } }],
  [
    'ROOT_CRL_ISSUER',
    'both lists swapped',
    { collateral: (all) => ({ ...all, rootCaCrl: all.pckCrl, pckCrl: all.rootCaCrl }) },
  ],
  ['ROOT_CRL_ISSUER', 'a root that may not sign lists', { root: { keyUsage: 0x04 } }],
  ['ROOT_CRL_SIGNATURE', "an impostor's list", { rootCrl: { issuer: impostor.root } }],
  ['ROOT_CRL_NOT_YET_VALID', 'a list from the future', { rootCrl: futureCrl }],
  ['ROOT_CRL_EXPIRED', 'a list of old', { rootCrl: pastCrl }],
  [
    'PCK_CHAIN',
    'a chain without its CA',
    { pckChain: ([leaf, , root]) => [leaf, root].filter((it) => it !== undefined) },
  ],
  ['PCK_CHAIN', 'a chain with one too many', { pckChain: (chain) => [...chain, ...chain.slice(-1)] }],
  ['CERT_FORMAT', 'a leaf that is no certificate', { pckChain: ([, ...rest]) => [new Uint8Array(8), ...rest] }],
  ['CERT_FORMAT', 'a leaf without end', { pckChain: ([, ...rest]) => [new Uint8Array(5000), ...rest] }],
  ['CERT_ALG', 'a leaf signed with SHA-384', patchLeaf('2a8648ce3d040302', '2a8648ce3d040303')],
  ['CERT_KEY', 'a leaf on another curve', patchLeaf('2a8648ce3d030107', '2a8648ce3d030106')],
  [
    'CERT_DUP_EXT',
    'a leaf with two key usages',
    { leaf: { extraExtensions: [extension('0x551d0e', new Uint8Array(2))] } },
  ],
  [
    'CERT_CRITICAL_EXT',
    'a critical extension',
    { leaf: { extraExtensions: [extension('0x551d24', der.sequence(), true)] } },
  ],
  [
    'PCK_ROOT_UNTRUSTED',
    "an impostor's root",
    { pckChain: ([leaf, ca]) => [leaf, ca, impostor.rootCertificate] as Uint8Array[] },
  ],
  ['PCK_CA_CN', 'the TCB signer as CA', { ca: named(issuers.ca, 'Simulated SGX TCB Signing') }],
  [
    'PCK_CA_CN',
    "a CA under the simulated root with Intel's name",
    { ca: named(issuers.ca, 'Intel SGX PCK Platform CA') },
  ],
  ['PCK_CN', 'the TCB signer as platform', { leaf: named(issuers.signer, 'Simulated SGX TCB Signing') }],
  ['PCK_IS_CA', 'a leaf that may certify others', { leaf: { caPathLength: 0 } }],
  ['PCK_KEY_USAGE', 'a leaf that may not sign', { leaf: { keyUsage: SIGNS_CERTIFICATES } }],
  ['PCK_CA_ISSUER', 'a CA of another issuer', { ca: { issuer: { ...issuers.root, name: 'Other SGX Root CA' } } }],
  ['PCK_CA_ISSUER_NOT_CA', 'a root that may not certify', { root: { keyUsage: 0x02 } }],
  ['PCK_CA_SIGNATURE', 'a CA that the root did not sign', { ca: { issuer: impostor.root } }],
  ['PCK_CA_NOT_YET_VALID', 'a CA from the future', { ca: future }],
  ['PCK_CA_EXPIRED', 'a CA of old', { ca: past }],
  ['PCK_CA_REVOKED', 'a revoked CA', { rootCrl: { revoked: [serials.signer, serials.ca] } }],
  ['PCK_ISSUER', 'a leaf of another issuer', { leaf: { issuer: issuers.root } }],
  ['PCK_ISSUER_NOT_CA', 'a CA without the flag', { ca: { caPathLength: undefined } }],
  ['PCK_ISSUER_NOT_CA', 'a CA that may only sign data', { ca: { keyUsage: SIGNS_DATA } }],
  ['PCK_SIGNATURE', 'a leaf that the CA did not sign', { leaf: { issuer: issuers.stranger } }],
  ['PCK_NOT_YET_VALID', 'a leaf from the future', { leaf: future }],
  ['PCK_EXPIRED', 'a leaf of old', { leaf: past }],
  [
    'PCK_CRL_ISSUER',
    "the root's list in place of the CA's",
    { collateral: (all) => ({ ...all, pckCrl: all.rootCaCrl }) },
  ],
  ['PCK_CRL_ISSUER', 'a CA that may not sign lists', { ca: { keyUsage: 0x04 } }],
  ['PCK_CRL_SIGNATURE', "a stranger's list", { pckCrl: { issuer: issuers.stranger } }],
  ['PCK_CRL_NOT_YET_VALID', 'a list from the future', { pckCrl: futureCrl }],
  ['PCK_CRL_EXPIRED', 'a list of old', { pckCrl: pastCrl }],
  ['PCK_REVOKED', 'a revoked machine', { pckCrl: { revoked: [serials.ca, serials.machine] } }],
  ['SGX_EXT_MISSING', "no word of Intel's about the platform", { leaf: noPlatform }],
  ['SGX_EXT_DUP', 'a field twice', { leaf: { ...noPlatform, extraExtensions: sgxExtension(ppid, ppid) } }],
  ['SGX_EXT', 'no security versions', { leaf: { ...noPlatform, extraExtensions: sgxExtension(ppid) } }],
]

function patch(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const wanted = hexToBytes(`0x${from}`)
  const patched = bytes.slice()
  for (let at = 0; at + wanted.length <= bytes.length; at++) {
    if (equalBytes(bytes.subarray(at, at + wanted.length), wanted)) patched.set(hexToBytes(`0x${to}`), at)
  }
  return patched
}
