/** The parts that all verbs of one client share: connection, contract, slots, and the network's facts once checked. */
import { defaultPolicy, type Policy, trustRoots } from '@enigma/attestation'
import { type Address, type Domain, EnigmaError, type Hex } from '@enigma/protocol'
import type { Account } from 'viem'
import { BaseError } from 'viem'
import type { Calling } from './call.ts'
import type { PlainCall } from './callable.ts'
import { type Clock, type Deadline, type Patience, startDeadline, systemClock } from './clock.ts'
import { openCollateralSource } from './collateral.ts'
import { accountOf, type Clients, connect, requireChain } from './connection.ts'
import { openKeyBook } from './contract-keys.ts'
import { type DApp, inspectDApp, requireCode } from './dapp.ts'
import { enigmaContract, lower, type Terms } from './enigma-contract.ts'
import { keyRegistry } from './key-registry.ts'
import type { EnigmaNetwork } from './network.ts'
import { checkNetwork, type NetworkFacts, requireAllowed } from './network-check.ts'
import { type PrivateReply, type ReplyKeySource, replyKeyOf, requireConvention } from './private-result.ts'
import { type OnProgress, type Report, startReport } from './progress.ts'
import type { ReplyKey } from './reply-key.ts'
import type { Sealing } from './request-key.ts'
import { openSender } from './send.ts'
import { openSlotBook } from './slots.ts'
import { DEFAULT_MAX_GAS_PRICE_GWEI } from './terms.ts'
import { deriveUserKey, type UserKeyOptions } from './user-key.ts'
import type { Session } from './verified-worker.ts'
import { TaskReorganisedError, type Waiting } from './wait.ts'

export type EnigmaOptions = Clients & {
  network: EnigmaNetwork
  /** Say `true` to use a network on simulated hardware, where nothing is private. */
  allowSimulated?: boolean
  /** Beyond the default: which platforms are good enough. Measurements are the network's. */
  policy?: Partial<Omit<Policy, 'measurements' | 'reportData'>>
  /** Opens private results, in place of the key that the account's wallet makes. */
  replyKeyPair?: ReplyKeySource
  /** The account is a contract, and it is the user's own. */
  ownContract?: boolean
  /** Ask for nothing in an epoch whose seed did not come from the beacon but from a block's hash. Default false. */
  refuseFallbackEpochs?: boolean
  clock?: Clock
  fetch?: typeof globalThis.fetch
  /** Default: a quarter of the chain's block time. */
  pollIntervalMs?: number
  /** Refuse to sign above this price of gas: base fee and tip. Default 200. */
  maxGasPriceGwei?: bigint
  /** How far the head of the chain may be from this machine's clock. Default 900. */
  maxClockSkewSeconds?: number
}

export type Common = Patience & { account?: Account | Address; onProgress?: OnProgress }

/** By then something is wrong that waiting does not mend; the task and its fee are safe all the same. */
const DEFAULT_TIMEOUT_MS = 15 * 60_000
const POLL_MS = { least: 200, most: 2000 }

