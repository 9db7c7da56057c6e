/**
 * Winds a fresh chain on until its first workers are live.
 *
 * Seats taken in epoch 0 are live from epoch 2 on, here as everywhere. On a real chain one waits two epochs; a chain of
 * one's own is wound there. The contracts know nothing of it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import { EnigmaError, type Hex, keyRegistryOf } from '@enigma/protocol'
import { createPublicClient, getContract, http } from 'viem'
import type { Winder } from './chain.ts'
import { readCollateral } from './collateral.ts'

const POLL_MS = 15
const LOOKS_PER_BLOCK = 10
/** Six calls a look, by which nobody is to be kept from making what is waited for. */
const COLLATERAL_POLL_MS = 50
/** Far above what a loaded machine needs, so that whoever waits hears of it. */
const WITHIN_MS = 60_000

type Contract = { enigma: Hex; rpcUrl: string }
/** `depth`: blocks that observers wait, and so the seed of an epoch. */
type Observed = Contract & { depth: number }

function contractOf({ enigma, rpcUrl }: Contract) {
  const client = createPublicClient({ transport: http(rpcUrl), cacheTime: 0 })
  return getContract({ address: enigma, abi: enigmaAbi, client })
}

/** Waits until the verifier holds every part of the collateral, so that no worker comes too early for it. */
export async function waitForCollateral(rpcUrl: string, verifier: Hex, signal: AbortSignal): Promise<void> {
  await pollUntil(
    'the collateral on chain',
    async () => (await readCollateral(rpcUrl, verifier)).every(({ validUntil }) => validUntil > 0),
    signal,
    COLLATERAL_POLL_MS,
  )
}

/** Mines on, as time would, until `count` seats are taken: a worker that failed tries again some blocks later. */
export async function waitForSeats(
  contract: Contract,
  winder: Winder,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const enigma = contractOf(contract)
  let looks = 0
  await pollUntil(
    `${count} seats`,
    async () => {
      looks++
      if (looks % LOOKS_PER_BLOCK === 0) await winder.mine()
      return Number(await enigma.read.seatCount()) >= count
    },
    signal,
  )
}

/** Mines on, as time would, until two enclaves hold the first generation of the network secret: then dApps can store. */
export async function waitForSecret({ enigma, rpcUrl }: Contract, winder: Winder, signal: AbortSignal): Promise<void> {
  const client = createPublicClient({ transport: http(rpcUrl), cacheTime: 0 })
  const registry = getContract({ address: keyRegistryOf(enigma), abi: keyRegistryAbi, client })
  let looks = 0
  await pollUntil(
    'the network secret',
    async () => {
      looks++
      if (looks % LOOKS_PER_BLOCK === 0) await winder.mine()
      return (await registry.read.state()).generation > 0
    },
    signal,
  )
}

/** Mines until the seats of now are live, and waits for that epoch's seed. Returns the epoch. */
export async function windToActivation(contract: Observed, winder: Winder, signal: AbortSignal): Promise<number> {
  const enigma = contractOf(contract)
  const current = await enigma.read.currentEpoch()
  return windToEpoch(contract, winder, Number(current) + 2, signal)
}

/** Mines past the boundary of `epoch`, and waits for its seed, which exists only once observers vouch for that block. */
export async function windToEpoch(
  contract: Observed,
  winder: Winder,
  epoch: number,
  signal: AbortSignal,
  secondsApart?: number,
): Promise<number> {
  const enigma = contractOf(contract)
  const boundary = Number(await enigma.read.boundaryBlock([BigInt(epoch)]))
  const missing = boundary + 1 + contract.depth - (await winder.blockNumber())
  if (missing > 0) await winder.mine(missing, secondsApart)
  await pollUntil(
    `the seed of epoch ${epoch}`,
    async () => {
      // Where blocks are mined by hand, the Principal's transaction waits for us.
      if ((await winder.waiting()) > 0) await winder.mine()
      return enigma.read.epoch([BigInt(epoch)]).then(
        () => true,
        () => false,
      )
    },
    signal,
  )
  return epoch
}

async function pollUntil(
  what: string,
  holds: () => Promise<boolean>,
  signal: AbortSignal,
  pollMs = POLL_MS,
): Promise<void> {
  const until = performance.now() + WITHIN_MS
  while (!(await holds())) {
    if (signal.aborted) throw new StartStoppedError()
    if (performance.now() > until) throw new StartTimedOutError(what)
    await sleep(pollMs)
  }
}

/** Thrown when the network was told to stop before it was ready. */
export class StartStoppedError extends EnigmaError {
  override readonly name = 'Localnet.StartStoppedError'
  readonly code = 'STOPPED'
  constructor() {
    super('The network was stopped before it was ready.')
  }
}

/** Thrown when something that a start needs did not come. */
export class StartTimedOutError extends EnigmaError {
  override readonly name = 'Localnet.StartTimedOutError'
  readonly code = 'START_TIMED_OUT'
  constructor(what: string) {
    super(`The network waited ${WITHIN_MS / 1000} s in vain for ${what}.`, {
      hint: 'What its processes said stands above, or in .enigma/localnet.log.',
    })
  }
}
