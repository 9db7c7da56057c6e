/**
 * What a worker shows the contract to be admitted: a quote of its Core, and the Attestation service's word on it.
 *
 * Each quote comes with a new input key, and Core keeps only the last few. So one quote serves every attempt until the chain
 * has told of it or it is too old: attempts that fail must not push out the key that users seal to.
 */
import type { Block, Values } from '@enigma/process'
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import type { Attest } from './attestation-client.ts'
import type { Admission } from './chain.ts'
import type { CoreHost } from './core-host.ts'

type Attested = { signer: Address; inputKey: Hex; identityBlock: string; quote: Hex }
type Parts = {
  values: Values
  coreHost: Pick<CoreHost, 'core' | 'attest'>
  attest: Attest
  operator: Address
  setSigner: (signer: Address) => void
}

/** The contract looks 256 blocks back for a quote's block; the rest is left for the transaction to be mined. */
const ATTESTED_BLOCKS = 200n

export function createAdmissions({ values, coreHost, attest, operator, setSigner }: Parts) {
  const kept = () => values.get<Attested>('seat-attested')

  /** A quote and its input key, with the sealed keys on the disk. */
  async function attested(head: Block): Promise<Attested> {
    const last = kept()
    if (last) {
      const { signer, inputKeys } = await coreHost.core().then((core) => core.info())
      const isHeld = signer === last.signer && inputKeys.includes(last.inputKey)
      if (isHeld && head.number - BigInt(last.identityBlock) <= ATTESTED_BLOCKS) return last
      // Only with a service that answers is another key worth its place.
      if (isHeld) await attest(last.quote)
    }
    // The parent's hash: one block of reorganisation must not spoil the quote.
    const identity = { operator, identityBlock: head.number - 1n, identityBlockHash: head.parentHash }
    const { signer, inputKey, quote } = await coreHost.attest(identity)
    setSigner(signer)
    const fresh = { signer, inputKey, identityBlock: String(identity.identityBlock), quote: bytesToHex(quote) }
    values.set('seat-attested', fresh satisfies Attested)
    return fresh
  }

  return {
    /** The quote, and the service's word on it as of now. */
    async get(head: Block): Promise<Admission> {
      const { identityBlock, ...rest } = await attested(head)
      return { ...rest, identityBlock: BigInt(identityBlock), evidence: await attest(rest.quote) }
    },
    /** The chain has told of it: the next one comes with a new key. */
    spend: () => values.delete('seat-attested'),
    /** A quote names a block, which may be gone. */
    rollback(ancestor: bigint): void {
      const last = kept()
      if (last && BigInt(last.identityBlock) > ancestor) values.delete('seat-attested')
    },
  }
}
