/** `enigma network status`: how the network secret stands, and who governs what. */
import type { Hex } from '@enigma/protocol'
import type { Run } from '../command.ts'
import { short, table } from '../format.ts'
import { readSecret } from '../governance.ts'
import { findNetwork, type OpenNetwork } from '../network.ts'
import { describeAnnounced, readObservers } from '../observers-change.ts'
import { describeLevel } from '../price.ts'
import { readSeats } from '../seats.ts'
import { findTimelock, formatDelay, formatTime } from '../timelock.ts'
import type { NONE } from './options.ts'

/** As many as the contract's mask has bits. */
const MOST_MEASUREMENTS = 32
const ZERO: Hex = `0x${'00'.repeat(32)}`

export const networkStatus: Run<typeof NONE> = async (_values, _positionals, { output, cwd }) => {
  const network = await findNetwork(cwd)
  const { registry, enigma } = network
  const [secret, powers, governor, guardian, timelock, seats, measurements, observers] = await Promise.all([
    readSecret(registry),
    readPowers(network),
    registry.read.governor(),
    registry.read.guardian(),
    findTimelock(network),
    readSeats(enigma),
    readMeasurements(network),
    readObservers(network),
  ])
  const { generation, minGeneration, openGeneration, isFrozen } = secret
  const holders = await Promise.all(
    seats.map(async ({ seat, signer, measurementId }) => ({
      seat,
      signer,
      measurementId,
      held: await registry.read.heldBy([signer]),
    })),
  )
  const { style } = output
  output.say(
    generation === 0
      ? `secret       ${style('yellow', 'none yet: two enclaves have to hold the first generation')}`
      : `secret       generation ${generation} seals; ${minGeneration} to ${generation} open`,
  )
  if (openGeneration > generation) output.say(`             generation ${openGeneration} is wanted`)
  output.say(`joins        ${isFrozen ? style('red', 'frozen') : 'open'}`)
  output.say(
    `tasks        ${powers.isPaused ? style('red', `paused until ${formatTime(powers.pausedUntil)}`) : 'taken'}`,
  )
  output.say(`prices       ${describeLevel(powers.priceLevel, network.file.parameters)}`)
  output.say(`beacon       ${powers.beacon}`)
  output.say(`verifier     ${powers.attestationVerifier}`)
  output.say(`observers    changed ${observers.serial === 1 ? 'once' : `${observers.serial} times`}`)
  for (const line of describeAnnounced(observers.announced)) output.say(`             ${style('yellow', line)}`)
  output.say(`governor     ${governor}`)
  if (timelock) {
    output.say(`             a timelock of ${formatDelay(timelock.delaySeconds)}, owned by ${timelock.owner}`)
  }
  output.say(`guardian     ${guardian}`)
  output.say('')
  for (const { id, measurement, isRevoked } of measurements) {
    output.say(`measurement  ${id}  ${measurement}${isRevoked ? `  ${style('red', 'revoked')}` : ''}`)
  }
  output.say('')
  const rows = holders.map(({ seat, signer, measurementId, held }) => [
    String(seat),
    short(signer),
    String(measurementId),
    held === 0 ? '–' : `up to ${held}`,
  ])
  for (const line of table([['seat', 'signer', 'measurement', 'secret'], ...rows])) output.say(line)
  const { delaySeconds = 0, owner = null } = timelock ?? {}
  output.answer({ ...secret, ...powers, governor, guardian, delaySeconds, owner, observers, measurements, holders })
  return 0
}

/** What the governor sets, and whether tasks are taken, by the chain's clock. */
async function readPowers({ client, enigma }: OpenNetwork) {
  const [pausedUntil, priceLevel, beacon, attestationVerifier, { timestamp }] = await Promise.all([
    enigma.read.pausedUntil(),
    enigma.read.priceLevel(),
    enigma.read.beacon(),
    enigma.read.attestationVerifier(),
    client.getBlock(),
  ])
  const isPaused = timestamp < pausedUntil
  return { isPaused, pausedUntil: Number(pausedUntil), priceLevel, beacon, attestationVerifier }
}

async function readMeasurements({ enigma }: OpenNetwork) {
  const ids = Array.from({ length: MOST_MEASUREMENTS }, (_, id) => id)
  const [revoked, found] = await Promise.all([
    enigma.read.revokedMeasurements(),
    Promise.all(ids.map((id) => enigma.read.measurement([id]))),
  ])
  return found.flatMap((measurement, id) =>
    measurement === ZERO ? [] : [{ id, measurement, isRevoked: (revoked >>> id) % 2 === 1 }],
  )
}
