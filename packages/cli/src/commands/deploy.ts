/** `enigma deploy`: puts a network on a chain, and writes the file by which others find and check it. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { EnigmaError, type Hex, parseHex } from '@enigma/protocol'
import { formatEther } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { UsageError, type Values } from '../arguments.ts'
import type { Context, Run } from '../command.ts'
import { type DeployConfig, parseDeployConfig } from '../deploy/config.ts'
import { addressesOf } from '../deploy/parts.ts'
import { costOf, NoBeaconKeyError, type Plan, planDeployment } from '../deploy/plan.ts'
import { deployParts, describeNetwork, hashOf, openChain } from '../deploy/send.ts'
import { verifyNetwork } from '../deploy/verify.ts'
import { readUserFile, readUserJson } from '../files.ts'
import { grouped } from '../format.ts'
import { networkFileText } from '../network-file.ts'
import type { DEPLOY } from './options.ts'

export const deploy: Run<typeof DEPLOY> = async (values, [configFile = ''], context) => {
  const { output, cwd } = context
  const config = parseDeployConfig(await readUserJson(cwd, configFile), configFile)
  const rpcUrl = values.rpc ?? config.rpcUrl
  const account = await readAccount(values, context)
  const owner = account?.address.toLowerCase() as Hex | undefined
  const client = openChain(rpcUrl)
  const deployer = owner ?? ownerOf(values)
  const addresses = addressesOf(config, deployer)
  output.say(`Enigma will be at ${addresses.enigma} on chain ${config.chainId}, deployed by ${deployer}.`)
  const plan = await planUnlessEarly(values, { client, config, deployer, output })
  if (!plan) {
    output.answer({ ...addresses, isComplete: false })
    return 0
  }
  const cost = await costOf(client, plan)
  sayPlan(plan, cost, output)
  const networkHash = hashOf(config, addresses.enigma)
  output.say(`Its Cores and its Principal name it ${networkHash}.`)
  if (values['dry-run']) {
    output.answer({ ...addresses, isComplete: true, networkHash, parts: plan.parts.map(factsOf), costWei: cost })
    return 0
  }
  if (!account) throw new NoDeployerKeyError()
  await deployParts(client, plan, {
    ...{ rpcUrl, account },
    onPart: ({ label, address }, txHash) => output.say(`${label} stands at ${address} (${txHash})`),
  })
  const network = await describeNetwork(client, plan.config, deployer)
  const out = path.resolve(cwd, values.out ?? `${config.name}.network.json`)
  await writeFile(out, networkFileText(network))
  output.say(`Facts: ${out}`)
  const faults = (await verifyNetwork(client, network)).filter(({ fault }) => fault !== undefined)
  for (const { what, fault } of faults) output.say(output.style('red', `${what}: ${fault}`))
  output.answer({ ...addresses, file: out, networkHash, faults })
  return faults.length === 0 ? 0 : 1
}

type Planning = {
  client: ReturnType<typeof openChain>
  config: DeployConfig
  deployer: Hex
  output: Context['output']
}

/** A dry run says where the network will be while the Principal, who must know, has no key yet. */
async function planUnlessEarly(
  values: Values<typeof DEPLOY>,
  { client, config, deployer, output }: Planning,
): Promise<Plan | undefined> {
  try {
    return await planDeployment(client, config, deployer)
  } catch (error) {
    if (!(error instanceof NoBeaconKeyError) || !values['dry-run']) throw error
    output.say(`${error.message} ${error.hint}`)
    return undefined
  }
}

function sayPlan({ parts, putsCreate2Deployer }: Plan, cost: bigint, { say, style }: Context['output']): void {
  if (putsCreate2Deployer) say('The CREATE2 deployer is put on this local chain first.')
  for (const { label, address, gas } of parts) {
    const what = gas === undefined ? style('dim', 'stands') : `${grouped(gas)} gas`
    say(`  ${label.padEnd(24)} ${address}  ${what}`)
  }
  const wanted = parts.filter(({ gas }) => gas !== undefined).length
  say(wanted === 0 ? 'Nothing is missing.' : `It may cost ${formatEther(cost)} ETH at the fees of now.`)
}

function factsOf({ name, address, gas }: Plan['parts'][number]) {
  return { name, address, gas: gas ?? null }
}

async function readAccount(
  values: Values<typeof DEPLOY>,
  { env, cwd }: Context,
): Promise<PrivateKeyAccount | undefined> {
  const file = values['key-file']
  const text =
    file === undefined ? env.ENIGMA_DEPLOYER_KEY : new TextDecoder().decode(await readUserFile(cwd, file)).trim()
  if (text === undefined && values['dry-run']) return undefined
  if (text === undefined || !/^0x[0-9a-fA-F]{64}$/.test(text)) throw new NoDeployerKeyError(text !== undefined)
  return privateKeyToAccount(text as Hex)
}

/** For a dry run without a key. */
function ownerOf({ owner }: Values<typeof DEPLOY>): Hex {
  if (owner === undefined)
    throw new UsageError('--owner ADDRESS is needed where no key is given: it decides the addresses.')
  return parseHex(owner, { bytes: 20, what: '--owner' })
}

/** Thrown when there is no key to deploy with. Says nothing of what stands there. */
export class NoDeployerKeyError extends EnigmaError {
  override readonly name = 'Deploy.NoDeployerKeyError'
  readonly code = 'NO_KEY'
  constructor(isMalformed = false) {
    super(isMalformed ? 'The key is not 0x and 64 hex digits.' : 'No account to deploy with.', {
      hint: 'Put the key into ENIGMA_DEPLOYER_KEY or a file for --key-file; --dry-run with --owner needs none.',
    })
  }
}
