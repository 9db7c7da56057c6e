/** `enigma status`: is the network of this folder up, and how does it stand? */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { createObservers } from '@enigma/process'
import { NoWorkerError, readStatus as readWorkerStatus, type SurfaceStatus } from '@enigma/surface'
import type { Context, Run } from '../command.ts'
import { formatGwei, short, table } from '../format.ts'
import { healthOf, readCollateral } from '../localnet/collateral.ts'
import { dataOf, isUp } from '../localnet/home.ts'
import { findNetwork, type OpenNetwork } from '../network.ts'
import { homeOf, NoNetworkError, networkFileOf } from '../network-file.ts'
import { isLive, readSeats } from '../seats.ts'
import type { NONE } from './options.ts'

const HEALTH_TIMEOUT_MS = 2_000

type Health = ReturnType<typeof healthOf>

export const status: Run<typeof NONE> = async (_values, _positionals, { output, cwd }) => {
  const home = homeOf(cwd)
  if (!(await isUp(home))) throw new NoNetworkError(home)
  const network = await findNetwork(cwd)
  const facts = { ...(await readStatus(network)), workers: readWorkers(dataOf(home)) }
  const { file } = network
  const health = (answers: boolean) => (answers ? output.style('green', 'answers') : output.style('red', 'silent'))
  output.say(`chain        ${file.rpcUrl} (chain ${file.chainId}, block ${facts.block})`)
  output.say(`Enigma       ${file.enigma}, measurements ${file.measurements.map(short).join(', ')}`)
  output.say(`hardware     ${output.style('yellow', 'simulated: nothing on this network is private')}`)
  output.say(
    `epoch        ${facts.epoch.number}, ${facts.epoch.seedPosted ? 'seed posted' : output.style('yellow', 'waits for its seed')}`,
  )
  const exposed = facts.workers.filter(({ isolation }) => isolation === 'partial').map(({ name }) => name)
  output.say(
    exposed.length === 0
      ? 'isolation    full: no worker’s Core can open a socket, a process, or a file but its own code'
      : `isolation    ${output.style('yellow', `partial: this system gave ${exposed.join(', ')} no network namespace`)}`,
  )
  output.say(`secret       ${describeSecrets(facts.workers, output.style)}`)
  output.say(`collateral   ${describeCollateral(facts.collateral, output.style)}`)
  output.say(`attestation  ${file.attestationUrl} ${health(facts.services.attestation)}`)
  output.say(`principal    ${file.principalUrl ?? 'elsewhere'} ${health(facts.services.principal)}`)
  output.say(`observers    ${describeObservers(facts.observers, output.style)}`)
  output.say('')
  const rows = facts.seats.map(({ seat, signer, activeEpoch, exitEpoch, creditGwei, live }) => [
    String(seat),
    short(signer),
    `${activeEpoch} to ${exitEpoch}`,
    formatGwei(creditGwei),
    live ? 'live' : 'not live',
  ])
  for (const line of table([['seat', 'signer', 'epochs', 'credit', ''], ...rows])) output.say(line)
  output.say('')
  output.say(`Accounts and addresses: ${networkFileOf(home)}`)
  output.answer({ up: true, ...facts })
  return 0
}

async function readStatus(network: OpenNetwork) {
  const { file, client, enigma } = network
  const [block, epoch] = await Promise.all([client.getBlock(), enigma.read.currentEpoch()])
  const [revoked, seedPosted, seats, collateral, attestation, principal, observers] = await Promise.all([
    enigma.read.revokedMeasurements(),
    // Reverts with SeedNotPosted until the Principal has posted.
    enigma.read.epoch([epoch]).then(
      () => true,
      () => false,
    ),
    readSeats(enigma),
    readCollateral(file.rpcUrl, file.attestationVerifier),
    answers(file.attestationUrl),
    answers(file.principalUrl),
    askObservers(network, block.number),
  ])
  return {
    block: Number(block.number),
    epoch: { number: Number(epoch), seedPosted },
    services: { attestation, principal },
    collateral: { ...healthOf(collateral, Number(block.timestamp)), parts: collateral },
    seats: seats.map((seat) => ({ ...seat, live: isLive(seat, Number(epoch), revoked) })),
    observers,
    network: { ...file, accounts: file.accounts.map(({ name, address }) => ({ name, address })) },
  }
}

