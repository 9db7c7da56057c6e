/**
 * The public keys of dApps, to which data at rest is sealed.
 *
 * A key counts here if it stands in the registry and was signed by the generation's network signer, a key that only
 * attested Cores hold. Registry and signer are read from the RPC: one that lies about all of it at once, and signs what it
 * made up, is believed (docs/decisions/0025). One that mixes or alters is not.
 */
import { contractKeyDigest, type Domain, EnigmaError, type Hex } from '@enigma/protocol'
import { compactSignatureToSignature, recoverAddress } from 'viem'
import { getBlockNumber } from 'viem/actions'
import type { Clock } from './clock.ts'
import type { ChainClient } from './connection.ts'
import type { DApp } from './dapp.ts'
import { lower, type Terms } from './enigma-contract.ts'
import type { KeyPlace, KeyRegistry } from './key-registry.ts'

export type ContractKey = KeyPlace & { publicKey: Hex }

export type KeyBook = ReturnType<typeof openKeyBook>

/** What was sealed to the generation before opens too: so the chain is not asked at each seal. */
const GENERATION_FRESH_MS = 10_000
/** Blocks of logs that every RPC gives at once. */
const LOG_BLOCKS = 1000n

/** `requireChain` refuses an RPC that has gone over to another chain. */
export function openKeyBook(
  registry: KeyRegistry,
  {
    reader,
    domain,
    clock,
    requireChain,
  }: { reader: ChainClient; domain: Domain; clock: Clock; requireChain(): Promise<void> },
) {
  const keys = new Map<string, ContractKey>()
  let last = { generation: 0, atMs: Number.NEGATIVE_INFINITY }

  /** Throws a `NoNetworkSecretError` where there is none yet. */
  async function lastFinal(): Promise<number> {
    const atMs = clock.nowMs()
    if (atMs - last.atMs >= GENERATION_FRESH_MS) {
      await requireChain()
      const generation = await registry.lastFinal()
      // It only rises: a node that lags does not take us back.
      last = { generation: Math.max(generation, last.generation), atMs }
    }
    return last.generation
  }

  return {
    lastFinal,
    /** The key of the last final generation, verified; undefined until it is published. */
    find: async ({ address: dApp, codeHash }: DApp, terms: Terms): Promise<ContractKey | undefined> => {
      const place = { dApp, codeHash, generation: await lastFinal() }
      const name = Object.values(place).join()
      const known = keys.get(name)
      if (known) return known
      const publicKey = await registry.contractKey(place)
      if (BigInt(publicKey) === 0n) return
      const key = { ...place, publicKey }
      await verify(key, terms)
      keys.set(name, key)
      return key
    },
  }

  async function verify(key: ContractKey, { genesisBlock, epochBlocks }: Terms): Promise<void> {
    const [{ networkSigner, epoch }, head] = await Promise.all([
      registry.generation(key.generation),
      getBlockNumber(reader, { cacheTime: 0 }),
    ])
    const published = await publicationOf(key, genesisBlock + BigInt(epoch * epochBlocks), head)
    if (!published) throw new ContractKeyUnprovenError(key, 'shows no event with its signature')
    const signature = compactSignatureToSignature({ r: published.r, yParityAndS: published.vs })
    const signer = await recoverAddress({ hash: contractKeyDigest(domain, key), signature }).catch(() => 'nobody')
    if (lower(signer) !== networkSigner) throw new ContractKeyUnprovenError(key, 'shows one that was not signed by it')
  }

  /** RPCs differ in how many blocks they search at once: where one refuses, halves of them, the later one first. */
  async function publicationOf(key: ContractKey, from: bigint, to: bigint): Promise<{ r: Hex; vs: Hex } | undefined> {
    try {
      return await registry.publication(key, from, to)
    } catch (error) {
      if (to - from < LOG_BLOCKS) throw error
      const middle = (from + to) / 2n
      return (await publicationOf(key, middle + 1n, to)) ?? publicationOf(key, from, middle)
    }
  }
}

/** Nobody has asked for the dApp's key, or no worker has answered yet. */
export class NoContractKeyError extends EnigmaError {
  override readonly name = 'NoContractKeyError'
  readonly code = 'NO_CONTRACT_KEY'
  constructor(contract: Hex) {
    super(`No key of ${contract} stands on chain for its code and the network's last generation.`, {
      hint: 'requestContractKey({ contract }) asks for it, once for all users; or pass `requestKey: true`.',
    })
  }
}

/** The RPC's words about a key do not fit together. */
export class ContractKeyUnprovenError extends EnigmaError {
  override readonly name = 'ContractKeyUnprovenError'
  readonly code = 'CONTRACT_KEY_UNPROVEN'
  constructor({ dApp, generation }: ContractKey, fault: string) {
    super(`For the key of ${dApp} the signer of generation ${generation} must vouch; the RPC ${fault}.`, {
      hint: 'Nothing is sealed to it. Use an RPC that keeps old logs; if that says the same, do not trust the first.',
    })
  }
}
