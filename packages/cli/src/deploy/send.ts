/** Sends what a plan found missing, part by part, and describes the network that stands then. */
import { networkDeployerAbi } from '@enigma/contracts'
import { EnigmaError, type Hex, networkHash } from '@enigma/protocol'
import { createPublicClient, createWalletClient, formatEther, http, type PublicClient } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { NetworkFile } from '../network-file.ts'
import type { CompleteConfig, DeployConfig } from './config.ts'
import { addressesOf, type Part } from './parts.ts'
import { costOf, isStanding, limitOf, type Plan, type PlannedPart, readGenesis } from './plan.ts'
import { CREATE2_DEPLOYMENT_TX } from './preflight.ts'

/** Of the observers that a network begins with. */
const FIRST_SERIAL = 0

export function openChain(rpcUrl: string): PublicClient {
  return createPublicClient({ transport: http(rpcUrl), cacheTime: 0, pollingInterval: 250 })
}

export type Deploying = { rpcUrl: string; account: PrivateKeyAccount; onPart: (part: PlannedPart, txHash: Hex) => void }

/** Sends what is missing, each part when the one before stands. */
export async function deployParts(client: PublicClient, plan: Plan, deploying: Deploying): Promise<void> {
  const { rpcUrl, account, onPart } = deploying
  const [balance, cost] = await Promise.all([client.getBalance({ address: account.address }), costOf(client, plan)])
  if (balance < cost) throw new PoorDeployerError(account.address, balance, cost)
  const wallet = createWalletClient({ account, transport: http(rpcUrl) })
  const confirm = (hash: Hex) => client.waitForTransactionReceipt({ hash })
  if (plan.putsCreate2Deployer) {
    const { from: to, costWei: value, raw } = CREATE2_DEPLOYMENT_TX
    await confirm(await wallet.sendTransaction({ to, value, chain: null }))
    await confirm(await wallet.sendRawTransaction({ serializedTransaction: raw }))
  }
  for (const part of plan.parts) {
    if (part.gas === undefined) continue
    const { to, data, gas } = part
    const hash = await wallet.sendTransaction({ to, data, gas: limitOf(gas), chain: null })
    await confirm(hash)
    // Where a transaction of an interrupted run came first, this one failed, and the part stands all the same.
    if (!(await isStanding(client, part))) throw new DeploymentFailedError(part, hash)
    onPart(part, hash)
  }
}

/** The facts of the network, once all its parts stand. */
export async function describeNetwork(client: PublicClient, config: CompleteConfig, owner: Hex): Promise<NetworkFile> {
  const { deployer, ...addresses } = addressesOf(config, owner)
  const { chainId, simulated, observers, threshold, depth, measurements, parameters, policy } = config
  const { beaconKey, drand, governor: timelock } = config
  const genesisBlock = await readGenesis(client, addresses.seats)
  const created = await client.getContractEvents({
    ...{ address: deployer, abi: networkDeployerAbi, eventName: 'PartCreated', strict: true },
    fromBlock: BigInt(genesisBlock),
  })
  return {
    version: 1,
    ...{ chainId, rpcUrl: config.rpcUrl, ...addresses, attestationUrl: config.attestationUrl },
    ...{ beaconKey, ...(drand && { drand }), timelock },
    ...(config.principalUrl !== undefined && { principalUrl: config.principalUrl }),
    ...{ simulated, measurements, policy, parameters, observers, threshold, depth, serial: FIRST_SERIAL, genesisBlock },
    networkHash: hashOf(config, addresses.enigma),
    deploymentBlock: Number(created.at(-1)?.blockNumber ?? genesisBlock),
    ...{ dApps: {}, accounts: [] },
  }
}

/** What its Cores name their network by. */
export function hashOf({ chainId, observers, ...network }: DeployConfig, enigma: Hex): Hex {
  const addresses = observers.map(({ address }) => address)
  return networkHash({ ...network, chainId: BigInt(chainId), enigma, observers: addresses, serial: FIRST_SERIAL })
}

/** Thrown where the account cannot pay for all of it; nothing was sent. */
export class PoorDeployerError extends EnigmaError {
  override readonly name = 'Deploy.PoorDeployerError'
  readonly code = 'POOR_DEPLOYER'
  constructor(address: Hex, balance: bigint, cost: bigint) {
    super(`${address} holds ${formatEther(balance)} ETH; the deployment may cost ${formatEther(cost)} ETH.`, {
      hint: 'Nothing was sent. What is not spent stays there.',
    })
  }
}

/** Thrown where a part that went through when it was tried did not in its block. */
export class DeploymentFailedError extends EnigmaError {
  override readonly name = 'Deploy.DeploymentFailedError'
  readonly code = 'DEPLOYMENT_FAILED'
  constructor({ label }: Part, txHash: Hex) {
    super(`Transaction ${txHash} was mined, and there is no ${label}.`, {
      hint: 'Run the same command again: what stands is left alone.',
    })
  }
}
