/** `enigma network pause`, `unpause`, `price`, `admit`, `beacon`, `verifier`, `guardian`: each says first what will change. */
import { blsBeaconAbi, dcapVerifierAbi } from '@enigma/contracts'
import { EnigmaError, type Hex, parseHex } from '@enigma/protocol'
import { type ContractFunctionParameters, isAddressEqual, zeroAddress } from 'viem'
import { UsageError } from '../arguments.ts'
import type { Context, Run } from '../command.ts'
import { govern, numberArgument, openGoverned } from '../governance.ts'
import type { OpenNetwork } from '../network.ts'
import { describeLevel, MOST_LEVEL } from '../price.ts'
import { formatTime } from '../timelock.ts'
import type { NETWORK_GOVERN, NETWORK_PAUSE } from './options.ts'

const DAY_SECONDS = 86_400

type Change = {
  call: ContractFunctionParameters
  /** What will change, and from what. */
  will: readonly string[]
  /** For programs. */
  facts: object
}

/** Says what a change will be, and makes it, or schedules it where a timelock governs. */
async function make(account: string | undefined, context: Context, change: (network: OpenNetwork) => Promise<Change>) {
  const { output } = context
  const network = await openGoverned(account, context)
  const { call, will, facts } = await change(network)
  for (const line of will) output.say(line)
  const { txHash, operation } = await govern(network, call, output)
  if (!operation) output.say('Done.')
  output.answer(operation ? { operation, txHash } : { ...facts, txHash })
  return 0
}

export const networkPause: Run<typeof NETWORK_PAUSE> = ({ days, account }, _positionals, context) =>
  make(account, context, async ({ client, enigma }) => {
    const { timestamp } = await client.getBlock()
    // Begun in a later block, it may end so many seconds after this one and no later.
    const until = Number(timestamp) + days * DAY_SECONDS
    return {
      call: { ...callOf(enigma), functionName: 'pause', args: [BigInt(until)] },
      will: [
        `No new task will be taken until ${formatTime(until)}, or the end of the epoch that is current then.`,
        'Tasks that were asked for are settled, cancelled, delivered and paid out as ever.',
      ],
      facts: { pausedUntil: until },
    }
  })

export const networkUnpause: Run<typeof NETWORK_GOVERN> = ({ account }, _positionals, context) =>
  make(account, context, async ({ enigma }) => {
    const until = Number(await enigma.read.pausedUntil())
    return {
      call: { ...callOf(enigma), functionName: 'unpause' },
      will: [`The pause until ${formatTime(until)} will end at once. The guardian begins no other for 14 days.`],
      facts: { pausedUntil: 0 },
    }
  })

export const networkPrice: Run<typeof NETWORK_GOVERN> = ({ account }, [text], context) => {
  const level = numberArgument('LEVEL', text, MOST_LEVEL)
  return make(account, context, async ({ enigma, file: { parameters } }) => ({
    call: { ...callOf(enigma), functionName: 'setPriceLevel', args: [level] },
    will: [
      `Prices are at ${describeLevel(await enigma.read.priceLevel(), parameters)}.`,
      `Epochs that start later will be at ${describeLevel(level, parameters)}.`,
    ],
    facts: { priceLevel: level },
  }))
}

export const networkAdmit: Run<typeof NETWORK_GOVERN> = ({ account }, [text = ''], context) => {
  const measurement = argument('MEASUREMENT', text, 32)
  return make(account, context, async ({ enigma }) => ({
    call: { ...callOf(enigma), functionName: 'admitMeasurement', args: [measurement] },
    will: [
      `Code with measurement ${measurement} will be admitted: it takes seats, and is given the network secret.`,
      'Compare it with a build of your own first: whoever wrote that code can read whatever this network keeps.',
    ],
    facts: { measurement },
  }))
}

export const networkBeacon: Run<typeof NETWORK_GOVERN> = ({ account }, [text = ''], context) => {
  const beacon = argument('ADDRESS', text, 20)
  return make(account, context, async ({ enigma, client }) => {
    const named = await readOrUndefined(
      client.readContract({ address: beacon, abi: blsBeaconAbi, functionName: 'enigma' }),
    )
    if (named !== undefined && !isAddressEqual(named, enigma.address))
      throw new OtherNetworksError('beacon', beacon, named)
    return {
      call: { ...callOf(enigma), functionName: 'setBeacon', args: [beacon] },
      will: [
        `Epochs that start later will take their seed from ${beacon}, no more from ${await enigma.read.beacon()}.`,
        ...(named === undefined ? ['It does not say which network it serves, as our beacons do.'] : []),
      ],
      facts: { beacon },
    }
  })
}

export const networkVerifier: Run<typeof NETWORK_GOVERN> = ({ account }, [text = ''], context) => {
  const verifier = argument('ADDRESS', text, 20)
  return make(account, context, async ({ enigma, registry, client }) => {
    const asked = { address: verifier, abi: dcapVerifierAbi, functionName: 'policyHash' } as const
    const [policyHash, before] = await Promise.all([
      readOrUndefined(client.readContract(asked)),
      registry.read.policyHash(),
    ])
    return {
      call: { ...callOf(enigma), functionName: 'setAttestationVerifier', args: [verifier] },
      will: [
        `Quotes will be judged by ${verifier}, no more by ${await enigma.read.attestationVerifier()}.`,
        policyHash === before
          ? 'Its policy is the same.'
          : `Its policy is ${policyHash}, not ${before}: operators give their workers that one as --policy-file, or hand on no secret.`,
        'Seats that stand, stand until they are renewed. It must hold collateral first: enigma attestation sync.',
      ],
      facts: { attestationVerifier: verifier, policyHash },
    }
  })
}

export const networkGuardian: Run<typeof NETWORK_GOVERN> = ({ account }, [text = ''], context) => {
  const guardian = argument('ADDRESS', text, 20)
  return make(account, context, async ({ registry }) => {
    const { address, abi } = registry
    const will = guardian === zeroAddress ? 'Nobody will be guardian' : `${guardian} will be guardian`
    return {
      call: { address, abi, functionName: 'setGuardian', args: [guardian] },
      will: [`${will}, no more ${await registry.read.guardian()}. The guardian cannot cancel that.`],
      facts: { guardian },
    }
  })
}

function callOf({ address, abi }: OpenNetwork['enigma']) {
  return { address, abi }
}

function argument(name: string, text: string, bytes: number): Hex {
  try {
    return parseHex(text, { bytes, what: name })
  } catch {
    throw new UsageError(`${name} is 0x and ${2 * bytes} hex digits, not "${text}".`)
  }
}

async function readOrUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch(() => undefined)
}

/** Thrown for a part that serves another network: its seeds would be refused. */
export class OtherNetworksError extends EnigmaError {
  override readonly name = 'NetworkPowers.OtherNetworksError'
  readonly code = 'OTHER_NETWORKS'
  constructor(what: string, address: Hex, enigma: Hex) {
    super(`The ${what} ${address} serves the Enigma contract ${enigma}, not this one.`, {
      hint: 'Deploy one with this network’s address as its constructor’s first argument.',
    })
  }
}
