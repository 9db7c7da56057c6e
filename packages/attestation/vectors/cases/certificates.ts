/** Certificates and revocation lists. */
import { concatBytes } from '@enigma/protocol'
import type { PlatformFacts } from '../../src/simulated/certificates.ts'
import { deriveSerial } from '../../src/simulated/keys.ts'
import { DAY, forge, issuers, NOON, serials } from '../../src/testing/forge.ts'
import { type Code, forged, machine, rewritten, type Vector } from './vector.ts'

const { facts } = machine
const leafOf = (code: Code, name: string, changes: Partial<PlatformFacts>) =>
  forged(code, `a leaf with ${name}`, { leaf: { platform: { ...facts, ...changes } } })
const behind = (bytes: Uint8Array) => concatBytes(bytes, Uint8Array.of(0))
const processorCa = { ...issuers.ca, name: 'Simulated SGX PCK Processor CA' }
const short = Uint8Array.of(5)
const high = new Uint8Array(20).fill(0xfe)
const others = Array.from({ length: 60 }, (_, index) => deriveSerial(`vector/${index}`))

const shapes = [
  ...(['leaf', 'pckCa', 'tcbSigner'] as const).flatMap((part) => [
    rewritten('CERT_FORMAT', `${part} with a byte behind it`, (it) => ({ [part]: behind(it[part]) })),
    rewritten('CERT_FORMAT', `${part} cut`, (it) => ({ [part]: it[part].subarray(0, -1) })),
    rewritten('CERT_FORMAT', `${part} is a revocation list`, (it) => ({ [part]: it.pckCrl })),
  ]),
  ...(['rootCrl', 'pckCrl'] as const).flatMap((part) => [
    rewritten('CRL_FORMAT', `${part} with a byte behind it`, (it) => ({ [part]: behind(it[part]) })),
    rewritten('CRL_FORMAT', `${part} cut`, (it) => ({ [part]: it[part].subarray(0, -1) })),
    rewritten('CRL_FORMAT', `${part} is a certificate`, (it) => ({ [part]: it.pckCa })),
    forged('', `${part} that ends now`, { [part]: { nextUpdate: NOON } }),
    forged('', `${part} that begins now`, { [part]: { thisUpdate: NOON } }),
  ]),
]

const roles = [
  rewritten('PCK_CA_CN', 'the root as PCK CA', () => ({ pckCa: forge().trustRoot })),
  rewritten('PCK_CA_CN', 'the leaf as PCK CA', ({ leaf }) => ({ pckCa: leaf })),
  rewritten('TCB_INFO_SIGNER_CN', 'the PCK CA as TCB signer', ({ pckCa }) => ({ tcbSigner: pckCa })),
  rewritten('TCB_INFO_SIGNER_CN', 'the leaf as TCB signer', ({ leaf }) => ({ tcbSigner: leaf })),
  rewritten('PCK_CN', 'the TCB signer as leaf', ({ tcbSigner }) => ({ leaf: tcbSigner })),
  rewritten('PCK_CN', 'the PCK CA as leaf', ({ pckCa }) => ({ leaf: pckCa })),
  forged('', 'a Processor CA', {
    ca: { subject: processorCa },
    leaf: { issuer: processorCa },
    pckCrl: { issuer: processorCa },
  }),
]

const leaves = [
  leafOf('', 'all versions at their highest', { components: Array(16).fill(255), pceSvn: 0xffff }),
  leafOf('SGX_EXT', 'a component of 256', { components: [256, ...facts.components.slice(1)] }),
  leafOf('SGX_EXT', 'a PCE version of 65536', { pceSvn: 0x10000 }),
  leafOf('SGX_EXT', 'fifteen components', { components: facts.components.slice(1) }),
  leafOf('SGX_EXT', 'a PPID of 15 bytes', { ppid: facts.ppid.subarray(1) }),
  leafOf('SGX_EXT', 'an FMSPC of 7 bytes', { fmspc: new Uint8Array(7) }),
  leafOf('SGX_EXT', 'a PCE id of 1 byte', { pceId: Uint8Array.of(0) }),
  forged('', 'a leaf with a short serial number', { leaf: { serial: short } }),
  forged('', 'a leaf whose serial number begins with a set bit', { leaf: { serial: high } }),
  forged('', 'a leaf that ends after 2049', { leaf: { notAfter: Date.UTC(2060, 0, 1) / 1000 } }),
  forged('', 'a leaf that ends now', { leaf: { notAfter: NOON } }),
  forged('', 'a leaf that begins now', { leaf: { notBefore: NOON } }),
]

const revocations = [
  forged('', 'sixty other revoked machines', { pckCrl: { revoked: others } }),
  forged('PCK_REVOKED', 'the revoked machine last of many', { pckCrl: { revoked: [...others, serials.machine] } }),
  forged('PCK_REVOKED', 'a revoked leaf with a short serial number', {
    leaf: { serial: short },
    pckCrl: { revoked: [short] },
  }),
  forged('PCK_REVOKED', 'a revoked leaf whose serial number begins with a set bit', {
    leaf: { serial: high },
    pckCrl: { revoked: [high] },
  }),
  forged('', 'serial numbers of CA and signer, revoked by who did not issue them', {
    pckCrl: { revoked: [serials.ca, serials.signer] },
  }),
  forged('', 'the serial number of the leaf, revoked by the root, which did not issue it', {
    rootCrl: { revoked: [serials.machine] },
  }),
  forged('PCK_CRL_EXPIRED', 'an old list in which the machine is not revoked yet', {
    pckCrl: { thisUpdate: NOON - 60 * DAY, nextUpdate: NOON - 30 * DAY },
  }),
]

export const certificateVectors: readonly Vector[] = [...shapes, ...roles, ...leaves, ...revocations]
