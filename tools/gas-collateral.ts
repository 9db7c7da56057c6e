/**
 * Quotes and collateral of the gas measurement: simulated hardware, and documents as long and as deep as Intel's are for an
 * Ice Lake server, because what it costs to keep them on chain follows from that.
 */
import { X509Certificate } from 'node:crypto'
import { bareQuote, type Collateral, leafOf, parseQuote, platformRecord } from '@enigma/attestation'
import { createSimulatedPki, simulatedKind } from '@enigma/attestation/simulated'
import { concat, type Hex, hexToBytes, slice, stringToHex, toHex } from 'viem'

/** The year 2026: every run measures on the same day. */
export const GENESIS_TIME = 1_767_225_600
const DAY = 86_400

/** How many advisories each level names, in Intel's documents of 2025. */
const TCB_ADVISORIES = [1, 3, 4, 4, 6, 6, 8, 8, 10, 11, 23]
const QE_LEVELS = [
  { isvsvn: 8, advisories: 0 },
  { isvsvn: 6, advisories: 1 },
  { isvsvn: 5, advisories: 2 },
  { isvsvn: 4, advisories: 3 },
  { isvsvn: 2, advisories: 5 },
  { isvsvn: 1, advisories: 6 },
]
const COMPONENT_NAMES = [
  { category: 'BIOS', type: 'Early Microcode Update' },
  { category: 'OS/VMM', type: 'SGX Late Microcode Update' },
  { category: 'OS/VMM', type: 'TXT SINIT' },
  { category: 'BIOS' },
]
/** As many as the list of Intel's Platform CA held in 2026. */
const REVOKED = 57

export const POLICY = {
  statusMask: 0b11, // UpToDate, SWHardeningNeeded
  minEvaluationNumber: 0,
  advisoryIds: ['INTEL-SA-00334', 'INTEL-SA-00615', 'INTEL-SA-00657'],
  deniedFmspcs: [],
  deniedPlatforms: [],
}

/** A call of the verifier, by name and arguments. */
export type Step = { name: string; functionName: string; args: unknown[] }

const pki = createSimulatedPki({ now: GENESIS_TIME })
export const rootDer = certificate(pki.pckCrlIssuerChain, 1)

/** A quote of this machine as the contract takes it, and what vouches for the machine: its certificate, and its record. */
export function quoteOf(
  platformName: string,
  measurement: Hex,
  reportData: Hex,
): { quote: Hex; leaf: Hex; record: Hex } {
  const whole = pki.quote({ platformName, measurement, reportData: hexToBytes(reportData) })
  const leaf = leafOf(whole)
  const { isvSvn } = parseQuote(whole).qeReport
  return { quote: toHex(bareQuote(whole)), leaf: toHex(leaf), record: toHex(platformRecord(leaf, isvSvn)) }
}

/** All parts, in the order of a first filling. */
export function firstFilling(): Step[] {
  const collateral = issue(0)
  return [
    { name: 'setRootCrl', functionName: 'setRootCrl', args: [`0x${collateral.rootCaCrl}`] },
    { name: 'setPckCa', functionName: 'setPckCa', args: [certificate(pki.pckCrlIssuerChain, 0)] },
    pckCrl('setPckCrl, first', collateral),
    { name: 'setTcbSigner', functionName: 'setTcbSigner', args: [certificate(collateral.tcbInfoIssuerChain, 0)] },
    tcbInfo('setTcbInfo, first', collateral),
    qeIdentity('setQeIdentity, first', collateral),
  ]
}

/** What the keeper brings each month: the same again, newer, and a revocation list that names one machine more. */
export function monthlyUpdate(): Step[] {
  const same = issue(1)
  const more = issue(2, { revoked: REVOKED + 1 })
  return [
    pckCrl('setPckCrl', same),
    pckCrl('setPckCrl, one serial more', more),
    tcbInfo('setTcbInfo', same),
    qeIdentity('setQeIdentity', same),
  ]
}

/** TCB info after which machines as they are count as out of date. */
export function outdating(): Step {
  return tcbInfo('setTcbInfo, outdating', issue(3, { isOutdating: true }))
}

/** A revocation list that names this machine too. */
export function revoking(platformName: string): Step {
  return pckCrl('setPckCrl, revoking', issue(4, { also: platformName }))
}

type Issue = { revoked?: number; isOutdating?: boolean; also?: string }

function issue(hour: number, { revoked = REVOKED, isOutdating = false, also }: Issue = {}): Collateral {
  const names = Array.from({ length: revoked }, (_, i) => `revoked machine ${i}`)
  if (also !== undefined) names.push(also)
  return pki.collateral({
    issuedAt: GENESIS_TIME - DAY + hour * 3600,
    revokedPlatforms: names.map((platformName) => ({ platformName })),
    tcbInfo: { tcbLevels: tcbLevels(isOutdating ? 1 : 0) },
    qeIdentity: { tcbLevels: QE_LEVELS.map(({ isvsvn, advisories }) => level({ isvsvn }, isvsvn === 8, advisories)) },
  })
}

/** Descending; the first is what the simulated machines reach, unless it is raised above them. */
function tcbLevels(raisedBy: number): unknown[] {
  return TCB_ADVISORIES.map((advisories, index) => {
    const sgxtcbcomponents = simulatedKind.components.map((svn, i) => ({
      svn: i === 0 ? svn + raisedBy - index : svn,
      ...COMPONENT_NAMES[i],
    }))
    return level({ sgxtcbcomponents, pcesvn: simulatedKind.pceSvn }, index === 0, advisories)
  })
}

function level(tcb: unknown, isNewest: boolean, advisories: number): unknown {
  const advisoryIDs = Array.from({ length: advisories }, (_, i) => `INTEL-SA-${i === 0 ? '00615' : `00${700 + i}`}`)
  const tcbStatus = isNewest ? ('isvsvn' in (tcb as object) ? 'UpToDate' : 'SWHardeningNeeded') : 'OutOfDate'
  return { tcb, tcbDate: '2024-11-13T00:00:00Z', tcbStatus, ...(advisories > 0 ? { advisoryIDs } : {}) }
}

function pckCrl(name: string, collateral: Collateral): Step {
  return { name, functionName: 'setPckCrl', args: [`0x${collateral.pckCrl}`] }
}

function tcbInfo(name: string, { tcbInfo: text, tcbInfoSignature }: Collateral): Step {
  return { name, functionName: 'setTcbInfo', args: [stringToHex(text), ...halves(tcbInfoSignature)] }
}

function qeIdentity(name: string, { qeIdentity: text, qeIdentitySignature }: Collateral): Step {
  return { name, functionName: 'setQeIdentity', args: [stringToHex(text), ...halves(qeIdentitySignature)] }
}

function halves(signature: string): [Hex, Hex] {
  const bytes = concat([`0x${signature}`])
  return [slice(bytes, 0, 32), slice(bytes, 32, 64)]
}

/** The DER of a chain's certificate, by its place. */
function certificate(chain: string, index: number): Hex {
  const pem = chain.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g)?.[index]
  if (!pem) throw new Error(`no certificate ${index} in the chain`)
  return toHex(new X509Certificate(pem).raw)
}
