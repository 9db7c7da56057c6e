/** What the simulated PKI says about its platforms and its quoting enclave, in Intel's JSON. */
import { quotingEnclave, simulatedKind } from './kind.ts'

export type DocumentDates = { readonly issuedAt: number; readonly nextUpdate: number }

export type SimulatedLevel = {
  readonly components: readonly number[]
  readonly pceSvn: number
  readonly status: string
  readonly advisoryIds?: readonly string[]
}

/** Up to date, out of date, revoked: one level of each, so that every way through the matching exists. */
export const simulatedLevels: readonly SimulatedLevel[] = [
  { components: simulatedKind.components, pceSvn: simulatedKind.pceSvn, status: 'UpToDate' },
  {
    components: simulatedKind.components.map((svn, index) => (index === 0 ? svn - 2 : svn)),
    pceSvn: simulatedKind.pceSvn - 2,
    status: 'OutOfDate',
    advisoryIds: ['INTEL-SA-00000'],
  },
  { components: Array<number>(16).fill(0), pceSvn: 1, status: 'Revoked' },
]

export function tcbInfoText(
  { issuedAt, nextUpdate }: DocumentDates,
  levels: readonly SimulatedLevel[] = simulatedLevels,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    id: 'SGX',
    version: 3,
    issueDate: iso(issuedAt),
    nextUpdate: iso(nextUpdate),
    fmspc: simulatedKind.fmspc.toUpperCase(),
    pceId: simulatedKind.pceId,
    tcbType: 0,
    tcbEvaluationDataNumber: 17,
    tcbLevels: levels.map((level) => ({
      tcb: { sgxtcbcomponents: level.components.map((svn) => ({ svn })), pcesvn: level.pceSvn },
      tcbDate: '2024-03-13T00:00:00Z',
      tcbStatus: level.status,
      ...(level.advisoryIds ? { advisoryIDs: level.advisoryIds } : {}),
    })),
    ...changes,
  })
}

export function qeIdentityText(
  { issuedAt, nextUpdate }: DocumentDates,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  const level = (isvsvn: number, tcbDate: string, tcbStatus: string) => ({ tcb: { isvsvn }, tcbDate, tcbStatus })
  return JSON.stringify({
    id: 'QE',
    version: 2,
    issueDate: iso(issuedAt),
    nextUpdate: iso(nextUpdate),
    tcbEvaluationDataNumber: 17,
    miscselect: '00000000',
    miscselectMask: 'FFFFFFFF',
    attributes: '11000000000000000000000000000000',
    attributesMask: 'FBFFFFFFFFFFFFFF0000000000000000',
    mrsigner: quotingEnclave.mrSigner.toUpperCase(),
    isvprodid: quotingEnclave.isvProdId,
    tcbLevels: [
      level(quotingEnclave.isvSvn, '2024-03-13T00:00:00Z', 'UpToDate'),
      { ...level(6, '2021-11-10T00:00:00Z', 'OutOfDate'), advisoryIDs: ['INTEL-SA-00615'] },
      level(1, '2018-08-15T00:00:00Z', 'OutOfDate'),
    ],
    ...changes,
  })
}

function iso(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}
