/**
 * The contracts of a network, deployed from the committed bytecode.
 *
 * Every Core needs the Enigma contract's address before it makes its keys, and beacon and Enigma name one another. So the
 * addresses are computed first, from the deployer's account and nonces, and the deployment keeps to them.
 *
 * The verifier names nobody and comes first: while the Principal still makes its key, collateral can be brought to it.
 */
import { defaultPolicy, policyOnChain, trustRoots } from '@enigma/attestation'
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  dcapVerifierAbi,
  dcapVerifierBytecode,
  enigmaAbi,
  enigmaBytecode,
  enigmaSeatsAbi,
  enigmaSeatsBytecode,
} from '@enigma/contracts'
import { bytesToHex, EnigmaError, type Hex } from '@enigma/protocol'
import {
  type Abi,
  createPublicClient,
  createWalletClient,
  encodeDeployData,
  getContractAddress,
  http,
  publicActions,
  type TransactionReceipt,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Account } from './accounts.ts'
import { type Observation, observationOnChain } from './observers.ts'
import type { Parameters } from './parameters.ts'

export type Addresses = { attestationVerifier: Hex; beacon: Hex; seats: Hex; enigma: Hex }

/** Where a fresh `deployer` will put the contracts. */
export function predictAddresses(deployer: Hex): Addresses {
  const at = (nonce: bigint) => getContractAddress({ from: deployer, nonce }).toLowerCase() as Hex
  return { attestationVerifier: at(0n), beacon: at(1n), seats: at(2n), enigma: at(3n) }
}

/** Deploys the verifier of simulated hardware, which holds no collateral yet. */
export async function deployVerifier(rpcUrl: string, deployer: Account): Promise<void> {
  const { attestationVerifier } = predictAddresses(deployer.address)
  const data = encodeDeployData({
    abi: dcapVerifierAbi,
    bytecode: dcapVerifierBytecode,
    args: [bytesToHex(trustRoots.simulated.certificate), policyOnChain(defaultPolicy), true],
  })
  requireAddresses(await sendInOrder([data], rpcUrl, deployer, 0), [attestationVerifier], deployer)
}

export type Deployment = {
  parameters: Parameters
  observation: Observation
  /** The Principal's public key in G2, 256 bytes as EIP-2537 has it. */
  beaconKey: Hex
  measurements: readonly Hex[]
}

/** Deploys beacon and Enigma, after the verifier, and returns all addresses and the first block of epoch 0. */
export async function deployNetwork(deployment: Deployment, rpcUrl: string, deployer: Account) {
  const expected = predictAddresses(deployer.address)
  const { parameters, observation, beaconKey, measurements } = deployment
  const governance = { governor: deployer.address, guardian: deployer.address }
  const parts = [expected.beacon, expected.attestationVerifier, [...measurements], governance] as const
  const beacon = encodeDeployData({
    abi: blsBeaconAbi,
    bytecode: blsBeaconBytecode,
    args: [expected.enigma, beaconKey],
  })
  const seats = encodeDeployData({ abi: enigmaSeatsAbi, bytecode: enigmaSeatsBytecode, args: [parameters, true] })
  const enigma = encodeDeployData({
    abi: enigmaAbi,
    bytecode: enigmaBytecode,
    args: [expected.seats, observationOnChain(observation), ...parts],
  })
  const receipts = await sendInOrder([beacon, seats, enigma], rpcUrl, deployer, 1)
  requireAddresses(receipts, [expected.beacon, expected.seats, expected.enigma], deployer)
  return { ...expected, genesisBlock: Number(receipts[1]?.blockNumber) }
}

function requireAddresses(receipts: readonly TransactionReceipt[], wanted: readonly Hex[], { address }: Account): void {
  const found = receipts.map(({ contractAddress }) => contractAddress?.toLowerCase())
  if (found.some((address, i) => address !== wanted[i])) throw new WrongAddressError(address)
}

