/** What the simulated PKI says about its platforms and its quoting enclave, in Intel's JSON. */

/** The one kind of platform there is: FMSPC and versions of a third-generation Xeon server. */
export const simulatedKind = {
  fmspc: '00606a000000',
  pceId: '0000',
  components: [14, 14, 3, 3, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  pceSvn: 13,
} as const

/** Intel's quoting enclave, version 8: the simulated one has its identity, or tests could not tell another apart. */
export const quotingEnclave = {
  mrSigner: '8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff',
  mrEnclave: '96b347a64e5a045e27369c26e6dcda51fd7c850e9b3a3a79e718f43261dee1e4',
  isvProdId: 1,
  isvSvn: 8,
  attributes: '1500000000000000e700000000000000',
} as const

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
