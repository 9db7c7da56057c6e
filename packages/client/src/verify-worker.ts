/**
 * One selected worker: is the enclave that can open the inputs a genuine one, of a build we accept, and is it his?
 *
 * Quote and certificate come from the seat's events, collateral from wherever it is served. The RPC and the service may
 * lie about all of it: what is checked here is signed by the hardware's maker down to the worker's input key. The
 * contract has verified the quote too; nothing here rests on that.
 */
import { assembleQuote, type Policy, platformOfLeaf, type TrustRoot, verifyQuote } from '@enigma/attestation'
import { bytesToHex, EnigmaError, equalBytes, type Hex, workerReportData } from '@enigma/protocol'
import { blockHashOf } from './block.ts'
import type { CollateralSource } from './collateral.ts'
import type { ChainClient } from './connection.ts'
import type { Draw } from './draw.ts'
import type { EnigmaContract } from './enigma-contract.ts'
import { readSeatQuote } from './seat-quote.ts'
import { type Session, type VerifiedWorker, vouchFor } from './verified-worker.ts'

export type Verification = {
  session: Session
  reader: ChainClient
  contract: EnigmaContract
  /** Before and after a change of observers, where both were pinned. */
  networkHashes: readonly Hex[]
  trustRoot: TrustRoot & { readonly name: 'intel' | 'simulated' }
  policy: Policy
  collateral: CollateralSource
}

/** Verifies the worker of `rank`, or throws the reason why nothing may be sealed to it. */
export async function verifyWorker(
  draw: Draw,
  rank: number,
  { session, reader, contract, networkHashes, trustRoot, policy, collateral: collateralOf }: Verification,
): Promise<VerifiedWorker> {
  const drawn = draw.ranks[rank]
  if (!drawn) throw new RangeError(`no rank ${rank} in this draw`)
  const { seat, signer, operator } = drawn
  const found = await readSeatQuote(reader, contract.address, seat, drawn)
  const { inputKey, identityBlock, bareQuote, leaf } = found
  if (found.signer !== signer || found.operator !== operator) throw new WrongSeatError(seat, found.signer, signer)

  const [collateral, identityBlockHash] = await Promise.all([
    collateralOf(platformOfLeaf(leaf)),
    blockHashOf(reader, identityBlock),
  ])
  const quote = assembleQuote(bareQuote, leaf, collateral.pckCrlIssuerChain)
  const verdict = verifyQuote(quote, collateral, { at: draw.block.timestampSeconds, trustRoot, policy })
  // S25: network, operator, signer, input key and time all stand in these 64 bytes.
  const identity = { operator, signer, inputKey, identityBlock, identityBlockHash }
  const networkHash = networkHashes.find((one) =>
    equalBytes(verdict.reportData, workerReportData({ networkHash: one, ...identity })),
  )
  if (!networkHash) throw new WrongReportDataError(verdict.reportData)

  const own = { rank, seat, signer, operator, inputKey, networkHash, identityBlock, verdict }
  return vouchFor({ ...own, trustRoot: trustRoot.name, draw }, session)
}

/** The quote is genuine and vouches for somebody else. */
export class WrongReportDataError extends EnigmaError {
  override readonly name = 'WrongReportDataError'
  readonly code = 'WRONG_REPORT_DATA'
  constructor(found: Uint8Array) {
    super(`The quote vouches for ${bytesToHex(found)}, not for this worker on this network.`, {
      hint: 'Its network, operator, signer, input key or block is another. Tell the operator; nothing is sealed to it.',
    })
  }
}

/** The seat's event names another signer or operator than the seat: the RPC answers out of two states, or lies. */
export class WrongSeatError extends EnigmaError {
  override readonly name = 'WrongSeatError'
  readonly code = 'WRONG_SEAT'
  constructor(seat: number, found: Hex, expected: Hex) {
    super(`The latest quote of seat ${seat} is of signer ${found}; the lottery drew ${expected}.`, {
      hint: 'Try again; if it stays so, use another RPC.',
    })
  }
}
