/** A chain with a network whose governor is a timelock, and the folder of a user of it. No process runs beside the chain. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
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
  timelockAbi,
  timelockBytecode,
} from '@enigma/contracts'
import { startAnvil } from '@enigma/process/testing'
import { type Address, beaconPublicKey, bytesToHex, type Hex } from '@enigma/protocol'
import { createTestClient, encodeDeployData, getContractAddress, http, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Account, accountOf, devAccounts } from '../localnet/accounts.ts'
import { LOCAL_PARAMETERS } from '../localnet/parameters.ts'
import { homeOf, writeNetworkFile } from '../network-file.ts'

export type GovernedNetwork = Awaited<ReturnType<typeof startGovernedNetwork>>

export const DELAY_SECONDS = 3 * 86_400
const MEASUREMENT: Hex = `0x${'11'.repeat(32)}`

/** Deployed by the deployer, who owns the timelock; its guardian is the keeper. */
export async function startGovernedNetwork() {
  const anvil = await startAnvil([])
  const client = createTestClient({ mode: 'anvil', transport: http(anvil.url), pollingInterval: 10, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  const accounts = devAccounts(0)
  const [deployer, guardian] = [accountOf(accounts, 'deployer'), accountOf(accounts, 'keeper')]
  const places = await deploy(client, deployer, guardian)
  const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-governed-'))
  const genesisBlock = Number(await client.getBlockNumber())
  await writeNetworkFile(homeOf(cwd), networkFile({ rpcUrl: anvil.url, genesisBlock, accounts, ...places }))
  return {
    ...places,
    cwd,
    client,
    accounts,
    /** Seconds later on the chain's clock, in a block of its own. */
    async wind(seconds: number) {
      await client.increaseTime({ seconds })
      await client.mine({ blocks: 1 })
    },
    async stop() {
      await anvil.stop()
      rmSync(cwd, { recursive: true, force: true })
    },
  }
}

type Client = Parameters<typeof deployAll>[0]

async function deploy(client: Client, deployer: Account, guardian: Account) {
  const at = (nonce: bigint) => getContractAddress({ from: deployer.address, nonce }).toLowerCase() as Address
  const [verifier, beacon, timelock, seats, enigma] = [at(0n), at(1n), at(2n), at(3n), at(4n)]
  const governance = { governor: timelock, guardian: guardian.address }
  const observation = { observers: [deployer.address], threshold: 1, depth: 0 }
  const policy = policyOnChain(defaultPolicy)
  const beaconKey = bytesToHex(beaconPublicKey(new Uint8Array(32).fill(1)))
  const parts = [beacon, verifier, [MEASUREMENT], governance] as const
  await deployAll(client, deployer, [
    encodeDeployData({
      abi: dcapVerifierAbi,
      bytecode: dcapVerifierBytecode,
      args: [bytesToHex(trustRoots.simulated.certificate), policy, true],
    }),
    encodeDeployData({ abi: blsBeaconAbi, bytecode: blsBeaconBytecode, args: [enigma, beaconKey] }),
    encodeDeployData({
      abi: timelockAbi,
      bytecode: timelockBytecode,
      args: [enigma, deployer.address, BigInt(DELAY_SECONDS)],
    }),
    encodeDeployData({ abi: enigmaSeatsAbi, bytecode: enigmaSeatsBytecode, args: [LOCAL_PARAMETERS, true] }),
    encodeDeployData({ abi: enigmaAbi, bytecode: enigmaBytecode, args: [seats, observation, ...parts] }),
  ])
  return { verifier, beacon, timelock, enigma }
}

function walletOf(url: string) {
  return createTestClient({ mode: 'anvil', transport: http(url) })
    .extend(publicActions)
    .extend(walletActions)
}

async function deployAll(client: ReturnType<typeof walletOf>, { privateKey }: Account, deployments: readonly Hex[]) {
  const account = privateKeyToAccount(privateKey)
  for (const data of deployments) {
    const hash = await client.sendTransaction({ account, data, gas: 16_000_000n, chain: null })
    const { status } = await client.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`a deployment reverted: ${hash}`)
  }
}

type Facts = { rpcUrl: string; genesisBlock: number; accounts: Account[]; verifier: Hex; beacon: Hex; enigma: Hex }

function networkFile({ rpcUrl, genesisBlock, accounts, verifier, beacon, enigma }: Facts) {
  const observer = accountOf(accounts, 'deployer').address
  return {
    ...{ chainId: 31_337, rpcUrl, enigma, beacon, attestationVerifier: verifier, genesisBlock, accounts },
    ...{ attestationUrl: rpcUrl, principalUrl: rpcUrl, simulated: true as const, measurement: MEASUREMENT },
    ...{ networkHash: MEASUREMENT, observers: [{ address: observer, url: rpcUrl }], threshold: 1, depth: 0, serial: 0 },
    ...{ abi: 'contracts/abi', dApps: {}, workers: 0, pid: 1 },
  }
}
