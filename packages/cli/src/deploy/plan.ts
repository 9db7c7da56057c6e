/**
 * What deploying a network would send: finds out what is missing, and tries all of it on the chain's own state. Sends nothing.
 *
 * Whatever stands already, by an earlier run that was interrupted, is compared and left alone.
 */
import {
  blsBeaconAbi,
  dcapVerifierAbi,
  drandBeaconAbi,
  enigmaAbi,
  enigmaSeatsAbi,
  networkDeployerAbi,
  timelockAbi,
} from '@enigma/contracts'
import { EnigmaError, type Hex, keyRegistryOf } from '@enigma/protocol'
import { type Abi, BaseError, decodeErrorResult, formatEther, getContract, type PublicClient } from 'viem'
import type { CompleteConfig, DeployConfig } from './config.ts'
import { expectedCode } from './expected-code.ts'
import { addressesOf, CREATE2_DEPLOYER, type Part, partsOf } from './parts.ts'
import {
  CREATE2_DEPLOYER_CODE,
  CREATE2_DEPLOYMENT_TX,
  findMissing,
  hasCreate2Deployer,
  LOCAL_CHAINS,
  UnfitChainError,
} from './preflight.ts'

/** A part, and the gas that creating it takes; undefined where it stands already. */
export type PlannedPart = Part & { gas?: bigint }

export type Plan = {
  config: CompleteConfig
  parts: readonly PlannedPart[]
  /** A local chain that lacks the CREATE2 deployer is given it first. */
  putsCreate2Deployer: boolean
}

/** Refuses what could not become a network; returns what is there and what is to be sent. Sends nothing. */
export async function planDeployment(client: PublicClient, config: DeployConfig, owner: Hex): Promise<Plan> {
  await requireChain(client, config)
  const isLocal = LOCAL_CHAINS.includes(config.chainId)
  const missing = await findMissing(client)
  if (missing.length > 0) throw new UnfitChainError(config.chainId, missing)
  const putsCreate2Deployer = !(await hasCreate2Deployer(client))
  if (putsCreate2Deployer && !isLocal) throw new NoCreate2DeployerError(config.chainId)
  const complete = requireComplete(config, owner)
  const parts = partsOf(complete, owner)
  const stands = await Promise.all(parts.map((part) => isStanding(client, part)))
  const wanted = parts.filter((_, i) => !stands[i])
  const gas = await simulate(client, wanted, owner)
  return {
    config: complete,
    putsCreate2Deployer,
    parts: parts.map((part) => {
      const used = gas.get(part)
      return used === undefined ? part : { ...part, gas: used }
    }),
  }
}

function requireComplete(config: DeployConfig, owner: Hex): CompleteConfig {
  const { beaconKey } = config
  if (beaconKey === null) throw new NoBeaconKeyError(addressesOf(config, owner).enigma)
  return { ...config, beaconKey }
}

async function requireChain(client: PublicClient, { chainId, simulated }: DeployConfig): Promise<void> {
  const found = await client.getChainId()
  if (found !== chainId) throw new WrongChainError(found, chainId)
  // The verifier's constructor refuses it too; here it is refused with a reason.
  if (simulated && !LOCAL_CHAINS.includes(chainId)) throw new SimulatedAbroadError(chainId)
}

/** Whether the part is there; throws where something else is. */
export async function isStanding(client: PublicClient, part: Part): Promise<boolean> {
  const { address, creationCode, name } = part
  const found = await client.getCode({ address })
  if (found === undefined) return false
  // By CREATE2 nothing else can be there.
  if (name === 'verifier' || name === 'deployer') return true
  const expected = await expectedCode(client, {
    ...{ address, creationCode },
    ...(name === 'seats' && { blockNumber: await readGenesis(client, address) }),
    ...(name === 'enigma' && { creates: keyRegistryOf(address) }),
  })
  if (found !== expected) throw new OtherPartError(part)
  return true
}

export async function readGenesis(client: PublicClient, address: Hex): Promise<number> {
  return Number(await getContract({ address, abi: enigmaSeatsAbi, client }).read.genesisBlock())
}

/** Runs all of it, one after the other, on the state of now. Throws with the reason of the constructor that refuses. */
async function simulate(client: PublicClient, parts: readonly Part[], owner: Hex): Promise<Map<Part, bigint>> {
  if (parts.length === 0) return new Map()
  const blockOverrides = { time: await timeOfNext(client) }
  const stateOverrides = [{ address: CREATE2_DEPLOYER, code: CREATE2_DEPLOYER_CODE }]
  const calls = parts.map(({ to, data }) => ({ from: owner, to, data }))
  const blocks = [{ calls, blockOverrides, stateOverrides }]
  const [block] = await client.simulateBlocks({ blocks }).catch((error: unknown) => {
    throw new CannotSimulateError(error instanceof BaseError ? error.shortMessage : String(error))
  })
  const results = block?.calls ?? []
  for (const [i, part] of parts.entries()) {
    const result = results[i]
    if (result?.status === 'success') continue
    throw new RefusedPartError(part, await reasonOf(client, part, result?.data ?? '0x'))
  }
  return new Map(parts.map((part, i) => [part, results[i]?.gasUsed ?? 0n]))
}

/** A chain that mines on demand may be older than its next block by any time: certificates are judged by that. */
async function timeOfNext(client: PublicClient): Promise<bigint> {
  const [{ timestamp }, now] = [await client.getBlock(), BigInt(Math.floor(Date.now() / 1000))]
  return timestamp < now ? now : timestamp + 1n
}

