/**
 * A chain with the rules of Ethereum's next hard fork, Amsterdam, as far as EDR implements them: EIP-8037 (97,920 gas for each
 * new storage slot), EIP-7976 (64 gas at least for each byte of calldata), EIP-7708. EIP-2780 and EIP-8038 are still missing.
 *
 * EDR runs within this process and speaks Hardhat's dialect; the suite speaks anvil's, and is answered in it.
 */
import { createRequire } from 'node:module'
import { custom, type Hex, toHex } from 'viem'
import { anvil } from 'viem/chains'
import { GENESIS_TIME } from '../gas-collateral.ts'
import type { GasNode } from '../gas-world.ts'

const BLOCK_GAS = 1_000_000_000n
const HARDFORK = 'Amsterdam'

/** What is used of `@nomicfoundation/edr` 0.22, whose types come with another package. */
type Edr = {
  EdrContext: new () => EdrContext
  ContractDecoder: new () => object
  L1_CHAIN_TYPE: string
  L1Hardfork: Record<string, number>
  l1HardforkToString(hardfork: number): string
  l1GenesisState(hardfork: number): object[]
  l1ProviderFactory(): object
}
type EdrContext = {
  registerProviderFactory(chainType: string, factory: object): Promise<void>
  createProvider(
    chainType: string,
    config: object,
    logger: object,
    subscription: object,
    decoder: object,
  ): Promise<EdrChain>
}
type EdrChain = { handleRequest(request: string): Promise<{ data: string | object }> }

let context: Promise<{ edr: Edr; context: EdrContext }> | undefined

export async function startNextFork(): Promise<GasNode> {
  context ??= loadContext()
  const { edr, context: made } = await context
  const chain = await made.createProvider(
    edr.L1_CHAIN_TYPE,
    config(edr),
    logger,
    subscription,
    new edr.ContractDecoder(),
  )
  const send = sender(chain)
  // A slot that is new costs state gas, and whoever deploys a contract pays 1,530 for each byte.
  return { transport: custom({ request: anvilDialect(send) }), gasFactor: 8n, stop: () => {} }
}

/** A process may have one. */
async function loadContext() {
  const edr = requireEdr()
  const context = new edr.EdrContext()
  await context.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory())
  return { edr, context }
}

function requireEdr(): Edr {
  try {
    return createRequire(import.meta.url)('@nomicfoundation/edr-linux-x64-gnu')
  } catch (cause) {
    throw new Error('EDR does not load from tools/next-fork. `npm run gas:next-fork` installs it.', { cause })
  }
}

function config(edr: Edr): object {
  const hardfork = edr.L1Hardfork[HARDFORK]
  if (hardfork === undefined) throw new Error(`this version of EDR does not know ${HARDFORK}`)
  return {
    allowBlocksWithSameTimestamp: false,
    allowUnlimitedContractSize: false,
    bailOnCallFailure: true,
    bailOnTransactionFailure: false,
    chainId: BigInt(anvil.id),
    coinbase: new Uint8Array(20),
    defaultTransactionGasLimit: 16_000_000n,
    genesisState: edr.l1GenesisState(hardfork),
    hardfork: edr.l1HardforkToString(hardfork),
    initialBaseFeePerGas: 10n ** 9n,
    initialParentBeaconBlockRoot: new Uint8Array(32),
    minGasPrice: 0n,
    mining: { autoMine: false, blockGasLimit: BLOCK_GAS, memPool: { order: 'Fifo' } },
    network: { genesisBlockGasLimit: BLOCK_GAS, genesisBlockTime: BigInt(GENESIS_TIME) },
    networkId: BigInt(anvil.id),
    observability: {},
    ownedAccounts: [],
    precompileOverrides: [],
    transactionGasCap: false,
  }
}

const logger = { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} }
const subscription = { subscriptionCallback: () => {} }

type Send = (method: string, params?: readonly unknown[]) => Promise<unknown>

function sender(chain: EdrChain): Send {
  let id = 0
  return async (method, params = []) => {
    const { data } = await chain.handleRequest(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }))
    const { result, error } = typeof data === 'string' ? JSON.parse(data) : data
    if (error) throw Object.assign(new Error(error.message), error)
    return result
  }
}

function anvilDialect(send: Send) {
  /** Each block a second after the last. */
  const mine = async (count: Hex) => {
    for (let left = BigInt(count); left > 0n; left--) {
      const { timestamp } = (await send('eth_getBlockByNumber', ['latest', false])) as { timestamp: Hex }
      await send('evm_setNextBlockTimestamp', [toHex(BigInt(timestamp) + 1n)])
      await send('evm_mine')
    }
  }
  return async ({ method, params = [] }: { method: string; params?: unknown[] }): Promise<unknown> => {
    if (method === 'anvil_setBlockTimestampInterval') return null
    if (method === 'anvil_mine') return mine(params[0] as Hex)
    return send(method.replace(/^anvil_/, 'hardhat_'), params)
  }
}
