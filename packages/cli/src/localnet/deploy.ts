/**
 * The contracts of a network, deployed from the committed bytecode.
 *
 * Three contracts name one another, and every Core needs the Enigma contract's address before it makes its keys. So the
 * addresses are computed first, from the deployer's account and nonces, and the deployment keeps to them.
 */
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  enigmaAbi,
  enigmaBytecode,
  signedVerdictVerifierAbi,
  signedVerdictVerifierBytecode,
} from '@enigma/contracts'
import { EnigmaError, type Hex } from '@enigma/protocol'
import {
  type Abi,
  createWalletClient,
  encodeDeployData,
  getContractAddress,
  http,
  publicActions,
  type TransactionReceipt,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Account } from './accounts.ts'
import type { Parameters } from './parameters.ts'

export type Addresses = { beacon: Hex; attestationVerifier: Hex; enigma: Hex }

/** Where `deployer`, whose next nonce is `nonce`, will put the contracts. */
export function predictAddresses(deployer: Hex, nonce = 0): Addresses {
  const at = (offset: number) =>
    getContractAddress({ from: deployer, nonce: BigInt(nonce + offset) }).toLowerCase() as Hex
  return { beacon: at(0), attestationVerifier: at(1), enigma: at(2) }
}

export type Deployment = {
  parameters: Parameters
  /** The Principal's public key in G2, 256 bytes as EIP-2537 has it. */
  beaconKey: Hex
  /** Whose verdicts on quotes count. */
  attester: Hex
  measurements: readonly Hex[]
}

/** Deploys all three and returns their addresses and the first block of epoch 0. */
export async function deployNetwork(deployment: Deployment, rpcUrl: string, deployer: Account) {
  const expected = predictAddresses(deployer.address)
  const { parameters, beaconKey, attester, measurements } = deployment
  const beacon = encodeDeployData({
    abi: blsBeaconAbi,
    bytecode: blsBeaconBytecode,
    args: [expected.enigma, beaconKey],
  })
  const verifier = encodeDeployData({
    abi: signedVerdictVerifierAbi,
    bytecode: signedVerdictVerifierBytecode,
    args: [attester],
  })
  const enigma = encodeDeployData({
    abi: enigmaAbi,
    bytecode: enigmaBytecode,
    args: [parameters, expected.beacon, expected.attestationVerifier, [...measurements], true],
  })
  const receipts = await sendInOrder([beacon, verifier, enigma], rpcUrl, deployer, 0)
  const found = receipts.map(({ contractAddress }) => contractAddress?.toLowerCase())
  const wanted = [expected.beacon, expected.attestationVerifier, expected.enigma]
  if (found.some((address, i) => address !== wanted[i])) throw new WrongAddressError(deployer.address)
  return { ...expected, genesisBlock: Number(receipts[2]?.blockNumber) }
}

/** A dApp whose constructor takes the Enigma contract, and then perhaps more. */
export type Dapp = { abi: Abi; bytecode: Hex; args?: readonly unknown[] }

/** Deploys each dApp and returns its address by the same name. */
export async function deployDapps(
  dApps: Readonly<Record<string, Dapp>>,
  { enigma, rpcUrl, from }: { enigma: Hex; rpcUrl: string; from: Account },
): Promise<Record<string, Hex>> {
  const deployments = Object.values(dApps).map(({ abi, bytecode, args = [] }) =>
    encodeDeployData({ abi, bytecode, args: [enigma, ...args] }),
  )
  const receipts = await sendInOrder(deployments, rpcUrl, from)
  return Object.fromEntries(Object.keys(dApps).map((name, i) => [name, addressOf(receipts[i], name)]))
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