/**
 * A dApp, whose constructor takes the Enigma contract and then `args`; or, if it `isPlain`, a contract that knows nothing
 * of Enigma and takes `args` alone. `{ at: name }` among them stands for the address of another.
 */
export type Dapp = { abi: Abi; bytecode: Hex; args?: readonly unknown[]; isPlain?: boolean }

/** Deploys each dApp and returns its address by the same name. */
export async function deployDapps(
  dApps: Readonly<Record<string, Dapp>>,
  { enigma, rpcUrl, from }: { enigma: Hex; rpcUrl: string; from: Account },
): Promise<Record<string, Hex>> {
  const client = createPublicClient({ transport: http(rpcUrl) })
  const nonce = await client.getTransactionCount({ address: from.address })
  const addresses = Object.fromEntries(
    Object.keys(dApps).map((name, i) => [
      name,
      getContractAddress({ from: from.address, nonce: BigInt(nonce + i) }).toLowerCase() as Hex,
    ]),
  )
  const deployments = Object.values(dApps).map(({ abi, bytecode, args = [], isPlain = false }) =>
    encodeDeployData({ abi, bytecode, args: [...(isPlain ? [] : [enigma]), ...args.map(placed(addresses))] }),
  )
  const receipts = await sendInOrder(deployments, rpcUrl, from, nonce)
  for (const [i, name] of Object.keys(dApps).entries()) {
    if (addressOf(receipts[i], name) !== addresses[name]) throw new WrongAddressError(from.address)
  }
  return addresses
}

/** What an argument says: an address in the place of a name. */
function placed(addresses: Readonly<Record<string, Hex>>) {
  return (arg: unknown): unknown => {
    const isReference = typeof arg === 'object' && arg !== null && 'at' in arg
    return isReference ? addresses[String(arg.at)] : arg
  }
}

function addressOf(receipt: TransactionReceipt | undefined, name: string): Hex {
  if (!receipt?.contractAddress) throw new DeploymentFailedError(name)
  return receipt.contractAddress.toLowerCase() as Hex
}

/** Stays below the cap of a transaction (EIP-7825, 2^24), and saves an estimate for each. */
const DEPLOY_GAS = 16_000_000n

async function sendInOrder(deployments: readonly Hex[], rpcUrl: string, from: Account, firstNonce?: number) {
  const account = privateKeyToAccount(from.privateKey)
  const client = createWalletClient({ account, transport: http(rpcUrl), pollingInterval: 20 }).extend(publicActions)
  let nonce = firstNonce ?? (await client.getTransactionCount({ address: account.address }))
  const hashes: Hex[] = []
  for (const data of deployments) {
    hashes.push(await client.sendTransaction({ data, nonce: nonce++, gas: DEPLOY_GAS, chain: null }))
  }
  const receipts = await Promise.all(hashes.map((hash) => client.waitForTransactionReceipt({ hash })))
  const failed = receipts.findIndex(({ status }) => status !== 'success')
  if (failed >= 0) throw new DeploymentFailedError(`contract ${failed}`)
  return receipts
}

/** Thrown when the deployer had sent transactions before, so that nothing is where everybody expects it. */
export class WrongAddressError extends EnigmaError {
  override readonly name = 'Deploy.WrongAddressError'
  readonly code = 'WRONG_ADDRESS'
  constructor(deployer: Hex) {
    super(`The contracts are not where they were expected; ${deployer} is not a fresh account.`)
  }
}

/** Thrown when a contract's constructor reverted. */
export class DeploymentFailedError extends EnigmaError {
  override readonly name = 'Deploy.DeploymentFailedError'
  readonly code = 'DEPLOYMENT_FAILED'
  constructor(what: string) {
    super(`Deploying ${what} failed.`, {
      hint: 'The chain must know the rules of Osaka: anvil --hardfork osaka.',
    })
  }
}
