/** A chain with a network whose governor is a timelock, and the folder of a user of it. No process runs beside the chain. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startAnvil } from '@enigma/process/testing'
import { createTestClient, http, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { planDeployment } from '../deploy/plan.ts'
import { deployParts, describeNetwork, openChain } from '../deploy/send.ts'
import { accountOf, devAccounts } from '../localnet/accounts.ts'
import { homeOf, writeNetworkFile } from '../network-file.ts'
import { localConfig } from './deployed.ts'

export type GovernedNetwork = Awaited<ReturnType<typeof startGovernedNetwork>>

export const DELAY_SECONDS = 3 * 86_400

/** Deployed by the deployer, who owns the timelock; its guardian is the keeper. */
export async function startGovernedNetwork() {
  const anvil = await startAnvil([])
  const client = createTestClient({ mode: 'anvil', transport: http(anvil.url), pollingInterval: 10, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  const accounts = devAccounts(0)
  const account = privateKeyToAccount(accountOf(accounts, 'deployer').privateKey)
  const [chain, config] = [openChain(anvil.url), localConfig(anvil.url)]
  const plan = await planDeployment(chain, config, account.address)
  await deployParts(chain, plan, { rpcUrl: anvil.url, account, onPart: () => {} })
  const file = { ...(await describeNetwork(chain, config, account.address)), accounts }
  const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-governed-'))
  await writeNetworkFile(homeOf(cwd), file)
  const places = {
    verifier: file.attestationVerifier,
    beacon: file.beacon,
    timelock: file.governor,
    enigma: file.enigma,
  }
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
