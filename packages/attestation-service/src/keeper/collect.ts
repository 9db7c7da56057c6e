/** What the contract is to hold, gathered from the cache: for which kinds of platform, and of which TCB evaluation. */
import type { CollateralCache, Served } from '../collateral-cache.ts'
import type { DocumentName } from '../document.ts'
import { ProblemError } from '../problem.ts'
import type { CollateralContract } from './contract.ts'
import { type DocumentPart, heldDocument, inOrder, type Part, partsOf } from './parts.ts'

/** What the contract is to hold. */
export type Kinds = {
  readonly fmspcs: readonly string[]
  readonly cas: readonly ('platform' | 'processor')[]
}

/** A kind of platform, as a seat has it. */
export type SeatKind = { readonly fmspc: string; readonly ca: 'platform' | 'processor' }

export type Collected = {
  readonly parts: readonly Part[]
  readonly missing: readonly { readonly label: string; readonly code: string }[]
  /** What it was made from, to be held from now on. */
  readonly names: readonly DocumentName[]
}
type Signed = Extract<DocumentName, { kind: 'tcbInfo' | 'qeIdentity' }>
type Parts = {
  readonly cache: Pick<CollateralCache, 'getOwn'>
  readonly contract: Pick<CollateralContract, 'tcbInfo' | 'qeIdentity'>
}

export function mergeKinds({ fmspcs, cas }: Kinds, more: readonly SeatKind[]): Kinds {
  return {
    fmspcs: [...new Set([...fmspcs, ...more.map(({ fmspc }) => fmspc)])],
    cas: [...new Set([...cas, ...more.map(({ ca }) => ca)])],
  }
}

/** Everything that `kinds` needs. One kind of platform that is not to be had does not keep the others from the chain. */
export async function collect({ fmspcs, cas }: Kinds, { cache, contract }: Parts): Promise<Collected> {
  const missing: Collected['missing'][number][] = []
  const names: DocumentName[] = []

  async function take(name: DocumentName): Promise<Part[]> {
    names.push(name)
    try {
      const standard = await cache.getOwn(name)
      const isSigned = name.kind === 'tcbInfo' || name.kind === 'qeIdentity'
      return partsOf(isSigned ? await keepUp(name, standard) : standard)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      missing.push({ label: labelOf(name), code: error.code })
      return []
    }
  }

  /**
   * The contract goes back to no earlier evaluation, and anyone may bring it the next one months before that is Intel's
   * standard. From then on only documents of that evaluation keep it alive.
   */
  async function keepUp(name: Signed, standard: Served): Promise<Served> {
    const part = partsOf(standard).at(-1) as DocumentPart
    const { evaluationNumber } = await heldDocument(part, contract)
    if (evaluationNumber <= part.evaluationNumber) return standard
    // An older PCCS knows no numbers.
    for (const edition of [evaluationNumber, 'early'] as const) {
      try {
        const other = await cache.getOwn({ ...name, edition })
        if (other.evaluationNumber < evaluationNumber) continue
        names.push({ ...name, edition })
        return other
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
      }
    }
    return standard
  }

  const parts = await Promise.all([
    take({ kind: 'rootCaCrl' }),
    ...cas.map((ca) => take({ kind: 'pckCrl', ca })),
    ...fmspcs.map((fmspc) => take({ kind: 'tcbInfo', tee: 'sgx', fmspc, edition: 'standard' })),
    take({ kind: 'qeIdentity', tee: 'sgx', edition: 'standard' }),
  ])
  return { parts: inOrder(parts.flat()), missing, names }
}

/** As the parts have it: only SGX is kept on chain. */
function labelOf(name: DocumentName): string {
  switch (name.kind) {
    case 'rootCaCrl':
      return 'rootCrl'
    case 'pckCrl':
      return `pckCrl-${name.ca}`
    case 'tcbInfo':
      return `tcbInfo-${name.fmspc}`
    case 'qeIdentity':
      return 'qeIdentity'
  }
}