/** The CREATE2 deployer swallows reasons: what it would put is tried without it. */
async function reasonOf(client: PublicClient, { to, creationCode }: Part, data: Hex): Promise<string> {
  if (to !== CREATE2_DEPLOYER) return describeRevert(data)
  const blockOverrides = { time: await timeOfNext(client) }
  return client.call({ data: creationCode, blockOverrides }).then(
    () => describeRevert(data),
    (error: unknown) => describeRevert(revertDataOf(error)),
  )
}

function revertDataOf(error: unknown): Hex {
  const found =
    error instanceof BaseError && error.walk((cause) => typeof (cause as { data?: unknown }).data === 'string')
  return found ? (found as unknown as { data: Hex }).data : '0x'
}

const ERRORS: Abi = [
  ...[enigmaAbi, dcapVerifierAbi, blsBeaconAbi, drandBeaconAbi, timelockAbi, networkDeployerAbi],
].flatMap((abi) => (abi as Abi).filter(({ type }) => type === 'error'))

function describeRevert(data: Hex): string {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: ERRORS, data })
    return `${errorName}(${args.map(String).join(', ')})`
  } catch {
    return data === '0x' ? 'no reason given' : data
  }
}

/** What an account must hold for it, at the fees of now: gas limits leave a quarter of room. */
export async function costOf(client: PublicClient, { parts, putsCreate2Deployer }: Plan): Promise<bigint> {
  const { maxFeePerGas } = await client.estimateFeesPerGas()
  const gas = parts.reduce((sum, part) => sum + (part.gas === undefined ? 0n : limitOf(part.gas)), 0n)
  return gas * maxFeePerGas + (putsCreate2Deployer ? CREATE2_DEPLOYMENT_TX.costWei : 0n)
}

/** The most that a transaction may have (EIP-7825). */
const MOST_GAS = 1n << 24n

/** A call passes on 63 of 64 parts of its gas, and the state may move before it is mined. */
export function limitOf(gas: bigint): bigint {
  const roomy = (gas * 5n) / 4n
  return roomy < MOST_GAS ? roomy : MOST_GAS
}

/** Thrown where the node serves another chain than the config names. */
export class WrongChainError extends EnigmaError {
  override readonly name = 'Deploy.WrongChainError'
  readonly code = 'WRONG_CHAIN'
  constructor(found: number, expected: number) {
    super(`The node serves chain ${found}; the config is for chain ${expected}.`, { hint: 'Name the node with --rpc.' })
  }
}

/** Thrown for a simulated network on a chain where things have value. */
export class SimulatedAbroadError extends EnigmaError {
  override readonly name = 'Deploy.SimulatedAbroadError'
  readonly code = 'SIMULATED_ABROAD'
  constructor(chainId: number) {
    super(`A network of simulated hardware has no business on chain ${chainId}: anyone can make its quotes.`, {
      hint: `It may be deployed on chains ${LOCAL_CHAINS.join(' and ')}; elsewhere say "simulated": false.`,
    })
  }
}

/** Thrown on a chain that lacks the CREATE2 deployer and that is not ours to give it to. */
export class NoCreate2DeployerError extends EnigmaError {
  override readonly name = 'Deploy.NoCreate2DeployerError'
  readonly code = 'NO_CREATE2_DEPLOYER'
  constructor(chainId: number) {
    const { from, costWei, raw } = CREATE2_DEPLOYMENT_TX
    super(`Chain ${chainId} lacks the CREATE2 deployer at ${CREATE2_DEPLOYER}.`, {
      hint: `Anyone may put it there: send ${formatEther(costWei)} ETH to ${from}, then the signed transaction ${raw}.`,
    })
  }
}

/** Thrown where the config still lacks what the Principal says when it starts. */
export class NoBeaconKeyError extends EnigmaError {
  override readonly name = 'Deploy.NoBeaconKeyError'
  readonly code = 'NO_BEACON_KEY'
  constructor(enigma: Hex) {
    super('The config has no beaconKey yet.', {
      hint: `Start the Principal for Enigma at ${enigma}, and put the key that it says into the config.`,
    })
  }
}

/** Thrown where something else stands at a part's address: the config was another one when it was deployed. */
export class OtherPartError extends EnigmaError {
  override readonly name = 'Deploy.OtherPartError'
  readonly code = 'OTHER_PART'
  constructor({ label, address }: Part) {
    super(
      `The ${label} at ${address} is not what this config makes: it was deployed by another one, or another version.`,
      {
        hint: 'Deploy with the config of then, or give the network another name.',
      },
    )
  }
}

/** Thrown where a constructor refuses its arguments; nothing was sent. */
export class RefusedPartError extends EnigmaError {
  override readonly name = 'Deploy.RefusedPartError'
  readonly code = 'REFUSED_PART'
  constructor({ label }: Part, reason: string) {
    super(`${label} refuses to be deployed: ${reason}. Nothing was sent.`, {
      hint: 'docs/deploying.md explains the parameters, Parameters.sol their bounds.',
    })
  }
}

/** Thrown where the node cannot try transactions before they are sent. */
export class CannotSimulateError extends EnigmaError {
  override readonly name = 'Deploy.CannotSimulateError'
  readonly code = 'CANNOT_SIMULATE'
  constructor(reason: string) {
    super(`The node cannot try the deployment: ${reason}`, {
      hint: 'It must know eth_simulateV1, as Geth, Reth, Nethermind and Erigon do. Nothing is sent untried.',
    })
  }
}
