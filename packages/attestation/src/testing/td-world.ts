/** TCB info of TDX for the trust domains of `td-quote.ts`. Tests only. */
import { simulatedKind } from '../simulated/kind.ts'
import type { TdOptions } from './td-quote.ts'

export const version4: TdOptions = { version: 4, kind: 'td10' }
export const version5: TdOptions = { version: 5, kind: 'td15' }

export const moduleIdentity = {
  mrsigner: '00'.repeat(48),
  attributes: '0000000000000000',
  attributesMask: 'FFFFFFFFFFFFFFFF',
}

export const isvLevel = (isvsvn: number, tcbStatus: string) => ({
  tcb: { isvsvn },
  tcbDate: '2024-03-13T00:00:00Z',
  tcbStatus,
})

/** Levels by the first three TDX versions that they ask for: module's SVN, module's version, microcode. */
export function tdxLevels(...wanted: readonly (readonly [svns: readonly number[], status: string])[]) {
  return wanted.map(([svns, tcbStatus]) => ({
    tcb: {
      sgxtcbcomponents: simulatedKind.components.map((svn) => ({ svn })),
      pcesvn: 13,
      tdxtcbcomponents: Array.from({ length: 16 }, (_, index) => ({ svn: svns[index] ?? 0 })),
    },
    tcbDate: '2024-03-13T00:00:00Z',
    tcbStatus,
    advisoryIDs: [`INTEL-SA-${tcbStatus}`],
  }))
}

export const tdxInfo = {
  id: 'TDX',
  tdxModule: moduleIdentity,
  tdxModuleIdentities: [
    { ...moduleIdentity, id: 'TDX_01', tcbLevels: [isvLevel(4, 'UpToDate'), isvLevel(2, 'OutOfDate')] },
  ],
  tcbLevels: tdxLevels([[5, 0, 2], 'UpToDate'], [[3, 0, 1], 'OutOfDate']),
}