export function openSession(options: EnigmaOptions) {
  const network = normalise(options.network)
  const { allowSimulated = false, ownContract = false, clock = systemClock } = options
  const { refuseFallbackEpochs = false } = options
  const { maxGasPriceGwei = DEFAULT_MAX_GAS_PRICE_GWEI } = options
  const { maxClockSkewSeconds = 900, fetch = (url, init) => globalThis.fetch(url, init) } = options
  requireAllowed(network, allowSimulated)
  const connection = connect(options)
  const { reader } = connection
  const { enigma, chainId } = network
  const contract = enigmaContract(reader, enigma)
  const domain: Domain = { chainId: BigInt(chainId), enigma }
  const sender = openSender(connection, enigma, { chainId, maxGasPriceGwei })
  const slots = openSlotBook(contract)
  const registry = keyRegistry(reader, enigma)
  const keys = openKeyBook(registry, { reader, domain, clock, requireChain: () => requireChain(connection, chainId) })
  const dApps = new Map<Address, Promise<DApp>>()
  const userKeys = new Map<Address, Promise<ReplyKey>>()
  const session: Session = Object.freeze({})
  const collateral = openCollateralSource(network.attestationUrl, { fetch, clock })
  const trustRoot = network.simulated ? trustRoots.simulated : trustRoots.intel
  const policy: Policy = { ...defaultPolicy, ...options.policy, measurements: network.measurements }

  const checked = new Map<Address, Promise<NetworkFacts>>()
  /** What the contract says of itself, compared with what is pinned. */
  const facts = () =>
    once(checked, enigma, async () => {
      await requireChain(connection, chainId)
      return checkNetwork(network, reader, contract)
    })
  /** The account's key for private results: one that the caller keeps, else the one that its wallet makes. */
  const userKey = (account: Account, derivation: UserKeyOptions = {}) =>
    once(userKeys, lower(account.address), async () => {
      if (options.replyKeyPair) return replyKeyOf(options.replyKeyPair)
      await requireChain(connection, chainId)
      return deriveUserKey(connection.writer, domain, account, derivation)
    })
  const pollMsOf = (terms: Terms) => options.pollIntervalMs ?? quarterBlockMs(terms)
  const requestingOf = (terms: Terms) => {
    return { session, reader, contract, domain, sender, slots, terms, pollMs: pollMsOf(terms) }
  }

  return {
    domain,
    accountOf: (account?: Account | Address) => accountOf(connection, account),
    /** Refuses a wrong chain or network; needed before anything is verified or paid. */
    calling: async (): Promise<Calling> => {
      // Wallets change chains while a page is open, so this is asked each time.
      await requireChain(connection, chainId)
      const { networkHashes, terms } = await facts()
      const verification = { session, reader, contract, networkHashes, trustRoot, policy, collateral }
      return {
        search: { verification, terms, slots, clock, maxClockSkewSeconds, refuseFallbackEpochs },
        requesting: requestingOf(terms),
        ownContract,
      }
    },
    userKey,
    /** A contract's code stays what it is, so it is read once. */
    sealing: async (contract: Address, codeHash: Hex | undefined): Promise<{ sealing: Sealing; dApp: DApp }> => {
      const { terms } = await facts()
      const address = lower(contract)
      const dApp = requireCode(await once(dApps, address, () => inspectDApp(reader, address)), codeHash)
      return { sealing: { requesting: requestingOf(terms), registry, keys }, dApp }
    },
    /** The call with the user's reply key as its last argument, where its result is private. */
    withReplyKey: async (
      { args = [], ...call }: PlainCall & PrivateReply & Common,
      deadline: Deadline,
    ): Promise<PlainCall & PrivateReply> => {
      const { privateResult, replyKeyPair } = call
      if (privateResult === undefined) return { ...call, args }
      requireConvention({ ...call, args }, privateResult)
      await deadline.race(keys.lastFinal())
      const key = await (replyKeyPair
        ? replyKeyOf(replyKeyPair)
        : deadline.race(userKey(accountOf(connection, call.account))))
      return { ...call, args: [...args, key.publicKey], replyKeyPair: key }
    },
    waiting: async (): Promise<Waiting> => {
      const { networkHashes, terms } = await facts()
      return { reader, contract, domain, networkHashes, slots, terms, pollMs: pollMsOf(terms) }
    },
    /** Runs a verb under its own deadline; whatever it throws is an `EnigmaError`. */
    run: async <T>(
      { signal, timeoutMs = DEFAULT_TIMEOUT_MS, onProgress }: Common,
      verb: (report: Report, deadline: Deadline) => Promise<T>,
    ): Promise<T> => {
      const deadline = startDeadline(clock, { signal, timeoutMs })
      try {
        deadline.check()
        return await verb(startReport(clock, onProgress), deadline)
      } catch (error) {
        if (error instanceof TaskReorganisedError) slots.forgetUsed()
        throw error instanceof BaseError ? new ChainError(error) : error
      } finally {
        deadline.end()
      }
    },
  }
}

/** What `make` returns, kept until it fails: then the next one asks anew. */
function once<T>(kept: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const known = kept.get(name)
  if (known) return known
  const made = make()
  kept.set(name, made)
  made.catch(() => kept.delete(name))
  return made
}

/** In lower case, as everything that it is compared with. */
function normalise({ enigma, measurements, observers, next, ...rest }: EnigmaNetwork): EnigmaNetwork {
  return {
    ...rest,
    enigma: lower(enigma),
    measurements: measurements.map(lower),
    observers: observers.map(lower),
    ...(next && { next: { ...next, observers: next.observers.map(lower) } }),
  }
}

function quarterBlockMs({ secondsPerEpoch, epochBlocks }: Terms): number {
  const quarter = (secondsPerEpoch * 1000) / epochBlocks / 4
  return Math.min(POLL_MS.most, Math.max(POLL_MS.least, Math.round(quarter)))
}

/** The RPC did not answer, or not sensibly. viem's own error is the cause. */
export class ChainError extends EnigmaError {
  override readonly name = 'ChainError'
  readonly code = 'CHAIN'
  constructor(cause: BaseError) {
    super(`The chain could not be asked: ${cause.shortMessage}`, {
      hint: 'Is the RPC up? Reads may be repeated; before sending again, look whether a task is pending.',
      cause,
    })
  }
}
