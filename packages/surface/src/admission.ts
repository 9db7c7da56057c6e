/**
 * What a worker shows the contract to be admitted: a quote of its Core, and what vouches for the quote's platform.
 *
 * Each quote comes with a new input key, and Core keeps only the last few. So one quote serves every attempt until the chain
 * has told of it or it is too old: attempts that fail must not push out the key that users seal to.
 */
import { bareQuote, leafOf, parseQuote, platformRecord } from '@enigma/attestation'
import { type Block, RpcError, type Values } from '@enigma/process'
import { type Address, bytesToHex, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import type { Admission, Chain } from './chain.ts'
import type { CoreHost } from './core-host.ts'

type Attested = { signer: Address; inputKey: Hex; identityBlock: string /** As Core gave it. */; quote: Hex }
type Showing = { platformHash: Hex | undefined; isRenewal: boolean }
type Parts = {
  values: Values
  chain: Pick<Chain, 'checkQuote'>
  coreHost: Pick<CoreHost, 'core' | 'attest'>
  operator: Address
  setSigner: (signer: Address) => void
}

/** The contract looks 256 blocks back for a quote's block; the rest is left for the transaction to be mined. */
const ATTESTED_BLOCKS = 200n
/** Quotes of a live seat that may follow one another untold: Core keeps four keys, and the registered one is among them. */
const MOST_UNTOLD = 3

export function createAdmissions({ values, chain, coreHost, operator, setSigner }: Parts) {
  const kept = () => values.get<Attested>('seat-attested')
  const untold = () => values.get<number>('seat-untold') ?? 0
  let isFirst = true

  /** Whether Core can open what is sealed to its key. */
  async function isHeld({ signer, inputKey }: Attested): Promise<boolean> {
    const info = await coreHost.core().then((core) => core.info())
    return info.signer === signer && info.inputKeys.includes(inputKey)
  }

  /** A quote and its input key, with the sealed keys on the disk. */
  async function attested(head: Block, isRenewal: boolean): Promise<Attested> {
    const last = kept()
    if (last && (await isHeld(last))) {
      const isYoung = head.number - BigInt(last.identityBlock) <= ATTESTED_BLOCKS
      // A platform that was updated was started anew, and so were we: the first quote after a start tells whether that helped.
      const mayDiffer = isFirst && (!isRenewal || untold() < MOST_UNTOLD)
      if (isYoung && !mayDiffer) return last
      const isBelieved = await check(hexToBytes(last.quote)).then(
        () => true,
        (refusal) => {
          // Another key would be worth its place only where another quote might be believed.
          if (!mayDiffer || refusal instanceof RpcError) throw refusal
          return false
        },
      )
      isFirst = false
      if (isYoung && isBelieved) return last
    }
    isFirst = false
    // The parent's hash: one block of reorganisation must not spoil the quote.
    const identity = { operator, identityBlock: head.number - 1n, identityBlockHash: head.parentHash }
    const { signer, inputKey, quote } = await coreHost.attest(identity)
    setSigner(signer)
    const fresh = { signer, inputKey, identityBlock: String(identity.identityBlock), quote: bytesToHex(quote) }
    values.set('seat-attested', fresh satisfies Attested)
    values.set('seat-untold', untold() + 1)
    return fresh
  }

  /** Throws the contract's refusal of the platform or of the collateral that it keeps; the quote's age does not matter. */
  const check = async (quote: Uint8Array) => chain.checkQuote(bytesToHex(bareQuote(quote)), bytesToHex(leafOf(quote)))

  return {
    /** The quote, and what vouches for its platform: to a seat whose latest was of `platformHash`. */
    async get(head: Block, { platformHash, isRenewal }: Showing): Promise<Admission> {
      const { signer, inputKey, identityBlock, quote } = await attested(head, isRenewal)
      const whole = hexToBytes(quote)
      return {
        signer,
        inputKey,
        identityBlock: BigInt(identityBlock),
        quote: bytesToHex(bareQuote(whole)),
        evidence: bytesToHex(evidenceOf(whole, platformHash)),
      }
    },
    /** The chain has told of it: the next one comes with a new key. */
    spend(): void {
      values.delete('seat-attested')
      values.delete('seat-untold')
    },
    /** A quote names a block, which may be gone. */
    rollback(ancestor: bigint): void {
      const last = kept()
      if (last && BigInt(last.identityBlock) > ancestor) values.delete('seat-attested')
    },
  }
}

/** The platform's record where the contract knows it by its hash, which spares it the certificate; else the certificate. */
function evidenceOf(quote: Uint8Array, platformHash: Hex | undefined): Uint8Array {
  const leaf = leafOf(quote)
  const record = platformRecord(leaf, parseQuote(quote).qeReport.isvSvn)
  return keccak256(record) === platformHash ? record : leaf
}