/** Until when the chain can judge quotes, and by which part of the collateral. */
function describeCollateral({ state, name, validUntil }: Health, style: Context['output']['style']): string {
  const until = new Date(validUntil * 1000).toISOString()
  if (state === 'good') return `on chain, good until ${until} (${name})`
  const fault = state === 'missing' ? `lacks its ${name}` : `its ${name} expired ${until}`
  return style('red', `${fault}: nobody can take or renew a seat; enigma attestation sync mends that`)
}

type Observers = Awaited<ReturnType<typeof askObservers>>

/** How many of the network's observers sign for the newest block that is deep enough: what Core believes hangs on it. */
async function askObservers({ file, client }: OpenNetwork, headNumber: bigint) {
  const { chainId, observers, threshold, depth } = file
  const blockNumber = headNumber > depth ? headNumber - BigInt(depth) : 0n
  const { hash } = await client.getBlock({ blockNumber })
  const [addresses, urls] = [observers.map(({ address }) => address), observers.map(({ url }) => url)]
  // All of them, so that one who is away is seen before he is missed.
  const all = { chainId: BigInt(chainId), observers: addresses, threshold: observers.length, urls }
  const { signatures } = await createObservers(all, { timeoutMs: HEALTH_TIMEOUT_MS }).observe({
    number: blockNumber,
    hash,
  })
  return { count: observers.length, signed: signatures.length, threshold, depth }
}

function describeObservers({ count, signed, threshold, depth }: Observers, style: Context['output']['style']): string {
  const said = `${signed} of ${count} sign, ${threshold} must, ${depth} blocks deep`
  return signed >= threshold ? style('green', said) : style('red', `${said}: no task runs until more do`)
}

type WorkerFacts = { name: string } & Pick<SurfaceStatus, 'isolation' | 'seatState' | 'secret'>

/** How many generations of the network secret each Core holds, of how many there are, and what keeps it from the others. */
function describeSecrets(workers: readonly WorkerFacts[], style: Context['output']['style']): string {
  const told = workers.map(({ name, seatState, secret }) => {
    if (!secret) return `${name} –`
    const { held, missing, trouble } = secret
    const share = `${name} ${held.length}/${held.length + missing.length}`
    const why = [
      ...(seatState === 'waiting-for-grant' ? ['waits for a grant'] : []),
      ...(trouble ? [trouble.code] : []),
    ]
    const said = why.length === 0 ? share : `${share} (${why.join(', ')})`
    return missing.length === 0 && why.length === 0 ? said : style('yellow', said)
  })
  const generation = Math.max(0, ...workers.map(({ secret }) => secret?.generation ?? 0))
  const network = generation === 0 ? style('yellow', 'none yet') : `generation ${generation}`
  return [`${network}; held of those wanted:`, told.join(', ') || 'no worker runs'].join(' ')
}

/** What each worker says of its Core, from its own folder. */
function readWorkers(data: string): WorkerFacts[] {
  return readdirSync(data)
    .toSorted()
    .flatMap((name) => {
      try {
        const { isolation, seatState, secret, isRunning } = readWorkerStatus(path.join(data, name))
        return isRunning ? [{ name, isolation, seatState, secret }] : []
      } catch (error) {
        if (error instanceof NoWorkerError) return []
        throw error
      }
    })
}

async function answers(url: string | undefined): Promise<boolean> {
  if (url === undefined) return false
  return fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).then(
    ({ ok }) => ok,
    () => false,
  )
}
